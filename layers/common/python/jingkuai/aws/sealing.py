"""ID numbers and phones at rest: sealed by KMS directly, bound to their person, beside the masked form that everything else shows."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class Sealer:
    """Seals short texts under the data key; a cipher opens only for the person it was sealed for."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, text: str, person_id: str) -> bytes:
        """The cipher of a text (4 KB at most). AWS calls: 1."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=text.encode(), EncryptionContext={"person_id": person_id}
        )
        return answer["CiphertextBlob"]

    def open(self, cipher: bytes, person_id: str) -> str:
        """The text behind a cipher: only for a reveal, an export, a reviewer's open task or recorded look, and sending. AWS calls: 1."""
        answer = self._client.decrypt(
            KeyId=self._key_id, CiphertextBlob=cipher, EncryptionContext={"person_id": person_id}
        )
        return answer["Plaintext"].decode()

    def seal_together(self, members: Mapping[str, str], person_id: str) -> bytes:
        """Several named texts in one cipher: registration seals the ID number and the phone with one call. AWS calls: 1."""
        return self.seal(json.dumps(dict(members), ensure_ascii=False), person_id)

    def open_together(self, cipher: bytes, person_id: str) -> dict[str, str]:
        """The named texts that were sealed together. AWS calls: 1."""
        return {str(name): str(text) for name, text in json.loads(self.open(cipher, person_id)).items()}

    def open_member(self, cipher: bytes, name: str, person_id: str) -> str:
        """One text of those sealed together. AWS calls: 1."""
        return self.open_together(cipher, person_id)[name]

    def reseal_member(self, cipher: bytes, name: str, text: str, person_id: str) -> bytes:
        """The texts of a cipher with another in the place of one: what it replaces stays in no cipher. AWS calls: 2."""
        return self.seal_together({**self.open_together(cipher, person_id), name: text}, person_id)
