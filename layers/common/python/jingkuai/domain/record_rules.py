"""The half-yearly check (信息定期核对): when people are asked whether their record is still true.

The numbers are data (`infra/policies/record_rules.json`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Window:
    """Days of a last confirmation, both ends included; `since=None` goes back to the first record there was."""

    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class RecordRules:
    """After how many days a record is to be confirmed, and how often somebody who does not answer is reminded."""

    confirm_after_days: int
    remind_at_most: int

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The rules of a `record_rules` rule set. Raises KeyError or ValueError where it is not one."""
        rules = cls(int(policy["confirm_after_days"]), int(policy["remind_at_most"]))
        if rules.confirm_after_days < 1 or rules.remind_at_most < 1:
            raise ValueError("a period of no days, or no reminder at all")
        return rules

    def periods_since(self, confirmed_on: date, today: date) -> int:
        """How many whole periods have passed since a confirmation; 0 while none is due."""
        return max(0, (today - confirmed_on).days // self.confirm_after_days)

    def is_due(self, confirmed_on: date, today: date) -> bool:
        """Whether the record is to be confirmed (again)."""
        return self.periods_since(confirmed_on, today) > 0

    def windows(self, through: date | None, today: date) -> tuple[Window, ...]:
        """Whose confirmation came of age, for the first time or again, on the days after `through` until today.

        So each morning reads those of its own days only, however many were reminded before and never answered. Before the
        first morning (`through=None`) everybody's who is due.
        """
        if through is None:
            return (Window(None, self._before(today, 1)),)
        if through >= today:
            return ()
        since = through + timedelta(days=1)
        return tuple(
            Window(self._before(since, times), self._before(today, times))
            for times in range(1, self.remind_at_most + 1)
        )

    def _before(self, day: date, times: int) -> date:
        return day - timedelta(days=self.confirm_after_days * times)
