"""The employer's side through the API: what a unit sees and says, what its people hear, and what the province decides of it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso, utc_now
from jingkuai.aws.mailboxes import bureau_mailbox
from tests.api.refusals import problem_of, refused
from tests.api.registry import UNIT_NAME, WUHAN, Accountant, Caller, Registry
from tests.invariants import every_item, violations

LEFT = {"kind": "left", "reason": "合同到期，已办理离职"}
NEVER = {"kind": "never_worked", "reason": "本单位从未聘用此人"}
NEW_NAME = "湖北示例承继实业有限公司"


class Unit:
    """A unit of its own, with an administrator."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.uscc = registry.somebody()["uscc"]
        self.desk: Caller = registry.unit(self.uscc)

    def member(self) -> Accountant:
        return self.registry.accountant(self.registry.somebody(uscc=self.uscc))

    def left(self, somebody: Accountant, body: dict[str, str]) -> Any:
        return self.desk.post(f"/employer/members/{somebody.account_id}/left", body)


@pytest.fixture
def unit(registry: Registry) -> Unit:
    return Unit(registry)


@pytest.fixture(autouse=True)
def nothing_contradicts_itself(registry: Registry) -> Any:
    yield
    assert violations(every_item(registry.cloud.registry)) == []


def employment(somebody: Accountant) -> dict[str, Any]:
    found: dict[str, Any] = somebody.get("/me/profile").json["employment"]
    return found


def test_a_unit_reads_its_members_masked_and_by_page(unit: Unit) -> None:
    members = [unit.member() for _ in range(2)]
    first = unit.desk.get("/employer/members?limit=1").json
    second = unit.desk.get(f"/employer/members?limit=1&cursor={first['next_cursor']}").json
    shown = [*first["items"], *second["items"]]
    assert {one["person_id"] for one in shown} == {one.account_id for one in members}
    for one, somebody in ((one, m) for one in shown for m in members):
        assert somebody.person["id_number"] not in str(one) and somebody.person["name"] not in str(one)
    assert {(one["employer_name"], one["region_code"]) for one in shown} == {(UNIT_NAME, "420106")}
    refused(unit.desk.get("/employer/members?cursor=x"), 400, "bad_cursor")
    refused(Unit(unit.registry).desk.get(f"/employer/members?cursor={first['next_cursor']}"), 400, "bad_cursor")
    assert Unit(unit.registry).desk.get("/employer/members").json == {
        "items": [], "next_cursor": None, "download_url": None, "members": None, "complete": None
    }  # fmt: skip


def test_the_workbook_lies_behind_a_link_and_names_nobody(unit: Unit) -> None:
    member = unit.member()
    made = unit.desk.get("/employer/members?format=xlsx").json
    assert (made["members"], made["complete"]) == (1, True)
    assert "exports/" in made["download_url"] and unit.uscc not in made["download_url"].partition("?")[0]
    key = made["download_url"].partition("?")[0].partition("/exports/")[2]
    file = clients.s3().get_object(Bucket=unit.registry.cloud.records, Key=f"exports/{key}")["Body"].read()
    (sheet,) = load_workbook(io.BytesIO(file)).worksheets
    (row,) = sheet.iter_rows(min_row=2, values_only=True)
    assert row[6] == member.account_id
    assert member.person["id_number"] not in str(row) and member.person["name"] not in str(row)
    refused(unit.desk.get("/employer/members?format=pdf"), 422, "invalid")


def test_whoever_left_reads_so_and_gets_a_message_and_an_sms(unit: Unit) -> None:
    member = unit.member()
    before = len(unit.registry.messages_to(member.person["phone"]))
    said = unit.left(member, LEFT)
    assert (said.status, said.json["integrity_check"]) == (200, False)
    assert unit.left(member, LEFT).json == said.json
    unit.registry.workflows.settle()
    assert employment(member)["status"] == "seeking"
    assert UNIT_NAME in member.get("/me/messages").json["items"][0]["body"]
    assert len(unit.registry.messages_to(member.person["phone"])) == before + 1
    (newest, *_) = member.get("/me/profile/history").json["items"]
    assert (newest["kind"], newest["by_role"], newest["sections_changed"]) == (
        "employer_left",
        "employer",
        ["employment"],
    )
    assert unit.desk.get("/employer/members").json["items"] == []


def test_a_change_under_way_stands_in_the_way_and_is_named(unit: Unit) -> None:
    member, new = unit.member(), unit.registry.somebody()
    work = {**employment(member), "uscc": new["uscc"]}
    form = unit.registry.change(member, "employment_change", {"employment": work}, "employment_proof", "transfer_proof")
    submission = member.post("/me/submissions", form).json["submission_id"]
    unit.registry.workflows.settle()
    told = problem_of(unit.left(member, LEFT))
    assert (told["code"], told["submission_id"]) == ("open_submission", submission)
    unit.registry.decide(submission, "approve")
    assert employment(member)["uscc"] == new["uscc"]
    refused(unit.left(member, LEFT), 404, "not_found")


def test_every_problem_of_a_report_is_named(unit: Unit) -> None:
    member = unit.member()
    assert [one["field"] for one in problem_of(unit.left(member, {"kind": "left"}))["errors"]] == ["reason"]
    assert [one["field"] for one in problem_of(unit.left(member, {"kind": "gone", "reason": "x"}))["errors"]] == [
        "kind"
    ]
    assert employment(member)["status"] == "employed"


def check_of(unit: Unit, member: Accountant) -> str:
    assert unit.left(member, NEVER).json["integrity_check"] is True
    unit.registry.workflows.settle()
    bureau = unit.registry.reviewer()
    (record,) = bureau.get(f"/review/people/{member.account_id}?purpose=%E6%A0%B8%E5%AF%B9").json["integrity_records"]
    assert (record["kind"], record["state"]) == ("untruthful", "pending")
    return str(record["record_id"])


def test_a_false_unit_is_confirmed_by_county_and_city_and_told(unit: Unit) -> None:
    member = unit.member()
    record_id = check_of(unit, member)
    assert member.get("/me/integrity-records").json["items"] == []
    unit.registry.decide(record_id, "approve")
    unit.registry.decide(record_id, "approve", WUHAN)
    (told,) = member.get("/me/integrity-records").json["items"]
    assert (told["record_id"], told["state"], told["facts"]) == (record_id, "effective", NEVER["reason"])
    assert "诚信记录" in member.get("/me/messages").json["items"][0]["title"]


def test_whoever_objects_in_time_is_heard_once(unit: Unit) -> None:
    registry, member = unit.registry, unit.member()
    record_id = check_of(unit, member)
    path, proof = f"/me/integrity-records/{record_id}/objection", registry.scan(member, "employment_proof")
    body = {"statement": "本人有劳动合同，附后", "attachment_ids": [proof]}
    refused(member.post(path, body), 404, "not_found")  # of what nobody has confirmed nobody is told
    registry.decide(record_id, "approve")
    registry.decide(record_id, "approve", WUHAN)
    wrong = problem_of(member.post(path, {"statement": "", "attachment_ids": ["nobodys"]}))
    assert [one["field"] for one in wrong["errors"]] == ["statement", "attachments.nobodys"]
    objected = member.post(path, body)
    assert (objected.status, objected.json["state"]) == (200, "objected")
    assert member.post(path, body).json == objected.json
    refused(member.post(path, {"statement": "另一种说法"}), 409, "objected_already")
    registry.workflows.settle()
    mailbox = registry.cloud.registry.query_all(keys.messages_pk(bureau_mailbox("420106")))
    assert any("异议" in one.get("title", "") for one in mailbox)
    bureau = registry.reviewer(WUHAN)
    (seen,) = bureau.get(f"/review/people/{member.account_id}?purpose=%E6%A0%B8%E5%AF%B9").json["integrity_records"]
    assert (seen["state"], seen["objection"]["statement"]) == ("objected", body["statement"])
    (scan,) = seen["objection"]["scans"]
    assert (scan["attachment_id"], scan["status"]) == (proof, "accepted") and proof in scan["download_url"]
    assert any("异议" in one["title"] for one in bureau.get("/me/messages").json["items"]), "the city can answer it"
    record = f"/review/people/{member.account_id}/integrity-records/{record_id}"
    refused(registry.reviewer().post(f"{record}/uphold", {"reason": "证据确凿"}), 403, "forbidden")
    answered = bureau.post(f"{record}/uphold", {"reason": "社保记录为他人缴纳，记录维持"}).json
    assert (answered["state"], answered["objection"]["answered"]["reason"]) == (
        "effective",
        "社保记录为他人缴纳，记录维持",
    )
    assert bureau.post(f"{record}/uphold", {"reason": "再次维持"}).json == answered
    (told,) = member.get("/me/integrity-records").json["items"]
    assert told["objection"]["answered"] == answered["objection"]["answered"]
    refused(member.post(path, {"statement": "另一种说法"}), 409, "objected_already")
    revoked = bureau.post(f"{record}/revoke", {"reason": "异议成立"}).json
    assert (revoked["state"], revoked["revocation"]["reason"]) == ("revoked", "异议成立")
    refused(bureau.post(f"{record}/uphold", {"reason": "仍然维持"}), 409, "nothing_objected")
    (told,) = member.get("/me/integrity-records").json["items"]
    assert told["revocation"] == revoked["revocation"]
    refused(member.post(path, {"statement": "再说一次"}), 409, "record_revoked")


def test_after_ten_business_days_an_objection_goes_to_the_counter(unit: Unit) -> None:
    registry, member = unit.registry, unit.member()
    record_id = check_of(unit, member)
    registry.decide(record_id, "approve")
    registry.decide(record_id, "approve", WUHAN)
    at = keys.integrity_key(member.account_id, record_id)
    registry.cloud.registry.update(
        at, "SET effective_at = :then", values={":then": iso(utc_now() - timedelta(days=30))}
    )
    path = f"/me/integrity-records/{record_id}/objection"
    refused(member.post(path, {"statement": "本人有劳动合同"}), 409, "objection_late")


def test_an_unfounded_one_leaves_nothing_the_person_sees(unit: Unit) -> None:
    member = unit.member()
    record_id = check_of(unit, member)
    unit.registry.decide(record_id, "reject")
    assert member.get("/me/integrity-records").json["items"] == []
    bureau = unit.registry.reviewer()
    (record,) = bureau.get(f"/review/people/{member.account_id}?purpose=%E6%A0%B8%E5%AF%B9").json["integrity_records"]
    assert record["state"] == "revoked"


def test_a_bureau_enters_a_record_and_a_city_takes_it_back(unit: Unit) -> None:
    registry, member = unit.registry, unit.member()
    path = f"/review/people/{member.account_id}/integrity-records"
    bad = {"kind": "penalty", "title": "", "facts": "x", "decided_on": "2999-01-01", "effective_until": "soon"}
    fields = [one["field"] for one in problem_of(registry.reviewer().post(path, bad))["errors"]]
    assert sorted(fields) == ["decided_on", "effective_until", "facts", "title"]
    body = {
        "kind": "penalty",
        "title": "行政处罚",
        "facts": "伪造凭证",
        "decided_on": "2026-05-01",
        "document_no": "武财罚1号",
    }
    key = {"Idempotency-Key": "penalty"}
    entered = registry.reviewer().post(path, body, headers=key)
    assert (entered.status, entered.json["state"]) == (201, "pending")
    assert registry.reviewer().post(path, body, headers=key).json == entered.json
    registry.workflows.settle()
    record_id = entered.json["record_id"]
    revoke, why = f"{path}/{record_id}/revoke", {"reason": "处罚决定已被撤销"}
    county = refused(registry.reviewer().post(revoke, why), 403, "forbidden")
    assert "上一级财政局" in county["detail"], "whom to turn to, not whom to ask for rights"
    refused(registry.reviewer(WUHAN).post(revoke, why), 409, "record_pending")
    registry.decide(record_id, "approve", WUHAN)
    assert member.get("/me/integrity-records").json["items"][0]["document_no"] == "武财罚1号"
    assert registry.reviewer(WUHAN).post(revoke, why).json["state"] == "revoked"
    assert registry.reviewer(WUHAN).post(revoke, why).json["state"] == "revoked"
    registry.workflows.settle()
    assert member.get("/me/integrity-records").json["items"][0]["state"] == "revoked"
    assert "撤销" in member.get("/me/messages").json["items"][0]["title"]
    assert sum("撤销" in one["title"] for one in member.get("/me/messages").json["items"]) == 1


def test_whoever_is_expected_is_told_and_the_unit_learns_nothing(unit: Unit) -> None:
    registry, stranger, known = unit.registry, unit.registry.somebody(), unit.registry.newcomer()
    answers = [
        unit.desk.post("/employer/invitations", {"name": one["name"], "phone": one["phone"]})
        for one in (stranger, known.person)
    ]
    registry.workflows.settle()
    assert [one.status for one in answers] == [201, 201]
    assert answers[0].json["valid_until"] == answers[1].json["valid_until"]
    for one in (stranger, known.person):
        assert UNIT_NAME in registry.messages_to(one["phone"])[-1]
    assert UNIT_NAME in known.get("/me/messages").json["items"][0]["body"]
    told = problem_of(unit.desk.post("/employer/invitations", {}))
    assert [one["field"] for one in told["errors"]] == ["name", "phone"]


def test_a_merger_moves_everybody_and_says_how_far_it_is(unit: Unit) -> None:
    registry, members = unit.registry, [unit.member() for _ in range(2)]
    new = {"uscc": registry.somebody()["uscc"], "name": NEW_NAME}
    path = f"/admin/employers/{unit.uscc}/successor"
    seen = registry.admin.post(path, {**new, "preview": True})
    assert (seen.status, seen.json["status"], seen.json["members"]) == (200, "preview", 2)
    begun = registry.admin.post(path, new)
    assert (begun.status, begun.json["status"]) == (202, "running")
    running = registry.admin.post(path, new)
    assert (running.status, running.json["moved"]) == (200, 0)
    registry.workflows.settle()
    done = registry.admin.post(path, new)
    assert (done.status, done.json["status"], done.json["moved"]) == (200, "done", 2)
    assert {(employment(one)["uscc"], employment(one)["employer_name"]) for one in members} == {(new["uscc"], NEW_NAME)}
    assert {one.get("/me/messages").json["items"][0]["title"] for one in members} == {"您的工作单位已并入新单位"}
    assert unit.desk.get("/employer/members").json["items"] == []
    assert "employer" not in steps(members[0]), "a unit without an account is not asked"
    assert len(registry.unit(new["uscc"]).get("/employer/members").json["items"]) == 2


def steps(somebody: Accountant) -> list[str]:
    told = somebody.get("/me/transfers/preview?to_region=420502").json
    return [one["step"] for one in told["steps"]]


def test_a_successor_is_refused_with_every_problem(unit: Unit) -> None:
    admin = unit.registry.admin
    told = problem_of(admin.post("/admin/employers/x/successor", {"uscc": "y", "name": ""}))
    assert [one["field"] for one in told["errors"]] == ["id", "uscc", "name"]
    nobody = f"/admin/employers/{unit.registry.somebody()['uscc']}/successor"
    refused(admin.post(nobody, {"uscc": unit.uscc, "name": UNIT_NAME}), 404, "not_found")
    refused(admin.post(nobody, {"uscc": unit.uscc, "name": NEW_NAME}), 409, "successor_differs")
    same = {"uscc": unit.uscc, "name": UNIT_NAME}
    refused(admin.post(f"/admin/employers/{unit.uscc}/successor", same), 422, "nothing_changes")
