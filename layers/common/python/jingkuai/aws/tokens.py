"""Access tokens: JWT (RFC 7519) signed ES256 by KMS. The header names the key, so keys rotate without logging anyone out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from jingkuai.aws.signing import Signer

LIFETIME_SECONDS = 30 * 60
_ALGORITHM = "ES256"
_UNCHECKED = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


class InvalidToken(Exception):
    """Not a token of ours, altered, or past its time; callers answer 401 and never say which."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of its bearer; `epoch` is the account's at issue, raised by reset, suspension and change of scope."""

    sub: str
    role: str
    scope: str
    session: str
    epoch: int
    name_masked: str
    iat: int
    exp: int


class _SignedByKms(ECAlgorithm):
    """ES256 whose private key stays in KMS: PyJWT hands over the message, KMS the signature."""

    def prepare_key(self, key: Any) -> Any:
        return key

    def sign(self, msg: bytes, key: Any) -> bytes:
        signed: bytes = key.sign(msg)
        return signed


@cache
def _writer() -> jwt.PyJWS:
    writer = jwt.PyJWS(algorithms=[])
    writer.register_algorithm(_ALGORITHM, _SignedByKms(ECAlgorithm.SHA256))
    return writer


def issue(claims: Claims, signer: Signer) -> str:
    """The signed token. AWS calls: 1."""
    body = json.dumps(asdict(claims), separators=(",", ":"), ensure_ascii=False).encode()
    return _writer().encode(body, signer, algorithm=_ALGORITHM, headers={"kid": signer.key_id})  # type: ignore[arg-type]


def verify(token: str, keys: Mapping[str, Signer], *, now: datetime) -> Claims:
    """The claims of a genuine, living token, signed by one of these keys. Raises InvalidToken.

    The algorithm is ours alone: a header that names another (`none`, HS256) is refused whatever its signature. A key that
    is none of these is refused by its name, so that strangers make nobody ask KMS.
    AWS calls: 1 for each key in the life of the process (its public half).
    """
    try:
        signer = keys.get(jwt.get_unverified_header(token).get("kid", ""))
        if signer is None:
            raise InvalidToken("key")
        told = jwt.decode(token, signer.public_key(), algorithms=[_ALGORITHM], options=_UNCHECKED)  # type: ignore[arg-type]
        claims = Claims(**told)
    except (jwt.PyJWTError, TypeError) as refused:
        raise InvalidToken(type(refused).__name__) from refused
    if claims.exp <= now.timestamp():
        raise InvalidToken("expired")
    return claims
