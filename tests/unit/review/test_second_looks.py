"""Second looks: a share of the approvals nobody, or one bureau, gave is judged once more; it holds nothing up and changes none."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws import clients, keys
from jingkuai.aws.counters import counts_of
from jingkuai.aws.files import Files
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.outbox import ResumeTask, SendMessage
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Invalid, NotFound
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import task_id_of
from projections.counter_store import CounterStore
from projections.counting import count_task
from review.assigning import ColleagueConcerned, assign
from review.case import Outcome
from review.claims import claim
from review.colleagues import Colleagues
from review.decisions import decide, decide_all
from review.review_task import AlreadyDecided, ApprovedByYou, Choice, Decision, OtherBureau, OwnSubmission, ReviewTask
from review.routes import ReviewRoutes
from review.sampling import Drawing, lot_of
from review.second_look import NotForSecondLooks
from review.task_page import TaskPage, open_page
from review.undoing import NothingToUndo, undo
from tests.cloud import shipped
from tests.unit.review.changing import Change
from tests.unit.review.conftest import (
    ID_NUMBER,
    NAME,
    PERSON,
    SUBJECT,
    USCC,
    WANG,
    Fixed,
    Office,
    payload,
    reviewer,
)
from tests.unit.review.test_morning import run

CITY, PROVINCE = reviewer("zhou", "4201"), reviewer("pan", "42")
ALL: dict[str, Any] = {"share": 1, "of": ["automatic", "single_reviewer"], "workdays": 20}
TASK = task_id_of(SUBJECT, "second_look", 1)


def drawing_all(office: Office, *stages: str, **more: Any) -> Office:
    office.routes = Fixed(*(stages or ("county",)), second_look={**ALL, **more.pop("second_look", {})}, **more)  # type: ignore[assignment]
    return office


def approved(office: Office, reason: str = "材料齐全") -> Office:
    """The registration is approved by WANG of the county and applied."""
    office.open()
    office.decide(WANG, "approve", reason)
    assert office.apply() is Outcome.APPLIED
    return office


@pytest.fixture
def drawn(office: Office) -> Office:
    """An approval of the county under a second look of the city."""
    return approved(drawing_all(office))


def looks(office: Office) -> list[Item]:
    return [one for one in office.all_of("T#") if one.get("kind") == "second_look"]


def judge(office: Office, by: Principal = CITY, choice: str = "approve", reason: str = "", **over: Any) -> ReviewTask:
    decision = Decision(Choice(choice), reason, (), by.account_id, over.get("to_region"))
    return decide(TASK, decision, by=by, store=office.tasks, clock=office.clock)


def page(office: Office, by: Principal = CITY, task_id: str = TASK) -> TaskPage:
    return open_page(
        task_id,
        by=by,
        store=office.tasks,
        files=Files(clients.s3()),
        records="records",
        sealer=office.sealer,
        clock=office.clock,
    )


# --- drawing


def test_an_approval_that_is_drawn_lies_in_the_inbox_above_with_what_it_judges(drawn: Office) -> None:
    (task,) = looks(drawn)
    assert (task["task_id"], task["owner"], task["reviewed_by"]) == (TASK, "420100", "wang")
    assert drawn.inbox("420100") == [TASK]
    assert task["due_on"] == "2026-12-22", "20 business days"
    assert "token" not in task, "no workflow waits for it"
    assert (task["card"]["kind"], task["card"]["subject_id"], task["card"]["name_masked"]) == (
        "second_look",
        drawn.submission_item()["submission_id"],
        "欧**国",
    )
    told = drawn.tasks.task(TASK, within=CITY)
    assert told.judged is not None
    assert (told.filing.kind, told.judged.bureau, told.judged.reason) == ("registration", "420106", "材料齐全")


def test_nothing_waits_for_it(drawn: Office) -> None:
    submission = drawn.submission_item()
    assert (submission["status"], submission["timeline"][-1]["event"]) == ("approved", "applied")
    assert drawn.person_item()["status"] == "active"


def test_applied_again_it_is_drawn_once(drawn: Office) -> None:
    before = sorted(drawn.all_of(""), key=str)
    assert drawn.apply() is Outcome.APPLIED
    assert sorted(drawn.all_of(""), key=str) == before


def test_what_could_not_be_applied_is_not_drawn(office: Office) -> None:
    drawing_all(office).open()
    office.decide(WANG)
    office.registry.update(
        keys.person_key(PERSON), "SET #v = :two, sections = :s", values={":two": 2, ":s": {}}, names={"#v": "version"}
    )
    assert office.apply() is Outcome.CONFLICT
    assert looks(office) == []


def test_a_draw_costs_one_call(office: Office) -> None:
    drawing_all(office).open()
    office.decide(WANG)
    office.drawing.calendar.current(office.clock())  # the rules are read once a minute
    office.calls.clear()
    office.apply()
    assert office.calls == ["GetItem"] * 4 + ["TransactWriteItems"]


def test_what_two_bureaus_approved_is_not_looked_at_again(office: Office) -> None:
    drawing_all(office, "county", "city").open()
    office.decide(WANG)
    office.route()
    office.open_task("token-2", stage="city")
    office.decide(CITY, task_id=office.task_id("city"))
    assert office.apply() is Outcome.APPLIED
    assert looks(office) == []


def test_what_went_up_is_looked_at_by_the_bureau_above_the_one_that_decided(office: Office) -> None:
    drawing_all(office).open()
    run(office, date(2026, 12, 9))
    office.decide(CITY)
    assert office.apply() is Outcome.APPLIED
    assert [(one["owner"], one["reviewed_by"]) for one in looks(office)] == [("420000", "zhou")]


def test_nobody_looks_at_what_the_province_approved(office: Office) -> None:
    office.registry.update(SUBJECT, "SET region_code = :province", values={":province": "420000"})
    drawing_all(office).open()
    office.decide(reviewer("pan", "42"))
    assert office.apply() is Outcome.APPLIED
    assert looks(office) == []


@pytest.mark.parametrize(("of", "count"), [(["automatic"], 1), (["single_reviewer"], 0)])
def test_what_the_system_approved_is_drawn_by_a_rule_of_its_own(office: Office, of: list[str], count: int) -> None:
    drawing_all(office, automatic=[{"kinds": ["registration"]}], second_look={"of": of})
    office.check()
    assert office.route() == (Outcome.APPLY, "")
    assert office.apply() is Outcome.APPLIED
    assert len(looks(office)) == count
    assert all("reviewed_by" not in one for one in looks(office))


def test_a_share_of_nothing_draws_nothing(office: Office) -> None:
    assert looks(approved(drawing_all(office, second_look={"share": 0}))) == []


@given(st.integers(1, 9), st.text("0123456789abcdef", min_size=8, max_size=8))
def test_the_lot_of_an_approval_is_always_the_same_and_another_one_each_round(round_no: int, name: str) -> None:
    key, subject = LookupKey(b"a key of the deployment"), {"pk": f"P#{name}", "sk": "SUB#1"}
    lot = lot_of(subject, round_no, key)
    assert 0 <= lot < 1
    assert lot == lot_of(dict(subject), round_no, key)
    assert lot != lot_of(subject, round_no + 1, key)
    assert lot != lot_of(subject, round_no, LookupKey(b"another")), "without the key nobody foresees it"


def test_the_shipped_share_draws_about_two_in_a_hundred() -> None:
    share = ReviewRoutes.from_policy(shipped("review_routes")).second_looks.share
    key = LookupKey(b"a key of the deployment")
    lots = [lot_of({"pk": f"P#{number}", "sk": "SUB#1"}, 1, key) for number in range(10_000)]
    assert 150 < sum(lot < share for lot in lots) < 250


# --- the page


def test_the_page_shows_the_case_its_findings_and_the_decision(drawn: Office) -> None:
    shown = page(drawn)
    assert (shown.id_number, shown.payload["basic"]["name"]) == (ID_NUMBER, NAME)
    assert len(shown.scans) == 4
    assert {one["code"] for one in shown.findings} >= {"payload_valid", "scans_accepted"}
    assert [one["event"] for one in shown.timeline][-2:] == ["approved", "applied"]
    assert shown.profile is None and shown.differences == (), "there was no record before"
    assert shown.suggested_reasons == ()
    (look,) = drawn.looks()
    assert (look["by"], look["purpose"]) == ("zhou", "审核结论抽查")


def test_a_change_is_shown_against_the_record_as_it_was(office: Office) -> None:
    approved(office)
    unit = "91420106MA4KABCD9R"
    drawing_all(office, kind="employment_change")
    work = {**payload()["employment"], "uscc": unit, "employer_name": "湖北示例会计有限公司"}
    change = Change(office, "employment_change", {"employment": work}, "employment_proof", "transfer_proof")
    assert change.approve() is Outcome.APPLIED
    shown = page(office, task_id=task_id_of(change.subject, "second_look", 1))
    differences = {one.field: (one.before, one.after) for one in shown.differences}
    assert differences["employment.uscc"] == (USCC, unit)


def test_an_identity_change_is_shown_with_both_numbers_and_the_old_one_masked(office: Office) -> None:
    office.identity.put({**keys.account_key(PERSON), "v": 1, "account_id": PERSON, "epoch": 1, "name_masked": "欧**国"})
    approved(office)
    drawing_all(office, kind="identity_change")
    filed = {"id_number": "420106196505317038", "reason": "公安机关更正"}
    change = Change(office, "identity_change", filed, "police_certificate", "id_front", "id_back")
    change.decide(change.open())
    assert change.apply() is Outcome.APPLIED
    shown = page(office, task_id=task_id_of(change.subject, "second_look", 1))
    differences = {one.field: (one.before, one.after) for one in shown.differences}
    assert differences["id_number"] == ("429***********7038", "420106196505317038")


def test_what_is_judged_is_masked(drawn: Office) -> None:
    judge(drawn)
    assert page(drawn).id_number == "429***********7038"


def test_the_county_below_does_not_find_it(drawn: Office) -> None:
    with pytest.raises(NotFound):
        page(drawn, WANG)
    assert page(drawn, PROVINCE).task.judged is not None


# --- judging


def test_a_confirmation_closes_it_and_leaves_all_else_as_it_is(drawn: Office) -> None:
    submission, promised = drawn.submission_item(), drawn.promised()
    assert judge(drawn).card.decision == "approve"
    assert (drawn.submission_item(), drawn.promised()) == (submission, promised)
    assert drawn.inbox("420100") == []
    assert drawn.item(keys.task_key(TASK))["gsi1pk"] == keys.done("420100")
    assert drawn.changes()[-1]["action"] == "submission.second_look_confirmed"
    assert drawn.task_item()["looked_at"]["decision"] == "approve"


def test_a_contradiction_is_told_to_whose_approval_it_is_with_the_reason_on_their_task(drawn: Office) -> None:
    submission, promised = drawn.submission_item(), drawn.promised()
    judge(drawn, choice="reject", reason="毕业证书不是本人的")
    assert drawn.submission_item() == submission, "what is wrong is put right by a change of the record"
    (told,) = drawn.promised()[len(promised) :]
    assert isinstance(told, SendMessage)
    assert (told.account_id, told.link) == ("wang", f"/review/tasks/{drawn.task_id()}")
    assert "毕业证书" not in told.body
    looked_at = page(drawn, WANG, drawn.task_id()).task.looked_at
    assert looked_at is not None
    assert (looked_at.decision, looked_at.reason) == ("reject", "毕业证书不是本人的")
    assert drawn.changes()[-1]["action"] == "submission.second_look_contradicted"
    assert not [one for one in drawn.promised()[len(promised) :] if isinstance(one, ResumeTask)]


def test_a_contradiction_of_the_system_has_nobody_to_tell(office: Office) -> None:
    drawing_all(office, automatic=[{"kinds": ["registration"]}])
    office.check()
    office.route()
    office.apply()
    before = office.promised()
    assert judge(office, choice="reject", reason="扫描件不清").card.decision == "reject"
    assert office.promised() == before


def test_it_needs_a_reason_to_contradict(drawn: Office) -> None:
    with pytest.raises(Invalid) as refused:
        judge(drawn, choice="reject")
    assert [(one.field, one.code) for one in refused.value.errors] == [("reason", "required")]


@pytest.mark.parametrize(("choice", "over"), [("return", {}), ("forward", {"to_region": "420500"})])
def test_a_case_that_is_over_goes_nowhere(drawn: Office, choice: str, over: dict[str, Any]) -> None:
    with pytest.raises(NotForSecondLooks):
        judge(drawn, choice=choice, reason="请补正", **over)
    (refused,) = decide_all(
        [TASK], Decision(Choice(choice), "请补正", (), "zhou"), by=CITY, store=drawn.tasks, clock=drawn.clock
    )
    assert refused.refused == "not_for_second_looks"


def test_pressed_twice_it_is_judged_once(drawn: Office) -> None:
    judge(drawn, choice="reject", reason="不是本人的")
    before = sorted(drawn.all_of(""), key=str)
    assert judge(drawn, choice="reject", reason="不是本人的").card.decision == "reject"
    assert sorted(drawn.all_of(""), key=str) == before
    with pytest.raises(AlreadyDecided):
        judge(drawn)


def test_of_two_judgements_at_once_the_first_stands(drawn: Office) -> None:
    task = drawn.tasks.task(TASK, within=CITY)
    confirmed, contradicted = Decision(Choice.APPROVE, "", (), "zhou"), Decision(Choice.REJECT, "不符", (), "qian")
    drawn.tasks.save_decision(task, confirmed, by=CITY, at=drawn.clock())
    with pytest.raises(AlreadyDecided):
        drawn.tasks.save_decision(task, contradicted, by=reviewer("qian", "4201"), at=drawn.clock())
    assert drawn.task_item()["looked_at"]["decision"] == "approve"


def test_many_are_confirmed_at_once(drawn: Office) -> None:
    (done,) = decide_all(
        [TASK], Decision(Choice.APPROVE, "", (), "zhou"), by=CITY, store=drawn.tasks, clock=drawn.clock
    )
    assert done.refused is None


def test_a_judgement_is_not_undone(drawn: Office) -> None:
    judge(drawn)
    with pytest.raises(NothingToUndo):
        undo(TASK, by=CITY, store=drawn.tasks, clock=drawn.clock)


# --- who may


def test_nobody_judges_their_own_approval(drawn: Office) -> None:
    """Who approved it works for the bureau above by now."""
    moved_up = reviewer("wang", "4201")
    with pytest.raises(ApprovedByYou):
        judge(drawn, by=moved_up)
    with pytest.raises(ApprovedByYou):
        claim(TASK, by=moved_up, store=drawn.tasks, clock=drawn.clock)
    assert ApprovedByYou.code == OwnSubmission.code == "own_submission"
    assert "held_by" not in drawn.item(keys.task_key(TASK))


def test_nobody_is_handed_their_own_approval(drawn: Office) -> None:
    for name, head in (("boss", True), ("wang", False), ("zhou", False)):
        account = {"account_id": name, "username": name, "role": "reviewer", "scope": "4201", "suspended": False}
        drawn.identity.put({**keys.account_key(name), **account, "card": {"head": head}})
        drawn.identity.put({**keys.username_key(name), "account_id": name})
    staff, head_of_city = Colleagues(drawn.registry, drawn.identity), reviewer("boss", "4201")
    with pytest.raises(ColleagueConcerned):
        assign(TASK, "wang", by=head_of_city, store=drawn.tasks, colleagues=staff, clock=drawn.clock)
    assign(TASK, "zhou", by=head_of_city, store=drawn.tasks, colleagues=staff, clock=drawn.clock)
    assert drawn.item(keys.task_key(TASK))["held_by"] == "zhou"


def test_nobody_judges_their_own_case(drawn: Office) -> None:
    with pytest.raises(OwnSubmission):
        judge(drawn, by=reviewer("self", "4201", person_id=PERSON))


def test_a_bureau_above_the_city_looks_and_leaves_it_there(drawn: Office) -> None:
    with pytest.raises(OtherBureau):
        judge(drawn, by=PROVINCE)


def test_a_colleague_of_the_city_may(drawn: Office) -> None:
    claim(TASK, by=CITY, store=drawn.tasks, clock=drawn.clock)
    assert judge(drawn).card.decision == "approve"


# --- late, and counted


def test_a_late_look_is_late_and_nothing_more(drawn: Office) -> None:
    before = drawn.item(keys.task_key(TASK)), drawn.submission_item()
    for day in (date(2026, 12, 23), date(2027, 3, 1)):
        assert run(drawn, day) == {}
    assert (drawn.item(keys.task_key(TASK)), drawn.submission_item()) == before
    assert drawn.tasks.task(TASK, within=CITY).card.is_overdue(date(2026, 12, 23))
    assert judge(drawn).card.decision == "approve"


def test_statistics_tell_what_looks_at_a_reviewer_came_to(drawn: Office) -> None:
    counters = CounterStore(drawn.registry, 1)
    calendar = drawn.calendar.current(drawn.clock())
    count_task(TASK, store=counters, calendar=calendar, at=drawn.clock())
    assert counts(drawn, "now") == {"due.2026-12-22": 1, "kind.second_look": 1}
    judge(drawn, choice="reject", reason="不是本人的")
    count_task(TASK, store=counters, calendar=calendar, at=drawn.clock())
    assert counts(drawn, "2026") == {"decided.second_look.reject": 1, "look.wang.reject": 1}


def counts(office: Office, period: str) -> dict[str, int]:
    found = counts_of(office.item(keys.statistics_key(period, "420100")))
    return {name: count for name, count in found.items() if count}


def test_the_draw_asks_for_the_rules_of_now(office: Office) -> None:
    """A share that is raised bites at the next approval, also of cases that began before."""
    office.open()
    office.decide(WANG, "approve")
    drawing_all(office)
    case = office.cases.case(SUBJECT)
    drawing = Drawing(office.routes, office.calendar, hubei(), office.lookup)
    assert drawing.drawn(case, office.cases.person(case), store=office.cases, at=office.clock()) is not None
