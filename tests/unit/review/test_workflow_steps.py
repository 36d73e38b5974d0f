"""The steps of the workflow: run once, run twice, run after somebody was faster; the case always ends at the same place."""

from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms
from review.case import Outcome
from review.case_writes import CaseMoved
from review.opening import open_task
from review.wait_store import StandingTask
from tests.unit.review.conftest import LI, PERSON, SCANS, SUBJECT, WANG, Office, payload, reviewer


def resumed(office: Office) -> list[ResumeTask]:
    return [one for one in office.promised() if isinstance(one, ResumeTask)]


# --- Check


def test_what_is_in_order_goes_to_the_bureau_with_findings(office: Office) -> None:
    assert office.check() is Outcome.REVIEW
    item = office.submission_item()
    assert {one["code"]: one["result"] for one in item["findings"]} == {
        "payload_valid": "passed",
        "employer_credit_code": "passed",
        "dates_in_order": "passed",
        "scans_accepted": "passed",
    }
    assert [one["event"] for one in item["timeline"]] == ["submitted", "checked"]


def test_a_check_run_again_changes_nothing(office: Office) -> None:
    office.check()
    before = office.submission_item()
    assert office.check() is Outcome.REVIEW
    assert office.submission_item() == before


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"basic": {**payload()["basic"], "birth_date": "1965-06-01"}}, "basic.birth_date"),
        ({"employment": {**payload()["employment"], "uscc": "91420106MA4JURQ28N"}}, "employment.uscc"),
        ({"education": []}, "education"),
    ],
)
def test_what_cannot_pass_goes_back_at_once(office: Office, over: dict[str, Any], field: str) -> None:
    office.registry.update(
        SUBJECT,
        "SET payload = :payload",
        values={":payload": payload(**over)},
    )
    assert office.check() is Outcome.RETURNED
    item = office.submission_item()
    assert item["status"] == "returned"
    assert field in item["returned"]["fields"]
    assert item["due_on"] == "2026-12-24"
    assert [one["event"] for one in item["timeline"]] == ["submitted", "checked", "returned"]
    assert {type(one) for one in office.promised()} >= {SendMessage, SendSms}
    assert office.check() is Outcome.RETURNED, "taken up again it waits for the applicant"


def test_a_scan_that_was_not_accepted_is_missing(office: Office) -> None:
    scan = office.scans["employment_proof"]
    key = keys.attachment_key(scan.attachment_id)
    office.registry.update(key, "SET #s = :rejected", values={":rejected": "rejected"}, names={"#s": "status"})
    assert office.check() is Outcome.RETURNED
    assert office.submission_item()["returned"]["fields"] == ["attachments.employment_proof"]


def test_somebody_elses_scan_does_not_count(office: Office) -> None:
    key = keys.attachment_key(office.scans["id_front"].attachment_id)
    office.registry.update(key, "SET #o = :other", values={":other": "another"}, names={"#o": "owner"})
    assert office.check() is Outcome.RETURNED


def test_a_withdrawal_during_the_check_wins(office: Office) -> None:
    case = office.cases.case(SUBJECT)
    assert office.withdraw()
    with pytest.raises(CaseMoved):
        office.cases.save_findings(case, [], at=office.clock())
    assert office.check() is Outcome.ENDED
    assert office.route() == (Outcome.ENDED, "")


# --- Route


def test_the_stages_are_resolved_once_and_kept(office: Office) -> None:
    office.check()
    assert office.route() == (Outcome.REVIEW, "county")
    before = office.submission_item()
    assert before["stages"] == [{"stage": "county", "owner": "420106", "workdays": 5}]
    assert office.route() == (Outcome.REVIEW, "county")
    assert office.submission_item() == before


# --- OpenTask


def test_a_task_opened_twice_is_one_task_with_the_newest_token(office: Office) -> None:
    office.open()
    office.open_task("token-2")
    assert len(office.inbox()) == 1
    assert office.task_item()["token"] == "token-2"
    assert [one["event"] for one in office.submission_item()["timeline"]].count("stage_opened") == 1
    assert resumed(office) == []


def test_a_task_opened_after_the_decision_reports_it_at_once(open_office: Office) -> None:
    """The decision's own word to the workflow may have gone to the token of an execution that is gone."""
    open_office.decide(WANG, "approve")
    open_office.open_task("token-2")
    task_id = open_office.task_id()
    assert open_office.task_item()["token"] == "token-2"
    assert resumed(open_office) == [ResumeTask(task_id, {"decision": "approve"})] * 2
    assert open_office.inbox() == []


def test_a_decision_between_reading_and_opening_again_is_not_lost(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    with pytest.raises(CaseMoved):  # the retry reads again and reports, as above
        open_office.waits.renew_token(open_office.task_id(), "token-2")
    assert open_office.task_item()["token"] == "token-1"


def test_a_withdrawal_before_the_task_was_opened_reaches_the_waiting_workflow(office: Office) -> None:
    office.check()
    office.route()
    assert office.withdraw()
    office.open_task("token-1")
    assert office.inbox() == []
    assert office.task_item()["token"] == "token-1"
    assert resumed(office) == [ResumeTask(office.task_id(), {"decision": "withdrawn"})]


def test_a_withdrawal_at_the_same_moment_keeps_the_task_out_of_the_inbox(office: Office) -> None:
    office.check()
    office.route()
    stale = office.cases.case(SUBJECT)
    office.withdraw()

    class Stale:
        def case(self, _: object) -> object:
            return stale

    with pytest.raises(CaseMoved):
        open_task(
            SUBJECT,
            "county",
            "token-1",
            cases=Stale(),  # type: ignore[arg-type]
            waits=office.waits,
            calendar=office.calendar,
            clock=office.clock,
        )
    assert office.inbox() == []


def test_withdrawing_an_open_task_resumes_the_workflow(open_office: Office) -> None:
    assert open_office.withdraw()
    assert open_office.inbox() == []
    assert resumed(open_office) == [ResumeTask(open_office.task_id(), {"decision": "withdrawn"})]
    assert open_office.check() is Outcome.ENDED


# --- AwaitResubmission, and the way back


def test_a_resubmission_opens_the_same_stage_held_by_who_returned_it(open_office: Office) -> None:
    open_office.decide(WANG, "return", "民族填写有误", ("basic.ethnicity",))
    open_office.await_resubmission()
    wait = open_office.task_item("applicant")
    assert (wait["gsi3pk"], wait["due_on"], wait["token"]) == (keys.WAITING, "2026-12-24", "token-w")

    assert open_office.resubmit(basic={**payload()["basic"], "ethnicity": "02"})
    assert resumed(open_office)[-1] == ResumeTask(open_office.task_id("applicant", 1), {"decision": "resubmitted"})
    assert open_office.check() is Outcome.REVIEW
    assert open_office.route() == (Outcome.REVIEW, "county")
    open_office.open_task("token-3")

    task = open_office.task_item(round=2)
    assert (task["held_by"], task["gsi3pk"]) == ("wang", keys.held("wang"))
    assert open_office.submission_item()["status"] == "under_review"
    assert "decision" in open_office.task_item(round=1)
    open_office.clock.pass_by(hours=2)
    assert open_office.decide(LI, "approve").card.decision == "approve"


def test_a_resubmission_before_the_wait_was_opened_is_found_standing(open_office: Office) -> None:
    open_office.decide(WANG, "return", "民族填写有误")
    assert open_office.resubmit()
    open_office.await_resubmission("token-w")
    wait = open_office.task_item("applicant", 1)
    assert (wait["decision"], wait["token"]) == ("resubmitted", "token-w")
    assert resumed(open_office)[-1] == ResumeTask(open_office.task_id("applicant", 1), {"decision": "resubmitted"})
    assert "gsi3pk" not in wait


def test_a_wait_opened_again_while_the_next_round_is_reviewed_goes_on(open_office: Office) -> None:
    """The workflow's step was retried late: the submission is under review again already."""
    open_office.decide(WANG, "return", "民族填写有误")
    open_office.await_resubmission("token-w")
    open_office.resubmit()
    open_office.check()
    open_office.route()
    open_office.open_task("token-3")
    open_office.await_resubmission("token-w2")
    assert resumed(open_office)[-1] == ResumeTask(open_office.task_id("applicant", 1), {"decision": "resubmitted"})
    assert open_office.waits.standing(open_office.task_id("applicant", 2), PERSON)[0] is None


def test_a_withdrawal_of_what_was_returned_ends_the_wait(open_office: Office) -> None:
    open_office.decide(WANG, "return", "民族填写有误")
    assert open_office.withdraw()
    open_office.await_resubmission("token-w")
    assert open_office.task_item("applicant")["decision"] == "withdrawn"
    assert resumed(open_office)[-1].outcome == {"decision": "withdrawn"}


def test_a_second_return_waits_in_a_round_of_its_own(open_office: Office) -> None:
    for round in (1, 2):
        open_office.decide(WANG, "return", "请补正", task_id=open_office.task_id(round=round))
        open_office.await_resubmission(f"token-w{round}")
        standing, _ = open_office.waits.standing(open_office.task_id("applicant", round), PERSON)
        assert standing == StandingTask(None)
        open_office.resubmit()
        open_office.check()
        open_office.route()
        open_office.open_task(f"token-{round}")
    assert open_office.submission_item()["round"] == 3


def test_what_is_resubmitted_to_another_bureau_is_not_held_by_the_first(open_office: Office) -> None:
    open_office.decide(WANG, "return", "不属于本局管理范围，请改选所在地财政局")
    open_office.resubmit(region_code="420502")
    open_office.check()
    assert open_office.route() == (Outcome.REVIEW, "county")
    open_office.open_task("token-2")
    assert "held_by" not in open_office.task_item()
    assert open_office.inbox("420106") == []
    assert len(open_office.inbox("420502")) == 1
    open_office.decide(reviewer("far", "420502"), "approve")


def test_the_scans_a_task_shows_are_those_of_its_round(open_office: Office) -> None:
    assert open_office.task_item()["attachment_ids"] == [open_office.scans[kind].attachment_id for kind in SCANS]
