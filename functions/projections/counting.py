"""Counting tasks and people: what each counts for now, against what it was counted as before.

The stream only says of what; the item itself is read again, after its marker. So a repeated or late record of the
stream counts nothing twice, and of two counters at work the one that read first writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from jingkuai.aws.clock import parse_iso
from jingkuai.domain import statistics
from jingkuai.domain.credit_rules import RuleBook
from jingkuai.domain.statistics import NOW, Cell
from jingkuai.domain.workdays import WorkdayCalendar, shanghai_year, today_in_shanghai
from projections.year_summaries import ATTEMPTS, Holder, LostRace, recompute

if TYPE_CHECKING:
    from projections.counter_store import CounterStore
    from projections.store import SummaryStore

DECISIONS = ("approve", "return", "reject")  # what a bureau decides; any other end took no work of it


@dataclass(frozen=True, slots=True)
class Counted:
    """What something has been counted as, under which epoch of the counters."""

    epoch: int
    cells: frozenset[Cell] = frozenset()


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as far as it is counted. An applicant's wait belongs to no bureau."""

    bureau: str | None
    kind: str
    stage: str
    opened_at: str
    due_on: str
    decision: str | None = None
    decided_at: str | None = None
    fields: tuple[str, ...] = ()
    reviewed_by: str | None = None  # of a second look: whose approval it judges

    def cells(self, calendar: WorkdayCalendar) -> frozenset[Cell]:
        """What it counts for: while open in its bureau's inbox, afterwards in the year of its decision."""
        if self.bureau is None:
            return frozenset()
        if self.decision is None or self.decided_at is None:
            names = {statistics.due_on(self.due_on), statistics.open_of(self.kind)}
            return frozenset(Cell(NOW, self.bureau, name) for name in names)
        decided_at = parse_iso(self.decided_at)
        names = {statistics.decided(self.kind, self.decision)}
        if self.decision in DECISIONS and self.kind != statistics.SECOND_LOOK:
            opened_on, decided_on = today_in_shanghai(parse_iso(self.opened_at)), today_in_shanghai(decided_at)
            names.add(statistics.took(self.stage, calendar.between(opened_on, decided_on)))
        if self.decision == "return":
            names |= statistics.asked_for(self.fields)
        if self.kind == statistics.SECOND_LOOK and self.reviewed_by:
            names.add(statistics.looked_at(self.reviewed_by, self.decision))
        return frozenset(Cell(str(shanghai_year(decided_at)), self.bureau, name) for name in names)


@dataclass(frozen=True, slots=True)
class Marker:
    """What something was counted as, as read; `revision` is 0 where it was never counted."""

    counted: Counted
    revision: int


@dataclass(frozen=True, slots=True)
class PersonMarker(Marker):
    """A person's marker also says what the year summaries were made with, and in which year that was."""

    holder: Holder | None = None
    year: int = 0


def count_task(task_id: str, *, store: "CounterStore", calendar: WorkdayCalendar, at: datetime) -> None:
    """Count a task as it stands. Raises LostRace when others keep counting it. AWS calls: 1, or 2 where a count moves."""
    for _ in range(ATTEMPTS):
        marker, task = store.task(task_id)
        cells = task.cells(calendar) if task else frozenset()
        if store.move_task(task_id, marker, cells, at=at):
            return
    raise LostRace("task")


def count_person(
    person_id: str,
    *,
    store: "CounterStore",
    summaries: "SummaryStore",
    rules: RuleBook,
    at: datetime,
) -> None:
    """Count whose record is kept where; where that changed, the person's years move with it, and this year's begins.

    The years come first: cut off between them and the marker, it is all done again. Raises LostRace. AWS calls: 2; with
    a change 4, and 3 a year.
    """
    year = shanghai_year(at)
    for _ in range(ATTEMPTS):
        marker = store.person_marker(person_id)
        holder = summaries.holder(person_id)
        if (holder, year) != (marker.holder, marker.year):
            for one in {*summaries.years(person_id), *([year] if holder else [])}:
                recompute(person_id, one, store=summaries, rules=rules, at=at)
        registered = Cell(NOW, holder.region_code, statistics.REGISTERED) if holder else None
        cells = frozenset([registered] if registered else [])
        if store.move_person(person_id, marker, cells, holder=holder, year=year, at=at):
            return
    raise LostRace("person")
