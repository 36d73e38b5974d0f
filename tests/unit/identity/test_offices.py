"""A bureau's office: by whom it is entered, what it may be, and where it is then read."""

from typing import Any

import pytest

from identity.office_form import OfficeForm
from identity.office_store import OfficeStore
from identity.offices import OtherOffice, enter_office
from identity.public_data import RegionsCache
from jingkuai.aws.ids import uuid7
from jingkuai.aws.offices import Office, OfficeBook
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Invalid, NotFound

from .conftest import House

OFFICE = {"name": "武昌区财政局会计科", "phone": "027-88936000", "address": "示例路1号"}


def staff(scope: str, role: Role = Role.REVIEWER) -> Principal:
    return Principal("staff", role, scope, None, "王*", "session")


def enter(house: House, by: Principal, code: str = "420106", **over: str) -> OfficeForm:
    store = OfficeStore(house.registry, uuid7)
    return enter_office(code, OfficeForm(**{**OFFICE, **over}), by=by, store=store, clock=house.clock)


def test_a_bureau_enters_its_own_office_and_an_admin_any(house: House) -> None:
    house.calls.clear()
    enter(house, staff("420106"))
    assert house.calls == ["TransactWriteItems"]
    enter(house, staff("4201"), "420100", name="武汉市财政局会计处")
    enter(house, staff("42", Role.ADMIN), "420102", name="江岸区财政局会计科")
    for by, code in (("4201", "420106"), ("420102", "420106"), ("420106", "420100"), ("42", "420106")):
        with pytest.raises(OtherOffice):
            enter(house, staff(by), code, name="别的名称")
    names = {one["sk"]: one["name"] for one in house.store.offices()}
    assert names == {"420106": OFFICE["name"], "420100": "武汉市财政局会计处", "420102": "江岸区财政局会计科"}


def test_a_later_entry_takes_the_place_and_each_is_audited(house: House) -> None:
    enter(house, staff("420106"))
    enter(house, staff("420106"), phone="027-88936001")
    audited = [one["details"]["phone"] for one in house.audit("420106")]  # of one millisecond: in no order
    assert sorted(audited) == ["027-88936000", "027-88936001"]
    assert [one["phone"] for one in house.store.offices()] == ["027-88936001"]


@pytest.mark.parametrize("code", ["999999", "429000", "420101", "42", "nobody"])
def test_a_code_without_a_bureau_has_no_office(house: House, code: str) -> None:
    with pytest.raises(NotFound):
        enter(house, staff("42", Role.ADMIN), code)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("027-88936000", "027-88936000"),
        ("０２７－８８９３６０００", "027-88936000"),
        ("0713-8612345-801", "0713-8612345-801"),
        (" 19901327120 ", "19901327120"),
        ("400-800-1234", "400-800-1234"),
    ],
)
def test_a_phone_may_be_a_landline_with_an_extension_or_a_mobile(house: House, typed: str, kept: str) -> None:
    assert enter(house, staff("420106"), phone=typed).phone == kept


@pytest.mark.parametrize("typed", ["027", "1990132712", "总机转会计科", "٠٢٧-٨٨٩٣٦٠٠٠", "027-88936000\x00"])
def test_all_that_is_wrong_is_said_at_once(house: House, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(house, staff("420106"), name=" ", phone=typed, address="路" * 121)
    told = {one.field: one.code for one in refused.value.errors}
    assert told == {"name": "missing", "phone": "bad_contact_phone", "address": "string_too_long"}


def test_what_was_entered_is_read_everywhere_within_a_minute(house: House) -> None:
    book, cache = OfficeBook(house.registry), RegionsCache()
    assert book.office("420106", house.clock) is None
    cache.get(house.store, house.clock)
    enter(house, staff("420106"))
    house.calls.clear()
    assert book.office("420106", house.clock) is None and house.calls == []
    house.clock.pass_by(seconds=60)
    assert book.office("420106", house.clock) == Office(**OFFICE)
    assert book.office("420102", house.clock) is book.office(None, house.clock) is None
    assert OFFICE["phone"] in cache.get(house.store, house.clock).body
    assert house.calls == ["Query", "Query"]


def test_an_office_is_public_and_names_nobody(house: House) -> None:
    enter(house, staff("420106"))
    (item,) = house.store.offices()
    shown: set[Any] = set(item) - {"pk", "sk", "v", "updated_at"}
    assert shown == {"name", "phone", "address"}
