"""`python -m benchmarks.authorizer`: what a request pays for the authorizer, cold and warm, and what a sign-in is made of.

Each round starts each contestant in a process of its own, in turns, so that a slow moment of the machine falls on all.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks import ROOT
from benchmarks.authorizer.aws_on_this_machine import Aws, serving
from benchmarks.credit_rows.__main__ import machine
from identity.accounts import Account
from identity.passwords import COST, hashed
from identity.session_records import Session
from identity.session_store import account_item, session_item
from jingkuai.aws.keys import account_key, session_key, username_key
from jingkuai.aws.tokens import Claims, issue
from jingkuai.domain.principal import Role

ROUNDS = 7
CALLS = {"smallest": 400, "read": 400, "authorizer": 400, "argon2": 15, "sign_in": 15}
TITLES = {
    "smallest": "verify a JWT, nothing else (smallest function)",
    "read": "one BatchGetItem of two items through the SDK (floor of any that asks a table)",
    "authorizer": "the authorizer: verify, read account and session, compare",
    "argon2": "argon2id of one password",
    "sign_in": "a sign-in by password: a read, a count that reads the account, argon2id, one transaction, one signature",
}
ACCOUNT, FAMILY, USERNAME, PASSWORD = (
    "account-1",
    "0199e000-0000-7000-8000-000000000001",
    "hb-training",
    "Benchmark-2026-only",
)


@dataclass(frozen=True)
class Key:
    """A signing key that looks like KMS's to `issue`."""

    private: EllipticCurvePrivateKey
    key_id: str = "key-1"

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def furnished(key: Key) -> tuple[Aws, dict[str, Any]]:
    """One institution with a password and a session, and what the processes are told of it."""
    now = datetime.now(UTC)
    account = Account(ACCOUNT, Role.INSTITUTION, USERNAME, "湖***心", username=USERNAME, password_hash=hashed(PASSWORD))
    session = Session(ACCOUNT, FAMILY, "0" * 64, 1, 1, now + timedelta(hours=12), 3600, 300, now, None)
    issued = int(now.timestamp())
    claims = Claims(ACCOUNT, "institution", USERNAME, FAMILY, 1, "湖***心", issued, issued + 3600)
    pointer = {**username_key(USERNAME), "account_id": ACCOUNT}
    items = {"Identity": [account_item(account), session_item(session), pointer], "Registry": []}
    told = {
        "token": issue(claims, key),  # type: ignore[arg-type]
        "keys": [account_key(ACCOUNT), session_key(ACCOUNT, FAMILY)],
        "username": USERNAME,
        "password": PASSWORD,
        "password_hash": account.password_hash,
        "rules": json.loads((ROOT / "infra" / "policies" / "account_rules.json").read_text()),
    }
    return Aws(key.private, items), told


def environment(key: Key, endpoint: str, cache: str) -> dict[str, str]:
    """A function's environment; byte code is kept, as it would be by a layer that ships it."""
    pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(str(ROOT / one) for one in ("layers/common/python", "functions", ".")),
        "PYTHONPYCACHEPREFIX": cache,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "IDENTITY_TABLE": "Identity",
        "REGISTRY_TABLE": "Registry",
        "TOKEN_KEY_ID": key.key_id,
        "DATA_KEY_ID": "key-2",
        "LOOKUP_SECRET_ID": "lookup",
        "PUBLIC_KEY": pem,
    }


def measured(what: str, told: dict[str, Any], variables: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.authorizer.one_process"],
        cwd=ROOT,
        env=variables,
        input=json.dumps({**told, "what": what, "calls": CALLS[what]}),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{what}: {done.stderr.strip()[-500:]}")
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main() -> None:
    key = Key(generate_private_key(SECP256R1()))
    aws, told = furnished(key)
    taken: dict[str, list[dict[str, float]]] = {what: [] for what in CALLS}
    with serving(aws) as endpoint, tempfile.TemporaryDirectory() as cache:
        variables = environment(key, endpoint, cache)
        for round_number in range(ROUNDS + 1):
            for what in CALLS:
                times = measured(what, told, variables)
                if round_number:  # the first round writes the byte code
                    taken[what].append(times)
    cold, warm = (
        {what: median(one[kind] for one in some) for what, some in taken.items()} for kind in ("cold", "warm")
    )
    print(
        f"Median of {ROUNDS} processes each; a warm call is the median of {CALLS['authorizer']} (sign-in: {CALLS['sign_in']}).\n"
    )
    print("| what | cold, ms | times the smallest | warm, ms | times the smallest |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for what, title in TITLES.items():
        ratios = [f"{one[what] / one['smallest']:.1f}" for one in (cold, warm)]
        print(f"| {title} | {cold[what] * 1e3:.0f} | {ratios[0]} | {warm[what] * 1e3:.2f} | {ratios[1]} |")
    print(f"\nOf a warm sign-in, argon2id ({COST.passes} passes, {COST.kibibytes // 1024} MiB) is", end=" ")
    print(
        f"{warm['argon2'] / warm['sign_in']:.0%}; all else together {(warm['sign_in'] - warm['argon2']) * 1e3:.1f} ms."
    )
    print(f"{machine()}.")


if __name__ == "__main__":
    main()
