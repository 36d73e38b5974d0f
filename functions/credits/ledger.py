"""A person's ledger (学分台账): the answer of a year and the history of all years, always computed from the entries."""

from collections.abc import Sequence

from credits.ledger_store import LedgerStore
from jingkuai.aws.clock import Clock
from jingkuai.domain.credit_rules import RuleBook, YearCredits
from jingkuai.domain.workdays import shanghai_year


def year_of(person_id: str, year: int, *, store: LedgerStore, rules: RuleBook) -> YearCredits:
    """The year's answer. AWS calls: 1."""
    return YearCredits.of(store.entries(person_id, year), rules.of(year))


def history_of(person_id: str, *, store: LedgerStore, rules: RuleBook, clock: Clock) -> Sequence[YearCredits]:
    """Every year with an entry, and the present one, newest first. AWS calls: 1 a page."""
    years = store.entries_by_year(person_id)
    years.setdefault(shanghai_year(clock()), [])
    return [YearCredits.of(years[year], rules.of(year)) for year in sorted(years, reverse=True)]
