"""The review routes over API Gateway events: who is let in, what is refused with which code, and the shapes of the answers."""

import json
import re
from typing import Any

import pytest

from jingkuai.domain.principal import Principal, Role
from jingkuai.web.access import Access, Scope, rule_of
from review import api
from tests.unit.review.conftest import ID_NUMBER, LI, NAME, PERSON, WANG, Office, reviewer


class Context:
    """What Lambda tells a handler of its invocation."""

    function_name = "review"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:review"
    aws_request_id = "request"


@pytest.fixture
def desk(open_office: Office) -> Office:
    api.tasks.cache_clear()
    return open_office


def call(
    method: str, path: str, body: Any = None, *, by: Principal | None = WANG, query: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    told = {} if by is None else {"account_id": by.account_id, "role": by.role.value, "scope": by.scope}
    if by is not None and by.person_id:
        told["person_id"] = by.person_id
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
        "requestContext": {"requestId": "request", "authorizer": told, "path": f"/v1{path}", "stage": "v1"},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = api.handler(event, Context())  # type: ignore[arg-type]
    return answer["statusCode"], json.loads(answer["body"])


def test_the_inbox_page_and_decision_of_a_registration(desk: Office) -> None:
    status, listed = call("GET", "/review/tasks")
    (item,) = listed["items"]
    assert (status, listed["next_cursor"]) == (200, None)
    task_id = desk.task_id()
    assert item | {"opened_at": ""} == {
        "task_id": task_id,
        "kind": "registration",
        "subject_id": desk.submission_item()["submission_id"],
        "submission_id": desk.submission_item()["submission_id"],
        "stage": "county",
        "region_code": "420106",
        "name_masked": "欧**国",
        "opened_at": "",
        "due_on": "2026-12-01",
        "overdue": item["overdue"],
        "state": "open",
        "held_by": None,
        "held_until": None,
        "decision": None,
    }
    status, page = call("GET", f"/review/tasks/{task_id}")
    assert status == 200
    assert (page["payload"]["basic"]["name"], page["id_number"]) == (NAME, ID_NUMBER)
    assert len(page["attachments"]) == 4
    assert {one["result"] for one in page["findings"]} == {"passed"}
    assert not re.search(r'"[^"]*token[^"]*"\s*:', json.dumps(page), re.IGNORECASE)

    status, decided = call("POST", f"/review/tasks/{task_id}/decision", {"decision": "approve", "reason": "材料齐全"})
    assert (status, decided) == (200, {"task_id": task_id, "state": "done", "decision": "approve"})


def test_a_claim_shows_its_holder_and_a_release_gives_it_back(desk: Office) -> None:
    path = f"/review/tasks/{desk.task_id()}"
    status, claimed = call("POST", f"{path}/claim", {})
    assert (status, claimed["state"], claimed["held_by"]) == (200, "claimed", "wang")
    status, refused = call("POST", f"{path}/claim", {}, by=LI)
    assert (status, refused["code"]) == (409, "held_by_another")
    status, released = call("POST", f"{path}/release", {})
    assert (status, released["state"]) == (200, "open")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"decision": "return", "reason": "  ", "fields": []}, "reason", "required"),
        ({"decision": "reject"}, "reason", "required"),
        ({"decision": "reject", "reason": "\u200b\u200b\x07"}, "reason", "required"),
        ({"decision": "approve", "reason": "材料\x00齐全"}, "reason", "bad_characters"),
        ({"decision": "maybe", "reason": "x"}, "decision", "enum"),
        ({"reason": "x"}, "decision", "missing"),
        ({"decision": "return", "reason": "长" * 501}, "reason", "string_too_long"),
        (
            {"decision": "return", "reason": "x", "fields": ["basic.name<script>"]},
            "fields.0",
            "string_pattern_mismatch",
        ),
        ({"decision": "return", "reason": "x", "note": "?"}, "note", "extra_forbidden"),
    ],
)
def test_a_decision_that_cannot_be_read_names_the_field(
    desk: Office, body: dict[str, Any], field: str, code: str
) -> None:
    status, refused = call("POST", f"/review/tasks/{desk.task_id()}/decision", body)
    assert status == 422
    assert [(one["field"], one["code"]) for one in refused["errors"]] == [(field, code)]
    assert "decision" not in desk.task_item()


@pytest.mark.parametrize(
    ("by", "status", "code"),
    [
        (None, 401, "unauthenticated"),
        (reviewer("a", role=Role.ACCOUNTANT), 403, "forbidden"),
        (reviewer("a", role=Role.INSTITUTION), 403, "forbidden"),
        (reviewer("a", role=Role.AUDITOR), 403, "forbidden"),
        (reviewer("far", "420502"), 404, "not_found"),
        (reviewer("above", "4201"), 403, "other_bureau"),
        (reviewer("self", person_id=PERSON), 409, "own_submission"),
    ],
)
def test_who_may_not_decide_learns_why(desk: Office, by: Principal | None, status: int, code: str) -> None:
    answered, refused = call("POST", f"/review/tasks/{desk.task_id()}/decision", {"decision": "approve"}, by=by)
    assert (answered, refused["code"]) == (status, code)
    assert "decision" not in desk.task_item()


def test_a_stranger_with_a_bad_body_is_refused_as_a_stranger(desk: Office) -> None:
    status, _ = call("POST", f"/review/tasks/{desk.task_id()}/decision", {"decision": "maybe"}, by=None)
    assert status == 401


def test_a_cursor_belongs_to_its_reader_and_query(desk: Office) -> None:
    desk.open_again_as("420106", count=2)
    _, first = call("GET", "/review/tasks", query={"limit": "1"})
    cursor = first["next_cursor"]
    assert call("GET", "/review/tasks", query={"limit": "1", "cursor": cursor})[0] == 200
    for by, more in ((LI, {}), (WANG, {"state": "done"}), (WANG, {"kind": "registration"})):
        status, refused = call("GET", "/review/tasks", query={"limit": "1", "cursor": cursor, **more}, by=by)
        assert (status, refused["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("query", [{"state": "all"}, {"region": "42"}, {"limit": "101"}, {"kind": "R#x"}])
def test_a_query_that_makes_no_sense_is_refused(desk: Office, query: dict[str, str]) -> None:
    assert call("GET", "/review/tasks", query=query)[0] in (400, 422)


def test_every_route_is_for_bureaus_within_their_region_or_a_unit_within_itself() -> None:
    rules = [rule_of(route) for route in api.app._static_routes + api.app._dynamic_routes]
    assert rules
    for rule in rules:
        assert isinstance(rule, Access)
        of_units = rule.roles == {Role.EMPLOYER}
        assert rule.within is (Scope.EMPLOYER if of_units else Scope.REGION)
        assert of_units or rule.roles <= {Role.REVIEWER, Role.ADMIN}
