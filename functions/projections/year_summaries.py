"""The summary of one person's year (年度汇总): what lists and counts show. Always recomputed from the entries, never added to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from jingkuai.domain.credit_rules import CreditEntry, RuleBook, YearCredits

if TYPE_CHECKING:
    from projections.counting import Counted
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
    """What lists show of a year; answers to the person herself are computed from the entries instead.

    `listed` until the record is closed: who has left is neither short nor fulfilled.
    """

    holder: Holder
    year: int
    total: Decimal
    professional: Decimal
    public: Decimal
    short_of_total: Decimal
    short_of_professional: Decimal
    fulfilled: bool
    listed: bool = True

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
    """A year as read: its entries, the summary that stood before them, and what that one was counted as. `revision` is 0
    where there is none yet.
    """

    entries: Sequence[CreditEntry]
    summary: YearSummary | None
    revision: int
    counted: "Counted"


def recompute(person_id: str, year: int, *, store: "SummaryStore", rules: RuleBook, at: datetime) -> YearSummary | None:
    """Bring the summary of a year up to its entries and its holder; up to date already, nothing is written.

    None for somebody whose record no bureau keeps: a summary of theirs stays, and leaves the lists and counts. The holder
    is read last, never older than the summary. Raises LostRace when others keep saving. AWS calls: 2 or 3 a try.
    """
    for _ in range(ATTEMPTS):
        ledger = store.ledger(person_id, year)
        holder = store.holder(person_id)
        if holder is not None:
            summary = YearSummary.of(holder, YearCredits.of(ledger.entries, rules.of(year)))
        elif ledger.summary is not None:
            summary = replace(ledger.summary, listed=False)
        else:
            return None
        if store.save(summary, ledger, at=at):
            return summary if holder else None
    raise LostRace(f"summary of {year}")
