"""Finding people without storing what names them: a keyed hash (HMAC-SHA256) stands in every key."""

import hashlib
import hmac
from functools import cache

from jingkuai.aws.clients import secretsmanager
from jingkuai.aws.settings import settings

KEY_NAME = "k1"  # names the key in every hash, so that a rotation is a second claim and a backfill


class LookupKey:
    """The key under which ID numbers, phones and names are hashed; never the key that encrypts them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, family: str, text: str) -> str:
        """`k1.<64 hex>` of a normalised text; `family` ("id:18", "phone", "name", …) keeps kinds apart."""
        digest = hmac.new(self._secret, f"{family}\x1f{text}".encode(), hashlib.sha256).hexdigest()
        return f"{KEY_NAME}.{digest}"


@cache
def lookup_key() -> LookupKey:
    """The deployment's key, read once per process. AWS calls: 1 at cold start."""
    answer = secretsmanager().get_secret_value(SecretId=settings().lookup_secret_id)
    return LookupKey(answer["SecretString"].encode())
