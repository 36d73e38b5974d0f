"""A returned submission: sent again before or after its workflow waits for it, or taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import ResumeTask, entry_of
from jingkuai.domain.problem import Invalid
from jingkuai.domain.submission import task_id_of
from register.records import Content, Submission
from register.resubmission import NotReturned
from register.submissions import AlreadyWithdrawn, NoSuchSubmission, NotOpen, own_submission
from tests.unit.register import people
from tests.unit.register.desk import Desk


def moved(desk: Desk, submission: Submission, **over: Any) -> Submission:
    """What its review makes of a submission."""
    item = desk.item(submission)
    desk.now += timedelta(hours=1)
    desk.cloud.registry.put({**item, "version": item["version"] + 1, **over})
    return own_submission(submission.submission_id, by=people.principal(), store=desk.submissions)


def returned(desk: Desk, submission: Submission) -> Submission:
    said = {"reason": "民族填写有误", "fields": ["basic.ethnicity"]}
    stages = [{"stage": "county", "owner": "420106", "workdays": 5}]
    return moved(
        desk, submission, status="returned", returned=said, returned_by="r", stages=stages, due_on="2026-12-24"
    )


def wait_of(submission: Submission, stage: str = "applicant") -> str:
    subject = keys.submission_key(submission.person_id, submission.submission_id)
    return task_id_of({"pk": subject["pk"], "sk": subject["sk"]}, stage, submission.round)


def task(desk: Desk, task_id: str) -> dict[str, Any]:
    return desk.cloud.registry.get(keys.task_key(task_id)) or {}


def resumed(desk: Desk) -> list[ResumeTask]:
    return [entry for one in desk.outbox("ResumeTask") if isinstance(entry := entry_of(one), ResumeTask)]


def corrected() -> dict[str, Any]:
    form = people.payload()
    form["basic"]["ethnicity"] = "02"
    return form


def test_the_corrected_form_goes_back_to_the_check_as_a_new_round(desk: Desk) -> None:
    scans = desk.accepted()
    before = returned(desk, desk.submit(scans=scans))
    with desk.costing(2):
        after = desk.resubmit(before, corrected(), scans)
    assert (after.status, after.round, after.stage, after.due_on, after.returned) == (
        "auto_checking",
        2,
        None,
        None,
        None,
    )
    assert after.payload["basic"]["ethnicity"] == "02"
    assert [one.event for one in after.timeline] == ["submitted", "resubmitted"]
    item = desk.item(after)
    assert item["payload_before"]["basic"]["ethnicity"] == "01"
    assert (item["version"], item["returned_by"], len(item["stages"])) == (after.version, "r", 1)
    assert desk.person_item()["open"] == {"registration": before.submission_id}
    assert desk.audit() == ["submission.submitted", "submission.resubmitted"]


def test_before_the_workflow_waits_the_wait_is_already_decided(desk: Desk) -> None:
    scans = desk.accepted()
    before = returned(desk, desk.submit(scans=scans))
    desk.resubmit(before, corrected(), scans)
    assert task(desk, wait_of(before))["decision"] == "resubmitted"
    assert resumed(desk) == [ResumeTask(wait_of(before), {"decision": "resubmitted"})]


def test_an_open_wait_is_decided_and_leaves_its_list_with_its_token(desk: Desk) -> None:
    scans = desk.accepted()
    before = returned(desk, desk.submit(scans=scans))
    waiting = keys.index(3, keys.WAITING, "2026-12-24#x")
    desk.cloud.registry.put({**keys.task_key(wait_of(before)), "token": "secret", "stage": "applicant", **waiting})
    desk.resubmit(before, corrected(), scans)
    stands = task(desk, wait_of(before))
    assert (stands["decision"], stands["token"], stands.get("gsi3pk")) == ("resubmitted", "secret", None)


def test_another_bureau_has_another_route(desk: Desk) -> None:
    scans = desk.accepted()
    before = returned(desk, desk.submit(scans=scans))
    moved_away = {**corrected(), "region_code": "420502"}
    after = desk.resubmit(before, moved_away, scans)
    item = desk.item(after)
    assert (after.region_code, item["stage_index"], "stages" in item) == ("420502", 0, False)


def test_only_a_returned_submission_is_sent_again_and_only_once(desk: Desk) -> None:
    scans = desk.accepted()
    submission = desk.submit(scans=scans)
    with pytest.raises(NotReturned):
        desk.resubmit(submission, corrected(), scans)
    before = returned(desk, submission)
    desk.resubmit(before, corrected(), scans)
    with pytest.raises(NotReturned):
        desk.resubmit(before, corrected(), scans)
    again = before.refiled(Content(before.payload, before.region_code, ()), at=iso(desk.now), by_role="accountant")
    assert not desk.submissions.refile(before, again, (), by=people.principal(), at=desk.now)  # read before, late


def test_a_resubmission_is_checked_like_a_submission(desk: Desk) -> None:
    before = returned(desk, desk.submit(scans=desk.accepted()))
    with pytest.raises(Invalid) as refused:
        desk.resubmit(before, people.payload(basic={}), ["of-nobody"])
    assert {"basic.name", "attachments.of-nobody", "attachments.id_front"} <= {
        one.field for one in refused.value.errors
    }
    with pytest.raises(NoSuchSubmission):
        desk.resubmit(replace(before, submission_id="of-nobody"), corrected(), [])


def test_a_withdrawal_ends_the_check_and_gives_the_lock_back(desk: Desk) -> None:
    scans = desk.accepted()
    submission = desk.submit(scans=scans)
    with desk.costing(2):
        after = desk.withdraw(submission)
    assert (after.status, after.timeline[-1].event) == ("withdrawn", "withdrawn")
    assert desk.person_item()["open"] == {}
    assert resumed(desk) == []  # the check itself sees it
    with pytest.raises(AlreadyWithdrawn):
        desk.withdraw(submission)
    assert desk.item(submission)["version"] == after.version  # again: nothing changes
    assert desk.submit(scans=scans).status == "auto_checking"


@pytest.mark.parametrize(
    ("status", "stage", "waits"), [("under_review", "county", "county"), ("returned", None, "applicant")]
)
def test_a_withdrawal_decides_whatever_task_is_open(desk: Desk, status: str, stage: str | None, waits: str) -> None:
    submission = moved(desk, desk.submit(scans=desk.accepted()), status=status, stage=stage)
    task_id = wait_of(submission, waits)
    inbox = {**keys.index(1, keys.inbox("420106"), "2026-12-01"), **keys.index(3, keys.held("r"), "2026-12-01")}
    held = {"held_by": "r", "card": {"held_by": "r"}}
    desk.cloud.registry.put({**keys.task_key(task_id), "token": "t", **held, **inbox})
    desk.withdraw(submission)
    stands = task(desk, task_id)
    assert (stands["decision"], stands["token"]) == ("withdrawn", "t")
    assert not {"gsi1pk", "gsi3pk", "held_by"} & set(stands)
    assert resumed(desk) == [ResumeTask(task_id, {"decision": "withdrawn"})]


def test_a_decision_that_was_first_stands(desk: Desk) -> None:
    submission = moved(desk, desk.submit(scans=desk.accepted()), status="under_review", stage="county")
    desk.cloud.registry.put({**keys.task_key(wait_of(submission, "county")), "decision": "approve"})
    with pytest.raises(NotOpen):
        desk.withdraw(submission)
    assert desk.item(submission)["status"] == "under_review"
    assert task(desk, wait_of(submission, "county"))["decision"] == "approve"


@pytest.mark.parametrize("status", ["approved", "rejected", "expired"])
def test_what_has_ended_cannot_be_taken_back(desk: Desk, status: str) -> None:
    submission = moved(desk, desk.submit(scans=desk.accepted()), status=status)
    with pytest.raises(NotOpen):
        desk.withdraw(submission)
