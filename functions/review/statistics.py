"""Statistics (统计) of a bureau: its region's figures, and those of the regions one level below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal, scope_covers, scope_of
from jingkuai.domain.problem import NotFound
from jingkuai.domain.regions import Divisions
from jingkuai.domain.statistics import REGISTERED, OpenTasks, YearFigures, together
from jingkuai.domain.workdays import shanghai_year, today_in_shanghai
from review.review_task import bureau_of
from review.statistics_store import StatisticsStore

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """A region's figures, all bureaus below it included: what is open now, and what the year came to."""

    region_code: str
    name: str
    year: int
    registered: int
    open_tasks: OpenTasks
    of_year: YearFigures


@dataclass(frozen=True, slots=True)
class Statistics:
    """A region's figures and those of the regions one level below, in the order of their codes."""

    whole: RegionFigures
    children: Sequence[RegionFigures]


def statistics_of(
    region: str | None,
    year: int | None,
    *,
    by: Principal,
    store: StatisticsStore,
    divisions: Divisions,
    clock: Clock,
) -> Statistics:
    """The figures of a region within the caller's scope, their own where none is named; this year where none is named.

    Registered is, this year, whose record is kept there now; of another year, who has a summary of it. What is open is
    open now, whatever the year. Raises NotFound for a region outside the caller's scope or without a bureau. AWS calls: 2.
    """
    code = region or bureau_of(by)
    if not by.covers(code) or not divisions.is_authority(code):
        raise NotFound()
    now = clock()
    of_year, of_now = store.counts(year or shanghai_year(now), scope_of(code))
    is_this_year = year in (None, shanghai_year(now))

    def figures(one: str) -> RegionFigures:
        year_counts, now_counts = _within(one, of_year), _within(one, of_now)
        figures = YearFigures(year_counts)
        return RegionFigures(
            region_code=one,
            name=divisions.name_of(one),
            year=year or shanghai_year(now),
            registered=now_counts.get(REGISTERED, 0) if is_this_year else figures.fulfilled + figures.short,
            open_tasks=OpenTasks.of(now_counts, today_in_shanghai(now)),
            of_year=figures,
        )

    below = sorted(one.code for one in divisions if one.parent == code)
    return Statistics(figures(code), [figures(one) for one in below])


def _within(region: str, counts: Mapping[str, Counts]) -> dict[str, int]:
    """The counts of a bureau and of all below it, as one."""
    scope = scope_of(region)
    return together(some for one, some in counts.items() if scope_covers(scope, one))
