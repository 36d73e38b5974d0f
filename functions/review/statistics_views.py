"""What the statistics answer, and the counts beside an inbox."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from jingkuai.domain.statistics import OpenTasks
from jingkuai.web.paging import ListOf
from review.statistics import RegionFigures, Statistics
from review.views import TaskView


class OpenCountsView(BaseModel):
    """What the bureau has open, as counted within the last seconds."""

    open: int
    overdue: int
    by_kind: dict[str, int]

    @classmethod
    def of(cls, tasks: OpenTasks) -> OpenCountsView:
        return cls(open=tasks.total, overdue=tasks.overdue, by_kind=dict(tasks.by_kind))


class InboxView(ListOf[TaskView]):
    """One page of an inbox, with the counts of its tabs."""

    counts: OpenCountsView

    @classmethod
    def of(cls, page: ListOf[TaskView], tasks: OpenTasks) -> InboxView:
        return cls(items=page.items, next_cursor=page.next_cursor, counts=OpenCountsView.of(tasks))


class StageTimeView(BaseModel):
    """How long a stage took: the median in business days, over so many decisions."""

    model_config = ConfigDict(from_attributes=True)

    stage: str
    median_days: float
    decisions: int


class FieldAskedForView(BaseModel):
    """A field that returns asked for, by its name on the form."""

    model_config = ConfigDict(from_attributes=True)

    field: str
    label: str
    count: int


class LooksView(BaseModel):
    """What second looks at one reviewer's approvals came to."""

    model_config = ConfigDict(from_attributes=True)

    account_id: str
    confirmed: int
    contradicted: int


class RegionFiguresView(BaseModel):
    """A region's figures, all bureaus below it included."""

    region_code: str
    name: str
    year: int
    registered: int
    pending: int
    overdue: int
    fulfilled: int
    short: int
    median_days: float | None
    return_rate: float | None
    decisions: dict[str, int]

    @classmethod
    def of_region(cls, region: RegionFigures) -> RegionFiguresView:
        return cls(**_shown(region))


class StatisticsView(RegionFiguresView):
    """A region's figures in detail, and those of the regions one level below."""

    pending_by_kind: dict[str, int]
    decisions_by_kind: dict[str, dict[str, int]]
    second_looks: dict[str, int]
    second_looks_by_reviewer: list[LooksView]
    stages: list[StageTimeView]
    top_return_reasons: list[FieldAskedForView]
    children: list[RegionFiguresView]

    @classmethod
    def of(cls, statistics: Statistics) -> StatisticsView:
        whole = statistics.whole
        return cls(
            **_shown(whole),
            pending_by_kind=dict(whole.open_tasks.by_kind),
            decisions_by_kind=whole.of_year.decisions_by_kind,
            second_looks=whole.of_year.second_looks,
            second_looks_by_reviewer=[LooksView.model_validate(one) for one in whole.of_year.looks],
            stages=[StageTimeView.model_validate(one) for one in whole.of_year.stages],
            top_return_reasons=[FieldAskedForView.model_validate(one) for one in whole.of_year.asked_for_most],
            children=[RegionFiguresView.of_region(one) for one in statistics.children],
        )


def _shown(region: RegionFigures) -> dict[str, Any]:
    return {
        "region_code": region.region_code,
        "name": region.name,
        "year": region.year,
        "registered": region.registered,
        "pending": region.open_tasks.total,
        "overdue": region.open_tasks.overdue,
        "fulfilled": region.of_year.fulfilled,
        "short": region.of_year.short,
        "median_days": region.of_year.median_days,
        "return_rate": region.of_year.return_rate,
        "decisions": region.of_year.decisions,
    }
