"""Continuing-education credits (继续教育学分) of a year: what is required, what counts, what is still missing.

Source: 财会〔2018〕10号 and Hubei's rules, handbook section 7. Every number that may change with the year is data
(`infra/policies/credit_rules.json`). Credits are `Decimal` everywhere: 0.1 + 0.2 has to be 0.3 on a certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

from jingkuai.domain.cell_text import trimmed

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")  # credits have two decimals at most


class Category(StrEnum):
    """Kinds of subjects (科目类别): professional (专业科目) and public (公需科目); codes of `credit_category`."""

    PROFESSIONAL = "professional"
    PUBLIC = "public"


class Source(StrEnum):
    """Who vouches for an entry of the ledger."""

    INSTITUTION = "institution"
    EMPLOYER = "employer"
    DECLARATION = "declaration"
    EXAM = "exam"
    CARRIED = "carried"


class NotCounted(StrEnum):
    """Why an entry adds nothing to the sum."""

    COUNTED_ONCE = "course_counted_once"
    TAKEN_BACK = "batch_revoked"


@dataclass(frozen=True, slots=True)
class CreditRules:
    """The rules of one year. `document` is what an administrator wrote, the answer of GET /credits/rules.

    `closes` is the last day on which a course of the year may be completed; where a make-up (补学) was opened for it,
    `make_up_until` is.
    """

    year: int
    required_total: Decimal
    required_professional: Decimal
    max_credits_per_row: Decimal
    opens: date
    closes: date
    make_up_until: date | None = None
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The rules an administrator wrote. Raises KeyError or ValueError for a document that is none."""
        window, required = policy["window"], policy["required"]
        make_up = window.get("make_up_until")
        return cls(
            year=int(policy["year"]),
            required_total=Decimal(str(required["total"])),
            required_professional=Decimal(str(required["professional"])),
            max_credits_per_row=Decimal(str(policy["max_credits_per_row"])),
            opens=date.fromisoformat(window["opens"]),
            closes=date.fromisoformat(window["closes"]),
            make_up_until=date.fromisoformat(make_up) if make_up else None,
            document=policy,
        )

    @property
    def open_until(self) -> date:
        return self.make_up_until or self.closes

    def takes(self, completed_on: date) -> bool:
        """Whether a course completed on this day belongs to the year."""
        return self.opens <= completed_on <= self.open_until

    def moved_to(self, year: int) -> Self:
        """The same rules for a year that has none of its own: its own calendar year, no make-up."""
        opens, closes = (day.replace(year=day.year + year - self.year) for day in (self.opens, self.closes))
        window = {**self.document.get("window", {}), "opens": str(opens), "closes": str(closes), "make_up_until": None}
        document = {**self.document, "year": year, "window": window}
        return replace(self, year=year, opens=opens, closes=closes, make_up_until=None, document=document)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of every year that has some, oldest first; never empty."""

    years: tuple[CreditRules, ...]

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The book of a `credit_rules` rule set. Raises KeyError or ValueError, also where no year is in it."""
        years = sorted((CreditRules.from_policy(one) for one in policy["years"]), key=lambda rules: rules.year)
        if not years or len({rules.year for rules in years}) != len(years):
            raise ValueError("every year once, one year at least")
        return cls(tuple(years))

    def of(self, year: int) -> CreditRules:
        """The rules of a year. A year without its own follows the latest before it, the first of all before the first."""
        before = [rules for rules in self.years if rules.year <= year]
        nearest = before[-1] if before else self.years[0]
        return nearest if nearest.year == year else nearest.moved_to(year)


@dataclass(frozen=True, slots=True)
class CreditVersion:
    """What an entry said at some time, and which import said so; `taken_back` where that was its revocation (撤回)."""

    credits: Decimal
    course: str
    completed_on: date
    at: datetime
    import_id: str | None = None
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One course in a person's ledger of a year (学分记录). The word credit is always 学分 here, never 信用.

    `recorded_at` is the day it first came in, which a correction leaves as it is; `row` orders entries of one file.
    """

    entry_id: str
    source: Source
    source_name: str
    category: Category
    course: str
    course_no: str | None
    credits: Decimal
    completed_on: date
    recorded_at: datetime
    row: int = 0
    taken_back: bool = False
    history: tuple[CreditVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class CountedEntry:
    """An entry with the answer to "does it count, and if not, why"."""

    entry: CreditEntry
    reason: NotCounted | None

    @property
    def counted(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits by kind."""

    professional: Decimal = ZERO
    public: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.professional + self.public


@dataclass(frozen=True, slots=True)
class YearCredits:
    """The answer for one person and year, always computed from the entries.

    Every entry is in it; `earned` is the sum of those that count. One course counts once whichever source reports it:
    of those that stand, the one recorded first.
    """

    rules: CreditRules
    entries: tuple[CountedEntry, ...]

    @classmethod
    def of(cls, entries: Iterable[CreditEntry], rules: CreditRules) -> Self:
        """The year's answer; the order in which the entries are given does not matter."""
        counted = _Courses()
        ordered = sorted(entries, key=lambda entry: (entry.recorded_at, entry.row, entry.entry_id))
        return cls(rules, tuple(CountedEntry(entry, counted.add(entry)) for entry in ordered))

    @property
    def earned(self) -> Credits:
        return Credits(*(self._sum_of(category) for category in (Category.PROFESSIONAL, Category.PUBLIC)))

    def _sum_of(self, category: Category) -> Decimal:
        return sum((one.entry.credits for one in self.entries if one.counted and one.entry.category is category), ZERO)

    @property
    def short_of_total(self) -> Decimal:
        return max(ZERO, self.rules.required_total - self.earned.total)

    @property
    def short_of_professional(self) -> Decimal:
        return max(ZERO, self.rules.required_professional - self.earned.professional)

    @property
    def fulfilled(self) -> bool:
        return self.short_of_total == ZERO == self.short_of_professional


class _Courses:
    """The courses that count so far. Two are the same where the category agrees and the number, or, where one of them
    has none, the trimmed name (api.md, Credits of a year).
    """

    def __init__(self) -> None:
        self._numbers: set[tuple[Category, str]] = set()
        self._names: set[tuple[Category, str]] = set()
        self._names_without_number: set[tuple[Category, str]] = set()

    def add(self, entry: CreditEntry) -> NotCounted | None:
        """Count the entry, or say why it does not count."""
        if entry.taken_back:
            return NotCounted.TAKEN_BACK
        name = (entry.category, trimmed(entry.course))
        if entry.course_no is None:
            known = name in self._names
        else:
            known = (entry.category, entry.course_no) in self._numbers or name in self._names_without_number
        if known:
            return NotCounted.COUNTED_ONCE
        self._names.add(name)
        if entry.course_no is None:
            self._names_without_number.add(name)
        else:
            self._numbers.add((entry.category, entry.course_no))
        return None


def as_number(credits: Decimal) -> int | float:
    """Credits as a JSON number of at most two decimals."""
    exact = credits.quantize(CENT)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
