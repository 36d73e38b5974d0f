"""Claiming and releasing: one holder at a time, for two hours."""

import pytest

from jingkuai.aws import keys
from jingkuai.domain.problem import NotFound
from review.inbox import InboxState
from review.review_task import AlreadyDecided, HeldByAnother, OtherBureau, OwnSubmission, TaskState
from tests.unit.review.conftest import LI, PERSON, WANG, Office, reviewer
from tests.unit.review.test_inbox import listed


def test_a_claimed_task_is_among_the_holders_own(open_office: Office) -> None:
    task = open_office.claim(WANG)
    assert task.card.state(open_office.clock()) is TaskState.CLAIMED
    assert [one.task_id for one in listed(open_office, InboxState.MINE)] == [task.task_id]
    assert listed(open_office, InboxState.MINE, by=LI) == []
    assert listed(open_office, InboxState.OPEN, by=LI)[0].holder(open_office.clock()) == "wang"


def test_of_two_claims_one_holds(open_office: Office) -> None:
    open_office.claim(WANG)
    with pytest.raises(HeldByAnother):
        open_office.claim(LI)
    assert open_office.task_item()["held_by"] == "wang"


def test_the_holder_may_claim_again_to_hold_longer(open_office: Office) -> None:
    first = open_office.claim(WANG).card.held_until
    open_office.clock.pass_by(hours=1)
    assert (open_office.claim(WANG).card.held_until or "") > (first or "")


def test_a_claim_ends_after_two_hours(open_office: Office) -> None:
    open_office.claim(WANG)
    open_office.clock.pass_by(hours=2)
    assert listed(open_office, InboxState.MINE) == []
    assert listed(open_office, InboxState.OPEN)[0].state(open_office.clock()) is TaskState.OPEN
    assert open_office.claim(LI).card.held_by == "li"


def test_a_released_task_is_free_for_everybody(open_office: Office) -> None:
    open_office.claim(WANG)
    released = open_office.release(WANG)
    assert released.card.state(open_office.clock()) is TaskState.OPEN
    assert "gsi3pk" not in open_office.task_item()
    assert open_office.claim(LI).card.held_by == "li"


def test_releasing_what_nobody_holds_changes_nothing(open_office: Office) -> None:
    assert open_office.release(WANG).card.held_by is None


def test_nobody_releases_what_another_holds(open_office: Office) -> None:
    open_office.claim(LI)
    with pytest.raises(HeldByAnother):
        open_office.release(WANG)
    assert open_office.task_item()["held_by"] == "li"


def test_a_decided_task_is_not_claimed(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    with pytest.raises(AlreadyDecided):
        open_office.claim(LI)
    with pytest.raises(AlreadyDecided):
        open_office.release(WANG)


def test_only_the_tasks_own_bureau_claims_it(open_office: Office) -> None:
    with pytest.raises(NotFound):
        open_office.claim(reviewer("far", "420502"))
    with pytest.raises(OtherBureau):
        open_office.claim(reviewer("above", "4201"))
    with pytest.raises(OwnSubmission):
        open_office.claim(reviewer("self", person_id=PERSON))
    assert "held_by" not in open_office.task_item()


def test_a_decision_frees_the_holder(open_office: Office) -> None:
    open_office.claim(WANG)
    open_office.decide(WANG, "approve")
    assert list(open_office.registry.query_all(keys.held("wang"), index="gsi3")) == []


def test_a_claim_costs_one_call(open_office: Office) -> None:
    task_id = open_office.task_id()
    open_office.calls.clear()
    open_office.claim(WANG, task_id)
    assert open_office.calls == ["UpdateItem"]
