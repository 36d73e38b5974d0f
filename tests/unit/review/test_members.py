"""A unit's own members, by page and as a workbook that a spreadsheet opens and runs nothing of."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from review.employers.member_sheet import HEADINGS, workbook
from review.employers.member_store import MemberStore
from review.employers.members import Member, all_members, own_members
from tests.unit.review.conftest import Office
from tests.unit.review.units import OTHER_NAME, OTHER_USCC, administrator, put_member


def rows(file: bytes) -> list[tuple[object, ...]]:
    (sheet,) = load_workbook(io.BytesIO(file)).worksheets
    return list(sheet.iter_rows(values_only=True))


def test_a_unit_sees_its_own_and_nobody_elses(office: Office) -> None:
    own = [put_member(office, number) for number in range(3)]
    put_member(office, 7, uscc=OTHER_USCC, name=OTHER_NAME)
    store = MemberStore(office.registry)
    first = own_members(by=administrator(), limit=2, start=None, store=store)
    rest = own_members(by=administrator(), limit=2, start=first.next_start, store=store)
    assert [one.person_id for one in (*first.members, *rest.members)] == own
    assert rest.next_start is None
    assert {(one.name_masked, one.id_masked) for one in first.members} == {("王*雅", "420***********0011")}


def test_the_workbook_holds_all_pages_up_to_its_limit(office: Office) -> None:
    for number in range(5):
        put_member(office, number)
    store = MemberStore(office.registry)
    every = all_members(by=administrator(), most=10, store=store)
    assert (len(every.members), every.next_start) == (5, None)
    some = all_members(by=administrator(), most=3, store=store)
    assert len(some.members) == 3 and some.next_start is not None
    exactly = all_members(by=administrator(), most=5, store=store)
    assert len(exactly.members) == 5


def test_every_cell_is_text_and_none_is_a_formula() -> None:
    member = Member("=p1", "+王*", "420***********0011", "420106", "=HYPERLINK(1)有限公司")
    heading, row, note = rows(workbook([member], note="@其余略"))
    assert heading == HEADINGS
    assert row == ("1", "'+王*", "420***********0011", "'=HYPERLINK(1)有限公司", "武昌区财政局", "420106", "'=p1")
    assert note[0] == "'@其余略"


def test_a_unit_without_members_gets_the_headings() -> None:
    assert rows(workbook([])) == [HEADINGS]
