"""Statistics on the deployed stack: counters that follow the table's stream, and a recount that comes to the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import people
from tests.house import House
from tools.local import aws
from tools.local.applicant import approve
from tools.local.client import Client, Refused
from tools.local.place import STACK_NAME
from tools.local.waiting import eventually

BUREAU, REGION, FOREIGN = "reviewer_420502", "420502", "reviewer_420106"


def figures(reviewer: Client, region: str = REGION) -> dict[str, Any]:
    found: dict[str, Any] = reviewer.get(f"/review/statistics?region={region}")
    return found


def soon(reviewer: Client, what: str, **wanted: int) -> dict[str, Any]:
    """The figures once they are these: the stream brings them."""

    def reached() -> dict[str, Any] | None:
        found = figures(reviewer)
        return found if {name: found[name] for name in wanted} == wanted else None

    return eventually(reached, what=f"statistics: {what} {wanted}", within_s=60, every_s=0.3)


def recounted(house: House) -> dict[str, Any]:
    """Everything counted again by the operator's command, until it is done."""
    client = aws.client("lambda", house.aws)
    stack = aws.client("cloudformation", house.aws)
    function = stack.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId="Projections")
    name = function["StackResourceDetail"]["PhysicalResourceId"]
    while True:
        answer = client.invoke(FunctionName=name, Payload=b'{"command": "recount"}')
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        if told["done"]:
            return told


def test_counters_follow_what_is_filed_and_decided_and_a_recount_agrees(house: House) -> None:
    reviewer, city = house.staff(BUREAU), house.staff("reviewer_420500")
    before = figures(reviewer)
    applicants = [house.applicant(people.person(region_code=REGION)) for _ in range(3)]
    submissions = [one.submit() for one in applicants]
    filed = soon(reviewer, "three were filed", pending=before["pending"] + 3)
    assert filed["registered"] == before["registered"]
    inbox = reviewer.get("/review/tasks?limit=1")
    assert (inbox["counts"]["open"], inbox["counts"]["overdue"]) == (filed["pending"], filed["overdue"])
    assert [one for one in reviewer.get("/me")["todo"] if one["code"] == "tasks_open"]

    for submission in submissions[:2]:
        approve(reviewer, submission)
    assert [one.outcome(submission) for one, submission in zip(applicants[:2], submissions, strict=False)] == [
        "approved",
        "approved",
    ]
    applicants[2].me.post(f"/me/submissions/{submissions[2]}/withdraw")
    after = soon(
        reviewer,
        "two were approved, one was withdrawn",
        pending=before["pending"],
        registered=before["registered"] + 2,
        short=before["short"] + 2,
    )
    assert after["decisions"]["approve"] == before["decisions"].get("approve", 0) + 2
    assert after["decisions"]["withdrawn"] == before["decisions"].get("withdrawn", 0) + 1
    assert after["median_days"] is not None
    (child,) = [one for one in city.get("/review/statistics")["children"] if one["region_code"] == REGION]
    assert (child["registered"], child["pending"]) == (after["registered"], after["pending"])

    told = recounted(house)
    assert told["failed"] == 0
    assert figures(reviewer) == after
    assert {one["code"] for one in applicants[0].me.get("/me")["todo"]} == {"credits_short"}


def test_another_regions_reviewer_is_refused(house: House) -> None:
    with pytest.raises(Refused) as refused:
        figures(house.staff(FOREIGN))
    assert refused.value.status == 404
