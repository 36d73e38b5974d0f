"""Figures from counts: sums, medians, rates, and nothing personal in the name of a count."""

from datetime import date
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.statistics import (
    Looks,
    OpenTasks,
    YearFigures,
    asked_for,
    decided,
    due_on,
    looked_at,
    open_of,
    together,
    took,
)

TODAY = date(2026, 12, 1)


def test_overdue_begins_the_day_after_the_deadline() -> None:
    counts = {due_on("2026-11-30"): 2, due_on("2026-12-01"): 3, due_on("2027-01-04"): 5, open_of("appeal"): 10}
    open_tasks = OpenTasks.of(counts, TODAY)
    assert (open_tasks.total, open_tasks.overdue, open_tasks.by_kind) == (10, 2, {"appeal": 10})


def test_without_counts_there_is_nothing_to_do_and_no_rate() -> None:
    assert OpenTasks.of({}, TODAY) == OpenTasks(0, 0, {})
    nothing = YearFigures({})
    assert (nothing.median_days, nothing.return_rate, nothing.stages, nothing.asked_for_most) == (None, None, [], [])
    assert (nothing.fulfilled, nothing.short) == (0, 0)


@given(st.lists(st.integers(0, 98), min_size=1))
def test_the_median_of_a_histogram_is_the_median(days: list[int]) -> None:
    counts: dict[str, int] = {}
    for one in days:
        counts[took("county", one)] = counts.get(took("county", one), 0) + 1
    figures = YearFigures(counts)
    assert figures.median_days == median(days)
    [stage] = figures.stages
    assert (stage.stage, stage.median_days, stage.decisions) == ("county", median(days), len(days))


def test_stages_have_a_median_each_and_one_together() -> None:
    figures = YearFigures({took("county", 1): 3, took("city", 5): 1, took("city", 400): 1})
    assert [(one.stage, one.median_days) for one in figures.stages] == [("city", 52.0), ("county", 1.0)]
    assert figures.median_days == 1


def test_the_return_rate_is_of_what_bureaus_decided() -> None:
    counts = {
        decided("registration", "approve"): 6,
        decided("registration", "return"): 2,
        decided("appeal", "reject"): 2,
    }
    others = {decided("registration", "withdrawn"): 50, decided("second_look", "reject"): 9}
    figures = YearFigures(counts | others)
    assert figures.return_rate == 0.2
    assert figures.decisions == {"approve": 6, "return": 2, "reject": 2, "withdrawn": 50}
    assert figures.second_looks == {"reject": 9}
    assert figures.decisions_by_kind["registration"] == {"approve": 6, "return": 2, "withdrawn": 50}


def test_second_looks_are_told_for_each_reviewer() -> None:
    counts = {looked_at("wang", "approve"): 4, looked_at("wang", "reject"): 1, looked_at("li", "approve"): 2}
    assert YearFigures(counts).looks == [Looks("li", 2, 0), Looks("wang", 4, 1)]


def test_what_returns_ask_for_is_counted_by_field_and_shown_by_its_name_on_the_form() -> None:
    one = asked_for(["education.0.certificate_no", "education.1.certificate_no", "basic.name"])
    other = asked_for(["education.0.certificate_no"])
    counts = together([dict.fromkeys(one, 1), dict.fromkeys(other, 1)])
    top = YearFigures(counts).asked_for_most
    assert [(field.field, field.label, field.count) for field in top] == [
        ("education.certificate_no", "学历证书编号", 2),
        ("basic.name", "姓名", 1),
    ]


@pytest.mark.parametrize("typed", ["420106199001011234", "13900000000", "王建国", "basic.name|now", "x" * 100])
def test_what_is_no_field_of_a_form_is_counted_without_its_words(typed: str) -> None:
    assert asked_for([typed]) == {"field.other"}


def test_the_five_fields_asked_for_most_are_told() -> None:
    fields = ["name", "gender", "reason", "id_type", "birth_date", "id_number", "region_code"]
    counts = {name: place for place, name in enumerate(sorted(asked_for(fields)), 1)}
    assert [one.count for one in YearFigures(counts).asked_for_most] == [7, 6, 5, 4, 3]
