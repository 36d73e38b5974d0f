"""Deciding many tasks at once: each for itself, with an answer of its own."""

from unittest.mock import patch

import pytest

from jingkuai.aws import keys
from jingkuai.aws.tables import Busy
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Invalid
from review.decisions import TRY_AGAIN, Decided, decide_all
from review.review_task import Choice, Decision
from tests.unit.review.conftest import LI, PERSON, WANG, Office, reviewer


def decided(
    office: Office, *task_ids: str, by: Principal = WANG, choice: str = "approve", reason: str = ""
) -> list[Decided]:
    decision = Decision(Choice(choice), reason, (), by.account_id)
    return decide_all(task_ids, decision, by=by, store=office.tasks, clock=office.clock)


def test_each_task_is_answered_and_one_named_twice_only_once(open_office: Office) -> None:
    task_id = open_office.task_id()
    open_office.calls.clear()
    assert decided(open_office, task_id, "nothing", task_id) == [Decided(task_id), Decided("nothing", "not_found")]
    assert open_office.calls == ["BatchGetItem", "TransactWriteItems"]
    assert open_office.task_item()["decision"] == "approve"


def test_a_batch_sent_again_answers_as_the_first_time_and_writes_nothing(open_office: Office) -> None:
    task_id = open_office.task_id()
    assert decided(open_office, task_id) == [Decided(task_id)]
    promised = open_office.promised()
    assert decided(open_office, task_id) == [Decided(task_id)]
    assert open_office.promised() == promised
    assert decided(open_office, task_id, choice="reject", reason="不符合") == [Decided(task_id, "already_decided")]
    assert decided(open_office, task_id, by=LI) == [Decided(task_id, "already_decided")]


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (reviewer("self", person_id=PERSON), "own_submission"),
        (reviewer("above", "4201"), "other_bureau"),
        (reviewer("far", "420502"), "not_found"),
    ],
)
def test_the_rules_are_those_of_a_single_decision(open_office: Office, by: Principal, code: str) -> None:
    task_id = open_office.task_id()
    assert decided(open_office, task_id, by=by) == [Decided(task_id, code)]
    assert "decision" not in open_office.task_item()


def test_what_a_colleague_holds_is_refused(open_office: Office) -> None:
    open_office.claim(LI)
    assert decided(open_office, open_office.task_id()) == [Decided(open_office.task_id(), "held_by_another")]


def test_an_applicants_wait_is_nobodys_task(open_office: Office) -> None:
    open_office.decide(WANG, "return", "请补正")
    open_office.await_resubmission()
    wait = open_office.task_id("applicant")
    assert decided(open_office, wait) == [Decided(wait, "not_found")]


@pytest.mark.parametrize("reason", ["", "\u200b\u2060", "补\x00正"])
def test_a_return_without_a_reason_to_read_is_no_batch(open_office: Office, reason: str) -> None:
    with pytest.raises(Invalid):
        decided(open_office, "any", choice="return", reason=reason)
    assert open_office.calls == []


def test_a_task_for_which_the_table_is_too_busy_does_not_hold_up_the_others(open_office: Office) -> None:
    task_id = open_office.task_id()
    task = open_office.task_item()
    card = {**task["card"], "task_id": "other"}
    open_office.registry.put({**task, **keys.task_key("other"), "task_id": "other", "card": card})
    saved = open_office.tasks.save_decision

    def busy_once(task: object, *rest: object, **more: object) -> None:
        if getattr(task, "task_id") == "other":  # noqa: B009 - what is handed on stays untyped here
            raise Busy("transact_write_items")
        saved(task, *rest, **more)  # type: ignore[arg-type]

    with patch.object(open_office.tasks, "save_decision", busy_once):
        assert decided(open_office, "other", task_id) == [Decided("other", TRY_AGAIN), Decided(task_id)]
