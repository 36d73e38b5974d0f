"""Deadlines (办理期限): dates in business days; being past one never means approved.

A task's date is written when it opens and moves later only, where a holiday was published after that. Its second
deadline, at which the bureau above takes over, lies as many business days after the first.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jingkuai.domain.workdays import WorkdayCalendar


class Due(StrEnum):
    """What the morning does about a task whose date has passed, or would have without a holiday that came late."""

    NOTHING = "nothing"
    MOVED = "moved"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Term:
    """The time a bureau has for one stage, and what was told of it. `above` is the bureau that would take over."""

    opened_on: date
    due_on: date
    workdays: int
    is_told: bool
    is_escalated: bool
    above: str | None

    def on_time(self, calendar: WorkdayCalendar) -> date:
        """The date by the calendar as it is now; never before the one that was told."""
        return max(self.due_on, calendar.add(self.opened_on, self.workdays))

    def due(self, today: date, calendar: WorkdayCalendar) -> Due:
        """What is next. Of a task long past, one thing after another: it is told before the bureau above gets it."""
        if self.due_on >= today:
            return Due.NOTHING
        if not self.is_told:
            return Due.MOVED if self.on_time(calendar) > self.due_on else Due.OVERDUE
        if self.is_escalated or self.above is None or today <= calendar.add(self.due_on, self.workdays):
            return Due.NOTHING
        return Due.ESCALATED
