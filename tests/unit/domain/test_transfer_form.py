"""What somebody fills in to transfer: everything wrong is said at once, and credits are kept exactly as they were typed."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.transfer import Route, Unit
from jingkuai.domain.transfer_form import AHEAD, FIRST_YEAR, MOST_CREDITS, MOST_YEARS, TransferForm, read_form

TODAY = date(2026, 11, 24)
BORN = date(1990, 5, 6)
LETTER = {"number": "湘调2026-118", "from_region": "430100", "issued_on": "2026-11-01"}
FORM: dict[str, Any] = {
    "to_region": "420502",
    "to_employer": {"uscc": "91420102MAA4L2GB1N", "name": "湖北示例迁入会计有限公司"},
    "employment_status": "employed",
    "reason": "到新单位任职",
    "start_date": "2026-11-01",
}


def read(
    route: Route = Route.BETWEEN_CITIES, *, born: date | None = BORN, **changed: Any
) -> tuple[TransferForm | None, list[FieldProblem]]:
    return read_form({**FORM, **changed}, route=route, born=born, today=TODAY)


def codes(route: Route = Route.BETWEEN_CITIES, *, born: date | None = BORN, **changed: Any) -> list[tuple[str, str]]:
    form, problems = read(route, born=born, **changed)
    assert (form is None) == bool(problems), "never both, never neither"
    return [(one.field, one.code) for one in problems]


def year(year: object = 2025, total: object = 90, professional: object = 60) -> dict[str, object]:
    return {"year": year, "total": total, "professional": professional}


# --- who joins which unit, and when


def test_a_form_is_kept_in_its_normal_form_without_what_was_left_empty() -> None:
    form, _ = read(reason="  到新单位任职 ", position="", letter=None, earlier_credits=[])
    assert form and form.to_json() == FORM
    assert form.unit == Unit("91420102MAA4L2GB1N", "湖北示例迁入会计有限公司")


def test_who_is_employed_names_the_unit_and_who_is_not_names_none() -> None:
    assert codes(to_employer=None) == [("to_employer", "required")]
    assert codes(employment_status="seeking") == [("to_employer", "not_expected")]
    form, _ = read(employment_status="seeking", to_employer=None)
    assert form and form.unit is None


def test_a_status_nobody_knows_says_nothing_of_the_unit() -> None:
    assert codes(employment_status="busy") == [("employment_status", "unknown_code")]
    assert codes(employment_status=" ") == [("employment_status", "required")]
    assert codes(employment_status="busy", to_employer=None) == [("employment_status", "unknown_code")]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ((TODAY + AHEAD).isoformat(), None),
        ((TODAY + AHEAD + timedelta(days=1)).isoformat(), "too_late"),
        ("2006-05-06", None),
        ("2006-05-05", "too_early"),
        ("2026-02-30", "bad_date"),
        ("", "required"),
    ],
)
def test_the_new_post_begins_between_sixteen_and_ninety_days_from_now(day: str, code: str | None) -> None:
    assert codes(start_date=day) == ([("start_date", code)] if code else [])


def test_without_a_day_of_birth_nobody_is_too_young() -> None:
    assert codes(start_date="1990-01-01", born=None) == []


def test_everything_is_said_at_once_in_the_order_of_the_form() -> None:
    found = codes(
        to_employer={"uscc": "91420102MAA4L2GB1M", "name": "短"},
        employment_status="employed",
        reason="",
        start_date="2027-11-01",
        position="king",
        extra="?",
        letter=LETTER,
    )
    assert sorted(found) == sorted(
        [
            ("to_employer.uscc", "bad_check_digit"),
            ("to_employer.name", "bad_length"),
            ("reason", "required"),
            ("start_date", "too_late"),
            ("position", "unknown_code"),
            ("extra", "unknown_field"),
            ("letter", "not_expected"),
        ]
    )
    _, problems = read(start_date="2027-11-01", reason="", to_employer=None)
    assert [one.field for one in problems] == ["to_employer", "start_date", "reason"]
    assert all(one.message.endswith("。") for one in problems)


# --- what is brought along


@pytest.mark.parametrize("route", [Route.SAME_CITY, Route.BETWEEN_CITIES, Route.OUT_OF_PROVINCE])
def test_letter_and_credits_are_brought_along_from_elsewhere_only(route: Route) -> None:
    found = codes(route, letter=LETTER, earlier_credits=[year()])
    assert sorted(found) == [("earlier_credits", "not_expected"), ("letter", "not_expected")]


def test_who_comes_back_brings_both_or_neither() -> None:
    assert codes(Route.INTO_PROVINCE) == []
    form, _ = read(Route.INTO_PROVINCE, letter=LETTER, earlier_credits=[year(), year(2024, 92.5, 60)])
    assert form and form.to_json()["letter"] == LETTER
    assert [one["total"] for one in form.to_json()["earlier_credits"]] == ["90", "92.5"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"from_region": "420106"}, ("letter.from_region", "unknown_region")),
        ({"from_region": "999999"}, ("letter.from_region", "unknown_region")),
        ({"from_region": " "}, ("letter.from_region", "required")),
        ({"issued_on": "2026-11-25"}, ("letter.issued_on", "in_future")),
        ({"issued_on": "1 November"}, ("letter.issued_on", "bad_date")),
        ({"number": ""}, ("letter.number", "required")),
    ],
)
def test_a_letter_comes_from_another_province_and_not_from_tomorrow(
    changed: dict[str, str], problem: tuple[str, str]
) -> None:
    assert codes(Route.INTO_PROVINCE, letter={**LETTER, **changed}) == [problem]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (year(FIRST_YEAR - 1), [("earlier_credits.0.year", "bad_year")]),
        (year(TODAY.year + 1), [("earlier_credits.0.year", "bad_year")]),
        (year(True), [("earlier_credits.0.year", "bad_year")]),
        (year("2025"), [("earlier_credits.0.year", "bad_year")]),
        (year(2025.0), [("earlier_credits.0.year", "bad_year")]),
        (year(total=None), [("earlier_credits.0.total", "required")]),
        (year(total="90"), [("earlier_credits.0.total", "credits_not_a_number")]),
        (year(professional=True), [("earlier_credits.0.professional", "credits_not_a_number")]),
        (year(professional=90.01), [("earlier_credits.0.professional", "credits_out_of_range")]),
        (year(total=-1, professional=0), [("earlier_credits.0.total", "credits_out_of_range")]),
        (year(professional=math.nan), [("earlier_credits.0.professional", "credits_out_of_range")]),
    ],
)
def test_a_year_of_elsewhere_is_read_with_care(wrong: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert [one for one in codes(Route.INTO_PROVINCE, earlier_credits=[wrong]) if one in expected] == expected
    assert {field for field, _ in codes(Route.INTO_PROVINCE, earlier_credits=[wrong])} <= {
        f"earlier_credits.0.{name}" for name in ("year", "total", "professional")
    }


def test_a_year_is_named_once_and_ten_years_are_the_most() -> None:
    assert codes(Route.INTO_PROVINCE, earlier_credits=[year(2025), year(2024), year(2025)]) == [
        ("earlier_credits.2.year", "duplicate_year")
    ]
    most = [year(2025 - place) for place in range(MOST_YEARS)]
    assert codes(Route.INTO_PROVINCE, earlier_credits=most) == []
    _, (problem,) = read(Route.INTO_PROVINCE, earlier_credits=[*most, year(2001)])
    assert (problem.field, problem.code) == ("earlier_credits", "too_many")
    assert f"{MOST_YEARS}条" in problem.message


HUNDREDTHS = st.integers(0, int(MOST_CREDITS * 100))


@given(total=HUNDREDTHS, part=st.integers(0, 100))
def test_credits_are_kept_exactly_whatever_fraction_json_makes_of_them(total: int, part: int) -> None:
    professional = total * part // 100
    sent = json.loads(json.dumps(year(2025, total / 100, professional / 100)))
    form, problems = read(Route.INTO_PROVINCE, earlier_credits=[sent])
    assert not problems and form
    (kept,) = form.to_json()["earlier_credits"]
    assert [Decimal(kept[one]) * 100 for one in ("total", "professional")] == [Decimal(total), Decimal(professional)]


@given(credits=st.one_of(st.floats(), st.integers()))
def test_a_number_is_credits_or_is_refused_and_no_other_number_is_kept(credits: float) -> None:
    form, problems = read(Route.INTO_PROVINCE, earlier_credits=[year(2025, credits, 0)])
    two_decimals = math.isfinite(credits) and 0 <= credits <= MOST_CREDITS and round(credits, 2) == credits
    assert (form is not None) == two_decimals
    if form is None:
        assert [(one.field, one.code) for one in problems] == [("earlier_credits.0.total", "credits_out_of_range")]
    else:
        (kept,) = form.to_json()["earlier_credits"]
        assert float(kept["total"]) == credits and not kept["total"].startswith("-")


WORDS = st.sampled_from(
    ["", " ", "employed", "seeking", "2026-11-01", "0000-00-00", "430100", "year", "total", "uscc", "学分"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(
    changed=st.dictionaries(
        st.sampled_from([*FORM, "position", "letter", "earlier_credits", "nonsense"]), JSON, max_size=4
    ),
    route=st.sampled_from([one for one in Route if one is not Route.SAME_COUNTY]),
)
def test_whatever_is_sent_is_a_form_or_refused_with_words(changed: dict[str, Any], route: Route) -> None:
    form, problems = read(route, **changed)
    assert (form is None) == bool(problems)
    assert all(one.field and one.code and one.message for one in problems)
