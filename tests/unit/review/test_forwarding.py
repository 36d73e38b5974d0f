"""Forwarding: a case at the wrong bureau goes to the right one, without being filed again."""

import pytest

from jingkuai.aws import keys
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms
from jingkuai.domain.problem import Invalid
from review.case import Outcome
from review.decisions import decide
from review.forwarding import NotForwardable
from review.review_task import AlreadyDecided, Choice, Decision
from tests.unit.review.appellant import Appellant
from tests.unit.review.conftest import LI, SUBJECT, WANG, Office, reviewer

FAR = reviewer("far", "420502")


def test_the_case_begins_anew_at_the_right_bureau(open_office: Office) -> None:
    open_office.decide(WANG, "forward", "工作单位在宜昌市", to_region="420502")
    submission, task = open_office.submission_item(), open_office.task_item(round=1)
    assert (submission["region_code"], submission["payload"]["region_code"]) == ("420502", "420502")
    assert (task["decision"], task["to_region"], task["gsi1pk"]) == ("forward", "420502", keys.done("420106"))
    promised = open_office.promised()[-3:]
    assert ResumeTask(open_office.task_id(round=1), {"decision": "forwarded"}) in promised
    assert {type(one) for one in promised} == {ResumeTask, SendMessage, SendSms}
    assert submission["timeline"][-1] | {"at": ""} == {
        "at": "",
        "event": "forwarded",
        "by_role": "reviewer",
        "note": "工作单位在宜昌市",
    }

    assert open_office.route() == (Outcome.REVIEW, "county")
    open_office.open_task("token-2")
    assert open_office.inbox("420106") == []
    assert open_office.inbox("420502") == [open_office.task_id(round=2)]
    open_office.decide(FAR)
    assert open_office.route() == (Outcome.APPLY, "")
    assert open_office.apply() is Outcome.APPLIED
    assert open_office.person_item()["region_code"] == "420502"


def test_the_same_press_again_changes_nothing_and_another_is_too_late(open_office: Office) -> None:
    task_id = open_office.task_id()
    for _ in range(2):
        open_office.decide(WANG, "forward", "", task_id=task_id, to_region="420502")
    assert [one["event"] for one in open_office.submission_item()["timeline"]].count("forwarded") == 1
    with pytest.raises(AlreadyDecided):
        open_office.decide(WANG, "forward", "", task_id=task_id, to_region="420102")
    with pytest.raises(AlreadyDecided):
        open_office.decide(LI, "approve", task_id=task_id)


def test_an_opening_that_is_tried_again_after_the_forward_goes_on_there(open_office: Office) -> None:
    """The task stood when the step that opened it failed; its retry comes after the forward."""
    open_office.decide(WANG, "forward", "", to_region="420502")
    open_office.open_task("token-late")
    resumed = [one for one in open_office.promised() if isinstance(one, ResumeTask)]
    assert resumed == [ResumeTask(open_office.task_id(round=1), {"decision": "forwarded"})] * 2
    assert open_office.task_item(round=1)["token"] == "token-late"
    open_office.route()
    open_office.open_task("token-2")
    assert open_office.inbox("420502") == [open_office.task_id(round=2)]


def test_a_case_on_its_way_to_another_bureau_may_be_withdrawn(open_office: Office) -> None:
    open_office.decide(WANG, "forward", "", to_region="420502")
    assert open_office.withdraw()
    assert open_office.route() == (Outcome.ENDED, "")


@pytest.mark.parametrize(
    ("choice", "to_region", "code"),
    [
        ("forward", None, "required"),
        ("forward", "430100", "unknown_region"),
        ("forward", "429000", "unknown_region"),
        ("forward", "420106", "same_bureau"),
        ("approve", "420502", "not_expected"),
    ],
)
def test_a_forward_names_the_bureau(open_office: Office, choice: str, to_region: str | None, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_office.decide(WANG, choice, "", to_region=to_region)
    assert [(one.field, one.code) for one in refused.value.errors] == [("to_region", code)]
    assert "decision" not in open_office.task_item()


@pytest.mark.parametrize(
    ("kind", "what"), [("education_added", "变更申请"), ("integrity_record", "诚信记录"), ("transfer", "调转")]
)
def test_what_stays_with_its_bureau_says_what_it_is(open_office: Office, kind: str, what: str) -> None:
    change = {":kind": kind}
    task = keys.task_key(open_office.task_id())
    open_office.registry.update(task, "SET card.kind = :kind, case_kind = :kind", values=change)
    open_office.registry.update(SUBJECT, "SET kind = :kind", values=change)
    with pytest.raises(NotForwardable) as refused:
        open_office.decide(WANG, "forward", "", to_region="420502")
    assert refused.value.title == f"{what}不能转交" and what in refused.value.detail


def test_an_appeal_is_forwarded_with_its_account(office: Office) -> None:
    appellant = Appellant(office)
    appellant.file()
    task_id = appellant.open()
    appellant.claim(task_id)
    assert appellant.frozen_by() == "420106"
    decision = Decision(Choice.FORWARD, "", (), WANG.account_id, "420502")
    decide(task_id, decision, by=WANG, store=office.tasks, clock=office.clock)
    assert appellant.frozen_by() == "420502"
    assert {type(one) for one in office.promised()[-2:]} == {ResumeTask, SendSms}
    opened_again = appellant.open()
    assert office.inbox("420502") == [opened_again]
