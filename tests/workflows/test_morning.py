"""Time travel by the morning's `today`, on a stack of its own: the whole inbox grows late in it.

Ways out of the definition that people do not press: expired, escalated, and an execution that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jingkuai.domain.workdays import WorkdayCalendar
from tests.e2e.test_main_job import BUREAU, open_task, submission_of
from tests.workflows.operated import Operated
from tools.local.applicant import Applicant, approve
from tools.local.client import Client
from tools.local.place import Place, free_port
from tools.local.stack import Stack
from tools.local.waiting import eventually

ABOVE = "reviewer_420100"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    stack = Stack(Place(free_port(), Path(tmp_path_factory.mktemp("morning"))))
    try:
        yield Operated(stack.up())
    finally:
        stack.reset()


def events(of: Applicant, submission: str) -> list[str]:
    return [one["event"] for one in submission_of(of, submission)["timeline"]]


def test_what_nobody_decides_goes_up_and_is_decided_there(house: Operated) -> None:
    somebody = house.applicant()
    submission = somebody.submit()
    task = open_task(house, submission)
    due = date.fromisoformat(submission_of(somebody, submission)["due_on"])

    assert "overdue" not in house.morning(due)
    assert house.morning(due + timedelta(days=1)) == {"overdue": 1}
    assert house.morning(due + timedelta(days=1)) == {}
    assert house.morning(due + timedelta(days=60)) == {"escalated": 1}
    assert house.morning(due + timedelta(days=60)) == {}
    above = house.staff(ABOVE).get("/review/tasks?state=open&limit=100")["items"]
    assert [(one["task_id"], one["region_code"]) for one in above if one["subject_id"] == submission] == [
        (task, "420100")
    ]
    approve(house.staff(ABOVE), submission)
    assert somebody.outcome(submission) == "approved"
    assert events(somebody, submission)[-4:] == ["overdue", "escalated", "approved", "applied"]


def test_a_bureau_reads_what_is_late_beside_its_reviewers_own_messages(house: Operated) -> None:
    """Told to the county and the city above it, once, on a business day of this test's own."""
    somebody = house.applicant()
    submission = somebody.submit()
    open_task(house, submission)
    today = WorkdayCalendar().add(date.fromisoformat(submission_of(somebody, submission)["due_on"]), 2)
    before = {name: len(reminders(house.staff(name))) for name in (BUREAU, ABOVE)}
    for _ in range(2):
        house.morning(today)
    for name, word in ((BUREAU, "贵局有"), (ABOVE, "所辖财政局有")):
        staff = house.staff(name)
        told = eventually(partial(_since, staff, before[name]), what=f"the word to {name}", within_s=30)
        assert len(told) == 1, "the second run of a day tells nobody again"
        newest = reminders(staff)[0]
        assert word in newest["body"] and newest["shared"] is True and newest["read"] is False
        assert submission in [one["subject_id"] for one in listed(staff, newest["link"], today)]
        unread = staff.get("/me")["unread_messages"]
        staff.post(f"/me/messages/{newest['message_id']}/read")
        assert staff.get("/me")["unread_messages"] == unread - 1 and reminders(staff)[0]["read"] is True
    approve(house.staff(BUREAU), submission)


def reminders(staff: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = staff.get("/me/messages")["items"]
    return [one for one in items if one["title"] == "审核任务超期提醒"]


def _since(staff: Client, seen: int) -> list[dict[str, Any]] | None:
    told = reminders(staff)
    return told[: len(told) - seen] or None


def listed(staff: Client, link: str, today: date) -> list[dict[str, Any]]:
    """Where the message leads; not late yet by the calendar on the wall, so the whole inbox is asked for."""
    items: list[dict[str, Any]] = staff.get(link.replace("state=overdue", "state=open") + "&limit=100")["items"]
    return [one for one in items if one["due_on"] < today.isoformat()]


def test_what_was_returned_and_left_expires_and_may_be_filed_again(house: Operated) -> None:
    somebody = house.applicant()
    submission = somebody.submit()
    task = open_task(house, submission)
    house.staff(BUREAU).post(f"/review/tasks/{task}/decision", {"decision": "return", "reason": "请补正"})
    assert somebody.outcome(submission) == "returned"
    last = date.fromisoformat(submission_of(somebody, submission)["due_on"])
    assert "expired" not in house.morning(last)
    # the wait is opened by the workflow a moment after the return
    eventually(lambda: house.morning(last + timedelta(days=1)).get("expired"), what="the expiry", within_s=30)
    assert house.morning(last + timedelta(days=1)) == {}
    assert submission_of(somebody, submission)["status"] == "expired"
    eventually(lambda: house.executions(submission, "SUCCEEDED") or None, what="the end of the workflow", within_s=30)
    assert somebody.submit() != submission


def test_a_task_whose_execution_is_gone_is_decided_and_taken_up_by_redrive(house: Operated) -> None:
    """The decision stands on the task; the new attempt finds it there, and goes on behind it."""
    somebody = house.applicant()
    submission = somebody.submit()
    task = open_task(house, submission)
    house.stop(submission)
    body = {"decision": "approve", "reason": ""}
    answer = house.staff(BUREAU).post(f"/review/tasks/{task}/decision", body)
    assert (answer["state"], answer["decision"]) == ("done", "approve")
    assert task not in [one["task_id"] for one in house.staff(BUREAU).get("/review/tasks?limit=100")["items"]]
    eventually(lambda: house.redrive(), what="the execution that is gone", within_s=30)
    assert somebody.outcome(submission) == "approved"
    assert events(somebody, submission).count("approved") == 1
