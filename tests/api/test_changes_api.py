"""Changes of a record through the API: each kind from its filing to the record it leaves, and who may still sign in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.refusals import refused
from tests.api.registry import PASSWORD, WUCHANG, WUHAN, Accountant, Caller, Registry
from tests.people import credit_code

MASTER = {
    "level": "master",
    "school": "武汉大学",
    "major": "会计学",
    "graduated_on": "2024-06-30",
    "certificate_no": "104861202402001234",
    "study_mode": "full_time",
}
CPA = {"level": "cpa", "certificate_no": "420100010001", "obtained_on": "2024-12-30"}


def filed(by: Accountant, form: dict[str, Any], registry: Registry) -> str:
    answer = by.post("/me/submissions", form)
    assert answer.status == 201, answer.text
    registry.workflows.settle()
    return str(answer.json["submission_id"])


def test_an_education_and_a_title_are_added_and_the_version_grows(registry: Registry) -> None:
    somebody = registry.accountant()
    first = somebody.get("/me/profile").json
    form = registry.change(somebody, "education_added", {"education": MASTER}, "education_certificate")
    submission = filed(somebody, form, registry)
    assert somebody.get("/me/profile").json["version"] == first["version"], "nothing changes before the review"
    registry.decide(submission, "approve")
    form = registry.change(somebody, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    registry.decide(filed(somebody, form, registry), "approve")
    record = somebody.get("/me/profile").json
    assert [one["level"] for one in record["education"]] == ["master", "bachelor"]
    assert (record["qualifications"], record["version"]) == ([CPA], first["version"] + 2)
    assert record["contact"] == first["contact"]
    kinds = [(one["kind"], one["status"]) for one in somebody.get("/me/submissions").json["items"]]
    assert kinds == [("qualification_added", "approved"), ("education_added", "approved"), ("registration", "approved")]


def test_another_unit_of_the_county_is_a_change_and_one_of_another_county_is_not(registry: Registry) -> None:
    somebody = registry.accountant()
    work = somebody.get("/me/profile").json["employment"]
    moved = {**work, "uscc": credit_code(registry.chance), "employer_name": "湖北示例另一家会计有限公司"}
    form = registry.change(somebody, "employment_change", {"employment": moved}, "employment_proof", "transfer_proof")
    away = {**form, "payload": {"employment": {**moved, "region_code": "420502"}}}
    problem = refused(somebody.post("/me/submissions", away), 422, "invalid")
    assert [(one["field"], one["code"]) for one in problem["errors"]] == [("employment.region_code", "needs_transfer")]
    registry.decide(filed(somebody, form, registry), "approve")
    assert somebody.get("/me/profile").json["employment"] == moved


def test_everything_wrong_with_a_change_is_said_at_once(registry: Registry) -> None:
    somebody = registry.accountant()
    payload = {"education": {**MASTER, "graduated_on": "2999-06-30", "level": "x", "degree": "master"}}
    wish = {"kind": "education_added", "payload": payload, "attachment_ids": ["nobodys"]}
    problem = refused(somebody.post("/me/submissions", wish), 422, "invalid")
    assert {one["field"] for one in problem["errors"]} == {
        "education.level",
        "education.graduated_on",
        "attachments.nobodys",
        "attachments.education_certificate",
        "attachments.degree_certificate",
    }


def test_a_new_number_passes_two_bureaus_and_ends_the_sessions_of_the_old_one(registry: Registry) -> None:
    somebody = registry.accountant()
    form = registry.identity_change(somebody, name="欧阳思远")
    number = form["payload"]["id_number"]
    submission = filed(somebody, form, registry)
    shown = somebody.get(f"/me/submissions/{submission}")
    assert number not in shown.text and shown.json["payload"]["id_number"].endswith(number[-4:])

    task = registry.task_of(submission)
    page = registry.reviewer().get(f"/review/tasks/{task}").json
    changed = {one["field"]: (one["before"], one["after"]) for one in page["differences"]}
    assert changed["id_number"] == (somebody.person["id_number"], number)
    assert changed["name"] == (somebody.person["name"], "欧阳思远")
    registry.decide(submission, "approve", WUCHANG)
    assert somebody.get(f"/me/submissions/{submission}").json["stage"] == "city"
    registry.decide(submission, "approve", WUHAN)

    assert somebody.get("/me").status == 401, "the session of the old identity has ended"
    for username in (number, somebody.person["id_number"], somebody.person["phone"]):
        answer = registry.nobody.post("/auth/login", {"username": username, "password": PASSWORD})
        assert answer.status == 200, username
        assert answer.json["account"]["name_masked"] == "欧**远"
    again = registry.nobody.holding(answer.json)
    record = again.get("/me/profile").json
    assert record["id_number"].endswith(number[-4:]) and number[6:14] not in str(record["id_number"])
    assert record["basic"]["name"] == "欧阳思远"
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    assert record["basic"]["birth_date"] == born

    anew = registry.registration({**registry.somebody(), "id_number": somebody.person["id_number"]})
    refused(registry.nobody.post("/auth/register", anew), 409, "id_number_registered")  # the old number stays theirs


def test_who_signs_in_between_the_last_decision_and_the_change_stays_signed_in(registry: Registry) -> None:
    somebody = registry.accountant()
    submission = filed(somebody, registry.identity_change(somebody, name="欧阳思远"), registry)
    registry.decide(submission, "approve", WUCHANG)
    between_stages = signed_in(somebody, registry)
    task, decision = registry.task_of(submission, WUHAN), {"decision": "approve", "reason": "已核对"}
    assert registry.reviewer(WUHAN).post(f"/review/tasks/{task}/decision", decision).status == 200
    after = signed_in(somebody, registry)  # decided, and not applied yet
    assert after.get("/me/profile").json["basic"]["name"] == somebody.person["name"]
    registry.workflows.settle()
    assert [one.get("/me").status for one in (somebody, between_stages, after)] == [401, 401, 200]
    assert after.get("/me/profile").json["basic"]["name"] == "欧阳思远"


def signed_in(somebody: Accountant, registry: Registry) -> Caller:
    answer = registry.nobody.post("/auth/login", {"username": somebody.person["phone"], "password": PASSWORD})
    assert answer.status == 200, answer.text
    return registry.nobody.holding(answer.json)


def test_credits_reported_under_either_number_reach_the_person(registry: Registry) -> None:
    somebody = registry.accountant()
    form = registry.identity_change(somebody)
    number = form["payload"]["id_number"]
    submission = filed(somebody, form, registry)
    registry.decide(submission, "approve", WUCHANG)
    registry.decide(submission, "approve", WUHAN)
    old = somebody.row("旧号课程", 30)
    registry.imported([old, [number, *somebody.row("新号课程", 30)[1:]]])
    tokens = registry.nobody.post("/auth/login", {"username": number, "password": PASSWORD}).json
    year = registry.nobody.holding(tokens).get("/me/credits?year=2026").json
    assert year["earned"]["total"] == 60


def test_a_returned_change_is_marked_by_field_and_sent_again(registry: Registry) -> None:
    somebody = registry.accountant()
    form = registry.change(somebody, "education_added", {"education": MASTER}, "education_certificate")
    submission = filed(somebody, form, registry)
    task = registry.task_of(submission)
    body = {"decision": "return", "reason": "证书编号与证书不一致", "fields": ["education.certificate_no"]}
    assert registry.reviewer().post(f"/review/tasks/{task}/decision", body).status == 200
    registry.workflows.settle()
    shown = somebody.get(f"/me/submissions/{submission}").json
    assert shown["returned"] == {"reason": "证书编号与证书不一致", "fields": ["education.certificate_no"]}
    mended = {"education": {**MASTER, "certificate_no": "104861202402009999"}}
    wish = {"payload": mended, "attachment_ids": form["attachment_ids"]}
    assert somebody.post(f"/me/submissions/{submission}/resubmit", wish).status == 200
    registry.workflows.settle()
    page = registry.reviewer().get(f"/review/tasks/{registry.task_of(submission)}").json
    assert [one["field"] for one in page["changed_since_return"]] == ["education.certificate_no"]
    registry.decide(submission, "approve")
    assert somebody.get("/me/profile").json["education"][0]["certificate_no"] == "104861202402009999"


@pytest.mark.parametrize("kind", ["employment_change", "education_added", "qualification_added", "identity_change"])
def test_a_change_may_be_withdrawn_and_filed_anew(registry: Registry, kind: str) -> None:
    somebody = registry.accountant()
    work = {**somebody.get("/me/profile").json["employment"], "position": "cashier"}
    forms = {
        "employment_change": lambda: registry.change(somebody, kind, {"employment": work}, "employment_proof"),
        "education_added": lambda: registry.change(somebody, kind, {"education": MASTER}, "education_certificate"),
        "qualification_added": lambda: registry.change(
            somebody, kind, {"qualification": CPA}, "qualification_certificate"
        ),
        "identity_change": lambda: registry.identity_change(somebody),
    }
    submission = filed(somebody, forms[kind](), registry)
    problem = refused(somebody.post("/me/submissions", forms[kind]()), 409, "open_submission")
    assert problem["submission_id"] == submission
    assert somebody.post(f"/me/submissions/{submission}/withdraw").json["status"] == "withdrawn"
    registry.workflows.settle()
    filed(somebody, forms[kind](), registry)
