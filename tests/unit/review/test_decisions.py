"""Deciding: who may, what stands when two press, and what leaves with the decision."""

from dataclasses import replace

import pytest

from jingkuai.aws import keys
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms
from jingkuai.domain.principal import OwnNames, Principal, Role
from jingkuai.domain.problem import Invalid, NotFound
from review.decisions import decide
from review.review_task import AlreadyDecided, Choice, Decision, HeldByAnother, OtherBureau, OwnSubmission
from tests.unit.review.conftest import LI, PERSON, WANG, Office, reviewer


def test_an_approval_closes_the_task_and_resumes_the_workflow(open_office: Office) -> None:
    assert open_office.decide(WANG, "approve", "材料齐全").card.decision == "approve"

    task, submission = open_office.task_item(), open_office.submission_item()
    assert (task["decision"], task["decided_by"]) == ("approve", "wang")
    assert task["gsi1pk"] == keys.done("420106")
    assert open_office.inbox() == []
    assert (submission["status"], submission["stage_index"]) == ("under_review", 1)
    assert open_office.promised()[-1] == ResumeTask(open_office.task_id(), {"decision": "approve"})
    assert open_office.changes()[-1]["action"] == "submission.approved"


def test_a_return_tells_the_applicant_why_and_until_when(open_office: Office) -> None:
    open_office.decide(WANG, "return", "毕业证书编号与扫描件不一致", ("education.0.certificate_no",))

    submission = open_office.submission_item()
    assert submission["status"] == "returned"
    assert submission["returned"] == {
        "reason": "毕业证书编号与扫描件不一致",
        "fields": ["education.0.certificate_no"],
    }
    assert submission["due_on"] == "2026-12-24"
    assert submission["timeline"][-1]["note"] == "毕业证书编号与扫描件不一致"
    assert open_office.person_item()["open"] != {}
    told = [one for one in open_office.promised() if isinstance(one, (SendMessage, SendSms))]
    assert {type(one) for one in told} == {SendMessage, SendSms}
    assert all("2026年12月24日" in (one.body if isinstance(one, SendMessage) else one.text) for one in told)


def test_a_rejection_ends_the_submission_and_frees_the_person_to_file_again(open_office: Office) -> None:
    open_office.decide(WANG, "reject", "不属于本局管理范围")

    assert open_office.submission_item()["status"] == "rejected"
    assert "due_on" not in open_office.submission_item()
    assert open_office.person_item()["open"] == {}


@pytest.mark.parametrize("reason", ["", "\u200b\u202e", "\u3164"])
@pytest.mark.parametrize("choice", ["return", "reject"])
def test_a_return_or_rejection_needs_a_reason(open_office: Office, choice: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_office.decide(WANG, choice, reason)
    assert [(one.field, one.code) for one in refused.value.errors] == [("reason", "required")]
    assert "decision" not in open_office.task_item()


def test_of_two_decisions_on_one_page_the_first_stands(open_office: Office) -> None:
    task = open_office.tasks.task(open_office.task_id(), within=WANG)
    first = Decision(Choice.APPROVE, "", (), "wang")
    open_office.tasks.save_decision(task, first, by=WANG, at=open_office.clock())
    with pytest.raises(AlreadyDecided):
        open_office.tasks.save_decision(task, Decision(Choice.REJECT, "不符", (), "li"), by=LI, at=open_office.clock())
    assert open_office.tasks.task(task.task_id, within=WANG).decision == first
    assert open_office.submission_item()["status"] == "under_review"
    assert [one["by"] for one in open_office.changes() if one["details"].get("task_id")] == ["system", "wang"]


def test_whoever_has_become_the_person_since_the_request_was_vouched_for_decides_nothing(open_office: Office) -> None:
    """Staff who register as accountants have half a minute in which the gateway still knows them as nobody."""
    own = replace(reviewer("self"), own=OwnNames((open_office.id_hash,), "k1.phone"))
    before = open_office.submission_item()
    with pytest.raises(OwnSubmission):
        open_office.decide(own, "approve")
    assert "decision" not in open_office.task_item() and open_office.submission_item() == before


def test_whoever_has_become_somebody_else_decides(open_office: Office) -> None:
    other = keys.id_claim_key("k1.other")
    open_office.registry.put({**other, "v": 1, "person_id": "another"})
    named = replace(reviewer("self"), own=OwnNames(("k1.other",), "k1.phone"))
    assert open_office.decide(named, "approve").card.decision == "approve"


def test_a_decision_after_another_one_is_refused(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    for by, choice in ((LI, "reject"), (WANG, "reject"), (LI, "approve")):
        with pytest.raises(AlreadyDecided):
            open_office.decide(by, choice, "再次决定")


def test_the_identical_request_of_the_same_reviewer_gets_the_first_answer(open_office: Office) -> None:
    first = open_office.decide(WANG, "return", "民族填写有误", ("basic.ethnicity",))
    before = len(open_office.promised())
    assert open_office.decide(WANG, "return", "民族填写有误", ("basic.ethnicity",)).decision == first.decision
    assert len(open_office.promised()) == before
    with pytest.raises(AlreadyDecided):
        open_office.decide(WANG, "return", "另有原因", ("basic.ethnicity",))


def test_the_same_press_twice_at_once_gets_one_answer(open_office: Office) -> None:
    """Both read the open task; the one whose write comes second finds its own decision standing."""
    task = open_office.tasks.task(open_office.task_id(), within=WANG)
    pressed = Decision(Choice.APPROVE, "", (), "wang")
    open_office.decide(WANG, "approve")

    class StaleOnce:
        """The store as the slower of two requests sees it: its first reading is from before."""

        def __init__(self) -> None:
            self.readings = [task]

        def task(self, task_id: str, *, within: Principal) -> object:
            return self.readings.pop() if self.readings else open_office.tasks.task(task_id, within=within)

        def __getattr__(self, name: str) -> object:
            return getattr(open_office.tasks, name)

    answer = decide(task.task_id, pressed, by=WANG, store=StaleOnce(), clock=open_office.clock)  # type: ignore[arg-type]
    assert answer.decision == pressed


def test_a_colleague_does_not_decide_what_another_holds(open_office: Office) -> None:
    open_office.claim(LI)
    with pytest.raises(HeldByAnother):
        open_office.decide(WANG, "approve")
    open_office.clock.pass_by(hours=2)
    assert open_office.decide(WANG, "approve").card.decision == "approve"


def test_a_claim_made_between_the_reading_and_the_write_holds(open_office: Office) -> None:
    task = open_office.tasks.task(open_office.task_id(), within=WANG)
    open_office.claim(LI)
    with pytest.raises(AlreadyDecided):
        open_office.tasks.save_decision(task, Decision(Choice.APPROVE, "", (), "wang"), by=WANG, at=open_office.clock())
    assert "decision" not in open_office.task_item()


@pytest.mark.parametrize("scope", ["420502", "4205", "420102", ""])
def test_outside_the_region_there_is_no_such_task(open_office: Office, scope: str) -> None:
    with pytest.raises(NotFound):
        open_office.decide(reviewer("far", scope), "approve")


@pytest.mark.parametrize("scope", ["4201", "42"])
def test_a_bureau_above_looks_but_does_not_decide(open_office: Office, scope: str) -> None:
    with pytest.raises(OtherBureau):
        open_office.decide(reviewer("above", scope), "approve")


def test_nobody_decides_their_own_case(open_office: Office) -> None:
    with pytest.raises(OwnSubmission):
        open_office.decide(reviewer("self", person_id=PERSON), "approve")


def test_an_account_that_is_no_bureau_finds_nothing(open_office: Office) -> None:
    """An institution may be called like a region."""
    with pytest.raises(NotFound):
        open_office.decide(reviewer("420106", "420106", role=Role.INSTITUTION), "approve")


def test_a_task_that_does_not_exist_is_not_found(open_office: Office) -> None:
    with pytest.raises(NotFound):
        open_office.decide(WANG, "approve", task_id="no-such-task")


def test_a_withdrawn_submission_is_not_decided(open_office: Office) -> None:
    assert open_office.withdraw()
    with pytest.raises(AlreadyDecided):
        open_office.decide(WANG, "approve")
    assert open_office.submission_item()["status"] == "withdrawn"


def test_a_decision_that_was_taken_stands_against_a_withdrawal(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    assert not open_office.withdraw()
    assert open_office.submission_item()["status"] == "under_review"


def test_a_decision_costs_two_calls(open_office: Office) -> None:
    task_id = open_office.task_id()
    open_office.calls.clear()
    open_office.decide(WANG, "return", "民族填写有误", task_id=task_id)
    assert open_office.calls == ["GetItem", "TransactWriteItems"]
