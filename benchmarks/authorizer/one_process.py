"""One process of a function, as Lambda starts it: imported, called once, then called again and again. Prints the times."""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any

ARN = "arn:aws:execute-api:us-east-1:123456789012:abcdef/v1/GET/me"


def authorizing(module: str, asked: dict[str, Any]) -> Callable[[], object]:
    handler = import_module(module).handler
    event = {"type": "TOKEN", "authorizationToken": f"Bearer {asked['token']}", "methodArn": ARN}

    def call() -> object:
        answer = handler(event, None)
        assert answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
        return answer

    return call


def reading(asked: dict[str, Any]) -> Callable[[], object]:
    """The authorizer's one read alone, through the SDK: what no authorizer that asks a table can be without."""
    from jingkuai.aws.clients import dynamodb

    keys = [{name: {"S": text} for name, text in key.items()} for key in asked["keys"]]
    return lambda: dynamodb().batch_get_item(RequestItems={"Identity": {"Keys": keys, "ConsistentRead": True}})


def signing_in(asked: dict[str, Any]) -> Callable[[], object]:
    from secrets import token_bytes

    from identity import sign_in, wiring
    from identity.account_rules import AccountRules
    from identity.sessions import Issuer
    from jingkuai.aws.clock import utc_now
    from jingkuai.aws.ids import uuid7
    from jingkuai.aws.lookup import lookup_key
    from jingkuai.aws.settings import settings
    from jingkuai.aws.signing import signer

    typed = sign_in.Credentials(asked["username"], asked["password"])
    rules = AccountRules.from_policy(asked["rules"])  # as AppConfig's, which a warm process has in memory
    return lambda: sign_in.sign_in(
        typed,
        origin="203.0.113.9",
        store=wiring.store(),
        lookup=lookup_key(),
        sealer=wiring.sealer(),
        issuer=Issuer(signer(settings().token_key_id), uuid7, token_bytes, rules.sessions),
        rules=rules,
        clock=utc_now,
        new_id=uuid7,
    )


def hashing(asked: dict[str, Any]) -> Callable[[], object]:
    from identity.passwords import matches

    return lambda: matches(asked["password_hash"], asked["password"])


WHAT: dict[str, Callable[[dict[str, Any]], Callable[[], object]]] = {
    "smallest": lambda asked: authorizing("benchmarks.authorizer.smallest", asked),
    "authorizer": lambda asked: authorizing("identity.authorizer", asked),
    "read": reading,
    "sign_in": signing_in,
    "argon2": hashing,
}


def main() -> None:
    asked = json.load(sys.stdin)
    started = time.perf_counter()
    call = WHAT[asked["what"]](asked)
    call()
    cold, times = time.perf_counter() - started, []
    for _ in range(asked["calls"]):
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    print(json.dumps({"cold": cold, "warm": median(times)}))


if __name__ == "__main__":
    main()
