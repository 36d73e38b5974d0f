"""The half-yearly check (信息定期核对): each morning, whoever's confirmation has come of age is asked whether it is still true.

A region's checkpoint says through which day its work is done, so a morning reads the days since then and nobody who was
reminded before. A morning whose time ends leaves its place behind, and the next one first goes on from there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.domain.record_rules import RecordRules
from jingkuai.domain.workdays import today_in_shanghai

if TYPE_CHECKING:
    from register.reminder_store import ReminderStore


@dataclass(frozen=True, slots=True)
class Place:
    """Where a morning stopped: the day it worked for, the window it was in, and whom it had come to."""

    today: date
    window: int
    after: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a region is: done `through` this day; `stopped` is the unfinished work of a later one."""

    region_code: str
    through: date | None = None
    stopped: Place | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody of a bureau's list whose confirmation has come of age; `listed` is their place in it."""

    person_id: str
    confirmed_on: date
    listed: str


@dataclass(frozen=True, slots=True)
class Morning:
    """What one run came to."""

    reminded: int
    regions_left: int


@dataclass
class Work:
    """One run over all regions; it counts whom it has reminded."""

    today: date
    store: "ReminderStore"
    rules: RecordRules
    clock: Clock
    time_left: Callable[[], bool]
    reminded: int = 0

    @property
    def is_rehearsal(self) -> bool:
        """A day that has not come yet: people are reminded, but no checkpoint may go ahead of the calendar."""
        return self.today > today_in_shanghai(self.clock())

    def finish(self, checkpoint: Checkpoint) -> bool:
        """Bring a region up to today; False where the time ended before, its place kept."""
        if checkpoint.stopped:
            stopped = checkpoint.stopped
            if not self._worked_through(checkpoint, stopped.today, stopped):
                return False
            checkpoint = Checkpoint(checkpoint.region_code, through=stopped.today)
        return self._worked_through(checkpoint, self.today, None)

    def _worked_through(self, checkpoint: Checkpoint, today: date, begin: Place | None) -> bool:
        windows = self.rules.windows(checkpoint.through, today)
        first = begin.window if begin else 0
        for number in range(first, len(windows)):
            after = begin.after if begin and number == first else ""
            for due in self.store.due(checkpoint.region_code, windows[number], after=after):
                if not self.time_left():
                    self._keep(replace(checkpoint, stopped=Place(today, number, after)))
                    return False
                self._remind(due, today)
                after = due.listed
        if windows:
            self._keep(Checkpoint(checkpoint.region_code, through=today))
        return True

    def _remind(self, due: Due, today: date) -> None:
        period = min(self.rules.periods_since(due.confirmed_on, today), self.rules.remind_at_most)
        self.reminded += self.store.remind(due, period, after_days=self.rules.confirm_after_days, at=self.clock())

    def _keep(self, checkpoint: Checkpoint) -> None:
        if not self.is_rehearsal:
            self.store.keep(checkpoint)


def remind_all(
    today: date,
    regions: Iterable[str],
    *,
    store: "ReminderStore",
    rules: RecordRules,
    clock: Clock,
    time_left: Callable[[], bool],
) -> Morning:
    """Ask everybody whose confirmation has come of age by `today`, once each half-year; run again, nobody is asked twice.

    Regions that are behind come first, so that none waits for ever. AWS calls: 1, then for each region 1 a page of each
    reminder's window and 1 for its checkpoint, and 1 for each person.
    """
    work = Work(today, store, rules, clock, time_left)
    left = 0
    for checkpoint in _most_behind_first(regions, store.checkpoints()):
        if left or not time_left() or not work.finish(checkpoint):
            left += 1
    return Morning(work.reminded, left)


def _most_behind_first(regions: Iterable[str], known: dict[str, Checkpoint]) -> Iterator[Checkpoint]:
    every = (known.get(one, Checkpoint(one)) for one in regions)
    yield from sorted(every, key=lambda one: (one.through or date.min, one.region_code))
