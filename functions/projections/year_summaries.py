"""The summary of one person's year (年度汇总): what lists and counts show. Always recomputed from the entries, never added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from jingkuai.domain.credit_rules import CreditEntry, RuleBook, YearCredits

if TYPE_CHECKING:
    from projections.store import SummaryStore

ATTEMPTS = 4


class LostRace(Exception):
    """Somebody else saved a summary of the same year meanwhile: what was computed here may be the older one."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose year it is, and which bureau keeps the record."""

    person_id: str
    name_masked: str
    region_code: str


@dataclass(frozen=True, slots=True)
class YearSummary:
    """What lists show of a year; answers to the person herself are computed from the entries instead."""

    holder: Holder
    year: int
    total: Decimal
    professional: Decimal
    public: Decimal
    short_of_total: Decimal
    short_of_professional: Decimal
    fulfilled: bool

    @classmethod
    def of(cls, holder: Holder, credits: YearCredits) -> Self:
        """The summary of a year's answer."""
        return cls(
            holder,
            credits.rules.year,
            total=credits.earned.total,
            professional=credits.earned.professional,
            public=credits.earned.public,
            short_of_total=credits.short_of_total,
            short_of_professional=credits.short_of_professional,
            fulfilled=credits.fulfilled,
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """A year as read: its entries, and the summary that stood before them. `revision` is 0 where there is none yet."""

    entries: Sequence[CreditEntry]
    summary: YearSummary | None
    revision: int


def recompute(person_id: str, year: int, *, store: "SummaryStore", rules: RuleBook, at: datetime) -> YearSummary | None:
    """Bring the summary of a year up to its entries; up to date already, nothing is written.

    None for somebody whose record no bureau keeps. Raises LostRace when others keep saving. AWS calls: 2 or 3 a try.
    """
    for _ in range(ATTEMPTS):
        holder = store.holder(person_id)
        if holder is None:
            return None
        ledger = store.ledger(person_id, year)
        summary = YearSummary.of(holder, YearCredits.of(ledger.entries, rules.of(year)))
        if ledger.summary == summary or store.save(summary, after=ledger.revision, at=at):
            return summary
    raise LostRace(f"summary of {year}")
