"""Undo: an approval is taken back within five minutes, as long as the next bureau has not begun."""

from collections.abc import Callable

import pytest

from jingkuai.aws.outbox import ResumeTask
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound, Problem
from review.case import Outcome
from review.review_task import OtherBureau
from review.undoing import NextStageNotOpen, NextStageTaken, NothingToUndo, NotYourDecision, UndoTooLate, undo
from tests.unit.review.conftest import LI, WANG, Fixed, Office, reviewer

ABOVE = reviewer("zhao", "4201")


@pytest.fixture
def approved(office: Office) -> Office:
    """The county approved; the city's task is open."""
    office.routes = Fixed("county", "city")  # type: ignore[assignment]
    office.open()
    office.decide(WANG)
    assert office.route() == (Outcome.REVIEW, "city")
    office.open_task("token-2", stage="city")
    return office


def undone(office: Office, by: Principal = WANG, stage: str = "county") -> str:
    return undo(office.task_id(stage, round=1), by=by, store=office.tasks, clock=office.clock).task_id_again


def test_the_stage_before_opens_again_in_the_hands_of_who_took_it_back(approved: Office) -> None:
    again = undone(approved)
    assert approved.promised()[-1] == ResumeTask(approved.task_id("city", round=1), {"decision": "recalled"})
    assert approved.inbox("420100") == []
    assert approved.submission_item()["timeline"][-1]["event"] == "recalled"

    assert approved.route() == (Outcome.REVIEW, "county")
    approved.open_task("token-3")
    task = approved.task_item(round=2)
    assert (task["task_id"], task["held_by"]) == (again, "wang")
    approved.decide(WANG, "reject", "不符合")
    assert approved.submission_item()["status"] == "rejected"


def test_what_was_taken_back_goes_the_whole_way_again(approved: Office) -> None:
    undone(approved)
    approved.route()
    approved.open_task("token-3")
    approved.decide(WANG)
    assert approved.route() == (Outcome.REVIEW, "city")
    approved.open_task("token-4", stage="city")
    approved.decide(ABOVE, task_id=approved.task_id("city"))
    assert approved.route() == (Outcome.APPLY, "")


def test_pressed_twice_it_is_taken_back_once(approved: Office) -> None:
    first = undone(approved)
    before = approved.submission_item()
    assert undone(approved) == first
    assert approved.submission_item() == before
    actions = [one["action"] for one in approved.changes()]
    assert actions.count("submission.recalled") == 1


def test_an_opening_that_is_tried_again_after_the_undo_goes_back_to_the_stage_before(approved: Office) -> None:
    """The city's task stood when the step that opened it failed; its retry comes after the undo."""
    undone(approved)
    approved.open_task("token-late", stage="city")
    resumed = [one for one in approved.promised() if isinstance(one, ResumeTask)]
    assert resumed[-1] == ResumeTask(approved.task_id("city", round=1), {"decision": "recalled"})
    approved.route()
    approved.open_task("token-3")
    approved.decide(WANG)
    approved.open_task("token-4", stage="city")
    assert "decision" not in approved.task_item("city", round=2), "the city has not decided the second round"


def too_late(office: Office) -> None:
    office.clock.pass_by(minutes=5)


def claimed_above(office: Office) -> None:
    office.claim(ABOVE, office.task_id("city"))


def decided_above(office: Office) -> None:
    office.decide(ABOVE, "reject", "不符合", task_id=office.task_id("city"))


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [(too_late, UndoTooLate), (claimed_above, NextStageTaken), (decided_above, NextStageTaken)],
)
def test_it_comes_too_late(approved: Office, meanwhile: Callable[[Office], None], refusal: type[Problem]) -> None:
    meanwhile(approved)
    before = approved.submission_item()
    with pytest.raises(refusal):
        undone(approved)
    assert approved.submission_item() == before


def test_a_claim_above_that_has_run_out_is_none(approved: Office) -> None:
    claimed_above(approved)
    city = approved.task_item("city")
    key = {"pk": city["pk"], "sk": city["sk"]}
    approved.registry.update(key, "SET held_until = :past", values={":past": "2026-01-01T00:00:00Z"})
    undone(approved)


def test_before_the_next_task_is_open_there_is_a_moment_to_wait(office: Office) -> None:
    office.routes = Fixed("county", "city")  # type: ignore[assignment]
    office.open()
    office.decide(WANG)
    with pytest.raises(NextStageNotOpen):
        undone(office)


@pytest.mark.parametrize(
    ("by", "refusal"),
    [(LI, NotYourDecision), (ABOVE, OtherBureau), (reviewer("far", "420502"), NotFound)],
)
def test_it_is_for_who_decided(approved: Office, by: Principal, refusal: type[Problem]) -> None:
    with pytest.raises(refusal):
        undone(approved, by)


@pytest.mark.parametrize("choice", ["approve", "return", "reject"])
def test_what_takes_effect_at_once_is_not_taken_back(open_office: Office, choice: str) -> None:
    with pytest.raises(NothingToUndo):
        undone(open_office)
    open_office.decide(WANG, choice, "已核对")
    with pytest.raises(NothingToUndo):
        undone(open_office)
