"""The new ID number of an identity change while its review runs: sealed on the submission's item, where one context writes
it and another reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from jingkuai.aws.tables import Item

MEMBER = "new_number"  # of the submission's item


@dataclass(frozen=True, slots=True)
class NewNumber:
    """A number to come (变更后的证件号码): found by its hash, read by nobody but a reviewer. `birth_date` and `gender` are what it
    says of its holder.
    """

    id_type: str
    id_hash: str
    id_masked: str
    cipher: bytes
    birth_date: date | None
    gender: str | None

    @classmethod
    def on(cls, submission: Item) -> Self | None:
        """The new number of a submission's item; None where it names none."""
        if MEMBER not in submission:
            return None
        member = submission[MEMBER]
        born = member.get("birth_date")
        return cls(
            id_type=member["id_type"],
            id_hash=member["id_hash"],
            id_masked=member["id_masked"],
            cipher=member["cipher"],
            birth_date=date.fromisoformat(born) if born else None,
            gender=member.get("gender"),
        )

    def to_item(self) -> Item:
        """The member as the submission's item holds it; what the number does not say is left out."""
        told = {
            "id_type": self.id_type,
            "id_hash": self.id_hash,
            "id_masked": self.id_masked,
            "cipher": self.cipher,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "gender": self.gender,
        }
        return {MEMBER: {name: value for name, value in told.items() if value is not None}}
