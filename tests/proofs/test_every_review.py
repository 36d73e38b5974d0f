"""Every way through review.asl.json is gone on a deployed stack: the definition says which there are, the histories which were taken.

Nothing stands in for a step: what is to fail meets an item that lacks something (put back afterwards), a token returned
with a word from nowhere, a lost execution, or for a moment the code of a version that was rolled back. Each case that
needed attention is then taken up by the operator's command and comes to its ordinary end. The stack is its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from jingkuai.aws import keys
from jingkuai.domain.submission import APPLICANT, task_id_of
from tests import people
from tests.cloud import ROOT
from tests.e2e.test_life_of_a_record import CITY, COUNTY, file
from tests.e2e.test_review import decided, events, resubmitted, task_in
from tests.e2e.test_second_looks import deploy
from tests.workflows.accidents import (
    PATIENCE,
    another_version,
    is_parked,
    lacking,
    parked,
    retries_come_at_once,
)
from tests.workflows.operated import Operated, person_of, submission_at
from tests.workflows.ways import ways_of, ways_taken
from tools.local.applicant import Applicant, approve
from tools.local.place import Place, free_port
from tools.local.stack import Stack
from tools.local.waiting import eventually

DEFINITION: Final = json.loads((ROOT / "infra" / "workflows" / "review.asl.json").read_text())
IDENTITY: Final = ("police_certificate", "id_front", "id_back")
PROVINCE: Final = "reviewer_420000"
SHIPPED: Final = json.loads((ROOT / "infra" / "policies" / "review_routes.json").read_text())
THREE_STAGES: Final = {
    **SHIPPED,
    "version": "branches-1",
    "regions": [
        {
            "region": "4201",
            "kind": "identity_change",
            "stages": [
                {"stage": "county", "owner": "managing_bureau", "workdays": 5},
                {"stage": "city", "owner": "bureau_above", "workdays": 5},
                {"stage": "province", "owner": "province", "workdays": 5},
            ],
        }
    ],
}
Story: TypeAlias = Iterator[None]  # each `yield` is the operator's redrive


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Operated]:
    stack = Stack(Place(free_port(), tmp_path))
    try:
        yield Operated(stack.up())
    finally:
        stack.reset()


def test_every_way_through_the_definition_is_gone(house: Operated) -> None:
    retries_come_at_once(house)
    for bureau in (COUNTY, "reviewer_420102", CITY, PROVINCE):  # a code of the second factor opens one session only
        house.staff(bureau)
    tell_together(house, *TOLD_TOGETHER)
    for story in TOLD_ALONE:
        tell_together(house, story)
    taken: set[tuple[str, str, str]] = set()
    for history in house.histories():
        taken |= ways_taken(history, DEFINITION)
    assert ways_of(DEFINITION) - taken == set(), "never gone"
    assert taken - ways_of(DEFINITION) == set(), "not in the definition"
    assert parked(house) == [], "everything that needed attention has come to an ordinary end"


def tell_together(house: Operated, *stories: Callable[[Operated], Story]) -> None:
    """Tell these side by side up to where each needs the operator; then one redrive serves them all."""
    waiting = [story(house) for story in stories]
    with ThreadPoolExecutor(3) as hands:
        while waiting:
            waiting = [story for story, goes_on in zip(waiting, hands.map(_goes_on, waiting), strict=True) if goes_on]
            if waiting:
                house.redrive()


def _goes_on(story: Story) -> bool:
    return next(story, "the end") is None


# --- as people press


def approved_though_pressed_twice(house: Operated) -> Story:
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    for _ in range(2):
        decided(house.staff(COUNTY), task, "approve")
    comes_to(somebody, submission, "approved")
    yield from ()


def returned_twice_and_rejected(house: Operated) -> Story:
    somebody, submission = filed(house)
    for _ in range(2):
        decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "return")
        resubmitted(somebody, submission)
    decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "reject")
    comes_to(somebody, submission, "rejected")
    yield from ()


def withdrawn_in_the_middle_of_a_stage(house: Operated) -> Story:
    somebody, submission = filed(house)
    house.staff(COUNTY).post(f"/review/tasks/{task_in(house.staff(COUNTY), submission)}/claim")
    somebody.me.post(f"/me/submissions/{submission}/withdraw")
    ends(house, submission, "SUCCEEDED")
    yield from ()


def forwarded_to_another_bureau(house: Operated) -> Story:
    somebody, submission = filed(house)
    decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "forward", to_region="420102")
    approve(house.staff("reviewer_420102"), submission)
    comes_to(somebody, submission, "approved")
    yield from ()


def an_approval_taken_back(house: Operated) -> Story:
    somebody, submission = renamed(house)
    subject = submission_at(somebody, submission)
    task = task_in(house.staff(COUNTY), submission)
    decided(house.staff(COUNTY), task, "approve")
    task_in(house.staff(CITY), submission)
    again = house.staff(COUNTY).post(f"/review/tasks/{task}/undo")["reopened_as"]
    task_in(house.staff(COUNTY), submission, "mine")
    decided(house.staff(COUNTY), again, "approve")
    approve(house.staff(CITY), submission)
    applied(house, subject)
    yield from ()


def three_stages_under_a_rule_of_the_citys_own(house: Operated) -> Story:
    """The change of a name in Wuhan goes up to the province while this rule holds; the case keeps it when it is gone."""
    with ruled(house, THREE_STAGES):
        somebody, submission = eventually(lambda: three_staged(house), what="a case under it", within_s=PATIENCE)
    subject = submission_at(somebody, submission)
    assert [one["stage"] for one in house.item(subject)["stages"]] == ["county", "city", "province"]
    for bureau in (COUNTY, CITY, PROVINCE):
        assert house.item(subject)["status"] == "under_review", "nothing takes effect before the last one"
        task = task_in(house.staff(bureau), submission)
        decided(house.staff(bureau), task, "approve")
    applied(house, subject)
    told = [one["event"] for one in house.item(subject)["timeline"]]
    assert (told.count("stage_opened"), told.count("approved")) == (3, 3)
    yield from ()


def three_staged(house: Operated) -> tuple[Applicant, str] | None:
    """Somebody's change of name; None, and it is taken back, where the functions still routed it by the rules before."""
    somebody, submission = renamed(house)
    task_in(house.staff(COUNTY), submission)
    if len(house.item(submission_at(somebody, submission))["stages"]) == 3:
        return somebody, submission
    somebody.me.post(f"/me/submissions/{submission}/withdraw")
    return None


@contextmanager
def ruled(house: Operated, rules: dict[str, Any]) -> Iterator[None]:
    """Another version of the review's rules in force, as an administrator deploys one; afterwards the shipped one again."""
    deploy(house, rules)
    try:
        yield
    finally:
        deploy(house, SHIPPED)


def a_number_that_went_to_another_before_the_change_took_effect(house: Operated) -> Story:
    somebody = house.accountant()
    number = people.born_with(somebody.person)
    change = {"id_number": number, "reason": "公安机关更正"}
    submission = file(somebody, "identity_change", change, *IDENTITY)
    approve(house.staff(COUNTY), submission)
    first = task_in(house.staff(CITY), submission)
    house.applicant({**people.person(), "id_number": number})  # registers with the number meanwhile
    approve(house.staff(CITY), submission)
    second = eventually(
        lambda: _another_task(house, submission, first), what="the city's second task", within_s=PATIENCE
    )
    page = house.staff(CITY).get(f"/review/tasks/{second}")
    assert "id_number_free" in [one["code"] for one in page["findings"] if one["result"] == "doubtful"]
    told = somebody.me.get(f"/me/submissions/{submission}")["timeline"]
    assert ["生效前" in one["note"] for one in told if one["event"] == "reopened"] == [True]
    decided(house.staff(CITY), second, "reject")
    comes_to(somebody, submission, "rejected")
    assert "applied" not in events(somebody, submission)
    yield from ()


def _another_task(house: Operated, submission: str, first: str) -> str | None:
    found = task_in(house.staff(CITY), submission)
    return None if found == first else found


# --- executions that were lost


def lost_while_a_task_was_open(house: Operated) -> Story:
    somebody, submission = filed(house)
    task_in(house.staff(COUNTY), submission)
    house.stop(submission)
    yield
    ends(house, submission, "RUNNING", attempt=2)
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")
    assert events(somebody, submission).count("stage_opened") == 1


def lost_while_it_was_with_the_applicant(house: Operated) -> Story:
    somebody, submission = filed(house)
    decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "return")
    waits_for_the_applicant(house, somebody, submission)
    house.stop(submission)
    yield
    resubmitted(somebody, submission)
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")


def lost_and_withdrawn_before_anybody_noticed(house: Operated) -> Story:
    somebody, submission = filed(house)
    task_in(house.staff(COUNTY), submission)
    house.stop(submission)
    somebody.me.post(f"/me/submissions/{submission}/withdraw")
    yield
    ends(house, submission, "SUCCEEDED", attempt=2)
    assert events(somebody, submission)[-1] == "withdrawn"


# --- steps that fail until the case is parked


def a_check_that_fails(house: Operated) -> Story:
    somebody, submission = filed(house)
    task_in(house.staff(COUNTY), submission)
    house.stop(submission)
    with lacking(house, submission_at(somebody, submission), "attachment_ids"):
        yield
        is_parked(house, submission, "Check", attempt=2)
    yield
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")


def a_route_that_cannot_be_found(house: Operated) -> Story:
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    with lacking(house, submission_at(somebody, submission), "attachment_ids"):
        decided(house.staff(COUNTY), task, "approve")
        is_parked(house, submission, "Route")
    yield
    comes_to(somebody, submission, "approved")
    assert events(somebody, submission).count("applied") == 1


def a_task_that_cannot_be_opened(house: Operated) -> Story:
    somebody, submission = renamed(house)
    subject = submission_at(somebody, submission)
    task = task_in(house.staff(COUNTY), submission)
    with lacking(house, person_of(somebody), "phone_hash"):
        decided(house.staff(COUNTY), task, "approve")
        is_parked(house, submission, "OpenTask")
    yield
    approve(house.staff(CITY), submission)
    applied(house, subject)


def a_wait_for_the_applicant_that_times_out(house: Operated) -> Story:
    """After 350 days; the service tells it in this way. Nothing is tried again at once."""
    somebody, submission = filed(house)
    decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "return")
    token = waits_for_the_applicant(house, somebody, submission)
    house.states.send_task_failure(taskToken=token, error="States.Timeout")
    is_parked(house, submission, "AwaitResubmission")
    yield
    assert waits_for_the_applicant(house, somebody, submission, but_not=token)
    resubmitted(somebody, submission)
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")


def a_change_that_cannot_take_effect(house: Operated) -> Story:
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    with lacking(house, person_of(somebody), "phone_hash"):
        decided(house.staff(COUNTY), task, "approve")
        is_parked(house, submission, "Apply")
    yield
    comes_to(somebody, submission, "approved")
    assert events(somebody, submission).count("applied") == 1


def a_number_that_an_appeal_took_away(house: Operated) -> Story:
    """As `review.appeal_ruling_store` leaves the person: nothing is applied any more, and the case ends."""
    somebody, submission = renamed(house)
    with lacking(house, person_of(somebody), "id_hash"):
        approve(house.staff(COUNTY), submission)
        approve(house.staff(CITY), submission)
        comes_to(somebody, submission, "rejected")
        ends(house, submission, "SUCCEEDED")
    yield from ()


def an_execution_that_nobody_should_have_started(house: Operated) -> Story:
    """Not even an item can be left for it: the case it names is none."""
    house.states.start_execution(
        stateMachineArn=house.review_machine, name="by-hand", input=json.dumps({"subject": {"pk": "nothing"}})
    )
    eventually(
        lambda: house.executions("by-hand", "FAILED") or None, what="the end of what was no case", within_s=PATIENCE
    )
    yield from ()


# --- words that nobody expected


def a_decision_that_does_not_exist(house: Operated) -> Story:
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    house.say(token_of(house, task), "postponed")
    is_parked(house, submission, "FollowDecision")
    yield
    eventually(
        lambda: house.executions(submission, "RUNNING") and "token" in house.item(keys.task_key(task)),
        what="the second attempt",
        within_s=PATIENCE,
    )
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")


def a_word_older_than_a_return(house: Operated) -> Story:
    """The route is decided by where the case stands, not by the word that came."""
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    with unreachable(house, task) as token:
        decided(house.staff(COUNTY), task, "return")
        told(house, task, "return")
        house.say(token, "forwarded")
        waits_for_the_applicant(house, somebody, submission)
    resubmitted(somebody, submission)
    approve(house.staff(COUNTY), submission)
    comes_to(somebody, submission, "approved")
    yield from ()


def a_word_older_than_a_withdrawal(house: Operated) -> Story:
    somebody, submission = filed(house)
    task = task_in(house.staff(COUNTY), submission)
    with unreachable(house, task) as token:
        somebody.me.post(f"/me/submissions/{submission}/withdraw")
        told(house, task, "withdrawn")
        house.say(token, "recalled")
        ends(house, submission, "SUCCEEDED")
    yield from ()


def words_of_a_version_that_was_rolled_back(house: Operated) -> Story:
    """Its executions go on under this definition, which does not know them."""
    people = [filed(house) for _ in range(3)]
    checked, routed, approved = (submission for _, submission in people)
    tasks = {one: task_in(house.staff(COUNTY), one) for _, one in people}
    house.stop(checked)
    with another_version(house) as answers:
        answers("outcome_in_check")
        yield
        is_parked(house, checked, "FollowCheck", attempt=2)
        answers("outcome_in_route")
        decided(house.staff(COUNTY), tasks[routed], "approve")
        is_parked(house, routed, "FollowRoute")
        answers("outcome_in_apply")
        decided(house.staff(COUNTY), tasks[approved], "approve")
        is_parked(house, approved, "FollowApply")
    yield
    approve(house.staff(COUNTY), checked)
    for somebody, submission in people:
        comes_to(somebody, submission, "approved")
        assert events(somebody, submission).count("applied") == 1


# --- time


def left_until_it_expired(house: Operated) -> Story:
    somebody, submission = filed(house)
    decided(house.staff(COUNTY), task_in(house.staff(COUNTY), submission), "return")
    waits_for_the_applicant(house, somebody, submission)
    house.morning(due(somebody, submission) + timedelta(days=1))
    comes_to(somebody, submission, "expired")
    ends(house, submission, "SUCCEEDED")
    yield from ()


def left_until_it_went_up(house: Operated) -> Story:
    somebody, submission = filed(house)
    task_in(house.staff(COUNTY), submission)
    house.morning(due(somebody, submission) + timedelta(days=60))
    approve(house.staff(CITY), submission)
    comes_to(somebody, submission, "approved")
    assert events(somebody, submission)[-4:] == ["overdue", "escalated", "approved", "applied"]
    yield from ()


TOLD_TOGETHER: Final = (
    approved_though_pressed_twice,
    returned_twice_and_rejected,
    withdrawn_in_the_middle_of_a_stage,
    forwarded_to_another_bureau,
    an_approval_taken_back,
    a_number_that_went_to_another_before_the_change_took_effect,
    lost_while_a_task_was_open,
    lost_while_it_was_with_the_applicant,
    lost_and_withdrawn_before_anybody_noticed,
    a_check_that_fails,
    a_route_that_cannot_be_found,
    a_task_that_cannot_be_opened,
    a_wait_for_the_applicant_that_times_out,
    a_change_that_cannot_take_effect,
    a_number_that_an_appeal_took_away,
    an_execution_that_nobody_should_have_started,
    a_decision_that_does_not_exist,
    a_word_older_than_a_return,
    a_word_older_than_a_withdrawal,
)

TOLD_ALONE: Final = (  # rules, code and time are everybody's
    three_stages_under_a_rule_of_the_citys_own,
    words_of_a_version_that_was_rolled_back,
    left_until_it_expired,
    left_until_it_went_up,
)


# --- what happens in the stories


def filed(house: Operated) -> tuple[Applicant, str]:
    somebody = house.applicant()
    return somebody, somebody.submit()


def renamed(house: Operated) -> tuple[Applicant, str]:
    """Somebody's change of name, which a county and a city review."""
    somebody = house.accountant()
    return somebody, file(somebody, "identity_change", {"name": "欧阳致远", "reason": "依法更名"}, *IDENTITY)


def comes_to(somebody: Applicant, submission: str, status: str) -> None:
    eventually(
        lambda: somebody.me.get(f"/me/submissions/{submission}")["status"] == status,
        what=f"the submission {status}",
        within_s=PATIENCE,
        every_s=0.2,
    )


def applied(house: Operated, subject: Mapping[str, object]) -> None:
    """A new name ends the session of the old one, so the item is asked."""
    eventually(lambda: house.item(subject)["status"] == "approved", what="the new name", within_s=PATIENCE)
    assert [one["event"] for one in house.item(subject)["timeline"]].count("applied") == 1


def ends(house: Operated, submission: str, state: str, *, attempt: int | None = None) -> None:
    name = submission if attempt is None else f"{submission}.{attempt}"
    eventually(lambda: house.executions(name, state) or None, what=f"{name} {state}", within_s=PATIENCE, every_s=0.2)


def due(somebody: Applicant, submission: str) -> date:
    return date.fromisoformat(somebody.me.get(f"/me/submissions/{submission}")["due_on"])


def told(house: Operated, task: str, decision: str) -> None:
    """The outbox has tried to tell the workflow, and has nothing left to do."""
    assert house.item(keys.task_key(task))["decision"] == decision
    eventually(lambda: not list(promised(house, task)), what="the outbox at rest", within_s=PATIENCE)


def promised(house: Operated, task: str) -> Iterator[str]:
    """The entries of the outbox that are still to tell the workflow of this task."""
    for lane in range(keys.OUTBOX_LANES):
        for one in house.registry.query_all(keys.outbox_lane(lane), index="gsi1"):
            if house.item({"pk": one["pk"], "sk": one["sk"]})["detail"].get("task_id") == task:
                yield str(one["pk"])


def token_of(house: Operated, task: str) -> str:
    return str(house.item(keys.task_key(task))["token"])


def waits_for_the_applicant(house: Operated, somebody: Applicant, submission: str, *, but_not: str = "") -> str:
    """The token of the wait, once the workflow has opened it."""
    subject = submission_at(somebody, submission)

    def found() -> str | None:
        task = house.registry.get(keys.task_key(task_id_of(subject, APPLICANT, house.item(subject)["round"]))) or {}
        return None if task.get("token") in (None, but_not) else str(task["token"])

    return eventually(found, what="the wait for the applicant", within_s=PATIENCE)


@contextmanager
def unreachable(house: Operated, task: str) -> Iterator[str]:
    """A task whose token the outbox returns in vain; the true one."""
    token = house.set(keys.task_key(task), "token", "of-nobody")
    yield str(token)
