"""Business days around holidays, make-up days and years nobody has published."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.workdays import Deadline, WorkdayCalendar, shanghai_year, today_in_shanghai

POLICIES = Path(__file__).parents[3] / "infra" / "policies"
KNOWN = WorkdayCalendar()


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 9, 21), 0, date(2026, 9, 21)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),  # a plain week
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a weekend
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # from a Saturday
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a make-up Saturday before Spring Festival
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over Spring Festival
        (date(2026, 9, 30), 5, date(2026, 10, 13)),  # over the National Day week, with its make-up Saturday
    ],
)
def test_holidays_and_make_up_days_follow_the_notice(start: date, days: int, due: date) -> None:
    assert KNOWN.add(start, days) == due


def test_an_unpublished_year_is_counted_by_weekends_and_says_so() -> None:
    assert KNOWN.deadline(date(2026, 12, 30), 5) == Deadline(date(2027, 1, 6), provisional=True)
    assert KNOWN.deadline(date(2026, 12, 1), 5) == Deadline(date(2026, 12, 8), provisional=False)


def test_overrides_go_before_everything_and_a_published_year_is_no_longer_provisional() -> None:
    policy = {"published_years": [2027], "overrides": {"2027-01-01": False, "2027-01-02": True, "2026-11-24": False}}
    calendar = WorkdayCalendar.from_policy(policy)
    assert calendar.deadline(date(2026, 12, 31), 1) == Deadline(date(2027, 1, 2), provisional=False)
    assert calendar.add(date(2026, 11, 23), 1) == date(2026, 11, 25)


def test_a_single_override_does_not_publish_a_year() -> None:
    calendar = WorkdayCalendar.from_policy({"published_years": [], "overrides": {"2027-01-01": False}})
    assert calendar.deadline(date(2026, 12, 31), 1).provisional


def test_the_shipped_calendar_loads() -> None:
    assert WorkdayCalendar.from_policy(json.loads((POLICIES / "calendar.json").read_text())).is_published(2026)


@given(start=st.dates(date(2024, 1, 1), date(2028, 12, 1)), days=st.integers(1, 30))
def test_a_deadline_is_a_workday_and_exactly_so_many_lie_on_the_way(start: date, days: int) -> None:
    due = KNOWN.add(start, days)
    between = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert KNOWN.is_workday(due)
    assert sum(map(KNOWN.is_workday, between)) == days


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_today_is_a_date_in_shanghai(now: datetime, today: date) -> None:
    assert today_in_shanghai(now) == today
    assert shanghai_year(now) == today.year


@given(st.dates(date(2024, 1, 1), date(2026, 6, 1)), st.integers(0, 30))
def test_between_counts_what_add_was_told(start: date, days: int) -> None:
    calendar = WorkdayCalendar()
    assert calendar.between(start, calendar.add(start, days)) == days


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert WorkdayCalendar().between(date(2026, 11, 24), date(2026, 11, 20)) == 0
