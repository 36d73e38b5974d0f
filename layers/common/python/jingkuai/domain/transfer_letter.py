"""The transfer letter (调转证明): its number, what is signed, and whether another bureau may go by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jingkuai.domain.paper_number import PaperNumbers
from jingkuai.domain.workdays import shanghai_year, today_in_shanghai

_NUMBERS: Final = PaperNumbers("DZ")


class LetterState(StrEnum):
    """What verification answers of a letter: `valid`; `used` once its holder has come back into the province; `revoked` where
    it should not have been issued.
    """

    VALID = "valid"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TransferLetter:
    """Transfer letter (调转证明): what somebody who leaves the province takes along. It says that their record here is
    closed as transferred out, from which bureau and to which province or city.
    """

    number: str
    person_id: str
    name_masked: str
    from_region: str
    to_region: str
    issued_at: datetime
    state: LetterState = LetterState.VALID

    @property
    def issued_on(self) -> date:
        """The day in Shanghai: what stands on paper."""
        return today_in_shanghai(self.issued_at)

    def vouches_for(self, person_id: str) -> bool:
        """Whether it still speaks for this person: theirs, neither used nor revoked."""
        return self.state is LetterState.VALID and self.person_id == person_id

    def statement(self) -> bytes:
        """What the registry signs: the facts that verification shows, in a fixed order. No personal data in full."""
        facts = {
            "from_region": self.from_region,
            "issued_at": self.issued_at.isoformat(),
            "name_masked": self.name_masked,
            "number": self.number,
            "to_region": self.to_region,
        }
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def new_letter_number(issued_at: datetime, random: Callable[[int], bytes]) -> str:
    """A number nobody can guess: DZ, the year in Shanghai, ten random characters."""
    return _NUMBERS.new(shanghai_year(issued_at), random)


def is_letter_number(text: str) -> bool:
    """Whether a text may be the number of one of our letters; other provinces' have forms of their own."""
    return _NUMBERS.have(text)
