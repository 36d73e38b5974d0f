"""Changes of a record: each kind with its own rules, every problem at once, and the sections they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.record_changes import read_change, sections_after
from jingkuai.domain.submission import SubmissionKind

TODAY = date(2026, 11, 24)
UNIT = "91420106MA4KABCD9R"
NUMBER = "420106199003070016"  # male, born 1990-03-07
WOMANS_NUMBER = "420106199108150020"
BACHELOR = {
    "level": "bachelor",
    "school": "中南财经政法大学",
    "major": "会计学",
    "graduated_on": "2013-06-30",
    "certificate_no": "105201201305001234",
    "study_mode": "full_time",
}
MASTER = {**BACHELOR, "level": "master", "graduated_on": "2016-06-30", "certificate_no": "105201201602001234"}
ELEMENTARY = {"level": "elementary", "certificate_no": "HB201400012345", "obtained_on": "2014-09-01"}
WORK = {
    "status": "employed",
    "employer_name": "湖北示例会计有限公司",
    "uscc": UNIT,
    "region_code": "420106",
    "position": "accountant",
    "since": "2014-07-01",
    "accounting_since": "2014-07",
}


@dataclass(frozen=True)
class Standing:
    """A record that changes are made to."""

    name: str = "王清"
    id_type: str = "resident_id"
    region_code: str | None = "420106"
    birth_date: date | None = date(1990, 3, 7)
    gender: str | None = "male"
    sections: Mapping[str, Any] = field(
        default_factory=lambda: {
            "basic": {"name": "王清", "gender": "male", "birth_date": "1990-03-07", "ethnicity": "01"},
            "education": [BACHELOR],
            "employment": WORK,
            "qualifications": [ELEMENTARY],
        }
    )


def read(kind: str, raw: Any, record: Standing | None = None) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    payload, problems = read_change(SubmissionKind(kind), raw, record=record or Standing(), today=TODAY)
    assert (payload is None) == bool(problems)
    assert all(one.message.endswith("。") for one in problems)
    return payload, [(one.field, one.code) for one in problems]


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, []),
        ({"region_code": "420111"}, [("employment.region_code", "needs_transfer")]),
        ({"region_code": "420502"}, [("employment.region_code", "needs_transfer")]),
        ({"region_code": "430100"}, [("employment.region_code", "needs_transfer")]),
        (
            {"region_code": "999999"},
            [("employment.region_code", "unknown_region"), ("employment.region_code", "needs_transfer")],
        ),
        ({"uscc": UNIT[:17] + "A"}, [("employment.uscc", "bad_check_digit")]),
        ({"since": "2026-11-25"}, [("employment.since", "in_future")]),
        ({"since": "1989-12-31"}, [("employment.since", "too_early")]),
        (
            {"employer_name": " ", "since": ""},
            [("employment.employer_name", "required"), ("employment.since", "required")],
        ),
        ({"position": "not_accounting"}, [("employment.accounting_since", "must_be_empty")]),
        ({"status": "retired", "region_code": "420502"}, []),  # where a former unit stood moves nobody
    ],
)
def test_another_employment(changed: dict[str, str], problems: list[tuple[str, str]]) -> None:
    assert read("employment_change", {"employment": {**WORK, **changed}})[1] == problems


@pytest.mark.parametrize(
    ("keeper", "region", "allowed"),
    [
        ("420100", "420106", True),  # kept by the city: any county of it
        ("420000", "420502", True),
        ("420106", "420106", True),
        ("429004", "429004", True),
        ("420100", "420502", False),
        ("429004", "429005", False),
    ],
)
def test_a_unit_is_inside_what_the_managing_bureau_covers(keeper: str, region: str, allowed: bool) -> None:
    record = Standing(region_code=keeper)
    assert (read("employment_change", {"employment": {**WORK, "region_code": region}}, record)[1] == []) is allowed


def test_whoever_seeks_work_names_no_unit() -> None:
    payload, _ = read("employment_change", {"employment": {"status": "seeking"}})
    assert payload == {"employment": {"status": "seeking"}}
    assert sections_after(SubmissionKind.EMPLOYMENT_CHANGE, payload, Standing().sections) == {
        "employment": {"status": "seeking"}
    }


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, []),
        (
            {"level": "bachelor", "certificate_no": BACHELOR["certificate_no"]},
            [("education.certificate_no", "already_on_record")],
        ),
        ({"level": "bachelor"}, []),  # a second bachelor's degree has its own certificate
        ({"graduated_on": "2026-11-24"}, []),
        ({"graduated_on": "2026-11-25"}, [("education.graduated_on", "in_future")]),
        ({"graduated_on": "2004-03-07"}, []),  # the fourteenth birthday
        ({"graduated_on": "2004-03-06"}, [("education.graduated_on", "too_early")]),
        ({"graduated_on": "2016-6-30"}, [("education.graduated_on", "bad_date")]),
        (
            {"school": "", "level": "doctor of all"},
            [("education.level", "unknown_code"), ("education.school", "required")],
        ),
        ({"certificate_no": "123"}, [("education.certificate_no", "bad_length")]),
        ({"advisor": "x"}, [("education.advisor", "unknown_field")]),
    ],
)
def test_one_more_education(changed: dict[str, str], problems: list[tuple[str, str]]) -> None:
    assert read("education_added", {"education": {**MASTER, **changed}})[1] == problems


def test_an_education_stands_highest_first_and_a_new_one_behind_those_of_its_level() -> None:
    after = sections_after(SubmissionKind.EDUCATION_ADDED, {"education": MASTER}, Standing().sections)
    assert after == {"education": [MASTER, BACHELOR]}
    second = {**BACHELOR, "major": "金融学"}
    after = sections_after(SubmissionKind.EDUCATION_ADDED, {"education": second}, {"education": [MASTER, BACHELOR]})
    assert after == {"education": [MASTER, BACHELOR, second]}


@pytest.mark.parametrize(("count", "code"), [(19, None), (20, "too_many")])
def test_a_record_holds_twenty_of_each(count: int, code: str | None) -> None:
    many = Standing(sections={"education": [BACHELOR] * count, "qualifications": [ELEMENTARY] * count})
    new = {"level": "intermediate", "certificate_no": "HB201900012345", "obtained_on": "2019-09-01"}
    assert [one for _, one in read("education_added", {"education": MASTER}, many)[1]] == ([code] if code else [])
    assert [one for _, one in read("qualification_added", {"qualification": new}, many)[1]] == ([code] if code else [])


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, [("qualification.certificate_no", "already_on_record")]),
        ({"level": "intermediate"}, []),
        ({"certificate_no": "HB201500054321"}, []),
        (
            {"certificate_no": "HB1", "level": "wizard"},
            [("qualification.level", "unknown_code"), ("qualification.certificate_no", "bad_length")],
        ),
        ({"level": "cpa", "obtained_on": "2026-11-25"}, [("qualification.obtained_on", "in_future")]),
        ({"level": "cpa", "obtained_on": "1990-03-06"}, [("qualification.obtained_on", "too_early")]),
    ],
)
def test_one_more_title(changed: dict[str, str], problems: list[tuple[str, str]]) -> None:
    assert read("qualification_added", {"qualification": {**ELEMENTARY, **changed}})[1] == problems


def test_a_title_is_added_at_the_end() -> None:
    cpa = {**ELEMENTARY, "level": "cpa"}
    after = sections_after(SubmissionKind.QUALIFICATION_ADDED, {"qualification": cpa}, Standing().sections)
    assert after == {"qualifications": [ELEMENTARY, cpa]}


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        ({"name": "王𬭎"}, []),
        ({"id_number": WOMANS_NUMBER}, []),
        ({"id_number": WOMANS_NUMBER, "birth_date": "1991-08-15", "gender": "female"}, []),
        ({"id_number": WOMANS_NUMBER, "birth_date": "1990-03-07"}, [("birth_date", "not_as_on_document")]),
        ({"name": "王𬭎", "gender": "female"}, [("gender", "not_as_on_document")]),  # the number that stays says male
        ({}, [("payload", "nothing_changed")]),
        ({"name": " 王清 ", "gender": "male"}, [("payload", "nothing_changed")]),
        ({"id_type": "passport"}, [("payload", "nothing_changed"), ("id_number", "required")]),
        ({"id_type": "card", "id_number": "E12345678"}, [("id_type", "unknown_code")]),
        ({"id_type": "passport", "id_number": "E1234567890"}, []),
        ({"id_number": NUMBER[:17] + "5"}, [("id_number", "bad_check_digit")]),
        ({"id_number": "420106900307001"}, [("id_number", "bad_length")]),
        ({"name": "x", "id_number": "1"}, [("name", "bad_length"), ("id_number", "bad_length")]),
        ({"phone": "19900000001", "name": "王𬭎"}, [("phone", "unknown_field")]),
    ],
)
def test_another_identity(raw: dict[str, str], problems: list[tuple[str, str]]) -> None:
    found = read("identity_change", {**raw, "reason": "公安机关更正"})[1]
    assert sorted(found) == sorted(problems)


def test_an_identity_change_gives_its_reason() -> None:
    assert read("identity_change", {"name": "王𬭎"})[1] == [("reason", "required")]


def test_birth_date_and_sex_follow_the_new_number() -> None:
    payload, _ = read("identity_change", {"id_number": WOMANS_NUMBER.lower(), "reason": "公安机关更正"})
    assert payload is not None and (payload["birth_date"], payload["gender"]) == ("1991-08-15", "female")
    after = sections_after(SubmissionKind.IDENTITY_CHANGE, payload, Standing().sections)
    assert after == {"basic": {"name": "王清", "gender": "female", "birth_date": "1991-08-15", "ethnicity": "01"}}


def test_a_document_that_says_nothing_of_its_holder_leaves_birth_date_and_sex_to_them() -> None:
    abroad = Standing(id_type="passport", birth_date=None, gender=None)
    assert read("identity_change", {"birth_date": "1991-08-15", "reason": "公安机关更正"}, abroad)[1] == []
    late = {"birth_date": "2011-08-15", "reason": "公安机关更正"}
    assert read("identity_change", late, abroad)[1] == [("birth_date", "age_out_of_range")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    kind=st.sampled_from([one for one in SubmissionKind if one is not SubmissionKind.REGISTRATION]),
    raw=st.dictionaries(
        st.sampled_from(
            ["employment", "education", "qualification", "name", "id_number", "id_type", "birth_date", "reason"]
        )
        | st.text(max_size=8),
        ANYTHING,
        max_size=5,
    ),
)
def test_no_payload_whatever_breaks_the_reading(kind: SubmissionKind, raw: dict[str, Any]) -> None:
    payload, problems = read_change(kind, raw, record=Standing(), today=TODAY)
    assert (payload is None) == bool(problems)
