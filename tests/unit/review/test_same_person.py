"""Two records that may be one person: shown beside a task, settled once, and read by whoever comes after."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import OwnNames, Principal
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from review.likeness import Mark
from review.likeness_store import MOST_ALIKE
from review.look_alikes import LookAlike
from review.people_store import PeopleStore
from review.people_views import SamePersonRequest
from review.same_person import LONGEST_REASON, MOST_VERDICTS, JudgedPair, OwnRecord, VerdictsExhausted, judge
from review.same_person_store import SamePersonStore
from review.task_page import open_page
from tests.people import id_number
from tests.unit.review.conftest import EMPLOYER, NAME, PERSON, WANG, Office, reviewer
from tests.unit.review.known import approve, put_person

CITY, ELSEWHERE = reviewer("zhou", "4201"), reviewer("far", "420502")
NUMBERS = [id_number(random.Random(f"same person {one}")) for one in range(9)]
WHY = "照片与笔迹一致"


def say(
    office: Office, same: bool, other: str, by: Principal = WANG, reason: str = WHY, of: str = PERSON
) -> JudgedPair:
    store = SamePersonStore(office.registry, uuid7)
    return judge(of, other, same=same, reason=reason, by=by, store=store, clock=office.clock)


def alike_on_page(office: Office) -> tuple[LookAlike, ...]:
    return open_page(
        office.task_id(),
        by=WANG,
        store=office.tasks,
        files=Files(clients.s3()),
        records=settings().records_bucket,
        sealer=office.sealer,
        clock=office.clock,
    ).likenesses


def verdicts(office: Office, of: str, other: str) -> list[Any]:
    item: Item = office.item(keys.same_person_key(of, other))
    return [(one["same"], one["by"]) for one in item["verdicts"]]


def resemble(office: Office, person_id: str, *marks: tuple[str, str]) -> None:
    """Somebody who has filed these before."""
    office.registry.batch_write([Mark(kind, office.lookup.of(kind, text)).item(person_id) for kind, text in marks])


SCAN, BORN = ("scan", "0" * 64), ("name_and_birth", f"{NAME}\x1f1965-05-31")
DEGREE = ("certificate", "education\x1fbachelor\x1f105201198805001234")


@pytest.fixture
def other(office: Office) -> str:
    """Somebody of another city, on record before the applicant filed."""
    return put_person(office, 2, NUMBERS[0], "420502")


# --- beside the task


def test_whoever_is_alike_stands_beside_the_task_masked_with_the_reasons(office: Office, other: str) -> None:
    stranger = put_person(office, 3, NUMBERS[1], region_code=None, name="张三")
    resemble(office, stranger, DEGREE)
    resemble(office, other, SCAN, BORN)
    office.open()
    office.calls.clear()
    first, second = alike_on_page(office)
    assert office.calls[1:] == ["GetItem", "BatchGetItem", "Query", "Decrypt", "PutItem"]  # no call more for them
    assert first == LookAlike(
        person_id=other,
        why=("scan", "name_and_birth"),
        name_masked="欧**国",
        id_number=f"{NUMBERS[0][:3]}***********{NUMBERS[0][-4:]}",
        status="active",
        region_code="420502",
        employer_name=EMPLOYER,
        birth_date="1965-05-31",
        verdict=None,
    )
    assert (second.person_id, second.why, second.region_code) == (stranger, ("certificate",), None)
    assert second.birth_date is None  # not the applicant's, so nothing to tell


def test_at_most_five_are_shown_those_who_share_most_first(office: Office) -> None:
    crowd = [put_person(office, number, NUMBERS[number]) for number in range(2, 2 + MOST_ALIKE + 1)]
    for one in crowd:
        resemble(office, one, SCAN)
    resemble(office, crowd[3], BORN)
    office.open()
    shown = alike_on_page(office)
    assert len(shown) == MOST_ALIKE
    assert (shown[0].person_id, shown[0].why) == (crowd[3], ("scan", "name_and_birth"))


def test_a_round_that_resembles_nobody_any_more_shows_nobody(office: Office, other: str) -> None:
    resemble(office, other, DEGREE)
    office.open()
    assert [one.person_id for one in alike_on_page(office)] == [other]
    office.decide(choice="return", reason="证书编号有误")
    degree = {**office.submission_item()["payload"]["education"][0], "certificate_no": "105201198805009999"}
    assert office.resubmit(education=[degree])
    office.open()
    assert alike_on_page(office) == ()


def test_what_was_said_shows_on_the_page(office: Office, other: str) -> None:
    resemble(office, other, SCAN)
    office.open()
    say(office, True, other)
    assert [one.verdict for one in alike_on_page(office)] == ["same"]
    say(office, False, other)
    assert [one.verdict for one in alike_on_page(office)] == ["not_same"]


# --- the verdict


def test_a_verdict_stands_under_both_audited_under_both(open_office: Office, other: str) -> None:
    approve(open_office)
    open_office.calls.clear()
    pair = say(open_office, True, other)
    assert open_office.calls == ["TransactWriteItems"]
    assert (pair.standing.same, pair.standing.reason, pair.standing.bureau) == (True, WHY, "420106")
    for of, about in ((PERSON, other), (other, PERSON)):
        assert verdicts(open_office, of, about) == [(True, "wang")]
        entry = list(open_office.registry.query_all(keys.audit_pk(of), prefix="A#"))[-1]
        assert (entry["action"], entry["details"]) == (
            "same_person.judged",
            {"other_person_id": about, "same": True},
        )


def test_the_same_again_changes_nothing_and_answers_what_stands(open_office: Office, other: str) -> None:
    approve(open_office)
    first = say(open_office, True, other)
    again = say(open_office, True, other, CITY, "另一个理由")
    assert again.standing == first.standing
    assert verdicts(open_office, PERSON, other) == [(True, "wang")]
    assert sum(one["action"] == "same_person.judged" for one in open_office.changes()) == 1


def test_another_verdict_takes_its_place_and_the_earlier_one_stays_readable(open_office: Office, other: str) -> None:
    approve(open_office)
    say(open_office, True, other)
    say(open_office, False, other, CITY, "公安机关证明不是同一人")
    for of, about in ((PERSON, other), (other, PERSON)):
        assert verdicts(open_office, of, about) == [(True, "wang"), (False, "zhou")]
    store = PeopleStore(open_office.registry, uuid7)
    (judged,) = store.record(PERSON, within=WANG).judged
    assert [one.same for one in judged.verdicts] == [True, False]
    assert (judged.other_person_id, judged.standing.reason) == (other, "公安机关证明不是同一人")


def test_after_twenty_verdicts_the_last_one_stands(open_office: Office, other: str) -> None:
    approve(open_office)
    for number in range(MOST_VERDICTS):
        say(open_office, number % 2 == 0, other)
    said = verdicts(open_office, PERSON, other)
    assert len(said) == MOST_VERDICTS == 20
    open_office.calls.clear()
    with pytest.raises(VerdictsExhausted) as refused:
        say(open_office, True, other)
    assert open_office.calls == ["TransactWriteItems", "GetItem"]
    assert refused.value.code == "verdicts_exhausted" and "最多认定 20 次" in refused.value.detail
    assert verdicts(open_office, PERSON, other) == verdicts(open_office, other, PERSON) == said
    assert say(open_office, False, other).standing.same is False  # what stands is answered as ever


def test_a_reason_is_as_long_on_the_route_as_in_the_rule() -> None:
    longest = {"other_person_id": "x", "same": True, "reason": "核" * LONGEST_REASON}
    assert SamePersonRequest.model_validate(longest).reason == longest["reason"]
    with pytest.raises(ValidationError):
        SamePersonRequest.model_validate({**longest, "reason": longest["reason"] + "核"})


def test_of_two_verdicts_that_cross_the_later_one_is_told(open_office: Office, other: str) -> None:
    """A colleague says the opposite between the refused write and the reading of what stands."""
    approve(open_office)
    say(open_office, True, other)

    class Crossed(SamePersonStore):
        def pair(self, person_id: str, other_id: str) -> JudgedPair | None:
            say(open_office, False, other, CITY)
            return super().pair(person_id, other_id)

    with pytest.raises(Conflict):
        judge(
            PERSON,
            other,
            same=True,
            reason=WHY,
            by=WANG,
            store=Crossed(open_office.registry, uuid7),
            clock=open_office.clock,
        )
    assert verdicts(open_office, PERSON, other) == [(True, "wang"), (False, "zhou")]


def test_before_the_first_approval_the_bureau_of_the_registration_judges(open_office: Office, other: str) -> None:
    for by in (reviewer("beside", "420102"), ELSEWHERE):
        with pytest.raises(NotFound):
            say(open_office, True, other, by)
    assert say(open_office, True, other).standing.same
    assert verdicts(open_office, other, PERSON) == [(True, "wang")]
    open_office.withdraw()
    with pytest.raises(NotFound):
        say(open_office, False, other)


def test_only_a_record_of_ones_region_is_judged_about(open_office: Office, other: str) -> None:
    approve(open_office)
    for by, of, about in (
        (ELSEWHERE, PERSON, other),
        (WANG, other, PERSON),
        (WANG, PERSON, "nobody"),
        (WANG, "x", other),
    ):
        with pytest.raises(NotFound):
            say(open_office, True, about, by, of=of)
    assert open_office.registry.get(keys.same_person_key(PERSON, other)) is None
    assert open_office.registry.get(keys.same_person_key("nobody", PERSON)) is None


def test_nobody_judges_about_themself_nor_without_a_reason(open_office: Office, other: str) -> None:
    approve(open_office)
    for own in (PERSON, other):
        with pytest.raises(OwnRecord):
            say(open_office, True, other, reviewer("self", person_id=own))
    for own in (PERSON, other):  # by registering half a minute ago, while the request still says nobody
        open_office.registry.put({**keys.id_claim_key("k1.own"), "v": 1, "person_id": own})
        with pytest.raises(OwnRecord):
            say(open_office, True, other, replace(reviewer("self"), own=OwnNames(("k1.own",))))
    assert open_office.registry.get(keys.same_person_key(PERSON, other)) is None
    with pytest.raises(Invalid) as refused:
        say(open_office, True, PERSON, reason=" ")
    assert {one.field: one.code for one in refused.value.errors} == {
        "other_person_id": "same_record",
        "reason": "missing",
    }
