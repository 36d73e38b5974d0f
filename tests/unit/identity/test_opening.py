"""Opening accounts: who may, what is kept of whom, every problem at once, once however often it is asked for."""

from typing import Any

import pytest

from identity import organisations
from identity.account_list import list_accounts
from identity.account_schemas import EmployerView, InstitutionView, StaffView
from identity.accounts import UsernameTaken
from identity.opening import Opened
from identity.organisations import (
    EmployerDiffers,
    EmployerForm,
    InstitutionForm,
    UnitSucceeded,
    open_employer,
    open_institution,
)
from identity.staff import open_staff
from jingkuai.aws.idempotency import IdempotencyKeyReused, RequestKey
from jingkuai.aws.keys import employer_key, institution_key, succession_key, username_key
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Forbidden, Invalid

from .conftest import ID_NUMBER, PHONE, STAFF_PASSWORD, House


def acting(role: Role, scope: str) -> Principal:
    return Principal(f"acting-{scope}", role, scope, None, "王*", "session")


ADMIN, WUHAN, HANYANG = acting(Role.ADMIN, "42"), acting(Role.REVIEWER, "4201"), acting(Role.REVIEWER, "420105")
USCC, OTHER_USCC = "91420106MA4JURQ28M", "91420502MACDKQQ0N9"
TRAINING = InstitutionForm("hb-training", "湖北示例培训中心", USCC, "027-87654321", (2026, 2025, 2026))
CHUTIAN = EmployerForm(USCC, "湖北示例楚天商贸有限公司", "420106", "chutian.hr", "李人事", "19901332460")


def employer(**over: str) -> EmployerForm:
    given = {name: getattr(CHUTIAN, name) for name in EmployerForm.__slots__}
    return EmployerForm(**{**given, **over})


def rows(house: House, kind: Role, by: Principal = ADMIN) -> list[dict[str, Any]]:
    page = list_accounts(kind, by=by, limit=100, start=None, accounts=house.store.accounts)
    return [item["card"] for item in page.items]


def test_staff_get_a_link_a_password_and_a_second_factor(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    house.clock.pass_by(seconds=1)
    house.accept(opened.token)
    house.clock.pass_by(seconds=1)
    house.enrol("hanyang.wang")
    house.clock.pass_by(seconds=30)
    tokens = house.sign_in("hanyang.wang", STAFF_PASSWORD, house.totp())
    assert (tokens.account.role, tokens.account.scope) == (Role.REVIEWER, "420105")
    actions = [entry["action"] for entry in house.audit(opened.account_id)]
    assert actions == ["account_opened", "password_set", "second_factor_enrolled", "signed_in"]


def test_opening_costs_one_call(house: House) -> None:
    house.calls.clear()
    open_staff(house.staff_form(), house.desk(ADMIN))
    assert house.calls == ["TransactWriteItems"]


def test_of_staff_neither_phone_nor_number_nor_link_is_kept(house: House) -> None:
    opened = open_staff(house.staff_form(phone=PHONE, id_number=ID_NUMBER), house.desk(ADMIN))
    stored = repr(house.items(house.identity)) + repr(house.items(house.registry))
    for told in (PHONE, ID_NUMBER, opened.token):
        assert told not in stored
    pointer = house.identity.get(username_key("hanyang.wang")) or {}
    assert pointer["id_hashes"] == [house.lookup.of("id18", ID_NUMBER)]
    assert pointer["phone_hash"] == house.lookup.of("phone", PHONE)


def test_every_problem_of_staff_is_told_at_once(house: House) -> None:
    form = house.staff_form(username="王", name="x", phone="027-1", role="accountant", scope="43", id_number="1")
    with pytest.raises(Invalid) as refused:
        open_staff(form, house.desk(ADMIN))
    told = {error.field for error in refused.value.errors}
    assert told == {"username", "name", "phone", "role", "scope", "id_number"}


@pytest.mark.parametrize(
    ("typed", "scope"), [("42", "42"), ("420100", "4201"), (" 420106 ", "420106"), ("429004", "429004")]
)
def test_a_scope_is_the_leading_digits_of_a_region(house: House, typed: str, scope: str) -> None:
    opened = open_staff(house.staff_form(scope=typed), house.desk(ADMIN))
    listed = house.store.accounts.listed(opened.account_id)
    assert listed is not None and listed.account.scope == scope


@pytest.mark.parametrize(
    ("role", "scope"), [("reviewer", "4290"), ("reviewer", "420199"), ("reviewer", "4"), ("admin", "4201")]
)
def test_a_scope_without_a_bureau_is_none(house: House, role: str, scope: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_staff(house.staff_form(role=role, scope=scope), house.desk(ADMIN))
    assert [error.field for error in refused.value.errors] == ["scope"]


@pytest.mark.parametrize(
    ("by", "role", "scope", "may"),
    [
        (ADMIN, "admin", "42", True),
        (ADMIN, "auditor", "4205", True),
        (WUHAN, "reviewer", "420105", True),
        (WUHAN, "reviewer", "4201", True),
        (WUHAN, "reviewer", "420502", False),
        (WUHAN, "reviewer", "42", False),
        (WUHAN, "auditor", "420105", False),
        (WUHAN, "admin", "42", False),
        (HANYANG, "reviewer", "420105", False),
        (acting(Role.REVIEWER, "42"), "reviewer", "420105", False),
        (acting(Role.AUDITOR, "4201"), "reviewer", "420105", False),
        (acting(Role.INSTITUTION, "4201"), "reviewer", "420105", False),
    ],
)
def test_a_city_opens_reviewers_of_its_own_region_and_the_province_anybody(
    house: House, by: Principal, role: str, scope: str, may: bool
) -> None:
    form = house.staff_form(role=role, scope=scope)
    if may:
        open_staff(form, house.desk(by))
        return
    with pytest.raises(Forbidden):
        open_staff(form, house.desk(by))
    assert not house.items(house.identity)


def test_a_county_is_refused_before_it_is_told_what_is_wrong(house: House) -> None:
    with pytest.raises(Forbidden):
        open_staff(house.staff_form(username=""), house.desk(HANYANG))


def test_a_username_stands_for_one_account(house: House) -> None:
    open_staff(house.staff_form(), house.desk(ADMIN))
    with pytest.raises(UsernameTaken):
        open_staff(house.staff_form(name="另一人"), house.desk(ADMIN))
    assert len(rows(house, Role.REVIEWER)) == 1


def test_the_same_request_under_its_key_gets_the_same_answer(house: House) -> None:
    def ask(body: str) -> Opened:
        return open_staff(house.staff_form(), house.desk(ADMIN, RequestKey(ADMIN.account_id, "key", body)))

    first = ask("body")
    assert ask("body") == first
    house.accept(first.token)
    assert len(house.items(house.identity, "A#")) == 1
    with pytest.raises(IdempotencyKeyReused):
        ask("another")


def test_lists_show_what_was_posted_and_who_is_suspended_but_no_phone(house: House) -> None:
    open_staff(house.staff_form(head=True, id_number=ID_NUMBER), house.desk(ADMIN))
    open_institution(TRAINING, house.desk(ADMIN))
    open_employer(CHUTIAN, house.desk(ADMIN))
    (staff,) = (StaffView.of(card).model_dump(mode="json") for card in rows(house, Role.REVIEWER))
    (training,) = (InstitutionView.of(card).model_dump() for card in rows(house, Role.INSTITUTION))
    (unit,) = (EmployerView.of(card).model_dump() for card in rows(house, Role.EMPLOYER))
    for one in (staff, training, unit):
        assert one.pop("account_id")
        assert one.pop("suspended") is False
    assert staff == {"username": "hanyang.wang", "name": "王小明", "role": "reviewer", "scope": "420105", "head": True}
    assert training == {
        "username": "hb-training",
        "institution_id": "hb-training",
        "name": "湖北示例培训中心",
        "uscc": USCC,
        "years_open": [2026, 2025],
        "region_code": "420000",
    }
    assert unit == {
        "username": "chutian.hr",
        "uscc": USCC,
        "name": "湖北示例楚天商贸有限公司",
        "region_code": "420106",
        "administrator": {"username": "chutian.hr", "name": "李人事"},
    }


def test_a_city_lists_its_own_region(house: House) -> None:
    for username, scope in (("wuhan", "4201"), ("hanyang", "420105"), ("yichang", "4205"), ("hubei", "42")):
        open_staff(house.staff_form(username=username, scope=scope), house.desk(ADMIN))
    assert [card["username"] for card in rows(house, Role.REVIEWER, by=WUHAN)] == ["wuhan", "hanyang"]
    open_institution(TRAINING, house.desk(WUHAN))
    assert rows(house, Role.INSTITUTION, by=acting(Role.REVIEWER, "4205")) == []
    assert len(rows(house, Role.INSTITUTION, by=WUHAN)) == 1
    with pytest.raises(Forbidden):
        rows(house, Role.REVIEWER, by=HANYANG)


def test_an_institution_begins_with_its_account(house: House) -> None:
    opened = open_institution(TRAINING, house.desk(ADMIN))
    stored = house.registry.get(institution_key("hb-training")) or {}
    assert (stored["years_open"], stored["contact_phone"], stored["queue"]) == ([2026, 2025], "027-87654321", [])
    assert stored["card"]["name"] == "湖北示例培训中心"
    house.accept(opened.token, "Training-2026")
    assert house.sign_in("hb-training", "Training-2026").account.scope == "hb-training"
    with pytest.raises(UsernameTaken):
        open_institution(TRAINING, house.desk(ADMIN))


@pytest.mark.parametrize("institution_id", ["a", "T1", "a_b", "x" * 33, "19901327120", "机构"])
def test_an_institution_id_has_its_own_form(house: House, institution_id: str) -> None:
    form = InstitutionForm(institution_id, "", "1", "x", (1999,), "420199")
    with pytest.raises(Invalid) as refused:
        open_institution(form, house.desk(ADMIN))
    told = {error.field for error in refused.value.errors}
    assert told == {"institution_id", "name", "uscc", "contact_phone", "years_open", "region_code"}


@pytest.mark.parametrize("institution_id", ["12", "-x", "0123456789", "a" * 32])
def test_an_institution_id_may_be_anything_of_that_form(house: House, institution_id: str) -> None:
    form = InstitutionForm(institution_id, "湖北示例培训中心", USCC, "199 0132 7120", ())
    assert open_institution(form, house.desk(ADMIN)).username == institution_id


def test_an_employer_has_several_administrators(house: House) -> None:
    first = open_employer(CHUTIAN, house.desk(ADMIN))
    second = open_employer(employer(username="chutian.cfo", administrator_name="张财务"), house.desk(WUHAN))
    assert first.account_id != second.account_id
    assert [card["username"] for card in rows(house, Role.EMPLOYER)] == ["chutian.cfo", "chutian.hr"]
    assert (house.registry.get(employer_key(USCC)) or {})["name"] == "湖北示例楚天商贸有限公司"
    house.accept(second.token, "Chutian-2026")
    assert house.sign_in("chutian.cfo", "Chutian-2026").account.scope == USCC


@pytest.mark.parametrize("over", [{"name": "湖北示例另一有限公司"}, {"region_code": "420502"}])
def test_a_unit_that_stands_otherwise_gets_no_account(house: House, over: dict[str, str]) -> None:
    open_employer(CHUTIAN, house.desk(ADMIN))
    with pytest.raises(EmployerDiffers):
        open_employer(employer(username="another", **over), house.desk(ADMIN))
    assert len(rows(house, Role.EMPLOYER)) == 1


def succeeded(house: House, uscc: str, name: str) -> None:
    house.registry.put({**succession_key(USCC), "v": 1, "successor": {"uscc": uscc, "name": name}})


def test_a_unit_that_was_merged_gets_no_account_and_its_successor_is_named(house: House) -> None:
    open_employer(CHUTIAN, house.desk(ADMIN))
    succeeded(house, OTHER_USCC, "湖北示例宜昌有限公司")
    with pytest.raises(UnitSucceeded) as refused:
        open_employer(employer(username="another"), house.desk(ADMIN))
    assert "湖北示例宜昌有限公司" in refused.value.detail and OTHER_USCC in refused.value.detail
    assert len(rows(house, Role.EMPLOYER)) == 1


def test_a_merger_at_the_same_moment_is_not_overtaken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read = organisations.read_employer

    def merged_meanwhile(*given: Any) -> Any:
        succeeded(house, OTHER_USCC, "湖北示例宜昌有限公司")
        return read(*given)

    monkeypatch.setattr(organisations, "read_employer", merged_meanwhile)
    with pytest.raises(UnitSucceeded):
        open_employer(CHUTIAN, house.desk(ADMIN))
    assert house.registry.get(employer_key(USCC)) is None


def test_a_unit_that_was_renamed_is_still_itself(house: House) -> None:
    succeeded(house, USCC, CHUTIAN.name)
    house.calls.clear()
    open_employer(CHUTIAN, house.desk(ADMIN))
    assert house.calls == ["TransactWriteItems"]


def test_a_taken_username_begins_no_employer(house: House) -> None:
    open_staff(house.staff_form(username="chutian.hr"), house.desk(ADMIN))
    with pytest.raises(UsernameTaken):
        open_employer(CHUTIAN, house.desk(ADMIN))
    assert house.registry.get(employer_key(USCC)) is None


def test_every_problem_of_an_employer_is_told_at_once(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        open_employer(EmployerForm("1", " ", "999999", "", "", ""), house.desk(ADMIN))
    told = {error.field for error in refused.value.errors}
    administrator = {f"administrator.{name}" for name in ("username", "name", "phone")}
    assert told == {"uscc", "name", "region_code"} | administrator


def test_a_city_opens_no_employer_elsewhere(house: House) -> None:
    with pytest.raises(Forbidden):
        open_employer(employer(region_code="420502"), house.desk(WUHAN))
