"""The second factor (动态口令): time-based one-time passwords. Source: RFC 6238 over RFC 4226, SHA-1, 30 s, 6 digits."""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20  # as long as the hash, RFC 4226 section 4
_DRIFT = (0, -1, 1)  # a phone's clock may be half a minute off


def new_secret(random_bytes: bytes) -> str:
    """A secret in Base32, as authenticator apps take it, from `SECRET_BYTES` random bytes."""
    return base64.b32encode(random_bytes).decode().rstrip("=")


def code_at(secret: str, step: int) -> str:
    """The six digits of one time step. Raises ValueError for a secret that is no Base32."""
    try:
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    except binascii.Error as malformed:
        raise ValueError("a TOTP secret is Base32") from malformed
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[place : place + 4])
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step this code belongs to, or None. The caller refuses a step that is not after the last one used."""
    current = int(now.timestamp()) // STEP_SECONDS
    steps = [current + drift for drift in _DRIFT]
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None)
