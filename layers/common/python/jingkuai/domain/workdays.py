"""Business days (工作日) and Shanghai dates: deadlines are dates, and "today" is always a date in Shanghai.

Source: the State Council's yearly notice on holidays, as the `chinesecalendar` package knows it. A notice appears in
the November before its year, sooner than a release of the package: what it says goes into the calendar policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, Self

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991, no tz database needed


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date. `provisional`: a year whose holidays are not published yet was counted by weekends alone, so the
    date may move and operators have to be told.
    """

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkdayCalendar:
    """Which days are worked. `overrides` say so for single days, before all else; `published_years` are years beyond
    the package whose whole notice is in the overrides.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    published_years: frozenset[int] = frozenset()

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The calendar of a `calendar` rule set. Raises ValueError for a day that does not exist."""
        overrides = {date.fromisoformat(day): bool(worked) for day, worked in policy["overrides"].items()}
        return cls(overrides, frozenset(policy["published_years"]))

    def is_workday(self, day: date) -> bool:
        """Whether bureaus work on this day; by weekends alone in a year nobody has published."""
        if day in self.overrides:
            return self.overrides[day]
        known = _in_package(day)
        return day.weekday() < 5 if known is None else known

    def is_published(self, year: int) -> bool:
        return year in self.published_years or _in_package(date(year, 1, 1)) is not None

    def add(self, start: date, days: int) -> date:
        """The day so many business days after `start`, which itself never counts."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """How many business days lie after `start`, up to and with `end`: what `add` would have to be told."""
        return sum(self.is_workday(start + timedelta(days=day)) for day in range(1, (end - start).days + 1))

    def deadline(self, start: date, days: int) -> Deadline:
        """`add`, and whether the answer rests on a year that is not published yet."""
        on = self.add(start, days)
        return Deadline(on, not all(self.is_published(year) for year in range(start.year, on.year + 1)))


def today_in_shanghai(now: datetime) -> date:
    """The date in Shanghai at this moment. `now` carries its time zone; one without would be read as the machine's."""
    return now.astimezone(SHANGHAI).date()


def shanghai_year(now: datetime) -> int:
    """The year in Shanghai at this moment: on 31 December at 16:00 UTC it is already the next."""
    return today_in_shanghai(now).year


def in_words(day: date) -> str:
    """A day as papers write it: 2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _in_package(day: date) -> bool | None:
    """What the package says of a day; None for a year it does not know."""
    # Imported late: its tables cost a cold start that most requests do not need.
    from chinese_calendar import is_workday

    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return None
