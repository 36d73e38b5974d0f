"""What counts in a year, and what is still missing."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.credit_rules import (
    Category,
    CreditEntry,
    CreditRules,
    NotCounted,
    RuleBook,
    Source,
    YearCredits,
    as_number,
)

SHIPPED = json.loads((Path(__file__).parents[3] / "infra/policies/credit_rules.json").read_text())
BOOK = RuleBook.from_policy(SHIPPED)
RULES = BOOK.of(2026)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
PRO, PUB = Category.PROFESSIONAL, Category.PUBLIC


def entry(
    credits: str, category: Category = PRO, *, name: str = "准则", no: str | None = None, later: int = 0
) -> CreditEntry:
    return CreditEntry(
        entry_id=f"{category}-{name}-{no}-{later}",
        source=Source.INSTITUTION,
        source_name="湖北示例会计培训中心",
        category=category,
        course=name,
        course_no=no,
        credits=Decimal(credits),
        completed_on=date(2026, 5, 1),
        recorded_at=NOON + timedelta(minutes=later),
    )


def year_of(*entries: CreditEntry) -> YearCredits:
    return YearCredits.of(entries, RULES)


def counted(year: YearCredits) -> list[bool]:
    return [one.counted for one in year.entries]


def test_tenths_add_up_exactly() -> None:
    year = year_of(entry("2.5", name="甲"), entry("0.1", name="乙"), entry("0.2", name="丙"))
    assert year.earned.total == Decimal("2.8")
    assert as_number(year.earned.total) == 2.8


@pytest.mark.parametrize(
    ("professional", "public", "short"),
    [("60", "30", ("0", "0")), ("60", "29.99", ("0.01", "0")), ("59.99", "40", ("0", "0.01")), ("95", "0", ("0", "0"))],
)
def test_a_year_is_fulfilled_at_90_with_60_professional(professional: str, public: str, short: tuple[str, str]) -> None:
    year = year_of(entry(professional), *([entry(public, PUB)] if Decimal(public) else []))
    assert (year.short_of_total, year.short_of_professional) == tuple(map(Decimal, short))
    assert year.fulfilled is (short == ("0", "0"))


def test_nothing_earned_is_everything_short() -> None:
    year = year_of()
    assert year.short_of_total == 90 and year.short_of_professional == 60 and not year.fulfilled


def test_of_one_course_from_two_sources_the_first_recorded_counts() -> None:
    year = year_of(entry("8", later=5), entry("10"))
    assert [(int(one.entry.credits), one.reason) for one in year.entries] == [(10, None), (8, NotCounted.COUNTED_ONCE)]
    assert year.earned.total == 10


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("准则", "C1"), ("准则", "C2"), False),
        (("准则", "C1"), ("税法", "C1"), True),
        (("准则", "C1"), ("准则", None), True),
        (("准则", None), ("准则", "C1"), True),
        (("准则", None), (" 准则　", None), True),
        (("准则", None), ("税法", None), False),
    ],
)
def test_courses_are_the_same_by_number_or_where_one_has_none_by_name(
    first: tuple[str, str | None], second: tuple[str, str | None], same: bool
) -> None:
    year = year_of(entry("5", name=first[0], no=first[1]), entry("5", name=second[0], no=second[1], later=1))
    assert counted(year) == [True, not same]


def test_the_same_name_in_another_category_is_another_course() -> None:
    assert counted(year_of(entry("5", PRO), entry("5", PUB))) == [True, True]


def test_what_was_taken_back_stays_visible_and_gives_way() -> None:
    year = year_of(replace(entry("20"), taken_back=True), entry("10", later=1))
    assert [one.reason for one in year.entries] == [NotCounted.TAKEN_BACK, None]
    assert year.earned.total == 10


def test_entries_of_one_moment_count_in_the_order_of_their_file() -> None:
    first, second = replace(entry("5", no="C1"), row=9), replace(entry("7"), row=10)
    assert [one.entry.credits for one in year_of(second, first).entries if one.counted] == [5]


entries = st.builds(
    entry,
    credits=st.decimals("0.01", "90", places=2).map(str),
    category=st.sampled_from(Category),
    name=st.sampled_from("甲乙丙"),
    no=st.sampled_from([None, "1", "2"]),
    later=st.integers(0, 20),
)


@given(st.lists(entries, max_size=12, unique_by=lambda one: one.entry_id), st.randoms())
def test_the_answer_agrees_with_itself_whatever_the_order(some: Sequence[CreditEntry], chance: Any) -> None:
    year = year_of(*some)
    shuffled = list(some)
    chance.shuffle(shuffled)
    assert year_of(*shuffled) == year
    assert year.earned.total == sum(one.entry.credits for one in year.entries if one.counted)
    assert year.earned.total == year.earned.professional + year.earned.public
    assert year.short_of_total == max(0, 90 - year.earned.total)
    assert year.short_of_professional == max(0, 60 - year.earned.professional)
    assert year.fulfilled is (year.short_of_total == year.short_of_professional == 0)
    assert all(one.counted is (one.reason is None) for one in year.entries)


@given(st.lists(entries, max_size=12, unique_by=lambda one: one.entry_id))
def test_no_two_counted_entries_are_one_course(some: Sequence[CreditEntry]) -> None:
    standing = [one.entry for one in year_of(*some).entries if one.counted]
    for place, one in enumerate(standing):
        for other in standing[place + 1 :]:
            both_numbered = one.course_no is not None and other.course_no is not None
            same = one.course_no == other.course_no if both_numbered else one.course == other.course
            assert one.category is not other.category or not same


@given(st.decimals("0", "10000", places=2))
def test_credits_leave_as_numbers_of_two_decimals_and_nothing_is_lost(credits: Decimal) -> None:
    assert Decimal(str(as_number(credits))) == credits
    assert isinstance(as_number(Decimal("90.00")), int)


def test_a_year_without_rules_follows_those_before_it_in_its_own_calendar_year() -> None:
    for year in (2025, 2027):
        rules = BOOK.of(year)
        assert (rules.year, rules.opens, rules.open_until) == (year, date(year, 1, 1), date(year, 12, 31))
        assert rules.document["year"] == year
        assert rules.document["window"]["closes"] == f"{year}-12-31"


def test_a_make_up_keeps_the_year_open() -> None:
    policy = {**SHIPPED["years"][0], "window": {**SHIPPED["years"][0]["window"], "make_up_until": "2027-03-31"}}
    rules = CreditRules.from_policy(policy)
    assert rules.takes(date(2027, 3, 31)) and not rules.takes(date(2027, 4, 1)) and not rules.takes(date(2025, 12, 31))
    assert RuleBook((rules,)).of(2027).make_up_until is None


@pytest.mark.parametrize("years", [[], SHIPPED["years"] * 2])
def test_a_book_has_every_year_once_and_one_at_least(years: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="year"):
        RuleBook.from_policy({"years": years})
