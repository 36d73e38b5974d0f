"""The half-yearly check: who is due on a day, and that each morning reads its own days and no others."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.record_rules import RecordRules, Window

POLICY = json.loads((Path(__file__).parents[3] / "infra" / "policies" / "record_rules.json").read_text())
RULES = RecordRules.from_policy(POLICY)
CONFIRMED = date(2026, 5, 1)


def later(days: int) -> date:
    return CONFIRMED + timedelta(days=days)


def test_a_record_is_due_from_the_hundred_and_eightieth_day() -> None:
    assert not RULES.is_due(CONFIRMED, later(179))
    assert RULES.is_due(CONFIRMED, later(180))
    assert [RULES.periods_since(CONFIRMED, later(days)) for days in (-1, 0, 179, 180, 359, 360)] == [0, 0, 0, 1, 1, 2]


def test_the_first_morning_looks_at_everybody_who_is_due() -> None:
    assert RULES.windows(None, later(180)) == (Window(None, CONFIRMED),)


def test_a_morning_looks_at_the_days_since_the_last_one_for_each_reminder() -> None:
    two = RecordRules(180, 2)
    assert two.windows(later(179), later(180)) == (
        Window(CONFIRMED, CONFIRMED),
        Window(CONFIRMED - timedelta(days=180), CONFIRMED - timedelta(days=180)),
    )
    assert two.windows(later(177), later(180))[0] == Window(later(-2), CONFIRMED)
    assert len(RULES.windows(later(179), later(180))) == POLICY["remind_at_most"]


def test_a_day_that_was_looked_at_is_not_looked_at_again() -> None:
    assert RULES.windows(later(180), later(180)) == RULES.windows(later(181), later(180)) == ()


@given(
    age=st.integers(0, 1500),
    pauses=st.lists(st.integers(1, 40), min_size=1, max_size=60),
    rules=st.builds(RecordRules, st.integers(30, 200), st.integers(1, 8)),
)
def test_whatever_mornings_are_left_out_each_reminder_falls_on_exactly_one(
    age: int, pauses: list[int], rules: RecordRules
) -> None:
    """The morning that takes a person up is the first on or after the day on which a period ends."""
    through = date(2026, 1, 1)
    confirmed = through - timedelta(days=age)
    seen, ended = 0, rules.periods_since(confirmed, through)
    for pause in pauses:
        today = through + timedelta(days=pause)
        windows = rules.windows(through, today)
        seen += sum(one.since is not None and one.since <= confirmed <= one.until for one in windows)
        through = today
    assert seen == min(rules.periods_since(confirmed, through), rules.remind_at_most) - min(ended, rules.remind_at_most)


@pytest.mark.parametrize("wrong", [{"confirm_after_days": 0}, {"remind_at_most": 0}])
def test_a_period_of_no_days_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no days"):
        RecordRules.from_policy({**POLICY, **wrong})
