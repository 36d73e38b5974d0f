"""The registration payload: what is taken, and every problem of what is not, at once."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.profile import RegistrationPayload, read_payload

PEOPLE = json.loads((Path(__file__).parents[2] / "samples" / "people.json").read_text())["people"]
TODAY = date(2026, 11, 24)
WOMAN = IdentityDocument.parse("resident_id", "422801200402293149", today=TODAY)  # born on 29 February 2004
PASSPORT = IdentityDocument.parse("passport", "E12345678", today=TODAY)
MISSING = object()

RIGHT: dict[str, Any] = {
    "basic": {
        "name": "王𬭎",
        "gender": "female",
        "birth_date": "2004-02-29",
        "ethnicity": "01",
        "political_status": "13",
    },
    "contact": {"phone": "19901683484", "email": "someone@example.invalid", "address": "湖北省示例路1号"},
    "education": [
        {
            "level": "bachelor",
            "degree": "bachelor",
            "school": "中南财经政法大学",
            "major": "会计学",
            "graduated_on": "2026-06-30",
            "certificate_no": "105201202605001234",
            "study_mode": "full_time",
        },
        {
            "level": "college",
            "school": "武汉职业学院",
            "major": "会计",
            "graduated_on": "2024-06-30",
            "certificate_no": "鄂教（2024）第1-23号",
            "study_mode": "full_time",
        },
    ],
    "employment": {
        "status": "employed",
        "employer_name": "湖北示例楚天商贸有限公司",
        "uscc": "91420106MA4JURQ28M",
        "region_code": "420106",
        "position": "accountant",
        "since": "2026-07-01",
        "accounting_since": "2026-07",
    },
    "qualifications": [{"level": "elementary", "certificate_no": "鄂会〔2025〕0001号", "obtained_on": "2025-05-20"}],
    "region_code": "420106",
}


def changed(**fields: Any) -> dict[str, Any]:
    """The right payload with some fields changed: `education__0__school="武汉大学"`; MISSING takes one out."""
    payload = copy.deepcopy(RIGHT)
    for path, value in fields.items():
        *way, last = (int(part) if part.isdecimal() else part for part in path.split("__"))
        part: Any = payload
        for step in way:
            part = part[step]
        if value is MISSING:
            del part[last]
        else:
            part[last] = value
    return payload


def problems(raw: Any, document: IdentityDocument = WOMAN, today: date = TODAY) -> list[tuple[str, str]]:
    payload, found = read_payload(raw, document=document, today=today)
    assert (payload is None) == bool(found)
    assert all(problem.message.endswith("。") for problem in found)
    return [(problem.field, problem.code) for problem in found]


def test_a_right_payload_comes_back_as_it_went_in() -> None:
    payload, found = read_payload(RIGHT, document=WOMAN, today=TODAY)
    assert found == []
    assert payload is not None
    assert payload.to_json() == RIGHT
    assert RegistrationPayload.model_validate(payload.to_json()) == payload


def test_absent_optionals_stay_absent_and_blank_ones_count_as_absent() -> None:
    bare = changed(contact={"phone": "19901683484", "email": " ", "address": None}, education__0__degree="")
    payload, _ = read_payload(bare, document=WOMAN, today=TODAY)
    assert payload is not None
    assert payload.to_json()["contact"] == {"phone": "19901683484"}
    assert "degree" not in payload.to_json()["education"][0]


def test_values_are_brought_to_form() -> None:
    typed = changed(
        basic__name=" 买买提.艾力 ",
        contact__phone="+86 19901683484",
        employment__uscc="91420106ma4jurq28m",
        education__0__certificate_no="１０５２０１２０２６０５００１２３４",
    )
    payload, _ = read_payload(typed, document=WOMAN, today=TODAY)
    assert payload is not None
    assert payload.basic.name.text == "买买提·艾力"
    assert payload.contact.phone.text == "19901683484"
    assert payload.employment.current_uscc == "91420106MA4JURQ28M"
    assert payload.education[0].certificate_no == "105201202605001234"


def test_every_problem_is_told_at_once_in_the_order_of_the_form() -> None:
    raw = changed(
        basic__birth_date="1971-01-01",
        contact__phone="12345",
        education__0__graduated_on="2999-06-30",
        education__1__school=MISSING,
        employment__uscc="91420106MA4JURQ28N",
        employment__since=MISSING,
        region_code="429000",
        shoe_size="42",
    )
    assert problems(raw) == [
        ("basic.birth_date", "not_as_on_document"),
        ("contact.phone", "bad_phone"),
        ("education.0.graduated_on", "in_future"),
        ("education.1.school", "required"),
        ("employment.uscc", "bad_check_digit"),
        ("employment.since", "required"),
        ("region_code", "unknown_region"),
        ("shoe_size", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"basic__name": "王"}, ("basic.name", "bad_length")),
        ({"basic__name": MISSING}, ("basic.name", "required")),
        ({"basic__name": ["王芳"]}, ("basic.name", "wrong_type")),
        ({"basic__gender": "male"}, ("basic.gender", "not_as_on_document")),
        ({"basic__gender": "女"}, ("basic.gender", "unknown_code")),
        ({"basic__gender": ["male"]}, ("basic.gender", "wrong_type")),
        ({"basic__birth_date": "2004-02-30"}, ("basic.birth_date", "bad_date")),
        ({"basic__birth_date": "20040229"}, ("basic.birth_date", "bad_date")),
        ({"basic__birth_date": "2004-02-29T00:00:00"}, ("basic.birth_date", "bad_date")),
        ({"basic__birth_date": 1078012800}, ("basic.birth_date", "wrong_type")),
        ({"basic__birth_date": "2004-02-28"}, ("basic.birth_date", "not_as_on_document")),
        ({"basic__ethnicity": "57"}, ("basic.ethnicity", "unknown_code")),
        ({"basic__political_status": 13}, ("basic.political_status", "wrong_type")),
        ({"basic__id_number": "422801200402293149"}, ("basic.id_number", "unknown_field")),
        ({"contact__email": "someone"}, ("contact.email", "bad_email")),
        ({"contact__email": "a" * 65 + "@example.invalid"}, ("contact.email", "bad_email")),
        ({"contact__email": "a@" + "b" * 240 + ".example.invalid"}, ("contact.email", "bad_length")),
        ({"contact__address": "路" * 121}, ("contact.address", "bad_length")),
        ({"contact__address": "路\n1号"}, ("contact.address", "bad_characters")),
        ({"contact__address": "路\ud83d"}, ("contact.address", "bad_characters")),
        ({"contact": "19901683484"}, ("contact", "wrong_type")),
        ({"education": MISSING}, ("education", "required")),
        ({"education": []}, ("education", "required")),
        ({"education": {}}, ("education", "wrong_type")),
        ({"education__1": "college"}, ("education.1", "wrong_type")),
        ({"education__0__level": "kindergarten"}, ("education.0.level", "unknown_code")),
        ({"education__0__level": "high_school"}, ("education.1.level", "not_highest_first")),
        ({"education__1__level": "master"}, ("education.1.level", "not_highest_first")),
        ({"education__1__graduated_on": "2018-02-28"}, ("education.1.graduated_on", "too_early")),
        ({"education__0__graduated_on": "2026-11-25"}, ("education.0.graduated_on", "in_future")),
        ({"education__0__certificate_no": "123"}, ("education.0.certificate_no", "bad_length")),
        ({"education__0__certificate_no": "1" * 41}, ("education.0.certificate_no", "bad_length")),
        ({"education__0__certificate_no": "1052 0120"}, ("education.0.certificate_no", "bad_characters")),
        ({"employment__status": "busy"}, ("employment.status", "unknown_code")),
        ({"employment__employer_name": "三个字"}, ("employment.employer_name", "bad_length")),
        ({"employment__employer_name": " "}, ("employment.employer_name", "required")),
        ({"employment__uscc": None}, ("employment.uscc", "required")),
        ({"employment__region_code": "429000"}, ("employment.region_code", "unknown_region")),
        ({"employment__region_code": "420101"}, ("employment.region_code", "unknown_region")),
        ({"employment__position": "boss"}, ("employment.position", "unknown_code")),
        ({"employment__since": "2026-11-25"}, ("employment.since", "in_future")),
        ({"employment__since": "2004-02-28"}, ("employment.since", "too_early")),
        ({"employment__accounting_since": "2026-12"}, ("employment.accounting_since", "in_future")),
        ({"employment__accounting_since": "2020-01"}, ("employment.accounting_since", "too_early")),
        ({"employment__accounting_since": "2026-13"}, ("employment.accounting_since", "bad_month")),
        ({"employment__accounting_since": "2026-07-01"}, ("employment.accounting_since", "bad_month")),
        ({"employment__position": "not_accounting"}, ("employment.accounting_since", "must_be_empty")),
        ({"qualifications__0__level": "expert"}, ("qualifications.0.level", "unknown_code")),
        ({"qualifications__0__obtained_on": "2026-11-25"}, ("qualifications.0.obtained_on", "in_future")),
        ({"qualifications__0__certificate_no": MISSING}, ("qualifications.0.certificate_no", "required")),
        ({"region_code": "430100"}, ("region_code", "unknown_region")),
        ({"region_code": "4201"}, ("region_code", "unknown_region")),
        ({"region_code": ""}, ("region_code", "required")),
        ({"region_code": 420106}, ("region_code", "wrong_type")),
    ],
)
def test_one_thing_wrong_is_one_problem(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(changed(**change)) == [problem]


@pytest.mark.parametrize(
    "change",
    [
        {"education__1__graduated_on": "2018-03-01"},  # fourteen since the day before, born on a leap day
        {"education__0__graduated_on": "2026-11-24"},
        {"education__1__level": "bachelor"},
        {"employment__accounting_since": "2020-02"},
        {"employment__accounting_since": "2026-11"},
        {"employment__since": "2026-11-24"},
        {"employment__accounting_since": MISSING},
        {"employment__position": "not_accounting", "employment__accounting_since": MISSING},
        {"employment__region_code": "430100"},
        {"employment": {"status": "seeking"}},
        {"employment": {"status": "student", "accounting_since": ""}},
        {"qualifications": MISSING},
        {"qualifications": []},
        {"region_code": "420000"},
        {"region_code": "429004"},
        {"contact__address": "路" * 120},
        {"education__0__certificate_no": "1234"},
        {"employment__employer_name": "全" * 100},
    ],
)
def test_at_the_edge_is_within(change: dict[str, Any]) -> None:
    assert problems(changed(**change)) == []


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2020, 2, 28), [("basic.birth_date", "age_out_of_range")]),
        (date(2020, 2, 29), []),
        (date(2105, 2, 27), []),
        (date(2105, 3, 1), [("basic.birth_date", "age_out_of_range")]),
    ],
)
def test_people_register_between_sixteen_and_a_hundred(today: date, expected: list[tuple[str, str]]) -> None:
    found = problems(changed(employment={"status": "student"}), today=today)
    assert [problem for problem in found if problem[0] == "basic.birth_date"] == expected


def test_without_a_telling_document_the_forms_own_birth_date_counts() -> None:
    assert problems(changed(basic__birth_date="2013-01-01", basic__gender="male"), document=PASSPORT)[0] == (
        "basic.birth_date",
        "age_out_of_range",
    )
    assert problems(changed(basic__birth_date="1990-01-01", basic__gender="male"), document=PASSPORT) == []


def test_rules_across_fields_speak_even_where_a_section_cannot_be_read() -> None:
    raw = changed(basic="王芳", education__0__graduated_on="2010-01-01", education__1="college")
    assert problems(raw) == [
        ("basic", "wrong_type"),
        ("education.0.graduated_on", "too_early"),
        ("education.1", "wrong_type"),
    ]


@pytest.mark.parametrize("raw", [None, [], "payload", 7])
def test_what_is_no_object_is_one_problem(raw: object) -> None:
    assert problems(raw) == [("payload", "wrong_type")]


def test_more_items_than_anybody_has_are_refused() -> None:
    many = [RIGHT["education"][1]] * 21
    assert problems(changed(education=many)) == [("education", "too_many")]


def test_messages_name_the_field_as_the_form_does() -> None:
    _, found = read_payload(
        changed(education__1__school="", qualifications__0__level="expert", employment__since=""),
        document=WOMAN,
        today=TODAY,
    )
    assert {problem.field: problem.message for problem in found} == {
        "education.1.school": "请填写学历学位第2条的毕业院校。",
        "employment.since": "就业状态为在职，请填写任职时间。",
        "qualifications.0.level": "专业技术资格第1条的资格级别不在可选范围内，请从列表中选择。",
    }


def test_a_message_never_repeats_what_was_typed() -> None:
    _, found = read_payload(changed(contact__phone="199016834840", basic__name="王C"), document=WOMAN, today=TODAY)
    assert found
    assert not any("199016834840" in str(problem) or "王C" in str(problem) for problem in found)


def test_somebody_out_of_work_has_no_current_unit() -> None:
    payload, _ = read_payload(changed(employment__status="retired"), document=WOMAN, today=TODAY)
    assert payload is not None
    assert payload.employment.current_uscc is None


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: str(person["phone"]))
def test_the_people_of_the_demo_can_register(person: dict[str, str]) -> None:
    document = IdentityDocument.parse(person["id_type"], person["id_number"], today=TODAY)
    assert document.birth_date is not None
    born = document.birth_date
    raw = changed(
        basic__name=person["name"],
        basic__gender=document.gender,
        basic__birth_date=born.isoformat(),
        contact__phone=person["phone"],
        education__0__graduated_on=f"{born.year + 23}-06-30",
        education__1__graduated_on=f"{born.year + 21}-06-30",
        employment__employer_name=person["employer"],
        employment__uscc=person["uscc"],
        employment__since=f"{born.year + 24}-07-01",
        employment__accounting_since=f"{born.year + 24}-07",
        region_code=person["region_code"],
    )
    assert problems(raw, document=document) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*RIGHT, *RIGHT["basic"], "status"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(raw=json_values, section=st.sampled_from(list(RIGHT)))
def test_any_json_is_a_payload_or_a_list_of_problems(raw: Any, section: str) -> None:
    for payload in (raw, RIGHT | {section: raw}):
        read, found = read_payload(payload, document=WOMAN, today=TODAY)
        assert (read is None) == bool(found)
        assert all(isinstance(problem, FieldProblem) and problem.message for problem in found)


def test_a_list_whose_items_are_all_wrong_is_not_called_empty() -> None:
    wrong = {**RIGHT, "education": [{**RIGHT["education"][0], "school": "", "certificate_no": "1"}]}
    payload, problems = read_payload(wrong, document=WOMAN, today=TODAY)
    assert payload is None
    assert [(one.field, one.code) for one in problems] == [
        ("education.0.school", "required"),
        ("education.0.certificate_no", "bad_length"),
    ]
