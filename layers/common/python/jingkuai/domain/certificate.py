"""Certificates of a fulfilled year (继续教育合格证明): their numbers, what is signed, and whether one still holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jingkuai.domain.credit_rules import CENT, YearCredits
from jingkuai.domain.paper_number import PaperNumbers
from jingkuai.domain.problem import Conflict

_NUMBERS: Final = PaperNumbers("HB")


class CreditsShort(Conflict):
    """The year is not fulfilled, so nothing can be certified."""

    code = "credits_short"
    title = "学分未达标"
    detail = "该年度学分尚未达到要求，不能开具合格证明。请在学分明细中查看还差多少，补足后再申请。"


class CertificateState(StrEnum):
    """What verification answers: `valid`; `replaced` by a later number; `revoked` once the year is no longer fulfilled."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as issued (合格证明). It keeps the sums of its day; whether it holds is asked of the ledger."""

    certificate_no: str
    person_id: str
    year: int
    name_masked: str
    total: Decimal
    professional: Decimal
    issued_at: datetime

    def agrees_with(self, credits: YearCredits) -> bool:
        """Whether the ledger still has the sums it was issued with: then the number stays."""
        return (self.total, self.professional) == (credits.earned.total, credits.earned.professional)

    def state(self, current_no: str | None, credits: YearCredits) -> CertificateState:
        """Whether it holds today, by the year's current number and the ledger: no sweeper ever marks one."""
        if self.certificate_no != current_no:
            return CertificateState.REPLACED
        return CertificateState.VALID if credits.fulfilled else CertificateState.REVOKED

    def statement(self) -> bytes:
        """What the registry signs: the facts that verification shows, in a fixed order. No personal data in full."""
        facts = {
            "certificate_no": self.certificate_no,
            "issued_at": self.issued_at.isoformat(),
            "name_masked": self.name_masked,
            "professional": str(self.professional.quantize(CENT)),
            "total": str(self.total.quantize(CENT)),
            "year": self.year,
        }
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def new_certificate_no(year: int, random: Callable[[int], bytes]) -> str:
    """A number nobody can guess: HB, the year, ten random characters (handbook, section 7)."""
    return _NUMBERS.new(year, random)


def is_certificate_no(text: str) -> bool:
    """Whether a text may be the number of a certificate at all."""
    return _NUMBERS.have(text)
