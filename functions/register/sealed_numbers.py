"""A person's ID number and phone as they lie sealed, and opened: for a reveal to their owner and for their export."""

from dataclasses import dataclass

from jingkuai.aws.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Numbers:
    """An ID number and a phone in full; None where the record has none any more."""

    id_number: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class SealedNumbers:
    """The two ciphers of a person. Registration makes one of both, a change of the phone another."""

    person_id: str
    id_cipher: bytes | None
    phone_cipher: bytes | None

    @property
    def complete(self) -> bool:
        """Whether both are there: a closed account has none to send to, one whose number was taken away no number."""
        return self.id_cipher is not None and self.phone_cipher is not None

    def opened(self, sealer: Sealer) -> Numbers:
        """Both in full. AWS calls: 1, after a change of the phone 2."""
        texts = sealer.open_together(self.id_cipher, self.person_id) if self.id_cipher else {}
        number, phone = texts.get("id_number"), texts.get("phone")
        if self.phone_cipher != self.id_cipher:
            phone = sealer.open_member(self.phone_cipher, "phone", self.person_id) if self.phone_cipher else None
        return Numbers(number, phone)
