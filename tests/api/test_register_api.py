"""The register routes through the gateway: the account page, the record, the draft, scans and submissions."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso, utc_now
from jingkuai.domain.privacy import mask_id_number, mask_phone
from tests.api.gateway import invoke
from tests.api.refusals import refused
from tests.api.registry import Accountant, Registry, announcement, object_created
from tests.unit.register import pictures
from tools.local import samples

SUBMISSION = {"submission_id", "kind", "status", "region_code", "submitted_at", "payload", "attachment_ids", "timeline"}
PROFILE = {
    *("person_id", "status", "version", "id_type", "id_number", "region_code", "managed_by", "updated_at"),
    "confirmed_on",
}
SECTIONS = {"basic", "contact", "education", "employment", "qualifications"}


@pytest.fixture(scope="module")
def newcomer(registry: Registry) -> Accountant:
    """Registered, for tests that file nothing."""
    return registry.newcomer()


@pytest.fixture(scope="module")
def accountant(registry: Registry) -> Accountant:
    """With an approved record, for tests that leave it as it is."""
    return registry.accountant()


def events(of: Accountant, submission_id: str) -> list[str]:
    return [one["event"] for one in of.get(f"/me/submissions/{submission_id}").json["timeline"]]


# ------------------------------------------------------------------ the account page


def test_every_account_has_a_page(registry: Registry, newcomer: Accountant) -> None:
    for caller in (
        newcomer,
        registry.reviewer(),
        registry.admin,
        registry.auditor,
        registry.institution(),
        registry.employer,
    ):
        answer = caller.get("/me")
        assert (answer.status, answer.json["account"]["account_id"]) == (200, caller.account_id)
        assert set(answer.json) == {"account", "role", "scope", "unread_messages", "todo"}


def test_the_page_says_what_to_do_next_as_long_as_it_is_to_be_done(registry: Registry) -> None:
    somebody = registry.newcomer()
    (todo,) = somebody.get("/me").json["todo"]
    assert set(todo) == {"code", "message", "link"} and todo["code"] == "registration_needed"
    submission_id = registry.submitted(somebody)
    assert somebody.get("/me").json["todo"] == []
    registry.decide(submission_id, "return")
    page = somebody.get("/me").json
    assert [(one["code"], one["link"]) for one in page["todo"]] == [
        ("registration_returned", f"/me/submissions/{submission_id}")
    ]
    assert page["unread_messages"] == 1


def test_the_page_names_the_credits_that_are_missing(registry: Registry, accountant: Accountant) -> None:
    registry.imported([accountant.row("准则", 12.5)])
    year = int(iso(utc_now())[:4])
    change = {
        "Keys": {"pk": {"S": keys.person_pk(accountant.account_id)}, "sk": {"S": f"CR#{year}#E#x"}},
        "SequenceNumber": "1",
    }
    assert invoke("Projections", {"Records": [{"eventName": "INSERT", "dynamodb": change}]}) == {
        "batchItemFailures": []
    }
    (todo,) = accountant.get("/me").json["todo"]
    assert (todo["code"], todo["link"]) == ("credits_short", f"/me/credits?year={year}")


# ------------------------------------------------------------------ the record


def test_there_is_no_record_before_the_first_approval(newcomer: Accountant) -> None:
    problem = refused(newcomer.get("/me/profile"), 404, "no_record")
    assert "审核" in problem["detail"]


def test_the_record_is_what_was_approved_with_number_and_phone_masked(accountant: Accountant) -> None:
    answer = accountant.get("/me/profile")
    assert answer.status == 200
    profile, person = answer.json, accountant.person
    assert set(profile) == PROFILE | SECTIONS
    assert (profile["status"], profile["version"], profile["region_code"]) == ("active", 1, "420106")
    assert (profile["person_id"], profile["id_number"]) == (accountant.account_id, mask_id_number(person["id_number"]))
    assert profile["managed_by"] == {"region_code": "420106", "name": "武昌区财政局", "phone": None}
    filed = samples.registration_of(person)
    assert profile["contact"] == {**filed["contact"], "phone": mask_phone(person["phone"])}
    told = {name: profile[name] for name in ("basic", "employment", "qualifications")}
    assert told == {name: filed[name] for name in told}
    assert person["id_number"] not in answer.text and person["phone"] not in answer.text


# ------------------------------------------------------------------ the draft


def test_a_form_nobody_has_saved_is_empty(registry: Registry) -> None:
    draft = registry.newcomer().get("/me/draft")
    assert draft.status == 200
    assert set(draft.json) == {"payload", "version", "missing", "complete_percent"}
    assert (draft.json["payload"], draft.json["version"], draft.json["complete_percent"]) == ({}, 0, 0)
    assert {"section": "basic", "field": "name"}.items() <= draft.json["missing"][0].items()


def test_a_saved_section_leaves_the_others_and_a_stale_one_is_refused(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = samples.registration_of(somebody.person)
    first = somebody.put("/me/draft", {"payload": {"basic": form["basic"], "contact": form["contact"]}, "version": 0})
    assert (first.status, first.json["version"]) == (200, 1)
    second = somebody.put("/me/draft", {"payload": {"employment": form["employment"]}, "version": 1})
    assert second.json["payload"] == {name: form[name] for name in ("basic", "contact", "employment")}
    assert 0 < first.json["complete_percent"] < second.json["complete_percent"] < 100
    stale = somebody.put("/me/draft", {"payload": {"basic": {}}, "version": 1})
    problem = refused(stale, 409, "version_conflict")
    assert problem["current"] == second.json == somebody.get("/me/draft").json


def test_a_whole_form_is_complete(registry: Registry) -> None:
    somebody = registry.newcomer()
    saved = somebody.put("/me/draft", {"payload": samples.registration_of(somebody.person), "version": 0}).json
    assert (saved["complete_percent"], saved["missing"]) == (100, [])


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        ({"payload": {"hobby": {}}, "version": 0}, 422, "invalid", {"hobby": "unknown_field"}),
        ({"payload": {"basic": []}, "version": 0}, 422, "invalid", {"basic": "wrong_type"}),
        ({"payload": {"basic": {"name": 1}}, "version": 0}, 422, "invalid", {"basic.name": "wrong_type"}),
        ({"payload": {"basic": {"name": "\ud800"}}, "version": 0}, 422, "invalid", {"payload": "bad_characters"}),
        ({"payload": {}, "version": -1}, 422, "invalid", {"version": "greater_than_equal"}),
        ({"payload": {}}, 422, "invalid", {"version": "missing"}),
        ({"payload": [], "version": 0}, 400, "bad_request", {"payload": "wrong_type"}),
        ({"payload": {}, "version": "x"}, 400, "bad_request", {"version": "wrong_type"}),
    ],
)
def test_a_draft_of_no_form_is_refused(
    newcomer: Accountant, body: dict[str, Any], status: int, code: str, fields: dict[str, str]
) -> None:
    refused(newcomer.put("/me/draft", body), status, code, fields)
    assert newcomer.get("/me/draft").json["version"] == 0


def test_a_draft_of_megabytes_is_too_large(newcomer: Accountant) -> None:
    body = {"payload": {"basic": {"name": "长" * 100_000}}, "version": 0}
    refused(newcomer.put("/me/draft", body), 413, "too_large")


# ------------------------------------------------------------------ scans


def test_an_announced_scan_gets_a_form_bound_to_key_type_size_and_checksum(newcomer: Accountant) -> None:
    answer = newcomer.post("/me/attachments", announcement(b"x" * 999, filename="C:\\scans\\正面.jpg"))
    assert answer.status == 201
    told = answer.json
    assert {name: told[name] for name in ("kind", "filename", "status", "problems")} == {
        "kind": "id_front",
        "filename": "正面.jpg",
        "status": "awaiting_upload",
        "problems": [],
    }
    assert told["upload"]["url"].startswith("https://")
    fields = told["upload"]["fields"]
    assert fields["key"] == f"uploads/{told['attachment_id']}"
    assert fields["Content-Type"] == "image/jpeg"
    assert {"policy", "x-amz-signature", "x-amz-checksum-sha256"} <= set(fields)


def test_an_accepted_scan_can_be_fetched_for_five_minutes(registry: Registry, newcomer: Accountant) -> None:
    content = samples.scan("id_front")
    attachment_id = registry.scan(newcomer, content=content)
    seen = newcomer.get(f"/me/attachments/{attachment_id}")
    assert (seen.status, seen.json["status"], seen.json["problems"]) == (200, "accepted", [])
    link = urlsplit(seen.json["download_url"])
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    kept = clients.s3().get_object(Bucket="records", Key=link.path.removeprefix("/records/"))
    assert kept["Body"].read() == content


def test_the_same_announcement_with_its_key_is_one_scan(newcomer: Accountant) -> None:
    told = announcement(b"x" * 999)
    first, again = (newcomer.post("/me/attachments", told, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json["attachment_id"] == again.json["attachment_id"]
    assert again.json["upload"]["fields"]["key"] == f"uploads/{first.json['attachment_id']}"
    other = newcomer.post("/me/attachments", {**told, "size": 998}, headers={"Idempotency-Key": "k1"})
    refused(other, 422, "idempotency_key_reused")
    refused(newcomer.post("/me/attachments", told, headers={"Idempotency-Key": "k" * 201}), 400, "bad_request")


def test_a_picture_taken_sideways_has_a_second_link_to_one_that_is_upright(
    registry: Registry, newcomer: Accountant
) -> None:
    attachment_id = registry.scan(newcomer, content=pictures.turned(6))
    seen = newcomer.get(f"/me/attachments/{attachment_id}").json
    link = urlsplit(seen["rendering_url"])
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    assert parse_qs(link.query)["response-content-disposition"][0].startswith("attachment")
    kept = clients.s3().get_object(Bucket="records", Key=link.path.removeprefix("/records/"))
    assert kept["Body"].read(3) == b"\xff\xd8\xff"
    straight = newcomer.get(f"/me/attachments/{registry.scan(newcomer)}").json
    assert straight["download_url"] and straight["rendering_url"] is None


def test_a_scan_that_is_none_says_why_and_what_to_do(registry: Registry, newcomer: Accountant) -> None:
    attachment_id = registry.scan(newcomer, content=b"<html></html>" * 100)
    seen = newcomer.get(f"/me/attachments/{attachment_id}").json
    assert (seen["status"], seen["download_url"]) == ("rejected", None)
    ((problem),) = seen["problems"]
    assert problem["code"] == "not_the_claimed_type" and "重新扫描" in problem["message"]


def test_a_scan_that_is_told_of_twice_stays_as_it_is(registry: Registry, newcomer: Accountant) -> None:
    content = samples.scan("id_back")
    attachment_id = registry.scan(newcomer, "id_back", content)
    key = f"uploads/{attachment_id}"
    clients.s3().put_object(Bucket="uploads", Key=key, Body=b"another")
    invoke("RegisterInspect", object_created("uploads", key, 7))
    assert newcomer.get(f"/me/attachments/{attachment_id}").json["status"] == "accepted"


def test_another_persons_scan_is_not_found(registry: Registry, newcomer: Accountant, accountant: Accountant) -> None:
    told = newcomer.post("/me/attachments", announcement(b"x" * 999)).json
    for caller in (accountant, registry.employer):
        refused(caller.get(f"/me/attachments/{told['attachment_id']}"), 404, "not_found")
    refused(newcomer.get("/me/attachments/01990000-0000-7000-8000-000000000000"), 404, "not_found")
    assert registry.employer.post("/me/attachments", announcement(b"x" * 999)).status == 201


@pytest.mark.parametrize(
    ("changed", "status", "code", "fields"),
    [
        ({"size": 11 * 2**20}, 413, "too_large", {"size": "too_large"}),
        ({"content_type": "image/gif"}, 415, "unsupported_type", {"content_type": "unsupported_type"}),
        ({"content_type": ""}, 415, "unsupported_type", {"content_type": "unsupported_type"}),
        ({"kind": "selfie"}, 422, "invalid", {"kind": "enum"}),
        ({"size": 0}, 422, "invalid", {"size": "greater_than_equal"}),
        ({"sha256": "A" * 64}, 422, "invalid", {"sha256": "bad_sha256"}),
        ({"filename": ""}, 422, "invalid", {"filename": "string_too_short"}),
        ({"size": "many"}, 400, "bad_request", {"size": "wrong_type"}),
    ],
)
def test_a_file_that_can_be_no_scan_is_refused_before_it_is_sent(
    newcomer: Accountant, changed: dict[str, Any], status: int, code: str, fields: dict[str, str]
) -> None:
    refused(newcomer.post("/me/attachments", announcement(b"x" * 999, **changed)), status, code, fields)


# ------------------------------------------------------------------ submissions


def test_a_submission_can_be_followed_from_its_filing_to_the_record(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    answer = somebody.post("/me/submissions", form)
    assert answer.status == 201
    filed = answer.json
    assert set(filed) >= SUBMISSION
    assert (filed["kind"], filed["status"], filed["region_code"]) == ("registration", "auto_checking", "420106")
    assert filed["attachment_ids"] == form["attachment_ids"]
    assert filed["payload"]["contact"]["phone"] == mask_phone(somebody.person["phone"])
    registry.workflows.settle()
    path = f"/me/submissions/{filed['submission_id']}"
    reviewed = somebody.get(path).json
    assert (reviewed["status"], reviewed["stage"]) == ("under_review", "county")
    assert reviewed["due_on"] > reviewed["submitted_at"][:10]
    registry.decide(filed["submission_id"], "approve")
    ended = somebody.get(path).json
    assert ended["status"] == "approved"
    assert [(one["event"], one["by_role"]) for one in ended["timeline"]] == [
        ("submitted", "accountant"),
        ("checked", "system"),
        ("stage_opened", "system"),
        ("approved", "reviewer"),
        ("applied", "system"),
    ]
    assert all(one["at"].endswith("Z") for one in ended["timeline"])
    execution = registry.workflows.executions[f"{filed['submission_id']}.1"]
    assert execution.ended == "Ended"
    refused(somebody.post("/me/submissions", form), 409, "already_registered")
    refused(somebody.post(f"{path}/withdraw"), 409, "not_open")


def test_every_problem_of_a_submission_comes_at_once(registry: Registry, accountant: Accountant) -> None:
    somebody = registry.newcomer()
    payload = samples.registration_of(somebody.person)
    payload |= {"region_code": "999999", "employment": {**payload["employment"], "uscc": "91420106MA4K2RTU50"}}
    anothers, mine = (
        registry.scan(accountant),
        somebody.post("/me/attachments", announcement(b"x" * 999)).json["attachment_id"],
    )
    wish = {"kind": "registration", "payload": payload, "attachment_ids": [anothers, mine]}
    problem = refused(somebody.post("/me/submissions", wish), 422, "invalid")
    told = {one["field"]: one["code"] for one in problem["errors"]}
    assert told == {
        "region_code": "unknown_region",
        "employment.uscc": "bad_check_digit",
        f"attachments.{anothers}": "scan_not_found",
        f"attachments.{mine}": "scan_not_ready",
        **{f"attachments.{kind}": "missing_scan" for kind in samples.SCANS if kind != "id_front"},
    }
    assert somebody.get("/me/submissions").json == {"items": [], "next_cursor": None}


def test_another_phone_than_the_proven_one_is_refused(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    form["payload"]["contact"]["phone"] = "19900000009"
    problem = refused(somebody.post("/me/submissions", form), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["contact.phone"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"kind": "employment_change"}, 409, "no_record_to_change"),
        ({"kind": "holiday"}, 422, "invalid"),
        ({"payload": {}}, 422, "invalid"),
        ({"attachment_ids": ["x"] * 61}, 422, "invalid"),
        ({"payload": "x"}, 400, "bad_request"),
        ({"attachment_ids": "x"}, 400, "bad_request"),
    ],
)
def test_a_submission_that_is_none_is_refused(
    newcomer: Accountant, changed: dict[str, Any], status: int, code: str
) -> None:
    wish = {"kind": "registration", "payload": samples.registration_of(newcomer.person), "attachment_ids": []}
    refused(newcomer.post("/me/submissions", {**wish, **changed}), status, code)


def test_one_registration_is_open_at_a_time_and_a_withdrawn_one_makes_room(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    first = somebody.post("/me/submissions", form).json["submission_id"]
    problem = refused(somebody.post("/me/submissions", form), 409, "open_submission")
    assert problem["submission_id"] == first
    registry.workflows.settle()
    withdrawn = somebody.post(f"/me/submissions/{first}/withdraw")
    assert (withdrawn.status, withdrawn.json["status"]) == (200, "withdrawn")
    registry.workflows.settle()
    refused(somebody.post(f"/me/submissions/{first}/withdraw"), 409, "already_withdrawn")
    registry.workflows.settle()
    assert registry.workflows.executions[f"{first}.1"].ended == "Ended"
    assert somebody.post("/me/submissions", form).status == 201
    assert [one["status"] for one in somebody.get("/me/submissions").json["items"]] == ["auto_checking", "withdrawn"]


def test_a_request_sent_again_with_its_key_is_one_submission(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    first, again = (somebody.post("/me/submissions", form, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.status == again.status == 201
    assert first.json["submission_id"] == again.json["submission_id"]
    other = somebody.post("/me/submissions", {**form, "attachment_ids": []}, headers={"Idempotency-Key": "k1"})
    refused(other, 422, "idempotency_key_reused")
    too_long = somebody.post("/me/submissions", form, headers={"Idempotency-Key": "k" * 201})
    refused(too_long, 400, "bad_request")


def test_a_returned_submission_is_sent_again_whole(registry: Registry) -> None:
    somebody = registry.newcomer()
    submission_id = registry.submitted(somebody)
    path = f"/me/submissions/{submission_id}"
    sent = somebody.get(path).json
    again = {"payload": sent["payload"], "attachment_ids": sent["attachment_ids"]}
    refused(somebody.post(f"{path}/resubmit", again), 409, "not_returned")
    task_id = registry.task_of(submission_id)
    decision = {"decision": "return", "reason": "单位名称与公章不一致", "fields": ["employment.employer_name"]}
    assert registry.reviewer().post(f"/review/tasks/{task_id}/decision", decision).status == 200
    registry.workflows.settle()
    returned = somebody.get(path).json
    assert (returned["status"], returned["returned"]) == (
        "returned",
        {"reason": "单位名称与公章不一致", "fields": ["employment.employer_name"]},
    )
    refused(somebody.post(f"{path}/resubmit", {**again, "payload": {}}), 422, "invalid")
    again["payload"]["employment"]["employer_name"] = "湖北示例新设会计事务有限公司"
    resubmitted = somebody.post(f"{path}/resubmit", again)
    assert (resubmitted.status, resubmitted.json["status"], resubmitted.json["returned"]) == (
        200,
        "auto_checking",
        None,
    )
    registry.workflows.settle()
    registry.decide(submission_id, "approve")
    assert somebody.get("/me/profile").json["employment"]["employer_name"] == "湖北示例新设会计事务有限公司"
    assert events(somebody, submission_id)[3:5] == ["returned", "resubmitted"]


def test_after_a_rejection_a_new_one_may_be_filed(registry: Registry) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    submission_id = str(somebody.post("/me/submissions", form).json["submission_id"])
    registry.workflows.settle()
    registry.decide(submission_id, "reject", reason="不是会计人员")
    seen = somebody.get(f"/me/submissions/{submission_id}").json
    assert (seen["status"], seen["timeline"][-1]["note"]) == ("rejected", "不是会计人员")
    refused(somebody.post(f"/me/submissions/{submission_id}/withdraw"), 409, "not_open")
    assert somebody.post("/me/submissions", form).status == 201


def test_another_persons_submission_is_not_found(
    registry: Registry, accountant: Accountant, newcomer: Accountant
) -> None:
    (theirs,) = accountant.get("/me/submissions").json["items"]
    path = f"/me/submissions/{theirs['submission_id']}"
    assert accountant.get(path).status == 200
    body = {"payload": theirs["payload"], "attachment_ids": theirs["attachment_ids"]}
    for answer in (newcomer.get(path), newcomer.post(f"{path}/withdraw"), newcomer.post(f"{path}/resubmit", body)):
        refused(answer, 404, "not_found")


def test_a_list_goes_on_where_its_cursor_says_and_for_nobody_else(registry: Registry, newcomer: Accountant) -> None:
    somebody = registry.newcomer()
    form = registry.form(somebody)
    filed = []
    for _ in range(2):
        filed.append(somebody.post("/me/submissions", form).json["submission_id"])
        somebody.post(f"/me/submissions/{filed[-1]}/withdraw")
    first = somebody.get("/me/submissions?limit=1").json
    second = somebody.get(f"/me/submissions?limit=1&cursor={first['next_cursor']}").json
    assert [one["submission_id"] for one in first["items"] + second["items"]] == filed[::-1]
    refused(newcomer.get(f"/me/submissions?cursor={first['next_cursor']}"), 400, "bad_cursor")
    refused(somebody.get("/me/submissions?cursor=x"), 400, "bad_cursor")
    for limit, status, code in (("0", 422, "invalid"), ("101", 422, "invalid"), ("x", 400, "bad_request")):
        refused(somebody.get(f"/me/submissions?limit={limit}"), status, code)
