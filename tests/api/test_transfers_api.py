"""Transfers through the gateway: every case, whoever has a say, and the record in one place at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.mailboxes import unit_mailbox
from jingkuai.aws.tables import Item
from jingkuai.domain.workdays import today_in_shanghai
from tests import people
from tests.api.moving import CHANGSHA, JIANGAN, PAPER, XILING, Mover, form, unit
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, QuickRegistry, Registry, opened
from tools.local import samples

LISTED = "有尚未办结的诚信核查"


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """No test here looks into a scan."""
    with opened(QuickRegistry) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def settled(registry: Registry) -> Mover:
    """Somebody whose unit has an account, and who moves nowhere."""
    return Mover.of(registry)


# ------------------------------------------------------------------ beforehand


@pytest.mark.parametrize(
    ("to_region", "route", "steps"),
    [
        (WUCHANG, "same_county", []),
        (JIANGAN, "same_city", ["employer", "acceptance"]),
        (XILING, "between_cities", ["employer", "release", "acceptance"]),
        ("429004", "between_cities", ["employer", "release", "acceptance"]),
        (CHANGSHA, "out_of_province", ["employer", "release"]),
    ],
)
def test_the_way_is_told_beforehand(settled: Mover, to_region: str, route: str, steps: list[str]) -> None:
    told = settled.me.get(f"/me/transfers/preview?to_region={to_region}").json
    assert (told["route"], [one["step"] for one in told["steps"]]) == (route, steps)
    assert all(one["who"] and one["workdays"] > 0 for one in told["steps"])
    if route == "same_county":
        assert "employment_change" in told["message"]
    else:
        assert (told["required_attachments"], told["usual_workdays"]) == ([PAPER], 10)


def test_a_unit_without_an_account_is_not_waited_for(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    told = mover.me.get(f"/me/transfers/preview?to_region={XILING}").json
    assert [one["step"] for one in told["steps"]] == ["release", "acceptance"]
    assert mover.start(XILING)["status"] == "waiting_release"


@pytest.mark.parametrize("nowhere", ["999999", "420199", "429000", "42", ""])
def test_a_place_that_is_none_is_refused(settled: Mover, nowhere: str) -> None:
    answer = settled.me.get(f"/me/transfers/preview?to_region={nowhere}")
    refused(answer, 422, "unknown_region", {"to_region": "unknown_region"})
    refused(
        settled.me.post("/me/transfers", form(settled.registry, settled.me, nowhere)),
        422,
        "unknown_region",
        {"to_region": "unknown_region"},
    )


def test_before_the_first_approval_nobody_moves(registry: Registry) -> None:
    newcomer = registry.newcomer()
    refused(newcomer.get(f"/me/transfers/preview?to_region={XILING}"), 409, "no_record_to_change")
    refused(newcomer.post("/me/transfers", form(registry, newcomer, XILING)), 409, "no_record_to_change")


def test_inside_the_county_it_is_no_transfer(settled: Mover) -> None:
    refused(settled.me.post("/me/transfers", form(settled.registry, settled.me, WUCHANG)), 422, "not_a_transfer")


def test_everything_wrong_with_a_transfer_is_said_at_once(settled: Mover) -> None:
    far = (today_in_shanghai(utc_now()) + timedelta(days=91)).isoformat()
    wrong = form(
        settled.registry,
        settled.me,
        XILING,
        to_employer=None,
        reason=" ",
        start_date=far,
        letter={"number": "湘1", "from_region": CHANGSHA, "issued_on": "2026-01-01"},
        attachment_ids=[],
    )
    refused(
        settled.me.post("/me/transfers", wrong),
        422,
        "invalid",
        {
            "to_employer": "required",
            "reason": "required",
            "start_date": "too_late",
            "letter": "not_expected",
            "attachments.transfer_proof": "missing_scan",
        },
    )


# ------------------------------------------------------------------ the whole way


def test_between_cities_unit_and_both_bureaus_have_their_say_and_the_record_moves_at_the_end(
    registry: Registry,
) -> None:
    mover = Mover.of(registry)
    home = mover.place()
    assert mover.start(XILING)["status"] == "waiting_employer"
    assert mover.answer("confirm")["status"] == "waiting_release"
    assert mover.decide(WUCHANG)["status"] == "waiting_acceptance"
    assert mover.place() == home
    done = mover.decide(XILING)
    assert done["status"] == "completed"
    assert [one["state"] for one in done["steps"]] == ["confirmed", "approved", "approved"]
    assert all(one["decided_at"] and one["due_on"] for one in done["steps"])
    region, status, uscc = mover.place()
    assert (region, status, uscc) == (XILING, "active", done["to_employer"]["uscc"])
    assert mover.found_by(XILING) and not mover.found_by(WUCHANG)
    history = mover.me.get("/me/profile/history").json["items"]
    assert (history[0]["kind"], history[0]["sections_changed"]) == ("transfer", ["employment", "region_code"])
    assert mover.profile()["employment"]["position"] == "accountant", "the post stays where no other is named"
    claim = registry.cloud.registry.get(keys.id_claim_key(_person(mover)["id_hash"]))
    assert claim and claim["uscc"] == uscc
    titles = [one["title"] for one in mover.me.get("/me/messages").json["items"]]
    assert titles[0] == "调转已办结"
    assert mover.employer
    for party, title in ((registry.reviewer(), "调转已办结"), (mover.employer, "人员已调出")):
        told = party.get("/me/messages").json["items"][0]
        assert told["title"] == title, "whoever had a say is told"
        assert party.get(told["link"]).json["items"] or party is mover.employer, "and its link leads to it"
    joined = registry.cloud.registry.query_all(keys.messages_pk(unit_mailbox(done["to_employer"]["uscc"])))
    assert [one["title"] for one in joined if "title" in one] == ["人员已调入"], "and the unit, which nobody asked"


def test_whoever_is_left_reads_of_an_old_task_what_was_filed_and_nothing_of_the_record(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    bureau = registry.reviewer()
    listed = bureau.get("/review/tasks?state=done&limit=100").json["items"]
    old = next(one["task_id"] for one in listed if one["kind"] == "registration")
    before = bureau.get(f"/review/tasks/{old}").json
    assert before["profile"] and before["attachments"] and before["history"]
    mover.start(JIANGAN)
    assert mover.decide(JIANGAN)["status"] == "completed"
    after = bureau.get(f"/review/tasks/{old}").json
    assert (after["profile"], after["attachments"], after["history"], after["differences"]) == (None, [], [], [])
    assert after["payload"] == before["payload"] and after["decision"] == "approve"
    assert registry.reviewer(WUHAN).get(f"/review/tasks/{old}").json["profile"], (
        "of the city it is still one of its own"
    )


def test_inside_the_city_the_bureau_that_is_left_is_told(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    assert mover.start(JIANGAN)["status"] == "waiting_acceptance"
    assert mover.decide(JIANGAN)["status"] == "completed"
    assert mover.place()[:2] == (JIANGAN, "active")
    listed = registry.reviewer().get("/review/transfers?direction=outgoing").json["items"]
    assert (listed[0]["transfer_id"], listed[0]["status"]) == (mover.transfer_id, "completed")


def test_out_of_the_province_the_record_is_closed_with_a_letter_and_stays_readable(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(CHANGSHA)
    done = mover.decide(WUCHANG)
    letter = done["letter"]
    assert (done["status"], letter["number"][:2]) == ("completed", "DZ")
    assert letter["download_url"] and letter["verify_url"].endswith(letter["number"])
    assert mover.place()[:2] == (WUCHANG, "transferred_out")
    person = _person(mover)
    assert not [name for name in person if name.startswith("gsi")], "in no list"
    assert mover.found_by(WUCHANG), "the bureau that kept it last still finds it by its number"
    verified = registry.nobody.get(f"/verify/{letter['number']}").json
    assert (verified["valid"], verified["kind"], verified["to_region"]) == (True, "transfer_letter", CHANGSHA)
    change = registry.change(mover.me, "education_added", {"education": {}}, "education_certificate")
    refused(mover.me.post("/me/submissions", change), 409, "record_closed")
    refused(mover.me.get(f"/me/transfers/preview?to_region={CHANGSHA}"), 409, "record_closed")


def test_back_into_the_province_with_the_credits_of_elsewhere(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(CHANGSHA)
    number = mover.decide(WUCHANG)["letter"]["number"]
    began = mover.start(
        XILING,
        letter={"number": "湘调2026-118", "from_region": CHANGSHA, "issued_on": "2026-11-01"},
        earlier_credits=[
            {"year": 2024, "total": 92.5, "professional": 60},
            {"year": 2025, "total": 90, "professional": 90},
        ],
    )
    assert (began["route"], began["status"]) == ("into_province", "waiting_acceptance")
    page = registry.reviewer(XILING).get(f"/review/tasks/{registry.task_of(mover.transfer_id, XILING)}").json
    assert page["kind"] == "transfer_acceptance"
    assert page["transfer"]["letter_of_origin"]["number"] == "湘调2026-118"
    assert [one["year"] for one in page["transfer"]["earlier_credits"]] == [2024, 2025]
    assert mover.decide(XILING)["status"] == "completed"
    assert mover.place()[:2] == (XILING, "active")
    year = mover.me.get("/me/credits?year=2024").json
    assert {(one["source"], one["category"], one["credits"]) for one in year["entries"]} == {
        ("carried", "professional", 60),
        ("carried", "public", 32.5),
    }
    assert (year["earned"]["total"], year["fulfilled"]) == (92.5, True)
    assert len(mover.me.get("/me/credits?year=2025").json["entries"]) == 1, "no entry of zero credits"
    assert registry.nobody.get(f"/verify/{number}").json["state"] == "used"


def test_what_is_brought_along_is_read_with_care(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(CHANGSHA)
    mover.decide(WUCHANG)
    wrong = form(
        registry,
        mover.me,
        XILING,
        letter={"number": "湘1", "from_region": WUCHANG, "issued_on": "2999-01-01"},
        earlier_credits=[
            {"year": 2025, "total": 60, "professional": 61},
            {"year": 2025, "total": 1.005, "professional": 0},
            {"year": 1900, "total": True, "professional": 0},
        ],
    )
    refused(
        mover.me.post("/me/transfers", wrong),
        422,
        "invalid",
        {
            "letter.from_region": "unknown_region",
            "letter.issued_on": "in_future",
            "earlier_credits.0.professional": "credits_out_of_range",
            "earlier_credits.1.year": "duplicate_year",
            "earlier_credits.1.total": "credits_out_of_range",
            "earlier_credits.2.year": "bad_year",
            "earlier_credits.2.total": "credits_not_a_number",
        },
    )


def test_what_is_brought_along_at_a_second_return_stands_beside_the_first(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    for number, total in (("湘调2026-1", 30), ("湘调2026-2", 10)):
        mover.start(CHANGSHA)
        mover.decide(mover.place()[0])
        letter = {"number": number, "from_region": CHANGSHA, "issued_on": "2026-11-01"}
        years = [{"year": 2025, "total": total, "professional": 10}]
        mover.start(XILING, letter=letter, earlier_credits=years)
        mover.decide(XILING)
    year = mover.me.get("/me/credits?year=2025").json
    assert year["earned"] == {"total": 40, "professional": 20, "public": 20}
    assert all(one["counted"] for one in year["entries"])


def test_the_bureaus_read_what_is_odd_about_the_unit_that_is_joined(registry: Registry) -> None:
    here = Mover.of(registry)
    known = here.place()[2]
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN, to_employer={"uscc": known, "name": "完全不同的名字有限公司"})
    page = registry.reviewer(JIANGAN).get(f"/review/tasks/{registry.task_of(mover.transfer_id, JIANGAN)}").json
    assert {one["code"] for one in page["findings"]} == {"employer_name_differs"}


def test_whoever_moves_to_a_unit_whose_place_another_took_is_that_ones_member(registry: Registry) -> None:
    (gone, _), successor = unit(registry, "湖北示例被合并会计有限公司"), people.credit_code(registry.chance)
    name = "湖北示例承继会计有限公司"
    begun = registry.admin.post(
        f"/admin/employers/{gone}/successor", {"uscc": successor, "name": name, "preview": False}
    )
    assert begun.status == 202, begun.text
    registry.workflows.settle()
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN, to_employer={"uscc": gone, "name": "湖北示例被合并会计有限公司"})
    page = registry.reviewer(JIANGAN).get(f"/review/tasks/{registry.task_of(mover.transfer_id, JIANGAN)}").json
    assert "employer_succeeded" in {one["code"] for one in page["findings"]}
    mover.decide(JIANGAN)
    assert mover.place()[2] == successor
    assert mover.profile()["employment"]["employer_name"] == name


def test_without_a_new_unit_somebody_moves_and_seeks_work(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN, to_employer=None, employment_status="seeking")
    mover.decide(JIANGAN)
    assert mover.place() == (JIANGAN, "active", None)
    assert mover.profile()["employment"]["status"] == "seeking"
    assert "gsi3pk" not in _person(mover)


# ------------------------------------------------------------------ the unit


def test_an_objection_goes_with_its_reason_to_the_bureau_that_decides_next(registry: Registry) -> None:
    mover = Mover.of(registry)
    mover.start(XILING)
    assert mover.answer("refuse", "工作交接尚未办结")["status"] == "waiting_release"
    page = registry.reviewer().get(f"/review/tasks/{registry.task_of(mover.transfer_id)}").json
    assert page["kind"] == "transfer_release"
    told = {one["code"]: one for one in page["findings"]}
    assert told["employer_objected"]["result"] == "doubtful"
    assert "工作交接尚未办结" in told["employer_objected"]["message"]
    assert page["transfer"]["steps"][0]["reason"] == "工作交接尚未办结"
    assert {one["field"] for one in page["differences"]} >= {"employment.uscc", "employment.employer_name"}
    assert mover.states()["employer"] == "objected"


def test_a_unit_sees_what_it_is_asked_masked_and_answers_once(registry: Registry) -> None:
    mover = Mover.of(registry)
    mover.start(XILING)
    assert mover.employer
    listed = mover.employer.get("/employer/confirmations")
    (asked,) = listed.json["items"]
    assert asked["kind"] == "leaving" and asked["due_on"]
    for secret in ("name", "id_number", "phone"):
        assert mover.me.person[secret] not in listed.text
    path = f"/employer/confirmations/{asked['confirmation_id']}"
    refused(mover.employer.post(path, {"decision": "refuse", "reason": ""}), 422, "invalid", {"reason": "required"})
    assert mover.answer("confirm")["status"] == "waiting_release"
    again = mover.employer.post(path, {"decision": "confirm", "reason": ""})
    assert (again.status, again.json["decision"]) == (200, "confirm")
    refused(mover.employer.post(path, {"decision": "refuse", "reason": "改主意"}), 409, "already_decided")
    assert mover.employer.get("/employer/confirmations").json["items"] == []
    stranger = Mover.of(registry).employer
    assert stranger
    refused(stranger.post(path, {"decision": "confirm", "reason": ""}), 404, "not_found")
    refused(registry.reviewer().get(f"/review/tasks/{asked['confirmation_id']}"), 404, "not_found")


def test_silence_counts_as_confirmed(registry: Registry) -> None:
    mover = Mover.of(registry)
    due = mover.start(XILING)["due_on"]
    mover.morning(_day(due))
    assert mover.transfer()["status"] == "waiting_employer", "the last day is the unit's"
    assert mover.morning(_day(due) + timedelta(days=1))["unanswered"] == 1
    assert mover.transfer()["status"] == "waiting_release"
    assert mover.states()["employer"] == "unanswered"


# ------------------------------------------------------------------ what ends it


def test_a_refusal_puts_all_back_and_everybody_reads_who_and_why(registry: Registry) -> None:
    mover = Mover.of(registry)
    home = mover.place()
    mover.start(XILING)
    mover.answer("confirm")
    mover.decide(WUCHANG)
    ended = mover.decide(XILING, "reject", "接收单位信息不符")
    assert ended["status"] == "refused"
    assert (ended["steps"][-1]["state"], ended["steps"][-1]["reason"]) == ("refused", "接收单位信息不符")
    assert mover.place() == home and _person(mover)["open"] == {}
    assert mover.employer
    for party in (mover.employer, registry.reviewer()):
        told = party.get("/me/messages").json["items"][0]
        assert told["title"] == "调转没有办成", "whoever had a say is told"
        assert party.get(told["link"]).json["items"], "and its link leads to it"
    assert mover.start(XILING)["status"] == "waiting_employer", "another may be filed"


def test_a_release_is_refused_for_a_listed_reason_only(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    bureau, task = registry.reviewer(), registry.task_of(mover.transfer_id)
    assert LISTED in bureau.get(f"/review/tasks/{task}").json["release_refusals"]
    body = {"decision": "reject", "reason": "人手不足，不想放人", "fields": []}
    refused(bureau.post(f"/review/tasks/{task}/decision", body), 422, "invalid", {"reason": "reason_not_listed"})
    batch = bureau.post("/review/decisions", {"task_ids": [task], "decision": "reject", "reason": "不想放人"})
    assert batch.json["results"] == [{"task_id": task, "status": "refused", "code": "invalid"}]
    assert mover.decide(WUCHANG, "reject", f"{LISTED}：见案卷")["status"] == "refused"


def test_a_transfer_is_not_forwarded(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN)
    task = registry.task_of(mover.transfer_id, JIANGAN)
    body = {"decision": "forward", "reason": "不归本局", "fields": [], "to_region": XILING}
    problem = refused(registry.reviewer(JIANGAN).post(f"/review/tasks/{task}/decision", body), 422, "not_forwardable")
    assert "调转" in problem["title"] and "变更" not in problem["title"]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_cancel_at_any_step_puts_all_back(registry: Registry, steps: int) -> None:
    mover = Mover.of(registry)
    home = mover.place()
    mover.start(XILING)
    if steps > 0:
        mover.answer("confirm")
    if steps > 1:
        mover.decide(WUCHANG)
    assert mover.cancel()["status"] == "cancelled"
    told = registry.reviewer().get("/me/messages").json["items"][0]
    assert steps == 0 or (told["title"], told["link"]) == ("调转已取消", "/review/transfers?direction=outgoing")
    assert mover.me.post(f"/me/transfers/{mover.transfer_id}/cancel").status == 200, "pressed again, nothing changes"
    assert mover.place() == home and _person(mover)["open"] == {}
    assert registry.workflows.executions[f"{mover.transfer_id}.1"].ended == "Ended"
    for region in (WUCHANG, XILING):
        open_tasks = registry.reviewer(region).get("/review/tasks?limit=100").json["items"]
        assert mover.transfer_id not in [one["subject_id"] for one in open_tasks]


def test_papers_are_asked_for_sent_and_the_same_reviewer_comes_first(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN)
    asked = mover.decide(JIANGAN, "return", "请补充新单位的用工证明")
    assert (asked["status"], asked["returned_for"]) == ("waiting_papers", "请补充新单位的用工证明")
    assert next(one["code"] for one in mover.me.get("/me").json["todo"]) == "transfer_papers"
    path = f"/me/transfers/{mover.transfer_id}/papers"
    refused(mover.me.post(path, {"attachment_ids": []}), 422, "invalid", {"attachment_ids": "required"})
    paper = registry.scan(mover.me, "employment_proof")
    sent = mover.me.post(path, {"attachment_ids": [paper]})
    assert sent.status == 200 and paper in sent.json["attachment_ids"]
    refused(mover.me.post(path, {"attachment_ids": [paper]}), 409, "no_papers_wanted")
    registry.workflows.settle()
    task = registry.task_of(mover.transfer_id, JIANGAN, state="mine")
    page = registry.reviewer(JIANGAN).get(f"/review/tasks/{task}").json
    assert paper in [one["attachment_id"] for one in page["attachments"]]
    body = {"decision": "approve", "reason": "", "fields": []}
    assert registry.reviewer(JIANGAN).post(f"/review/tasks/{task}/decision", body).status == 200
    registry.workflows.settle()
    assert mover.transfer()["status"] == "completed"


def test_a_release_is_sent_back_for_papers_once(registry: Registry) -> None:
    """The bureau that is left cannot hold anybody; what the one that is joined asks for is its own matter."""
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    mover.decide(WUCHANG, "return", "请补充离职证明")
    send = {"attachment_ids": [registry.scan(mover.me, "transfer_proof")]}
    assert mover.me.post(f"/me/transfers/{mover.transfer_id}/papers", send).status == 200
    registry.workflows.settle()
    task = registry.task_of(mover.transfer_id, WUCHANG, state="mine")
    again = {"decision": "return", "reason": "还要补充", "fields": []}
    refused(registry.reviewer().post(f"/review/tasks/{task}/decision", again), 409, "papers_asked")
    assert registry.reviewer().post(f"/review/tasks/{task}/decision", {**again, "decision": "approve"}).status == 200
    registry.workflows.settle()
    assert mover.decide(XILING, "return", "请补充用工证明")["status"] == "waiting_papers"
    assert mover.me.post(f"/me/transfers/{mover.transfer_id}/cancel").status == 200


def test_papers_that_never_come_end_it(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    home = mover.place()
    mover.start(JIANGAN)
    mover.decide(JIANGAN, "return", "请补充新单位的用工证明")
    assert mover.morning()["expired"] == 1
    assert mover.transfer()["status"] == "expired"
    told = registry.reviewer(JIANGAN).get("/me/messages").json["items"]
    links = [one["link"] for one in told if one["title"] == "调转没有办成"]
    assert links, "the bureau that had asked for them is told"
    assert mover.transfer_id in [one["transfer_id"] for one in registry.reviewer(JIANGAN).get(links[0]).json["items"]]
    assert mover.place() == home and _person(mover)["open"] == {}


def test_a_release_is_taken_back_while_nobody_has_begun_to_accept(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    task = registry.decide(mover.transfer_id, "approve")
    assert registry.reviewer().post(f"/review/tasks/{task}/undo").status == 200
    registry.workflows.settle()
    assert mover.states() == {"release": "waiting", "acceptance": "pending"}
    again = registry.task_of(mover.transfer_id, state="mine")
    body = {"decision": "approve", "reason": "", "fields": []}
    registry.reviewer().post(f"/review/tasks/{again}/decision", body)
    registry.workflows.settle()
    assert mover.decide(XILING)["status"] == "completed"


def test_a_bureau_that_says_nothing_is_late_and_the_one_above_takes_over(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN)
    done = mover.morning()
    assert done["overdue"] >= 1 and done["escalated"] >= 1
    assert mover.transfer()["steps"][0]["who"] == "武汉市财政局"
    assert mover.decide("4201")["status"] == "completed"
    assert mover.place()[0] == JIANGAN


def test_the_bureau_that_was_late_is_told_what_the_one_above_decided(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    assert mover.morning()["escalated"] >= 1
    assert mover.decide(WUHAN, "reject", LISTED)["status"] == "refused"
    told = [one["title"] for one in registry.reviewer().get("/me/messages").json["items"]]
    assert told[0] == "调转没有办成"


def test_the_bureau_that_was_late_is_told_of_a_cancel_too(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    assert mover.morning()["escalated"] >= 1
    assert mover.me.post(f"/me/transfers/{mover.transfer_id}/cancel").status == 200
    registry.workflows.settle()
    for bureau in (WUCHANG, WUHAN):
        told = [one["title"] for one in registry.reviewer(bureau).get("/me/messages").json["items"]]
        assert told[0] == "调转已取消"


def test_a_bureau_that_asked_for_papers_goes_on_reading_the_case_it_waits_for(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(JIANGAN)
    task = registry.task_of(mover.transfer_id, JIANGAN)
    before = registry.reviewer(JIANGAN).get(f"/review/tasks/{task}").json
    mover.decide(JIANGAN, "return", "请补充用工证明")
    waiting = registry.reviewer(JIANGAN).get(f"/review/tasks/{task}").json
    assert waiting["profile"] and len(waiting["attachments"]) == len(before["attachments"])
    assert mover.me.post(f"/me/transfers/{mover.transfer_id}/cancel").status == 200
    registry.workflows.settle()
    over = registry.reviewer(JIANGAN).get(f"/review/tasks/{task}").json
    assert (over["profile"], over["attachments"]) == (None, [])


# ------------------------------------------------------------------ beside other matters


def test_a_change_of_unit_or_identity_and_a_transfer_keep_each_other_out(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    employment = {**samples.registration_of(mover.me.person)["employment"], "uscc": people.credit_code(registry.chance)}
    change = registry.change(
        mover.me, "employment_change", {"employment": employment}, "employment_proof", "transfer_proof"
    )
    submission = mover.me.post("/me/submissions", change).json["submission_id"]
    registry.workflows.settle()
    answer = refused(mover.me.post("/me/transfers", form(registry, mover.me, XILING)), 409, "open_submission")
    assert answer["submission_id"] == submission
    assert mover.me.post(f"/me/submissions/{submission}/withdraw").status == 200
    mover.start(XILING)
    refused(mover.me.post("/me/transfers", form(registry, mover.me, XILING)), 409, "open_transfer")
    change = registry.change(
        mover.me, "employment_change", {"employment": employment}, "employment_proof", "transfer_proof"
    )
    refused(mover.me.post("/me/submissions", change), 409, "open_transfer")
    refused(mover.me.post("/me/submissions", registry.identity_change(mover.me)), 409, "open_transfer")
    otp = {"otp": registry.code(mover.me.person["phone"], "confirm")}
    refused(mover.me.post("/me/deactivate", otp), 409, "open_transfer")


def test_a_review_that_was_open_stays_with_its_bureau_and_applies_wherever_the_person_is(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    born = int(mover.me.person["id_number"][6:10])
    education = {
        **samples.registration_of(mover.me.person)["education"][0],
        "level": "master",
        "certificate_no": "104862020020001234",
        "graduated_on": f"{born + 26}-06-30",
    }
    change = registry.change(mover.me, "education_added", {"education": education}, "education_certificate")
    submission = mover.me.post("/me/submissions", change).json["submission_id"]
    registry.workflows.settle()
    mover.start(JIANGAN)
    mover.decide(JIANGAN)
    registry.decide(submission, "approve")
    assert mover.me.get(f"/me/submissions/{submission}").json["status"] == "approved"
    assert [one["level"] for one in mover.profile()["education"]] == ["master", "bachelor"]
    assert mover.place()[0] == JIANGAN and mover.found_by(JIANGAN)


def test_what_is_approved_after_somebody_left_the_province_lists_them_nowhere(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    qualification = {"level": "intermediate", "certificate_no": "ZJ20200001", "obtained_on": "2020-09-01"}
    change = registry.change(
        mover.me, "qualification_added", {"qualification": qualification}, "qualification_certificate"
    )
    submission = mover.me.post("/me/submissions", change).json["submission_id"]
    registry.workflows.settle()
    mover.start(CHANGSHA)
    mover.decide(WUCHANG)
    registry.decide(submission, "approve")
    assert mover.place()[1] == "transferred_out"
    assert len(mover.profile()["qualifications"]) == 1
    assert not [name for name in _person(mover) if name.startswith("gsi")]


def test_a_destination_abolished_meanwhile_ends_it_and_all_is_as_before(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mover = Mover.of(registry, with_unit=False)
    home = mover.place()
    mover.start(XILING)
    monkeypatch.setattr("review.routing.has_destination", lambda *_: False)
    ended = mover.decide(WUCHANG)
    assert ended["status"] == "refused"
    assert "撤销" in ended["timeline"][-1]["note"]
    assert mover.place() == home and _person(mover)["open"] == {}


def test_of_two_filed_at_once_one_is(registry: Registry) -> None:
    mover = Mover.of(registry, with_unit=False)
    body = form(registry, mover.me, XILING)
    key = {"Idempotency-Key": "transfer-1"}
    first = mover.me.call("POST", "/me/transfers", body, headers=key)
    again = mover.me.call("POST", "/me/transfers", body, headers=key)
    assert (first.status, again.status, first.json["transfer_id"]) == (201, 201, again.json["transfer_id"])
    refused(mover.me.post("/me/transfers", body), 409, "open_transfer")


def test_another_persons_transfer_is_not_found(registry: Registry, settled: Mover) -> None:
    mover = Mover.of(registry, with_unit=False)
    mover.start(XILING)
    path = f"/me/transfers/{mover.transfer_id}"
    refused(settled.me.get(path), 404, "not_found")
    refused(settled.me.post(f"{path}/cancel"), 404, "not_found")
    refused(settled.me.post(f"{path}/papers", {"attachment_ids": ["x"]}), 404, "not_found")
    assert settled.me.get("/me/transfers").json["items"] == []


def test_nothing_personal_is_in_what_stands_outside_the_sealed_members(registry: Registry) -> None:
    mover = Mover.of(registry)
    mover.start(XILING)
    task = registry.cloud.registry.get(keys.task_key(_task_id(mover)))
    assert task and mover.me.person["name"] not in str(task) and mover.me.person["id_number"] not in str(task)


def _task_id(mover: Mover) -> str:
    assert mover.employer
    (asked,) = mover.employer.get("/employer/confirmations").json["items"]
    return str(asked["confirmation_id"])


def _person(mover: Mover) -> Item:
    found = mover.registry.cloud.registry.get(keys.person_key(mover.me.account_id))
    assert found
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)
