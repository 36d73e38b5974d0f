"""Every transfer there is on a deployed stack: each case with each of its ends, each step failing once, and every way through
`transfer.asl.json` gone, as the definition says which there are and the histories which were taken.

Three people go through all of it one after another, as a record stays where it was in every end but one. After each case the
whole table is looked through for two facts that do not agree. The stack is its own, because days pass in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from tests.cloud import ROOT
from tests.workflows.accidents import (
    PATIENCE,
    another_version,
    is_parked,
    lacking,
    retries_come_at_once,
    unable_to_sign,
)
from tests.workflows.transferring import (
    CHANGSHA,
    JIANGAN,
    LISTED,
    WUCHANG,
    XILING,
    Transferring,
    Traveller,
    at_once,
)
from tests.workflows.ways import Way, ways_of, ways_taken
from tools.local.place import Place, free_port
from tools.local.samples import NEW_UNIT
from tools.local.stack import Stack
from tools.local.waiting import eventually

DEFINITION: Final = json.loads((ROOT / "infra" / "workflows" / "transfer.asl.json").read_text())
Pause: TypeAlias = date | None  # the morning that is to come, or the operator's redrive
Story: TypeAlias = Iterator[Pause]
BUREAUS: Final = (WUCHANG, JIANGAN, XILING, "420100", "420500")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Transferring]:
    stack = Stack(Place(free_port(), tmp_path))
    try:
        yield Transferring(stack.up())
    finally:
        stack.reset()


def test_every_case_comes_to_every_end_and_every_way_is_gone(house: Transferring) -> None:
    retries_come_at_once(house)
    for name in ("employer", *(f"reviewer_{one}" for one in BUREAUS)):
        house.staff(name)
    with ThreadPoolExecutor(3) as hands:
        ann, ben, cai = hands.map(lambda _: Traveller.of(house), range(3))
    tell_together(house, inside_the_city(ann), between_cities(ben), out_of_the_province_and_back(cai))
    tell_together(house, lost_and_words_from_nowhere(ann), each_step_fails(ben), moves_and_the_letter_fail(cai))
    tell_together(house, words_of_a_version_that_was_rolled_back(house, ann, ben, cai))
    tell_together(house, an_answer_against_the_morning(ann))
    taken: set[Way] = set()
    for history in house.histories():
        taken |= ways_taken(history, DEFINITION)
    assert ways_of(DEFINITION) - taken == set(), "never gone"
    assert taken - ways_of(DEFINITION) == set(), "not in the definition"


def tell_together(house: Transferring, *stories: Story) -> None:
    """Tell these side by side up to where each needs a morning or the operator; then one serves them all. Afterwards nothing
    is left over.
    """
    waiting = list(stories)
    with ThreadPoolExecutor(len(stories)) as hands:
        while waiting:
            pauses = list(hands.map(_goes_on, waiting))
            waiting = [story for story, pause in zip(waiting, pauses, strict=True) if pause is not THE_END]
            if mornings := [one for one in pauses if isinstance(one, date)]:
                house.rests()
                house.morning(max(mornings))
            if None in pauses:
                house.redrive()
    house.rests()


THE_END: Final = "the end"


def _goes_on(story: Story) -> Pause | str:
    return next(story, THE_END)


# --- every case to every end


def inside_the_city(ann: Traveller) -> Story:
    home = ann.place()
    ann.files(JIANGAN)
    ann.asked()
    ann.cancels()
    ann.ends("cancelled", at=home)

    ann.files(JIANGAN)
    ann.unit_says("confirm")
    ann.asked()
    ann.cancels()
    ann.ends("cancelled", at=home)

    ann.files(JIANGAN)
    ann.unit_says("refuse", "工作交接尚未办结")
    ann.decides(JIANGAN, "reject", "接收单位信息不符")
    ann.ends("refused", at=home)
    assert ann.states() == ["objected", "refused"]

    ann.files(JIANGAN)
    ann.asked()
    yield ann.morning_after()
    ann.decides(JIANGAN, "return", "请补充用工证明")
    assert ann.states() == ["unanswered", "waiting_papers"]
    ann.asked()
    ann.cancels()
    ann.ends("cancelled", at=home)

    ann.files(JIANGAN)
    ann.unit_says("confirm")
    ann.decides(JIANGAN, "return", "请补充用工证明")
    ann.asked()
    yield ann.morning_after()
    ann.ends("expired", at=home)

    ann.files(JIANGAN)
    ann.unit_says("confirm")
    ann.decides(JIANGAN, "return", "请补充用工证明")
    ann.asked()
    ann.sends_papers()
    ann.decides(JIANGAN)
    ann.ends("completed", at=(JIANGAN, "active", NEW_UNIT))


def between_cities(ben: Traveller) -> Story:
    home = ben.place()
    ben.files(XILING)
    ben.asked()
    ben.cancels()
    ben.ends("cancelled", at=home)

    ben.files(XILING)
    ben.unit_says("confirm")
    ben.asked()
    ben.cancels()
    ben.ends("cancelled", at=home)

    ben.files(XILING)
    ben.unit_says("refuse", "工作交接尚未办结")
    ben.decides(WUCHANG)
    ben.asked()
    ben.cancels()
    ben.ends("cancelled", at=home)
    assert ben.states() == ["objected", "approved", "dropped"]

    ben.files(XILING)
    ben.unit_says("confirm")
    ben.decides(WUCHANG, "reject", LISTED)
    ben.ends("refused", at=home)

    ben.files(XILING)
    ben.asked()
    yield ben.morning_after()
    ben.decides(WUCHANG)
    ben.decides(XILING, "reject", "接收单位信息不符")
    ben.ends("refused", at=home)
    assert ben.states() == ["unanswered", "approved", "refused"]

    ben.files(XILING)
    ben.unit_says("confirm")
    ben.decides(WUCHANG, "return", "请补充离职证明")
    ben.asked()
    yield ben.morning_after()
    ben.ends("expired", at=home)

    ben.files(XILING)
    ben.unit_says("confirm")
    ben.decides(WUCHANG)
    ben.decides(XILING, "return", "请补充用工证明")
    ben.asked()
    yield ben.morning_after()
    ben.ends("expired", at=home)

    ben.files(XILING)
    ben.unit_says("confirm")
    ben.decides(WUCHANG, "return", "请补充离职证明")
    ben.asked()
    ben.sends_papers()
    released = ben.decides(WUCHANG)
    ben.asked()
    ben.house.staff(f"reviewer_{WUCHANG}").post(f"/review/tasks/{released}/undo")
    ben.decides(WUCHANG)
    ben.decides(XILING, "return", "请补充用工证明")
    ben.asked()
    ben.sends_papers()
    ben.decides(XILING)
    ben.ends("completed", at=(XILING, "active", NEW_UNIT))

    ben.files(WUCHANG, **ben.back_to_the_unit())
    ben.decides(XILING)
    ben.decides(WUCHANG)
    ben.ends("completed", at=(WUCHANG, "active", ben.operated.unit))


def out_of_the_province_and_back(cai: Traveller) -> Story:
    home = cai.place()
    cai.files(CHANGSHA)
    cai.asked()
    cai.cancels()
    cai.ends("cancelled", at=home)

    cai.files(CHANGSHA)
    cai.unit_says("confirm")
    cai.asked()
    cai.cancels()
    cai.ends("cancelled", at=home)

    cai.files(CHANGSHA)
    cai.unit_says("refuse", "工作交接尚未办结")
    cai.decides(WUCHANG, "reject", LISTED)
    cai.ends("refused", at=home)

    cai.files(CHANGSHA)
    cai.asked()
    yield cai.morning_after()
    cai.decides(WUCHANG, "return", "请补充离职证明")
    cai.asked()
    cai.cancels()
    cai.ends("cancelled", at=home)

    cai.files(CHANGSHA)
    cai.unit_says("confirm")
    cai.decides(WUCHANG, "return", "请补充离职证明")
    cai.asked()
    yield cai.morning_after()
    cai.ends("expired", at=home)

    cai.files(CHANGSHA)
    cai.unit_says("confirm")
    cai.decides(WUCHANG)
    away = (WUCHANG, "transferred_out", NEW_UNIT)
    cai.ends("completed", at=away)
    letter = cai.transfer()["letter"]
    assert letter["download_url"]
    verified = cai.house.public.get(f"/verify/{letter['number']}")
    assert (verified["valid"], verified["to_region"]) == (True, CHANGSHA)

    cai.files(XILING)
    cai.asked()
    cai.cancels()
    cai.ends("cancelled", at=away)

    cai.files(XILING)
    cai.decides(XILING, "reject", "接收单位信息不符")
    cai.ends("refused", at=away)

    cai.files(XILING)
    cai.decides(XILING, "return", "请补充用工证明")
    cai.asked()
    yield cai.morning_after()
    cai.ends("expired", at=away)

    brought = {"earlier_credits": [{"year": 2025, "total": 92.5, "professional": 60}]}
    cai.files(XILING, letter={"number": "湘调1", "from_region": CHANGSHA, "issued_on": "2026-11-01"}, **brought)
    cai.decides(XILING, "return", "请补充用工证明")
    cai.asked()
    cai.sends_papers()
    cai.decides(XILING)
    cai.ends("completed", at=(XILING, "active", NEW_UNIT))
    assert cai.house.public.get(f"/verify/{letter['number']}")["state"] == "used"
    assert cai.somebody.me.get("/me/credits?year=2025")["earned"]["total"] == 92.5


# --- steps that fail until the case is parked, and executions that are gone


def each_step_fails(ben: Traveller) -> Story:
    """One transfer in which every step fails once, and the wait for papers twice; the operator's redrive goes on each time."""
    stack = ben.operated
    ben.files(XILING)
    token = ben.token()
    stack.stop(ben.transfer_id)
    with lacking(stack, ben.person_at, "phone_hash"):
        yield None
        is_parked(stack, ben.transfer_id, "AskEmployer", attempt=2)
    yield None
    ben.token(but_not=token)
    with lacking(stack, ben.subject, "attachment_ids"):
        ben.unit_says("confirm")
        is_parked(stack, ben.transfer_id, "Route", attempt=3)
    with lacking(stack, ben.person_at, "phone_hash"):
        yield None
        is_parked(stack, ben.transfer_id, "AwaitRelease", attempt=4)
    yield None
    ben.asked()
    with lacking(stack, ben.person_at, "phone_hash"):
        ben.decides(WUCHANG)
        is_parked(stack, ben.transfer_id, "AwaitAcceptance", attempt=5)
    yield None
    ben.asked()
    with lacking(stack, ben.person_at, "phone_hash"):
        ben.decides(XILING, "return", "请补充用工证明")
        is_parked(stack, ben.transfer_id, "AwaitPapers", attempt=6)
    yield None
    token = ben.token()
    stack.states.send_task_failure(taskToken=token, error="States.Timeout")  # as the service does after 350 days
    is_parked(stack, ben.transfer_id, "AwaitPapers", attempt=7)
    yield None
    ben.token(but_not=token)
    ben.sends_papers()
    ben.asked()
    with lacking(stack, ben.person_at, "phone_hash"):
        ben.decides(XILING)
        is_parked(stack, ben.transfer_id, "Apply", attempt=8)
    yield None
    ben.ends("completed", at=(XILING, "active", NEW_UNIT))
    events = [one["event"] for one in ben.transfer()["timeline"]]
    assert (events.count("stage_opened"), events.count("applied")) == (4, 1), "nobody was asked twice"


def moves_and_the_letter_fail(cai: Traveller) -> Story:
    stack = cai.operated
    cai.files(CHANGSHA)
    cai.asked()
    with lacking(stack, cai.person_at, "phone_hash"):
        cai.decides(XILING)
        is_parked(stack, cai.transfer_id, "Apply", attempt=1)
    with unable_to_sign(stack):
        yield None
        is_parked(stack, cai.transfer_id, "WriteLetter", attempt=2)
        assert cai.transfer()["letter"].get("download_url") is None
    yield None
    eventually(lambda: cai.transfer()["letter"]["download_url"], what="the letter's page", within_s=PATIENCE)
    cai.ends("completed", at=(XILING, "transferred_out", NEW_UNIT))

    cai.files(JIANGAN)
    token = cai.token()
    stack.stop(cai.transfer_id)
    with lacking(stack, cai.person_at, "phone_hash"):
        yield None
        is_parked(stack, cai.transfer_id, "AwaitAcceptance", attempt=2)
    yield None
    cai.token(but_not=token)
    with lacking(stack, cai.person_at, "phone_hash"):
        cai.decides(JIANGAN)
        is_parked(stack, cai.transfer_id, "Apply", attempt=3)
    yield None
    cai.ends("completed", at=(JIANGAN, "active", NEW_UNIT))


def lost_and_words_from_nowhere(ann: Traveller) -> Story:
    stack, home = ann.operated, ann.place()
    ann.files(WUCHANG)
    ann.asked()
    stack.stop(ann.transfer_id)
    ann.cancels()
    yield None
    ann.ends("cancelled", at=home)

    stack.states.start_execution(
        stateMachineArn=stack.machine, name="by-hand", input=json.dumps({"subject": {"pk": "nothing"}})
    )
    eventually(
        lambda: stack.executions("by-hand", "FAILED") or None, what="the end of what was no case", within_s=PATIENCE
    )

    ann.files(WUCHANG)
    ann.decides(WUCHANG, "return", "请补充用工证明")
    token = ann.token()
    stack.stop(ann.transfer_id)
    yield None
    ann.token(but_not=token)
    with lacking(stack, ann.person_at, "id_hash"):  # as an appeal leaves a person whose number was another's
        ann.sends_papers()
        ann.decides(WUCHANG)
        ann.is_over()
    ann.ends("refused", at=home)

    ann.files(WUCHANG, **ann.back_to_the_unit())
    token = ann.token()
    stack.say(token, "postponed")
    is_parked(stack, ann.transfer_id, "FollowDecision", attempt=1)
    yield None
    ann.token(but_not=token)
    with lacking(stack, ann.person_at, "phone_hash"):
        ann.decides(WUCHANG)
        is_parked(stack, ann.transfer_id, "Apply", attempt=2)
    yield None
    ann.ends("completed", at=(WUCHANG, "active", stack.unit))


def words_of_a_version_that_was_rolled_back(
    house: Transferring, ann: Traveller, ben: Traveller, cai: Traveller
) -> Story:
    """Its executions go on under this definition, which does not know its words."""
    places = ann.place(), ben.place()
    cai.files(XILING)
    cai.decides(JIANGAN)
    cai.asked()
    with another_version(house) as answers:
        answers("outcome_in_route")
        ann.files(JIANGAN)
        is_parked(house, ann.transfer_id, "FollowRoute", attempt=1)
        answers("stage_in_route")
        ben.files(JIANGAN)
        is_parked(house, ben.transfer_id, "ChooseStep", attempt=1)
        answers("outcome_in_apply")
        cai.decides(XILING)
        is_parked(house, cai.transfer_id, "FollowApply", attempt=1)
    yield None
    cai.ends("completed", at=(XILING, "active", NEW_UNIT))
    for somebody, place in zip((ann, ben), places, strict=True):
        somebody.asked()
        somebody.cancels()
        somebody.ends("cancelled", at=place)


# --- two at once


def an_answer_against_the_morning(ann: Traveller) -> Story:
    """The unit answers while the morning counts its silence: one of them stands, and the case goes one step on."""
    home = ann.place()
    ann.files(JIANGAN)
    asked, after = ann.asked(), ann.morning_after()
    objection = {"decision": "refuse", "reason": "工作交接尚未办结"}
    answered, _ = at_once(
        lambda: ann.house.staff("employer").post(f"/employer/confirmations/{asked}", objection),
        lambda: ann.operated.morning(after),
    )
    assert (ann.states()[0], answered) in [("objected", "done"), ("unanswered", "already_decided")]
    events = [one["event"] for one in ann.transfer()["timeline"]]
    assert events.count("objected") + events.count("unanswered") == 1
    ann.asked()
    ann.cancels()
    ann.ends("cancelled", at=home)
    yield from ()
