"""The form while it is being filled in."""

from __future__ import annotations

from typing import Any

import pytest

from jingkuai.domain.profile_draft import DraftTooLarge, check_shape, missing_in_draft

BASIC = {"name": "王芳", "gender": "female", "birth_date": "1990-01-01", "ethnicity": "01", "political_status": "13"}
EDUCATION = {
    "level": "bachelor",
    "school": "武汉大学",
    "major": "会计学",
    "graduated_on": "2012-06-30",
    "certificate_no": "104861201205000001",
    "study_mode": "full_time",
}
FULL: dict[str, Any] = {
    "basic": BASIC,
    "contact": {"phone": "19901683484"},
    "education": [EDUCATION],
    "employment": {"status": "seeking"},
    "region_code": "420106",
}


def missing(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(field.section, field.field) for field in missing_in_draft(payload)[0]]


def test_an_empty_form_misses_everything_that_is_always_required() -> None:
    fields, percent = missing_in_draft({})
    assert percent == 0
    assert len(fields) == 14
    assert fields[0].to_json() == {"section": "basic", "field": "name", "message": "请填写姓名。"}
    assert [field.section for field in fields[-3:]] == ["education", "employment", "region_code"]


def test_a_full_form_misses_nothing() -> None:
    assert missing_in_draft(FULL) == ([], 100)


def test_the_employed_have_more_to_fill_in() -> None:
    fields, percent = missing_in_draft(FULL | {"employment": {"status": "employed", "uscc": "x", "position": " "}})
    assert [field.field for field in fields] == ["employer_name", "region_code", "position", "since"]
    assert percent == 100 * 15 // 19


def test_every_item_begun_has_to_be_finished() -> None:
    assert missing(FULL | {"education": [EDUCATION, {"level": "college"}], "qualifications": [{}]}) == [
        ("education", "1.school"),
        ("education", "1.major"),
        ("education", "1.graduated_on"),
        ("education", "1.certificate_no"),
        ("education", "1.study_mode"),
        ("qualifications", "0.level"),
        ("qualifications", "0.certificate_no"),
        ("qualifications", "0.obtained_on"),
    ]


def test_a_section_begun_counts_field_by_field() -> None:
    fields, percent = missing_in_draft({"basic": BASIC})
    assert all(field.section != "basic" for field in fields)
    assert percent == 100 * 5 // 14


@pytest.mark.parametrize(
    "sections",
    [
        {},
        FULL,
        {"basic": {"name": "不必正确", "gender": None}},
        {"education": []},
        {"basic": None, "education": None, "region_code": None},
        {"employment": {"uscc": "91"}},
    ],
)
def test_a_draft_need_not_be_right(sections: dict[str, Any]) -> None:
    assert check_shape(sections) == []


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ([], ("payload", "wrong_type")),
        ({"basics": {}}, ("basics", "unknown_field")),
        ({"basic": []}, ("basic", "wrong_type")),
        ({"basic": {"nickname": "小王"}}, ("basic.nickname", "unknown_field")),
        ({"basic": {"name": 7}}, ("basic.name", "wrong_type")),
        ({"basic": {"name": {"first": "芳"}}}, ("basic.name", "wrong_type")),
        ({"education": {}}, ("education", "wrong_type")),
        ({"education": ["bachelor"]}, ("education.0", "wrong_type")),
        ({"education": [{"grade": "A"}]}, ("education.0.grade", "unknown_field")),
        ({"education": [{}] * 21}, ("education", "too_many")),
        ({"region_code": 420106}, ("region_code", "wrong_type")),
        ({"contact": {"address": "路" * 501}}, ("contact.address", "bad_length")),
        ({"contact": {"address": "\ud83d"}}, ("contact.address", "bad_characters")),
    ],
)
def test_another_shape_is_refused(sections: Any, problem: tuple[str, str]) -> None:
    assert [(found.field, found.code) for found in check_shape(sections)] == [problem]


def test_a_draft_beyond_64_kb_is_refused() -> None:
    with pytest.raises(DraftTooLarge) as caught:
        check_shape({"contact": {"address": "路" * 22_000}})
    assert caught.value.code == "too_large"


def test_a_draft_of_any_shape_can_be_asked_what_it_misses() -> None:
    assert missing_in_draft({"basic": None, "education": [None], "employment": None, "qualifications": None})[1] == 0
