"""Access tokens: ours are read back, everything else is refused without saying why."""

import base64
import json
from typing import Any

import jwt
import pytest

from jingkuai.aws import clients, tokens
from jingkuai.aws.settings import Settings, settings
from jingkuai.aws.signing import Signer, signer, signers
from jingkuai.aws.tokens import Claims, InvalidToken
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.doubles import costing

NOW = int(NOON.timestamp())
CLAIMS = Claims("a-1", "reviewer", "420106", "f-1", 3, "王*", NOW, NOW + tokens.LIFETIME_SECONDS)


@pytest.fixture
def key(cloud: Cloud) -> Signer:
    return signer(settings().token_key_id)


def keys(*some: Signer) -> dict[str, Signer]:
    return {one.key_id: one for one in some}


def test_a_token_says_what_was_claimed_and_names_its_key(key: Signer) -> None:
    token = tokens.issue(CLAIMS, key)
    assert tokens.verify(token, keys(key), now=NOON) == CLAIMS
    assert jwt.get_unverified_header(token)["kid"] == key.key_id


def test_a_token_ends(key: Signer) -> None:
    token = tokens.issue(Claims(**{**{f: getattr(CLAIMS, f) for f in CLAIMS.__slots__}, "exp": NOW}), key)
    with pytest.raises(InvalidToken):
        tokens.verify(token, keys(key), now=NOON)


def _forged(genuine: str, key: Signer) -> dict[str, str]:
    head, body, signature = genuine.split(".")
    admin = jwt.encode({"role": "admin"}, "", algorithm="none").split(".")[1]
    return {
        "alg none": jwt.encode({"sub": "a-1"}, "", algorithm="none", headers={"kid": key.key_id}),
        "HS256 under the key's id": jwt.encode(
            {"sub": "a-1"}, key.key_id, algorithm="HS256", headers={"kid": key.key_id}
        ),
        "altered body": f"{head}.{admin}.{signature}",
        "altered signature": f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "no signature": f"{head}.{body}.",
        "not a token": "abc",
        "empty": "",
    }


@pytest.mark.parametrize(
    "what",
    [
        "alg none",
        "HS256 under the key's id",
        "altered body",
        "altered signature",
        "no signature",
        "not a token",
        "empty",
    ],
)
def test_a_forged_token_is_refused(key: Signer, what: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify(_forged(tokens.issue(CLAIMS, key), key)[what], keys(key), now=NOON)


def test_another_keys_token_is_refused(cloud: Cloud, key: Signer) -> None:
    other = signer(settings().certificate_key_id)
    with pytest.raises(InvalidToken):
        tokens.verify(tokens.issue(CLAIMS, other), keys(key), now=NOON)


def test_a_key_gives_way_to_the_next_without_logging_anyone_out(cloud: Cloud, key: Signer) -> None:
    """First the next key counts, then it signs while the one before still counts, then that one is gone."""
    following = Signer(
        clients.kms(), clients.kms().create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    )
    before, after = tokens.issue(CLAIMS, key), tokens.issue(CLAIMS, following)
    both = keys(key, following)
    assert tokens.verify(before, both, now=NOON) == tokens.verify(after, both, now=NOON) == CLAIMS
    with pytest.raises(InvalidToken):
        tokens.verify(before, keys(following), now=NOON)
    head, _, rest = after.partition(".")
    for stranger in (f"{before.partition('.')[0]}.{rest}", f"{head}.{before.partition('.')[2]}"):
        with pytest.raises(InvalidToken):
            tokens.verify(stranger, both, now=NOON)


@pytest.mark.parametrize("kid", ["ffffffff-0000-4000-8000-000000000000", "alias/aws/s3", "", None, 7, ["a"]])
def test_a_key_that_is_none_of_ours_is_refused_without_asking_for_it(key: Signer, kid: Any) -> None:
    genuine = tokens.issue(CLAIMS, key)
    tokens.verify(genuine, keys(key), now=NOON)
    _, body, signature = genuine.split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "typ": "JWT", "kid": kid}).encode()).rstrip(b"=")
    with costing(0), pytest.raises(InvalidToken):
        tokens.verify(f"{header.decode()}.{body}.{signature}", keys(key), now=NOON)


def test_public_halves_are_fetched_once_and_only_when_met(cloud: Cloud) -> None:
    first, second = settings().token_key_id, settings().certificate_key_id
    issued = [tokens.issue(CLAIMS, signer(one)) for one in (first, second)]
    with costing(1):
        for _ in range(3):
            tokens.verify(issued[0], signers(first, second), now=NOON)
    with costing(1):
        for _ in range(3):
            tokens.verify(issued[1], signers(first, second), now=NOON)


@pytest.mark.parametrize(("told", "ids"), [("", ()), ("a", ("a",)), (" a, b ,", ("a", "b"))])
def test_other_keys_are_named_in_a_row(told: str, ids: tuple[str, ...]) -> None:
    assert Settings((("OTHER_TOKEN_KEY_IDS", told),)).other_token_key_ids == ids
    assert Settings(()).other_token_key_ids == ()
