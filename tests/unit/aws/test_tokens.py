"""Access tokens: ours are read back, everything else is refused without saying why."""

import jwt
import pytest

from jingkuai.aws import tokens
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import Signer, signer
from jingkuai.aws.tokens import Claims, InvalidToken
from tests.cloud import Cloud
from tests.conftest import NOON

NOW = int(NOON.timestamp())
CLAIMS = Claims("a-1", "reviewer", "420106", "f-1", 3, "王*", None, NOW, NOW + tokens.LIFETIME_SECONDS)


@pytest.fixture
def key(cloud: Cloud) -> Signer:
    return signer(settings().token_key_id)


def test_a_token_says_what_was_claimed_and_names_its_key(key: Signer) -> None:
    token = tokens.issue(CLAIMS, key)
    assert tokens.verify(token, key, now=NOON) == CLAIMS
    assert jwt.get_unverified_header(token)["kid"] == key.key_id


def test_a_token_ends(key: Signer) -> None:
    token = tokens.issue(Claims(**{**{f: getattr(CLAIMS, f) for f in CLAIMS.__slots__}, "exp": NOW}), key)
    with pytest.raises(InvalidToken):
        tokens.verify(token, key, now=NOON)


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
        tokens.verify(_forged(tokens.issue(CLAIMS, key), key)[what], key, now=NOON)


def test_another_keys_token_is_refused(cloud: Cloud, key: Signer) -> None:
    other = signer(settings().certificate_key_id)
    with pytest.raises(InvalidToken):
        tokens.verify(tokens.issue(CLAIMS, other), key, now=NOON)
