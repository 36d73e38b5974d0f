"""Signatures by KMS (ECDSA, P-256, SHA-256): the private key never leaves AWS, verifying needs no call."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from mypy_boto3_kms import KMSClient

_HALF = 32  # bytes of r and of s


class Signer:
    """Signs with one KMS key and verifies with its public half, fetched once."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self.key_id = key_id
        self._public: EllipticCurvePublicKey | None = None

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature r‖s (RFC 7518, 3.4) of at most 4 KB. AWS calls: 1."""
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        answer = self._client.sign(
            KeyId=self.key_id, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
        )
        r, s = decode_dss_signature(answer["Signature"])
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the signature. AWS calls: 1 in the life of the process."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
        from cryptography.hazmat.primitives.hashes import SHA256

        if len(signature) != 2 * _HALF:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
        try:
            self.public_key().verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def public_key(self) -> "EllipticCurvePublicKey":
        """The public half. AWS calls: 1 in the life of the process."""
        if self._public is None:
            from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
            from cryptography.hazmat.primitives.serialization import load_der_public_key

            loaded = load_der_public_key(self._client.get_public_key(KeyId=self.key_id)["PublicKey"])
            if not isinstance(loaded, EllipticCurvePublicKey):
                raise TypeError(f"key {self.key_id} is no elliptic-curve key")
            self._public = loaded
        return self._public


def signers(*key_ids: str) -> Mapping[str, Signer]:
    """The signers of several keys by their ids: the one that signs, and those whose signatures count beside it."""
    return {one: signer(one) for one in key_ids}


@cache
def signer(key_id: str) -> Signer:
    """The signer of a key, shared by the whole process so that its public half is fetched once."""
    from jingkuai.aws.clients import kms

    return Signer(kms(), key_id)
