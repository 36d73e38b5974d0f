"""A unit is merged or renamed: who moves, what goes on meanwhile, and what happens twice, half-way or at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import SendMessage, SendSms, StartExecution
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Forbidden, Invalid, NotFound
from review.case import Outcome
from review.employers import succession_steps
from review.employers.employment import employed_of
from review.employers.succession import (
    NothingChanges,
    Succession,
    SuccessionDone,
    SuccessionUnderWay,
    Successor,
    SuccessorDiffers,
    SuccessorGone,
    succeed,
)
from review.employers.succession_member_store import MovingStore
from review.employers.succession_steps import Progress, move_members
from review.employers.succession_store import SuccessionStore
from tests.people import credit_code
from tests.unit.review.changing import Change
from tests.unit.review.conftest import EMPLOYER, PERSON, USCC, Office, payload
from tests.unit.review.known import approve
from tests.unit.review.units import ADMIN, OTHER_NAME, OTHER_USCC, person, put_account, put_member, wrong

MERGED = Successor(OTHER_USCC, OTHER_NAME)
THIRD_USCC = credit_code(random.Random(8))
RENAMED = Successor(USCC, "湖北示例楚天集团有限公司")


def asked(
    office: Office, successor: Successor = MERGED, *, preview: bool = False, by: Principal = ADMIN, uscc: str = USCC
) -> tuple[Succession, bool]:
    return succeed(
        uscc,
        successor,
        preview=preview,
        by=by,
        store=SuccessionStore(office.registry, office.lookup, uuid7),
        clock=office.clock,
        new_id=uuid7,
    )


def step(
    office: Office, uscc: str = USCC, *, time_left: Callable[[], bool] = lambda: True, store: MovingStore | None = None
) -> Progress:
    """One step of the execution that runs."""
    at = keys.succession_key(uscc)
    execution = f"{office.item(at)['succession_id']}.1"
    return move_members(
        {"pk": at["pk"], "sk": at["sk"]},
        execution,
        store=store or MovingStore(office.registry, uuid7),
        clock=office.clock,
        time_left=time_left,
    )


def all_steps(office: Office, uscc: str = USCC) -> int:
    """Steps until the machine ends."""
    for steps in range(1, 50):
        if step(office, uscc) is Progress.ENDED:
            return steps
    raise AssertionError("it never ends")


def members_of(office: Office, uscc: str) -> set[str]:
    return {one["gsi3sk"] for one in office.registry.query_all(keys.members(uscc), index="gsi3")}


@pytest.fixture
def unit(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A unit with an account and five members, one of whom (PERSON) came in through a review; two a page."""
    monkeypatch.setattr(succession_steps, "PAGE", 2)
    approve(open_office)
    put_account(open_office)
    for number in range(4):
        put_member(open_office, number)
    open_office.clock.pass_by(hours=1)
    return open_office


def test_everybody_moves_with_post_and_dates(unit: Office) -> None:
    everybody = members_of(unit, USCC)
    begun, new = asked(unit)
    assert (new, begun.status, begun.members, len(everybody)) == (True, "running", 5, 5)
    assert all_steps(unit) > 3
    assert members_of(unit, USCC) == set()
    assert members_of(unit, OTHER_USCC) == everybody
    before, after = payload()["employment"], unit.person_item()["sections"]["employment"]
    assert after == {**before, "uscc": OTHER_USCC, "employer_name": OTHER_NAME}
    version = unit.item(keys.version_key(PERSON, 2))
    assert (version["kind"], version["by_role"]) == ("employer_succession", "admin")
    assert unit.item(keys.id_claim_key(unit.id_hash))["uscc"] == OTHER_USCC
    done, _ = asked(unit)
    assert (done.status, done.members, done.moved) == ("done", 5, 5)
    assert wrong(unit) == []


def test_members_go_on_to_whom_the_successor_was_given_meanwhile(unit: Office) -> None:
    """A merger of the successor that overtakes theirs would leave them at a unit that is gone."""
    asked(unit)
    last = {"uscc": "91420106CCCCCCCCCC", "name": "湖北示例最终承继有限公司"}
    unit.registry.put({**keys.succession_key(OTHER_USCC), "v": 1, "successor": last})
    all_steps(unit)
    assert members_of(unit, USCC) == set() == members_of(unit, OTHER_USCC)
    assert len(members_of(unit, last["uscc"])) == 5
    assert unit.person_item()["sections"]["employment"]["employer_name"] == last["name"]


def test_members_are_told_in_their_inbox_and_by_no_sms(unit: Office) -> None:
    sms = sum(isinstance(one, SendSms) for one in unit.promised())
    asked(unit)
    all_steps(unit)
    told = [one for one in unit.promised() if isinstance(one, SendMessage) and OTHER_NAME in one.body]
    assert {one.account_id for one in told} == members_of(unit, OTHER_USCC) and len(told) == 5
    assert sum(isinstance(one, SendSms) for one in unit.promised()) == sms


def test_a_preview_counts_and_changes_nothing(unit: Office) -> None:
    before = unit.all_of("")
    seen, new = asked(unit, preview=True)
    assert (new, seen.status, seen.members, seen.moved) == (False, "preview", 5, 0)
    assert unit.all_of("") == before


def test_asked_again_it_says_how_far_it_is_and_begins_nothing(unit: Office) -> None:
    first, _ = asked(unit)
    step(unit)
    again, new = asked(unit)
    assert (new, again.succession_id, again.moved, again.members) == (False, first.succession_id, 2, 5)
    all_steps(unit)
    versions = len(unit.all_of("P#"))
    assert asked(unit)[1] is False
    assert step(unit) is Progress.ENDED
    assert len(unit.all_of("P#")) == versions
    assert sum(isinstance(one, StartExecution) and one.machine == "bulk" for one in unit.promised()) == 1


def test_a_step_tried_again_moves_nobody_twice(unit: Office) -> None:
    """The step before was lost after its work: its place was not kept."""
    asked(unit)
    step(unit)
    unit.registry.update(keys.succession_key(USCC), "REMOVE place")
    all_steps(unit)
    assert unit.item(keys.succession_key(USCC))["moved"] == 5
    assert all(person(unit, one)["version"] == 2 for one in members_of(unit, OTHER_USCC))
    assert wrong(unit) == []


def test_a_step_out_of_time_goes_on_where_it_stopped(unit: Office) -> None:
    asked(unit)
    looks = iter([True, False])
    assert step(unit, time_left=lambda: next(looks)) is Progress.MORE
    assert unit.item(keys.succession_key(USCC))["moved"] == 1
    all_steps(unit)
    assert unit.item(keys.succession_key(USCC))["moved"] == 5


def test_stopped_nobody_moves_and_asked_again_it_goes_on(unit: Office) -> None:
    asked(unit)
    step(unit)
    moving = MovingStore(unit.registry, uuid7)
    assert moving.stop(USCC, at=unit.clock()) is True
    assert moving.stop(USCC, at=unit.clock()) is False
    assert step(unit) is Progress.ENDED
    assert len(members_of(unit, USCC)) == 3
    old = unit.item(keys.succession_key(USCC))["succession_id"]
    again, new = asked(unit)
    assert (new, again.status, again.moved) == (True, "running", 2)
    assert again.succession_id != old
    all_steps(unit)
    assert asked(unit)[0].moved == 5
    assert wrong(unit) == []


def test_stopped_in_the_middle_of_a_page_the_rest_of_it_stays(unit: Office) -> None:
    asked(unit)

    class Stopping(MovingStore):
        def move(self, *args: Any, **more: Any) -> Any:
            moved = super().move(*args, **more)
            self.stop(USCC, at=unit.clock())
            return moved

    assert step(unit, store=Stopping(unit.registry, uuid7)) is Progress.ENDED
    assert len(members_of(unit, USCC)) == 4


def test_what_a_member_has_under_way_goes_on_undisturbed(unit: Office) -> None:
    cpa = {"level": "cpa", "certificate_no": "420100010001", "obtained_on": "2001-12-30"}
    added = Change(unit, "qualification_added", {"qualification": cpa}, "qualification_certificate")
    task = added.open()
    asked(unit)
    all_steps(unit)
    added.decide(task)
    assert added.apply() is Outcome.APPLIED
    after = unit.person_item()
    assert after["sections"]["employment"]["uscc"] == OTHER_USCC
    assert after["sections"]["qualifications"] == [cpa]
    assert wrong(unit) == []


def test_a_change_of_unit_on_its_way_ends_where_it_was_going(unit: Office) -> None:
    elsewhere = {**payload()["employment"], "uscc": OTHER_USCC, "employer_name": OTHER_NAME}
    change = Change(unit, "employment_change", {"employment": elsewhere}, "employment_proof", "transfer_proof")
    task = change.open()
    asked(unit, Successor(THIRD_USCC, "湖北示例承继实业有限公司"))
    all_steps(unit)
    change.decide(task)
    assert change.apply() is Outcome.CONFLICT  # the bureau sees what has become of the old unit, and decides again
    assert change.approve() is Outcome.APPLIED
    assert unit.person_item()["gsi3pk"] == keys.members(OTHER_USCC)
    assert wrong(unit) == []


class Racing(MovingStore):
    """Somebody's record changes between the reading of the page and the move."""

    def __init__(self, office: Office, change: Callable[[], None]) -> None:
        super().__init__(office.registry, uuid7)
        self.change: Callable[[], None] | None = change

    def page(self, *args: Any, **more: Any) -> Any:
        found = super().page(*args, **more)
        if self.change:
            self.change()
            self.change = None
        return found


def test_a_record_that_changed_meanwhile_is_read_again(unit: Office) -> None:
    first = min(members_of(unit, USCC))
    asked(unit)

    def change() -> None:
        unit.registry.update(keys.person_key(first), "SET version = :two", values={":two": 2})

    step(unit, store=Racing(unit, change))
    assert person(unit, first)["version"] == 3
    assert person(unit, first)["gsi3pk"] == keys.members(OTHER_USCC)


def test_whoever_left_meanwhile_is_left_alone(unit: Office) -> None:
    first = min(members_of(unit, USCC))
    asked(unit)

    def leave() -> None:
        unit.registry.update(
            keys.person_key(first),
            "SET version = :two, sections.employment = :seeking REMOVE gsi3pk, gsi3sk",
            values={":two": 2, ":seeking": {"status": "seeking"}},
        )

    step(unit, store=Racing(unit, leave))
    all_steps(unit)
    assert person(unit, first)["version"] == 2
    assert asked(unit)[0].moved == 4


def test_a_new_name_moves_nobody_and_renames_all(unit: Office) -> None:
    begun, new = asked(unit, RENAMED)
    assert (new, begun.members) == (True, 5)
    all_steps(unit)
    assert len(members_of(unit, USCC)) == 5
    assert unit.person_item()["card"]["employer_name"] == RENAMED.name
    account = unit.item(keys.employer_key(USCC))
    assert (account["name"], account["card"]["name"], "successor" in account) == (RENAMED.name, RENAMED.name, False)
    again, new = asked(unit, RENAMED)
    assert (new, again.status, again.moved) == (False, "done", 5)
    assert wrong(unit) == []


def test_the_name_is_on_record_for_searches_and_checks(unit: Office) -> None:
    asked(unit, RENAMED)
    known = unit.likenesses.units(USCC, unit.lookup.of("employer_name", RENAMED.name))
    assert {one["name"] for one in known} == {EMPLOYER, RENAMED.name}


def test_the_successor_is_in_the_list_of_units_where_the_old_one_was(unit: Office) -> None:
    asked(unit)
    new = unit.item(keys.employer_key(OTHER_USCC))
    assert (new["name"], new["region_code"], new["gsi1sk"]) == (OTHER_NAME, "420106", f"420106#{OTHER_USCC}")
    assert unit.item(keys.employer_key(USCC))["successor"] == {"uscc": OTHER_USCC, "name": OTHER_NAME}


def test_a_unit_without_an_account_moves_all_the_same_and_stays_without(unit: Office) -> None:
    unit.registry.delete(keys.employer_key(USCC))
    asked(unit)
    all_steps(unit)
    assert len(members_of(unit, OTHER_USCC)) == 5
    assert unit.registry.get(keys.employer_key(OTHER_USCC)) is None


def test_whoever_files_under_the_old_code_is_told_the_new_one(unit: Office) -> None:
    asked(unit)
    all_steps(unit)
    back = Change(
        unit, "employment_change", {"employment": payload()["employment"]}, "employment_proof", "transfer_proof"
    )
    assert back.check() is Outcome.RETURNED
    returned = back.item()["returned"]
    assert OTHER_USCC in returned["reason"] and OTHER_NAME in returned["reason"]
    assert "employment.uscc" in returned["fields"]


def test_members_who_came_in_later_move_when_it_is_asked_for_again(unit: Office) -> None:
    first, _ = asked(unit)
    all_steps(unit)
    late = put_member(unit, 9)
    again, new = asked(unit)
    assert new and again.succession_id != first.succession_id and again.members == 1
    all_steps(unit)
    assert person(unit, late)["gsi3pk"] == keys.members(OTHER_USCC)
    assert wrong(unit) == []


def test_only_the_province_says_so(unit: Office) -> None:
    with pytest.raises(Forbidden):
        asked(unit, by=Principal("city", Role.ADMIN, "4201", None, "市*", "session"))


def test_what_is_no_unit_is_not_found(unit: Office) -> None:
    with pytest.raises(NotFound):
        asked(unit, uscc=THIRD_USCC)


def test_every_problem_is_named_at_once(unit: Office) -> None:
    with pytest.raises(Invalid) as refused:
        asked(unit, Successor("123", "某"), uscc="x")
    assert {one.field for one in refused.value.errors} == {"id", "uscc", "name"}


def test_the_same_code_and_name_is_no_change(unit: Office) -> None:
    with pytest.raises(NothingChanges):
        asked(unit, Successor(USCC, EMPLOYER))


def test_a_successor_of_another_name_is_refused(unit: Office) -> None:
    put_account(unit, OTHER_USCC, "另一家登记在册的公司")
    with pytest.raises(SuccessorDiffers) as refused:
        asked(unit)
    assert refused.value.extra == {"name": "另一家登记在册的公司"}
    assert unit.registry.get(keys.succession_key(USCC)) is None


def test_a_unit_that_has_gone_is_given_to_nobody_else(unit: Office) -> None:
    asked(unit)
    all_steps(unit)
    with pytest.raises(SuccessionDone) as refused:
        asked(unit, Successor(THIRD_USCC, "湖北示例承继实业有限公司"))
    assert refused.value.extra == {"successor": {"uscc": OTHER_USCC, "name": OTHER_NAME}}


def test_members_go_to_one_place_at_a_time(unit: Office) -> None:
    asked(unit)
    with pytest.raises(SuccessionUnderWay):
        asked(unit, Successor(THIRD_USCC, "湖北示例承继实业有限公司"))


def test_nobody_is_moved_to_a_unit_that_is_gone_or_back(unit: Office) -> None:
    asked(unit)
    all_steps(unit)
    with pytest.raises(SuccessorGone):
        asked(unit, Successor(USCC, EMPLOYER), uscc=OTHER_USCC)
    with pytest.raises(SuccessionDone):
        asked(unit, RENAMED)


def test_of_two_who_begin_at_once_one_begins(unit: Office) -> None:
    class Late(SuccessionStore):
        def begin(self, *args: Any, **more: Any) -> bool:
            asked(unit)
            return super().begin(*args, **more)

    told, new = succeed(
        USCC,
        MERGED,
        preview=False,
        by=ADMIN,
        store=Late(unit.registry, unit.lookup, uuid7),
        clock=unit.clock,
        new_id=uuid7,
    )
    assert new is False and told.status == "running"
    assert sum(isinstance(one, StartExecution) and one.machine == "bulk" for one in unit.promised()) == 1


def test_a_move_that_never_finds_a_quiet_moment_is_left_to_the_next_pass(unit: Office) -> None:
    first = min(members_of(unit, USCC))
    asked(unit)

    class Busy(MovingStore):
        def move(self, member: Any, *args: Any, **more: Any) -> Any:
            if member.person_id == first:
                unit.registry.update(keys.person_key(first), "SET version = version + :one", values={":one": 1})
            return super().move(member, *args, **more)

    assert step(unit, store=Busy(unit.registry, uuid7)) is Progress.MORE
    assert person(unit, first)["gsi3pk"] == keys.members(USCC)
    all_steps(unit)
    assert person(unit, first)["gsi3pk"] == keys.members(OTHER_USCC)


def test_a_step_of_another_succession_does_nothing(unit: Office) -> None:
    asked(unit)
    at = keys.succession_key(USCC)
    store = MovingStore(unit.registry, uuid7)
    ended = move_members(
        {"pk": at["pk"], "sk": at["sk"]}, "another.1", store=store, clock=unit.clock, time_left=lambda: True
    )
    assert ended is Progress.ENDED and len(members_of(unit, USCC)) == 5


def test_a_closed_record_is_nobodys_member(unit: Office) -> None:
    item = {**unit.person_item(), "status": "deactivated"}
    found = employed_of(item)
    assert found and found.uscc is None
    assert employed_of({**item, "id_hash": None}) is None
