"""What the routes of the ledger answer with (api.md, Shapes, credits). Credits are numbers of at most two decimals."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from jingkuai.aws.clock import iso
from jingkuai.domain.credit_rules import CountedEntry, CreditVersion, YearCredits, as_number

Number = int | float


class Needed(BaseModel):
    """Credits of a year that are required, or missing."""

    total: Number
    professional: Number


class Earned(Needed):
    """Credits that count."""

    public: Number


class VersionView(BaseModel):
    """A value an entry had."""

    credits: Number
    course: str
    completed_on: date
    at: str
    import_id: str | None = None
    taken_back: bool | None = None

    @classmethod
    def of(cls, version: CreditVersion) -> Self:
        return cls(
            credits=as_number(version.credits),
            course=version.course,
            completed_on=version.completed_on,
            at=iso(version.at),
            import_id=version.import_id,
            taken_back=version.taken_back or None,
        )


class EntryView(BaseModel):
    """One course of the ledger; `history` is there once the entry was corrected or taken back."""

    entry_id: str
    source: str
    source_name: str
    category: str
    course: str
    course_no: str | None = None
    credits: Number
    counted: bool
    not_counted_reason: str | None = None
    completed_on: date
    recorded_at: str
    history: list[VersionView] | None = None

    @classmethod
    def of(cls, counted: CountedEntry) -> Self:
        entry = counted.entry
        return cls(
            entry_id=entry.entry_id,
            source=entry.source.value,
            source_name=entry.source_name,
            category=entry.category.value,
            course=entry.course,
            course_no=entry.course_no,
            credits=as_number(entry.credits),
            counted=counted.counted,
            not_counted_reason=counted.reason.value if counted.reason else None,
            completed_on=entry.completed_on,
            recorded_at=iso(entry.recorded_at),
            history=[VersionView.of(version) for version in entry.history] if len(entry.history) > 1 else None,
        )


class YearInBrief(BaseModel):
    """One row of the history."""

    year: int
    required: Needed
    earned: Earned
    shortfall: Needed
    fulfilled: bool

    @classmethod
    def brief(cls, credits: YearCredits) -> "YearInBrief":
        rules, earned = credits.rules, credits.earned
        return YearInBrief(
            year=rules.year,
            required=Needed(total=as_number(rules.required_total), professional=as_number(rules.required_professional)),
            earned=Earned(
                total=as_number(earned.total),
                professional=as_number(earned.professional),
                public=as_number(earned.public),
            ),
            shortfall=Needed(
                total=as_number(credits.short_of_total), professional=as_number(credits.short_of_professional)
            ),
            fulfilled=credits.fulfilled,
        )


class YearView(YearInBrief):
    """The year's answer, entry by entry."""

    open_until: date
    entries: list[EntryView]

    @classmethod
    def of(cls, credits: YearCredits) -> Self:
        brief = YearInBrief.brief(credits)
        return cls(
            **dict(brief),
            open_until=credits.rules.open_until,
            entries=[EntryView.of(one) for one in credits.entries],
        )
