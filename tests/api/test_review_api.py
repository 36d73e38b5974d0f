"""The review routes through the gateway: the inbox of a bureau, the page of a task, claims and decisions."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso, utc_now
from jingkuai.aws.lookup import lookup_key
from jingkuai.domain.identity_document import lookup_candidates
from jingkuai.domain.principal import Role
from jingkuai.domain.workdays import today_in_shanghai
from review.case import TaskKind
from tests.api.gateway import Answer
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, YILING, Accountant, Caller, Registry
from tools.local import samples

TASK = {
    "task_id", "kind", "subject_id", "submission_id", "stage", "region_code", "name_masked", "opened_at", "due_on",
    "overdue", "state", "held_by",
}  # fmt: skip
PAGE = TASK | {"payload", "profile", "differences", "attachments", "findings", "history"}
APPROVE = {"decision": "approve", "reason": "材料齐全", "fields": []}
RETURN = {"decision": "return", "reason": "请补充", "fields": ["basic.name"]}


class Filed:
    """Somebody's registration in the inbox of 420106."""

    def __init__(self, registry: Registry) -> None:
        self.somebody = registry.newcomer()
        self.submission_id = registry.submitted(self.somebody)
        self.task_id = registry.task_of(self.submission_id)
        self.path = f"/review/tasks/{self.task_id}"


@pytest.fixture(scope="module")
def filed(registry: Registry) -> Filed:
    """For tests that leave the task open."""
    return Filed(registry)


def colleague(registry: Registry, name: str = "reviewer.li", **known: Any) -> Caller:
    """Another reviewer of the same bureau."""
    registry.open(Role.REVIEWER, WUCHANG, name, **known)
    return registry.sign_in(Role.REVIEWER, name)


def listed(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [one["task_id"] for one in answer.json["items"]]


# ------------------------------------------------------------------ the inbox


def test_the_inbox_shows_a_task_masked_and_with_its_deadline(registry: Registry, filed: Filed) -> None:
    answer = registry.reviewer().get("/review/tasks?limit=100")
    task = next(one for one in answer.json["items"] if one["task_id"] == filed.task_id)
    assert set(task) >= TASK
    assert (task["kind"], task["subject_id"], task["submission_id"]) == (
        "registration",
        filed.submission_id,
        filed.submission_id,
    )
    assert (task["stage"], task["region_code"], task["state"], task["overdue"]) == ("county", WUCHANG, "open", False)
    assert task["due_on"] > today_in_shanghai(utc_now()).isoformat()
    for secret in ("name", "id_number", "phone"):
        assert filed.somebody.person[secret] not in answer.text
    assert not re.search(r'"[^"]*token[^"]*"\s*:', answer.text)


def test_a_bureau_above_looks_and_another_one_does_not_know(registry: Registry, filed: Filed) -> None:
    assert filed.task_id not in listed(registry.reviewer(WUHAN).get("/review/tasks"))
    for above in (registry.reviewer(WUHAN), registry.admin):
        assert filed.task_id in listed(above.get(f"/review/tasks?region={WUCHANG}&limit=100"))
    for region in (WUCHANG, "420100", "420000"):
        refused(registry.reviewer(YILING).get(f"/review/tasks?region={region}"), 404, "not_found")
    refused(registry.reviewer(WUHAN).get("/review/tasks?region=420199"), 404, "not_found")


def test_the_inbox_is_narrowed_by_kind_and_by_state(registry: Registry, filed: Filed) -> None:
    reviewer = registry.reviewer()
    assert filed.task_id in listed(reviewer.get("/review/tasks?kind=registration&limit=100"))
    assert listed(reviewer.get("/review/tasks?kind=appeal")) == []
    for state in ("mine", "overdue", "done"):
        assert filed.task_id not in listed(reviewer.get(f"/review/tasks?state={state}&limit=100"))


def test_a_task_past_its_date_is_overdue_and_no_more_than_that(registry: Registry) -> None:
    late = Filed(registry)
    yesterday = (today_in_shanghai(utc_now()) - timedelta(days=1)).isoformat()
    registry.cloud.registry.update(
        keys.task_key(late.task_id),
        "SET due_on = :day, card.due_on = :day, gsi1sk = :sk, gsi2sk = :sk",
        values={":day": yesterday, ":sk": f"{yesterday}#{late.task_id}"},
    )
    (task,) = registry.reviewer().get("/review/tasks?state=overdue").json["items"]
    assert (task["task_id"], task["overdue"], task["state"]) == (late.task_id, True, "open")
    assert listed(registry.reviewer().get("/review/tasks?limit=1")) == [late.task_id], "oldest deadline first"
    assert late.somebody.get(f"/me/submissions/{late.submission_id}").json["status"] == "under_review"


def test_an_inbox_goes_on_where_its_cursor_says_and_for_nobody_else(registry: Registry, filed: Filed) -> None:
    Filed(registry)
    reviewer = registry.reviewer()
    whole = listed(reviewer.get("/review/tasks?limit=100"))
    first = reviewer.get("/review/tasks?limit=1").json
    rest = reviewer.get(f"/review/tasks?limit=100&cursor={first['next_cursor']}")
    assert [first["items"][0]["task_id"], *listed(rest)] == whole
    for caller, query in (
        (registry.admin, f"region={WUCHANG}&"),
        (reviewer, "state=done&"),
        (reviewer, "kind=registration&"),
    ):
        refused(caller.get(f"/review/tasks?{query}cursor={first['next_cursor']}"), 400, "bad_cursor")


@pytest.mark.parametrize(
    ("query", "status", "fields"),
    [
        ("state=all", 422, {"state": "enum"}),
        ("region=42", 422, {"region": "string_pattern_mismatch"}),
        ("kind=foo", 422, {"kind": "enum"}),
        ("limit=0", 422, {"limit": "greater_than_equal"}),
        ("limit=many", 400, {"limit": "wrong_type"}),
    ],
)
def test_a_query_that_makes_no_sense_names_its_part(
    registry: Registry, query: str, status: int, fields: dict[str, str]
) -> None:
    code = "bad_request" if status == 400 else "invalid"
    refused(registry.reviewer().get(f"/review/tasks?{query}"), status, code, fields)


def test_an_unknown_kind_of_task_is_told_the_kinds(registry: Registry) -> None:
    (problem,) = registry.reviewer().get("/review/tasks?kind=foo").json["errors"]
    assert all(kind.value in problem["message"] for kind in TaskKind)


# ------------------------------------------------------------------ the page of a task


def test_the_page_has_all_that_a_decision_needs(registry: Registry, filed: Filed) -> None:
    answer = registry.reviewer().get(filed.path)
    assert answer.status == 200
    page, person = answer.json, filed.somebody.person
    assert set(page) >= PAGE
    assert (page["id_number"], page["payload"]["basic"]["name"]) == (person["id_number"], person["name"])
    assert (page["profile"], page["differences"]) == (None, [])
    assert {one["kind"] for one in page["attachments"]} == set(samples.SCANS)
    assert all(
        one["status"] == "accepted" and "X-Amz-Expires=300" in one["download_url"] for one in page["attachments"]
    )
    assert {one["result"] for one in page["findings"]} == {"passed"}
    assert [set(one) for one in page["findings"]] == [{"code", "result", "message"}] * len(page["findings"])
    assert [one["event"] for one in page["timeline"]] == ["submitted", "checked", "stage_opened"]
    assert all(set(one) == {"at", "action", "by_role"} for one in page["history"])
    assert not re.search(r'"[^"]*token[^"]*"\s*:', answer.text.replace("X-Amz-Security-Token", ""))


def test_each_look_is_recorded_and_a_closed_task_is_masked(registry: Registry) -> None:
    looked = Filed(registry)
    looks = keys.audit_pk(looked.somebody.account_id)
    registry.reviewer().get(looked.path)
    (look,) = registry.cloud.registry.query(looks, prefix="L#").items
    assert look["by"] == registry.reviewer().account_id
    registry.decide(looked.submission_id, "approve")
    page = registry.reviewer().get(looked.path)
    assert page.json["state"] == "done"
    for secret in ("name", "id_number", "phone"):
        assert looked.somebody.person[secret] not in page.text
    assert len(registry.cloud.registry.query(looks, prefix="L#").items) == 2


def test_a_task_elsewhere_is_not_found(registry: Registry, filed: Filed) -> None:
    reviewer, far = registry.reviewer(), registry.reviewer(YILING)
    for answer in (
        far.get(filed.path),
        far.post(f"{filed.path}/claim"),
        far.post(f"{filed.path}/release"),
        far.post(f"{filed.path}/decision", APPROVE),
        reviewer.get("/review/tasks/nothing"),
        reviewer.post("/review/tasks/nothing/claim"),
        reviewer.post("/review/tasks/nothing/release"),
        reviewer.post("/review/tasks/nothing/decision", APPROVE),
    ):
        refused(answer, 404, "not_found")


def test_a_bureau_above_reads_the_task_and_leaves_it_to_its_own(registry: Registry, filed: Filed) -> None:
    above = registry.reviewer(WUHAN)
    assert above.get(filed.path).status == 200
    for answer in (
        above.post(f"{filed.path}/claim"),
        above.post(f"{filed.path}/release"),
        above.post(f"{filed.path}/decision", APPROVE),
    ):
        refused(answer, 403, "other_bureau")


# ------------------------------------------------------------------ claiming


def test_a_task_has_one_holder_at_a_time(registry: Registry) -> None:
    held, reviewer, li = Filed(registry), registry.reviewer(), colleague(registry)
    claimed = reviewer.post(f"{held.path}/claim")
    assert claimed.status == 200
    assert (claimed.json["state"], claimed.json["held_by"]) == ("claimed", reviewer.account_id)
    assert listed(reviewer.get("/review/tasks?state=mine")) == [held.task_id]
    for answer in (
        li.post(f"{held.path}/claim"),
        li.post(f"{held.path}/release"),
        li.post(f"{held.path}/decision", APPROVE),
    ):
        refused(answer, 409, "held_by_another")
    for _ in range(2):
        released = reviewer.post(f"{held.path}/release")
        assert (released.status, released.json["state"], released.json["held_by"]) == (200, "open", None)
    assert li.post(f"{held.path}/claim").status == 200
    assert li.post(f"{held.path}/decision", APPROVE).status == 200


def test_a_claim_ends_by_itself(registry: Registry) -> None:
    held, reviewer = Filed(registry), registry.reviewer()
    reviewer.post(f"{held.path}/claim")
    past = {":past": iso(utc_now() - timedelta(seconds=1))}
    registry.cloud.registry.update(
        keys.task_key(held.task_id), "SET held_until = :past, card.held_until = :past", values=past
    )
    assert listed(reviewer.get("/review/tasks?state=mine")) == []
    assert reviewer.get(held.path).json["state"] == "open"
    assert colleague(registry, "reviewer.sun").post(f"{held.path}/claim").status == 200


# ------------------------------------------------------------------ deciding


def test_a_decision_stands_and_its_press_again_gets_the_same_answer(registry: Registry) -> None:
    case, reviewer = Filed(registry), registry.reviewer()
    first, again = (reviewer.post(f"{case.path}/decision", APPROVE) for _ in range(2))
    assert (first.status, first.json) == (200, {"task_id": case.task_id, "state": "done", "decision": "approve"})
    assert (again.status, again.text) == (200, first.text)
    for answer in (
        reviewer.post(f"{case.path}/decision", RETURN),
        reviewer.post(f"{case.path}/claim"),
        reviewer.post(f"{case.path}/release"),
        colleague(registry, "reviewer.qian").post(f"{case.path}/decision", APPROVE),
    ):
        problem = refused(answer, 409, "already_decided")
        assert "撤销" in problem["detail"] and "管理员" not in problem["detail"], "a county has no administrator"
    registry.workflows.settle()
    assert case.task_id in listed(reviewer.get("/review/tasks?state=done&limit=100"))
    assert case.task_id not in listed(reviewer.get("/review/tasks?limit=100"))
    assert case.somebody.get("/me/profile").json["version"] == 1


def test_the_scans_of_a_filed_case_are_kept(registry: Registry, filed: Filed) -> None:
    for one in registry.reviewer().get(filed.path).json["attachments"]:
        tags = clients.s3().get_object_tagging(Bucket="records", Key=f"scans/{one['attachment_id']}")["TagSet"]
        assert tags == [{"Key": "kept", "Value": "yes"}]


def test_a_resubmitted_task_comes_back_to_who_returned_it(registry: Registry) -> None:
    case, reviewer = Filed(registry), registry.reviewer()
    reviewer.post(f"{case.path}/decision", RETURN)
    registry.workflows.settle()
    seen = case.somebody.get(f"/me/submissions/{case.submission_id}").json
    body = {"payload": seen["payload"], "attachment_ids": seen["attachment_ids"]}
    case.somebody.post(f"/me/submissions/{case.submission_id}/resubmit", body)
    registry.workflows.settle()
    again = next(
        one for one in reviewer.get("/review/tasks?state=mine").json["items"] if one["subject_id"] == case.submission_id
    )
    assert again["task_id"] != case.task_id
    assert (again["state"], again["held_by"]) == ("claimed", reviewer.account_id)


def test_a_withdrawn_case_can_no_longer_be_decided(registry: Registry) -> None:
    case = Filed(registry)
    case.somebody.post(f"/me/submissions/{case.submission_id}/withdraw")
    refused(registry.reviewer().post(f"{case.path}/decision", APPROVE), 409, "already_decided")
    assert case.task_id not in listed(registry.reviewer().get("/review/tasks?limit=100"))


def test_nobody_decides_their_own_case(registry: Registry) -> None:
    case = Filed(registry)
    person = case.somebody.person
    (number, *_) = lookup_candidates(person["id_number"], today=today_in_shanghai(utc_now()))
    by_number = colleague(registry, "reviewer.self", id_hashes=(lookup_key().of(*number),))
    by_phone = colleague(registry, "reviewer.phone", phone_hash=lookup_key().of("phone", person["phone"]))
    for own in (by_number, by_phone):
        for answer in (own.post(f"{case.path}/claim"), own.post(f"{case.path}/decision", APPROVE)):
            refused(answer, 409, "own_submission")
    assert registry.reviewer().get(case.path).json["state"] == "open"


def test_a_reviewer_who_registers_while_signed_in_does_not_decide_their_own_case(registry: Registry) -> None:
    person = registry.somebody()
    own = colleague(registry, "reviewer.later", phone_hash=lookup_key().of("phone", person["phone"]))
    assert own.get("/review/tasks?limit=1").status == 200
    task_id = registry.task_of(registry.submitted(registry.newcomer(person)))
    page = f"/review/tasks/{task_id}"
    for answer in (own.get(page), own.post(f"{page}/claim"), own.post(f"{page}/decision", APPROVE)):
        refused(answer, 409, "own_submission")


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        ({"decision": "return", "reason": "  "}, 422, "invalid", {"reason": "required"}),
        ({"decision": "reject"}, 422, "invalid", {"reason": "required"}),
        ({"decision": "perhaps", "reason": "x"}, 422, "invalid", {"decision": "enum"}),
        ({"reason": "x"}, 422, "invalid", {"decision": "missing"}),
        ({**RETURN, "fields": ["../x"]}, 422, "invalid", {"fields.0": "string_pattern_mismatch"}),
        ({**RETURN, "reason": "长" * 501}, 422, "invalid", {"reason": "string_too_long"}),
        ({**RETURN, "note": "x"}, 422, "invalid", {"note": "extra_forbidden"}),
        ({**RETURN, "reason": 1}, 400, "bad_request", {"reason": "wrong_type"}),
        ({**RETURN, "fields": "basic.name"}, 400, "bad_request", {"fields": "wrong_type"}),
    ],
)
def test_a_decision_that_cannot_be_read_names_the_field(
    registry: Registry, filed: Filed, body: dict[str, Any], status: int, code: str, fields: dict[str, str]
) -> None:
    refused(registry.reviewer().post(f"{filed.path}/decision", body), status, code, fields)
    assert registry.reviewer().get(filed.path).json["state"] == "open"


# ------------------------------------------------------------------ many at once


def test_a_batch_is_answered_task_by_task(registry: Registry) -> None:
    one, two = Filed(registry), Filed(registry)
    body = {"task_ids": [one.task_id, "nothing", two.task_id, one.task_id], "decision": "approve", "reason": ""}
    first, again = (registry.reviewer().post("/review/decisions", body) for _ in range(2))
    assert first.status == 200, first.text
    assert first.json["results"] == [
        {"task_id": one.task_id, "status": "decided", "code": None},
        {"task_id": "nothing", "status": "refused", "code": "not_found"},
        {"task_id": two.task_id, "status": "decided", "code": None},
    ]
    assert again.text == first.text
    registry.workflows.settle()
    assert two.somebody.get("/me/profile").json["version"] == 1


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"task_ids": ["x"] * 101}, {"task_ids": "too_long"}),
        ({"task_ids": []}, {"task_ids": "too_short"}),
        ({"decision": "forward"}, {"decision": "enum"}),
        ({"decision": "return", "reason": ""}, {"reason": "required"}),
    ],
)
def test_a_batch_that_cannot_be_read_names_the_field(
    registry: Registry, changed: dict[str, Any], fields: dict[str, str]
) -> None:
    body = {"task_ids": ["x"], "decision": "approve", "reason": "", **changed}
    refused(registry.reviewer().post("/review/decisions", body), 422, "invalid", fields)


def test_an_accountant_hears_nothing_of_the_bureaus_side(registry: Registry, filed: Filed) -> None:
    somebody: Accountant = filed.somebody
    for answer in (
        somebody.get("/review/tasks"),
        somebody.get(filed.path),
        somebody.post(f"{filed.path}/decision", APPROVE),
    ):
        refused(answer, 403, "forbidden")


# ------------------------------------------------------------------ moving on and moving back


def test_a_forwarded_case_is_decided_where_it_belongs(registry: Registry) -> None:
    case = Filed(registry)
    body = {"decision": "forward", "reason": "工作单位在宜昌市", "to_region": YILING}
    answer = registry.reviewer().post(f"{case.path}/decision", body)
    assert (answer.status, answer.json["decision"]) == (200, "forward")
    registry.workflows.settle()
    seen = case.somebody.get(f"/me/submissions/{case.submission_id}").json
    assert (seen["region_code"], seen["status"], seen["stage"]) == (YILING, "under_review", "county")
    assert [one["event"] for one in seen["timeline"]][-2:] == ["forwarded", "stage_opened"]
    registry.decide(case.submission_id, "approve", YILING)
    assert case.somebody.get("/me/profile").json["region_code"] == YILING


@pytest.mark.parametrize(
    ("to_region", "code"), [("430100", "unknown_region"), (WUCHANG, "same_bureau"), ("42", "string_pattern_mismatch")]
)
def test_a_forward_names_a_bureau_that_there_is(registry: Registry, filed: Filed, to_region: str, code: str) -> None:
    body = {"decision": "forward", "to_region": to_region}
    refused(registry.reviewer().post(f"{filed.path}/decision", body), 422, "invalid", {"to_region": code})


def test_an_approval_is_taken_back_before_the_bureau_above_begins(registry: Registry) -> None:
    somebody = registry.accountant()
    filed = somebody.post("/me/submissions", registry.identity_change(somebody)).json["submission_id"]
    registry.workflows.settle()
    task = registry.decide(filed, "approve")
    first, again = (registry.reviewer().post(f"/review/tasks/{task}/undo") for _ in range(2))
    assert (first.status, again.text) == (200, first.text), first.text
    registry.workflows.settle()
    assert first.json == {
        "task_id": task,
        "state": "done",
        "decision": "recalled",
        "reopened_as": registry.task_of(filed),
    }
    assert filed not in [one["subject_id"] for one in registry.reviewer(WUHAN).get("/review/tasks").json["items"]]
    registry.decide(filed, "approve")
    registry.decide(filed, "approve", "4201")
    record = registry.cloud.registry.get(keys.person_key(somebody.account_id))
    assert record is not None
    assert record["version"] == 2
    refused(registry.reviewer().post(f"/review/tasks/{first.json['reopened_as']}/undo"), 409, "next_stage_taken")
