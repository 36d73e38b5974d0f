"""What dies in the middle of a delivery is done again, and comes to the same as once: on the deployed functions, with their own rights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import lane_of
from jingkuai.aws.tables import Item, from_wire, to_wire
from tests.e2e.test_life_of_a_record import COUNTY
from tests.e2e.test_review import decided, task_in
from tests.house import House
from tests.workflows.operated import Operated, submission_at
from tools.local.applicant import Applicant
from tools.local.waiting import eventually


class Case:
    """Somebody's registration in a bureau's inbox, and all that is kept of it."""

    def __init__(self, house: House) -> None:
        self.stack = Operated(house.described)
        self.somebody: Applicant = house.applicant()
        self.submission = self.somebody.submit()
        self.bureau = house.staff(COUNTY)
        self.task = task_in(self.bureau, self.submission)
        self.subject = submission_at(self.somebody, self.submission)
        self.task_at = keys.task_key(self.task)

    def approve(self) -> None:
        decided(self.bureau, self.task, "approve")

    def is_approved(self) -> None:
        assert self.somebody.outcome(self.submission) == "approved"
        eventually(
            lambda: self.stack.executions(self.submission, "SUCCEEDED"), what="the end of the workflow", within_s=30
        )

    def kept(self) -> dict[str, Any]:
        """The submission, the record with its versions, the task and the executions; what is counted of it comes later."""
        items = self.stack.registry.query_all(self.subject["pk"])
        return {
            "submission": self.stack.item(self.subject),
            "record": [one for one in items if one["sk"].startswith(("PROFILE", keys.VERSIONS))],
            "executions": [one["name"] for one in self.stack.executions(self.submission)],
            "task": self.stack.item(self.task_at),
        }

    def word(self) -> Item:
        """The outbox entry that tells the workflow of the decision, once it is there."""

        def found() -> Item | None:
            pages = self.stack.registry.client.get_paginator("scan").paginate(
                TableName=self.stack.registry.name,
                FilterExpression="kind = :kind AND detail.task_id = :task",
                ExpressionAttributeValues=to_wire({":kind": "ResumeTask", ":task": self.task}),
            )
            return next((from_wire(one) for page in pages for one in page["Items"]), None)

        return eventually(found, what="the word to the workflow", within_s=30)

    def delivered(self) -> Item:
        return eventually(
            lambda: entry if "delivered_at" in (entry := self.word()) else None, what="the word delivered", within_s=30
        )

    def deliverer_died(self) -> None:
        """The entry as a deliverer leaves it that died: taken, never finished, its lease over."""
        entry = self.delivered()
        self.stack.registry.update(
            {"pk": entry["pk"], "sk": entry["sk"]},
            "SET gsi1pk = :lane, gsi1sk = :over REMOVE delivered_at, #ttl",
            values={
                ":lane": keys.outbox_lane(lane_of(entry["entry_id"])),
                ":over": iso(datetime.now(UTC) - timedelta(seconds=1)),
            },
            names={"#ttl": "ttl"},
        )

    def deliver_due(self) -> dict[str, int]:
        outcomes: dict[str, int] = self.stack.called("Outbox", {"command": "deliver_due"})["outcomes"]
        return outcomes

    def open_again(self) -> None:
        """The workflow's step once more, with the same token: its answer was lost."""
        token = self.stack.item(self.task_at)["token"]
        step = {"do": "open_task", "subject": dict(self.subject), "stage": "county", "token": token}
        assert self.stack.called("ReviewTasks", step) == {}


@pytest.fixture
def case(house: House) -> Case:
    return Case(house)


def test_a_deliverer_that_died_before_the_token_was_returned_is_followed_by_another(case: Case) -> None:
    token = case.stack.set(case.task_at, "token", "of-nobody")  # what it did reached nobody
    case.approve()
    case.delivered()
    assert case.stack.item(case.subject)["status"] == "under_review"
    case.stack.set(case.task_at, "token", token)
    case.deliverer_died()
    case.deliver_due()  # or the schedule's run, if that was first
    case.is_approved()
    assert [one["event"] for one in case.stack.item(case.subject)["timeline"]].count("applied") == 1


def test_a_deliverer_that_died_after_the_token_was_returned_changes_nothing_any_more(case: Case) -> None:
    case.approve()
    case.is_approved()
    before = case.kept()
    for _ in range(2):
        case.deliverer_died()
        case.deliver_due()
        assert "delivered_at" in case.delivered()
    assert case.kept() == before


def test_of_many_deliverers_at_once_one_delivers(case: Case) -> None:
    case.approve()
    case.is_approved()
    before = case.kept()
    tries = case.delivered()["attempts"]
    case.deliverer_died()
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda _: case.deliver_due(), range(4)))
    assert case.delivered()["attempts"] == tries + 1
    assert case.kept() == before


def test_a_task_that_is_opened_again_is_the_same_task_before_and_after_its_decision(case: Case) -> None:
    before = case.kept()
    for _ in range(2):
        case.open_again()
    assert case.kept() == before
    mine = [one for one in case.bureau.get("/review/tasks?limit=100")["items"] if one["subject_id"] == case.submission]
    assert [one["task_id"] for one in mine] == [case.task]

    case.approve()
    case.is_approved()
    before = case.kept()
    case.open_again()  # the decision stands: it is reported once more, to a workflow that has ended
    case.deliver_due()
    case.delivered()
    assert case.kept() == before
