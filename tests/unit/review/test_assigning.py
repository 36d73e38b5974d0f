"""Assigning: the head of a bureau hands a task to an active reviewer of the same bureau, whom it does not concern."""

from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.outbox import SendMessage
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Invalid, NotFound, Problem
from review.assigning import ColleagueConcerned, NotHead, assign
from review.colleagues import Colleagues
from review.review_task import AlreadyDecided, HeldByAnother, OtherBureau, ReviewTask
from tests.unit.review.appellant import CLERK, Appellant
from tests.unit.review.conftest import LI, NAME, PHONE, WANG, Office, reviewer

HEAD = reviewer("head")


@pytest.fixture(autouse=True)
def staff(office: Office) -> None:
    """The bureau of 420106, and some who are not of it."""
    hired(office, "head", head=True)
    hired(office, "wang")
    hired(office, "li", id_hashes=[office.id_hash])
    hired(office, "phone", phone_hash=office.lookup.of("phone", PHONE))
    hired(office, "clerk")
    hired(office, "gone", suspended=True)
    hired(office, "above", scope="4201")
    hired(office, "boss", role="admin")


def hired(office: Office, name: str, *, head: bool = False, **known: Any) -> None:
    names: list[str] = [one for one in known if one in ("id_hashes", "phone_hash")]
    pointer = {one: known.pop(one) for one in names}
    account = {"account_id": name, "username": name, "role": "reviewer", "scope": "420106", "suspended": False, **known}
    place = keys.index(1, keys.accounts_list(Role.REVIEWER), f"{account['scope']}#{name}")
    office.identity.put({**keys.account_key(name), **account, **place, **keys.card(**account, name=NAME, head=head)})
    office.identity.put({**keys.username_key(name), "account_id": name, **pointer})


def handed(office: Office, to: str, by: Principal = HEAD, task_id: str | None = None) -> ReviewTask:
    staff = Colleagues(office.registry, office.identity)
    return assign(task_id or office.task_id(), to, by=by, store=office.tasks, colleagues=staff, clock=office.clock)


def test_a_colleague_holds_the_task_and_is_told(open_office: Office) -> None:
    assert handed(open_office, "wang").card.held_by == "wang"
    task = open_office.task_item()
    assert (task["held_by"], task["gsi3pk"]) == ("wang", keys.held("wang"))
    (message,) = [one for one in open_office.promised() if isinstance(one, SendMessage)]
    assert message.account_id == "wang"
    assert open_office.changes()[-1]["details"]["to"] == "wang"
    with pytest.raises(HeldByAnother):
        open_office.decide(LI)
    open_office.decide(WANG)


def test_whom_a_bureau_lists_may_be_handed_its_tasks_and_nobody_else(open_office: Office) -> None:
    staff = Colleagues(open_office.registry, open_office.identity)
    open_office.calls.clear()
    listed = staff.of_bureau("420106")
    assert open_office.calls == ["Query"]
    assert [one.account_id for one in listed] == ["clerk", "head", "li", "phone", "wang"]
    assert [one.account_id for one in listed if one.is_head] == ["head"]
    assert {one.name_masked for one in listed} == {"欧**国"}
    assert [one.account_id for one in staff.of_bureau("4201")] == ["above"]
    assert staff.of_bureau("42010") == []


def test_a_task_is_taken_out_of_anothers_hands(open_office: Office) -> None:
    open_office.claim(LI)
    handed(open_office, "wang")
    assert open_office.task_item()["held_by"] == "wang"


def test_handed_out_twice_it_is_told_once(open_office: Office) -> None:
    task_id = open_office.task_id()
    handed(open_office, "wang", task_id=task_id)
    open_office.calls.clear()
    handed(open_office, "wang", task_id=task_id)
    assert open_office.calls == ["BatchGetItem"]


@pytest.mark.parametrize("name", ["li", "phone"])
def test_nobody_is_handed_their_own_case(open_office: Office, name: str) -> None:
    for number in (keys.id_claim_key(open_office.id_hash), keys.phone_claim_key(open_office.lookup.of("phone", PHONE))):
        person = {":person": open_office.submission_item()["person_id"]}
        open_office.registry.update(number, "SET person_id = :person", values=person)
    with pytest.raises(ColleagueConcerned):
        handed(open_office, name)
    assert "held_by" not in open_office.task_item()


@pytest.mark.parametrize("name", ["gone", "above", "boss", "nobody"])
def test_only_an_active_reviewer_of_the_bureau_is_handed_a_task(open_office: Office, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        handed(open_office, name)
    assert [(one.field, one.code) for one in refused.value.errors] == [("account_id", "not_a_colleague")]


@pytest.mark.parametrize(
    ("by", "refusal"),
    [(WANG, NotHead), (reviewer("above", "4201"), OtherBureau), (reviewer("far", "420502"), NotFound)],
)
def test_handing_out_is_for_the_head_of_the_bureau(open_office: Office, by: Principal, refusal: type[Problem]) -> None:
    with pytest.raises(refusal):
        handed(open_office, "wang", by)


def test_what_is_decided_is_handed_to_nobody(open_office: Office) -> None:
    task_id = open_office.task_id()
    open_office.decide(WANG)
    with pytest.raises(AlreadyDecided):
        handed(open_office, "clerk", task_id=task_id)


def test_an_appeal_is_handed_to_another_than_who_filed_it_and_freezes_its_account(office: Office) -> None:
    appellant = Appellant(office)
    appellant.file()
    task_id = appellant.open()
    with pytest.raises(ColleagueConcerned):
        handed(office, CLERK.account_id, task_id=task_id)
    assert appellant.frozen_by() is None
    handed(office, "wang", task_id=task_id)
    assert appellant.frozen_by() == "420106"
