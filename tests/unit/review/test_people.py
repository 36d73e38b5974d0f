"""Looking people up: who is found by what, who is not, what stays masked, and what every look leaves behind."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Invalid, NotFound
from review.people import OpenedRecord, PeoplePage, Search, SearchForm, open_record, read_search, search_people
from review.people_store import PeopleStore
from review.purpose import read_purpose
from tests.people import id_number
from tests.unit.review.changing import Change
from tests.unit.review.conftest import EMPLOYER, ID_NUMBER, NAME, PERSON, PHONE, USCC, WANG, Office, reviewer
from tests.unit.review.known import approve, put_person, put_unit

CITY, PROVINCE, ELSEWHERE = reviewer("city", "4201"), reviewer("province", "42"), reviewer("far", "420502")
OTHER_NUMBER = "420106196505317038"
THIRD_NUMBER = id_number(random.Random("look-ups"))
PURPOSE = "核对材料"


@pytest.fixture
def desk(open_office: Office) -> Office:
    """The applicant's record is kept by 420106."""
    approve(open_office)
    # the key families of the house: the applicant of `conftest.py` is claimed under one of its own
    claim = open_office.item(keys.id_claim_key(open_office.id_hash))
    open_office.registry.put({**claim, **keys.id_claim_key(open_office.lookup.of("id18", ID_NUMBER))})
    open_office.calls.clear()
    return open_office


def read(office: Office, **typed: str) -> Search:
    form = {"id_number": "", "name": "", "employer": "", "purpose": PURPOSE, **typed}
    return read_search(SearchForm(**form), lookup=office.lookup, clock=office.clock)


def search(
    office: Office, by: Principal = WANG, limit: int = 20, start: Item | None = None, **typed: str
) -> PeoplePage:
    store = PeopleStore(office.registry, uuid7)
    return search_people(read(office, **typed), by=by, limit=limit, start=start, store=store, clock=office.clock)


def ids(page: PeoplePage) -> list[str]:
    return [one.person_id for one in page.people]


def opened(office: Office, by: Principal = WANG, purpose: str = PURPOSE, person_id: str = PERSON) -> OpenedRecord:
    store = PeopleStore(office.registry, uuid7)
    return open_record(
        person_id,
        purpose,
        by=by,
        store=store,
        files=Files(clients.s3()),
        records=settings().records_bucket,
        sealer=office.sealer,
        clock=office.clock,
    )


def problems(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {one.field: one.code for one in refused.value.errors}


def searches(office: Office, account: str = "wang") -> list[dict[str, Any]]:
    return [one["details"] for one in office.registry.query_all(keys.audit_pk(account), prefix="A#")]


# --- by number


@pytest.mark.parametrize("typed", [ID_NUMBER, " 429004 19650531 7038 ", "４２９００４１９６５０５３１７０３８"])
def test_a_number_finds_its_holder_masked(desk: Office, typed: str) -> None:
    (found,) = search(desk, id_number=typed).people
    assert (found.person_id, found.name_masked, found.id_masked) == (PERSON, "欧**国", "429***********7038")
    assert (found.region_code, found.employer_name, found.status) == ("420106", EMPLOYER, "active")
    assert desk.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_somebody_of_another_region_is_not_told_apart_from_nobody(desk: Office) -> None:
    assert ids(search(desk, CITY, id_number=ID_NUMBER)) == [PERSON]
    desk.calls.clear()
    theirs, made = search(desk, ELSEWHERE, id_number=ID_NUMBER), list(desk.calls)
    desk.calls.clear()
    assert (search(desk, ELSEWHERE, id_number=THIRD_NUMBER), desk.calls) == (theirs, made)
    assert [one["found"] for one in searches(desk, "far")] == [0, 0]
    assert len(desk.looks()) == 1  # the city's


def test_an_account_without_an_approved_record_is_nobodys_to_find(desk: Office) -> None:
    put_person(desk, 2, OTHER_NUMBER, region_code=None)
    assert ids(search(desk, PROVINCE, id_number=OTHER_NUMBER)) == []


def test_a_closed_record_is_found_by_number_alone_by_the_bureau_that_kept_it(desk: Office) -> None:
    desk.registry.update(
        keys.person_key(PERSON),
        "SET #status = :closed REMOVE gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk",
        values={":closed": "deactivated"},
        names={"#status": "status"},
    )
    (found,) = search(desk, id_number=ID_NUMBER).people
    assert found.status == "deactivated"
    assert ids(search(desk, name=NAME)) == ids(search(desk, employer=USCC)) == []
    assert ids(search(desk, ELSEWHERE, id_number=ID_NUMBER)) == []
    assert opened(desk).id_number == ID_NUMBER


def test_a_number_that_may_be_of_two_kinds_finds_both_holders(desk: Office) -> None:
    taiwan = put_person(desk, 2, "01234567", id_type="taiwan_permit", family="taiwan_permit")
    passport = put_person(desk, 3, "01234567", id_type="passport", family="passport")
    assert set(ids(search(desk, id_number="01234567"))) == {taiwan, passport}


def test_a_former_number_leads_to_its_holder(desk: Office) -> None:
    change = {"id_number": OTHER_NUMBER, "reason": "公安机关更正重号"}
    Change(desk, "identity_change", change, "police_certificate", "id_front", "id_back").approve()
    for number in (OTHER_NUMBER, ID_NUMBER):
        (found,) = search(desk, id_number=number).people
        assert (found.person_id, found.id_masked) == (PERSON, "420***********7038")
    record = opened(desk)
    assert record.id_number == OTHER_NUMBER
    assert [one.id_masked for one in record.record.former_numbers] == ["429***********7038"]


# --- by name


def test_a_name_finds_its_namesakes_of_the_region_and_no_others(desk: Office) -> None:
    near, far = put_person(desk, 2, OTHER_NUMBER, "420102"), put_person(desk, 3, THIRD_NUMBER, "420502")
    put_person(desk, 4, "420106198001010014", name="欧阳建设")
    assert ids(search(desk, name=f" {NAME} ")) == [PERSON]
    assert ids(search(desk, CITY, name=NAME)) == [near, PERSON]
    assert ids(search(desk, PROVINCE, name=NAME)) == [near, PERSON, far]
    assert ids(search(desk, reviewer("other", "420104"), name=NAME)) == []


def test_a_list_by_name_goes_on_where_a_page_ended(desk: Office) -> None:
    everybody = {put_person(desk, number, f"{number:08d}") for number in range(2, 7)} | {PERSON}
    seen: list[str] = []
    start: Item | None = None
    while True:
        page = search(desk, limit=2, start=start, name=NAME)
        assert len(page.people) <= 2
        seen += ids(page)
        if (start := page.next_start) is None:
            break
    assert sorted(seen) == sorted(everybody)


# --- by employer


def test_a_code_finds_the_units_people_of_the_region(desk: Office) -> None:
    far = put_person(desk, 3, THIRD_NUMBER, "420502")
    desk.calls.clear()
    assert ids(search(desk, employer=USCC.lower())) == [PERSON]
    assert desk.calls == ["Query", "TransactWriteItems"]
    assert set(ids(search(desk, PROVINCE, employer=USCC))) == {PERSON, far}


def test_a_full_name_finds_the_people_of_every_code_it_is_on_record_under(desk: Office) -> None:
    other = put_person(desk, 2, OTHER_NUMBER, uscc="91420106MA4KABCD9R")
    put_unit(desk, EMPLOYER, "91420106MA4KABCD9R")
    assert set(ids(search(desk, employer=EMPLOYER))) == {PERSON, other}
    first = search(desk, limit=1, employer=EMPLOYER)
    assert {*ids(first), *ids(search(desk, limit=1, start=first.next_start, employer=EMPLOYER))} == {PERSON, other}
    assert ids(search(desk, employer="湖北示例无此单位有限公司")) == []


def test_people_of_a_unit_elsewhere_leave_no_trace_on_a_page(desk: Office) -> None:
    """Neither an empty page with a cursor nor a shorter one: a page is full, or it is the last."""
    near = sorted([PERSON, *(put_person(desk, number, f"{number:08d}") for number in (30, 32, 34))])
    for number in (29, 31, 33, 35):
        put_person(desk, number, f"{number:08d}", "420502")
    first = search(desk, limit=3, employer=USCC)
    assert len(first.people) == 3 and first.next_start is not None
    second = search(desk, limit=3, start=first.next_start, employer=USCC)
    assert second.next_start is None
    assert ids(first) + ids(second) == near
    assert search(desk, limit=4, employer=USCC).next_start is None


# --- what is typed


def test_exactly_one_of_the_three_is_looked_for(desk: Office) -> None:
    for typed in ({}, {"id_number": ID_NUMBER, "name": NAME}, {"name": NAME, "employer": USCC}, {"name": "  "}):
        with pytest.raises(Invalid) as refused:
            read(desk, **typed, purpose="")
        assert problems(refused) == {"id_number": "one_of_three", "purpose": "missing"}


@pytest.mark.parametrize(
    ("by", "typed", "code"),
    [
        ("id_number", ID_NUMBER[:-1] + "0", "bad_check_digit"),
        ("id_number", "张三", "bad_id_number"),
        ("name", "a", "bad_length"),
        ("name", "zhang san", "bad_characters"),
        ("employer", USCC[:-1], "bad_length"),
        ("employer", USCC[:-1] + "A", "bad_check_digit"),
        ("employer", "某公司", "string_too_short"),
        ("employer", "某\x00公司财务部", "bad_characters"),
    ],
)
def test_what_cannot_be_one_is_said_at_once_with_a_missing_purpose(
    desk: Office, by: str, typed: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(desk, **{by: typed, "purpose": " "})
    assert problems(refused) == {by: code, "purpose": "missing"}
    assert desk.calls == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        ("\u200b\u2060", "missing"),
        ("查", "string_too_short"),
        ("查\u200b\u200b", "string_too_short"),
        ("查" * 201, "string_too_long"),
        ("核对\x07材料", "bad_characters"),
        (f"核对{ID_NUMBER}的材料", "personal_data_in_purpose"),
        ("核对 429004 19650531 7038", "personal_data_in_purpose"),
        ("核对429004\u200b196505317038", "personal_data_in_purpose"),
        (f"联系{PHONE}", "personal_data_in_purpose"),
        (f"联系+86{PHONE}", "personal_data_in_purpose"),
        (f"联系0086 {PHONE}", "personal_data_in_purpose"),
        (f"联系{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}", "personal_data_in_purpose"),
        ("核对429004-19650531-7038", "personal_data_in_purpose"),
        ("核对429004650531703", "personal_data_in_purpose"),
        ("核对429004\ufe0f19650531\u31647038", "personal_data_in_purpose"),
    ],
)
def test_a_purpose_says_why_and_not_about_whom(typed: str, code: str) -> None:
    assert [one.code for one in read_purpose(typed)[1]] == [code]


@pytest.mark.parametrize(
    "typed", ["核对2026-11-26的材料", "核对2026年的90.00学分", "文号鄂财会发〔2018〕10号", "电话027-88936000"]
)
def test_other_numbers_are_no_persons(typed: str) -> None:
    assert read_purpose(typed) == (typed, [])


@given(st.text(max_size=250))
def test_a_purpose_is_one_line_whatever_was_typed(typed: str) -> None:
    purpose, found = read_purpose(typed)
    assert "\n" not in purpose and purpose == purpose.strip()
    assert found or 2 <= len(purpose) <= 200


# --- what is left behind


def test_every_search_is_audited_without_what_was_typed(desk: Office) -> None:
    search(desk, id_number=ID_NUMBER)
    search(desk, name=NAME)
    search(desk, employer=EMPLOYER)
    assert searches(desk) == [
        {"by": "id_number", "purpose": PURPOSE, "found": 1},
        {"by": "name", "purpose": PURPOSE, "found": 1},
        {"by": "employer", "purpose": PURPOSE, "found": 1},
    ]


def test_somebody_found_by_number_reads_of_it_and_somebody_on_a_list_of_the_opening(desk: Office) -> None:
    search(desk, name=NAME)
    search(desk, employer=USCC)
    assert desk.looks() == []
    search(desk, id_number=ID_NUMBER)
    opened(desk, purpose="核实  单位证明")
    first, second = desk.looks()
    assert [(one["by"], one["by_scope"], one["purpose"]) for one in (first, second)] == [
        ("wang", "420106", PURPOSE),
        ("wang", "420106", "核实 单位证明"),
    ]


# --- the record


def test_a_record_opens_in_full_but_for_the_phone(desk: Office) -> None:
    record = opened(desk)
    assert desk.calls == ["Query", "Decrypt", "PutItem"]
    assert (record.id_number, record.record.name, record.record.phone_masked) == (ID_NUMBER, NAME, "199****7120")
    assert record.record.sections["employment"]["uscc"] == USCC
    assert record.record.open == {}


def test_a_record_shows_what_is_under_way(desk: Office) -> None:
    cpa = {"level": "cpa", "certificate_no": "420100010001", "obtained_on": "2001-12-30"}
    change = Change(desk, "qualification_added", {"qualification": cpa}, "qualification_certificate")
    assert opened(desk).record.open == {"qualification_added": change.filed.submission_id}


def test_a_record_elsewhere_is_not_there_and_nobody_looked(desk: Office) -> None:
    registered = put_person(desk, 2, OTHER_NUMBER, region_code=None)
    for by, person_id in ((ELSEWHERE, PERSON), (WANG, "nobody"), (PROVINCE, registered)):
        with pytest.raises(NotFound):
            opened(desk, by, person_id=person_id)
    assert desk.looks() == [] and "Decrypt" not in desk.calls


def test_no_record_opens_without_a_purpose(desk: Office) -> None:
    with pytest.raises(Invalid) as refused:
        opened(desk, purpose="")
    assert problems(refused) == {"purpose": "missing"}
    assert desk.calls == []


def test_a_record_whose_number_an_appeal_took_away_shows_none(desk: Office) -> None:
    desk.registry.update(
        keys.person_key(PERSON), "SET id_masked = :none REMOVE id_hash, id_cipher", values={":none": ""}
    )
    assert opened(desk).id_number == ""
