"""Differences between two states of a record: each field that changes, by its path, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.record_differences import Difference, differences, sections_changed

BACHELOR = {"level": "bachelor", "school": "中南财经政法大学", "graduated_on": "1988-06-30"}
RECORD: dict[str, Any] = {
    "basic": {"name": "欧阳建国", "ethnicity": "01"},
    "contact": {"phone": "199****7120", "email": "someone@example.invalid"},
    "education": [BACHELOR],
    "employment": {"uscc": "91420106MA4JURQ28M", "position": "accountant"},
    "qualifications": [],
}


def test_differences_name_each_field_that_changes() -> None:
    assert differences(RECORD, {"employment": {"uscc": "91420502MACDKQQ0N9", "position": None}}) == (
        Difference("employment.uscc", "91420106MA4JURQ28M", "91420502MACDKQQ0N9"),
        Difference("employment.position", "accountant", None),
    )


def test_a_degree_added_shows_with_its_place_in_the_list() -> None:
    changed = differences(RECORD, {"education": [BACHELOR, {**BACHELOR, "level": "master"}]})
    assert {one.field for one in changed} == {f"education.1.{name}" for name in BACHELOR}
    assert all(one.before is None for one in changed)


def test_the_phone_is_never_compared() -> None:
    assert differences(RECORD, {"contact": {**RECORD["contact"], "phone": "199****0001"}}) == ()


def test_other_members_are_compared_where_they_are_asked_for() -> None:
    before, after = {**RECORD, "region_code": "420106"}, {**RECORD, "region_code": "420502"}
    assert differences(before, after) == ()
    assert differences(before, after, members=("region_code",)) == (Difference("region_code", "420106", "420502"),)


def test_sections_that_differ_are_named_in_the_order_of_the_form() -> None:
    after = {**RECORD, "employment": {"status": "retired"}, "basic": {**RECORD["basic"], "ethnicity": "02"}}
    assert sections_changed(RECORD, after) == ("basic", "employment")
    assert sections_changed(RECORD, {**RECORD, "education": []}) == ("education",)
    assert sections_changed({}, RECORD) == ("basic", "contact", "education", "employment")
    without = {name: section for name, section in RECORD.items() if name != "contact"}
    assert sections_changed(RECORD, without) == ("contact",)


sections = st.fixed_dictionaries(
    {"basic": st.dictionaries(st.text(min_size=1, max_size=3), st.none() | st.integers() | st.text(max_size=3))}
)


@given(before=sections, after=sections)
def test_only_what_changes_is_a_difference(before: dict[str, object], after: dict[str, object]) -> None:
    assert differences(before, before) == ()
    assert all(one.before != one.after for one in differences(before, after))
