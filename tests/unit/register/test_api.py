"""The routes of the register context: who may call them, what they answer, how they refuse."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest

from jingkuai.aws.clock import utc_now
from jingkuai.domain.principal import Role
from register import api
from tests.unit.register import people, pictures
from tests.unit.register.desk import NEEDED, Desk

GOOD = pictures.picture()


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "register"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:register"
    aws_request_id = "1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def call(
    method: str, path: str, body: Any = None, *, role: Role = Role.ACCOUNTANT, query: dict[str, str] | None = None
) -> Answer:
    account = people.PERSON if role is Role.ACCOUNTANT else role.value
    told = {"account_id": account, "role": role.value, "scope": account, "name_masked": "王*"}
    event = {
        "path": path,
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
        "requestContext": {"requestId": "request", "authorizer": told, "path": "/v1" + path},
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = api.handler(event, Context())  # type: ignore[arg-type]
    return Answer(answer["statusCode"], json.loads(answer["body"]) if answer.get("body") else None)


def announcement(**over: Any) -> dict[str, Any]:
    digest = hashlib.sha256(GOOD).hexdigest()
    told = {"kind": "id_front", "filename": "a.jpg", "content_type": "image/jpeg", "size": len(GOOD), "sha256": digest}
    return {**told, **over}


@pytest.fixture
def now(desk: Desk) -> Desk:
    """The desk at the real time, which the routes go by."""
    desk.now = utc_now()
    return desk


def test_me_tells_account_role_scope_messages_and_todo(now: Desk) -> None:
    answer = call("GET", "/me")
    assert answer.status == 200
    assert answer.body["account"] == {
        "account_id": people.PERSON,
        "role": "accountant",
        "scope": people.PERSON,
        "name_masked": "王*",
    }
    assert (answer.body["role"], answer.body["unread_messages"]) == ("accountant", 0)
    assert [one["code"] for one in answer.body["todo"]] == ["registration_needed"]
    assert call("GET", "/me", role=Role.AUDITOR).body["todo"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/me/profile"),
        ("GET", "/me/draft"),
        ("PUT", "/me/draft"),
        ("POST", "/me/attachments"),
        ("POST", "/me/submissions"),
        ("POST", "/me/submissions/x/resubmit"),
        ("POST", "/me/submissions/x/withdraw"),
    ],
)
def test_a_reviewer_is_refused_whatever_the_body(now: Desk, method: str, path: str) -> None:
    for body in (None, {"nonsense": True}):
        answer = call(method, path, body, role=Role.REVIEWER)
        assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_without_a_record_the_profile_is_not_found(now: Desk) -> None:
    answer = call("GET", "/me/profile")
    assert (answer.status, answer.body["code"]) == (404, "no_record")


def test_the_draft_round_trip_and_its_conflict(now: Desk) -> None:
    assert call("GET", "/me/draft").body["version"] == 0
    saved = call("PUT", "/me/draft", {"payload": {"contact": people.payload()["contact"]}, "version": 0})
    assert (saved.status, saved.body["version"]) == (200, 1)
    assert call("GET", "/me/draft").body == saved.body
    stale = call("PUT", "/me/draft", {"payload": {}, "version": 0})
    assert (stale.status, stale.body["code"], stale.body["current"]) == (409, "version_conflict", saved.body)


def test_half_a_character_is_refused_and_not_stored(now: Desk) -> None:
    answer = call("PUT", "/me/draft", '{"payload": {"basic": {"name": "\\ud840"}}, "version": 0}')
    assert (answer.status, answer.body["errors"][0]["code"]) == (422, "bad_characters")


def test_a_scan_from_announcement_to_download(now: Desk) -> None:
    answer = call("POST", "/me/attachments", announcement())
    assert answer.status == 201 and answer.body["status"] == "awaiting_upload"
    assert set(answer.body["upload"]) == {"url", "fields"}
    path = f"/me/attachments/{answer.body['attachment_id']}"
    assert call("GET", path).body.get("download_url") is None
    scan = now.scans.scan(answer.body["attachment_id"], owner=people.PERSON, at=now.now)
    assert scan is not None
    now.arrive(scan, GOOD)
    seen = call("GET", path).body
    assert seen["status"] == "accepted" and "X-Amz-Signature" in seen["download_url"]
    assert call("GET", path, role=Role.EMPLOYER).status == 404


@pytest.mark.parametrize(
    ("over", "status", "code"),
    [
        ({"size": 11 * 2**20}, 413, "too_large"),
        ({"content_type": "application/x-msdownload"}, 415, "unsupported_type"),
        ({"kind": "no_such_kind"}, 422, "invalid"),
        ({"sha256": "A" * 64}, 422, "invalid"),
        ({"sha256": "0" * 63}, 422, "invalid"),
        ({"size": 0}, 422, "invalid"),
        ({"size": "many"}, 400, "bad_request"),
        ({"filename": ""}, 422, "invalid"),
    ],
)
def test_a_file_that_cannot_be_a_scan_is_refused_at_once(
    now: Desk, over: dict[str, Any], status: int, code: str
) -> None:
    answer = call("POST", "/me/attachments", announcement(**over))
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["errors"][0]["field"] == next(iter(over))
    assert answer.body["errors"][0]["message"].endswith("。")


def test_a_registration_is_filed_shown_listed_and_withdrawn(now: Desk) -> None:
    body = {"kind": "registration", "payload": people.payload(), "attachment_ids": now.accepted()}
    filed = call("POST", "/me/submissions", body)
    assert (filed.status, filed.body["status"]) == (201, "auto_checking")
    path = f"/me/submissions/{filed.body['submission_id']}"
    assert call("GET", path).body == filed.body
    listed = call("GET", "/me/submissions", query={"limit": "1"}).body
    assert listed == {"items": [filed.body], "next_cursor": listed["next_cursor"]}
    again = call("POST", "/me/submissions", body)
    assert (again.status, again.body["code"]) == (409, "open_submission")
    assert again.body["submission_id"] == filed.body["submission_id"]
    assert call("POST", path + "/resubmit", {k: body[k] for k in ("payload", "attachment_ids")}).status == 409
    assert call("POST", path + "/withdraw", {}).body["status"] == "withdrawn"


def test_what_is_wrong_is_told_by_field(now: Desk) -> None:
    answer = call("POST", "/me/submissions", {"kind": "registration", "payload": {}, "attachment_ids": []})
    assert (answer.status, answer.body["code"]) == (422, "invalid")
    fields = [one["field"] for one in answer.body["errors"]]
    assert {"basic", "contact", *(f"attachments.{kind}" for kind in NEEDED[:3])} <= set(fields)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "education_added", "payload": {}, "attachment_ids": []}, 409, "no_record_to_change"),
        ({"kind": "wedding", "payload": {}, "attachment_ids": []}, 422, "invalid"),
        ({"kind": "registration", "payload": [], "attachment_ids": []}, 400, "bad_request"),
        ({"kind": "registration", "payload": {}, "attachment_ids": ["x"] * 61}, 422, "invalid"),
        ("{", 400, "bad_request"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(now: Desk, body: Any, status: int, code: str) -> None:
    answer = call("POST", "/me/submissions", body)
    assert (answer.status, answer.body["code"]) == (status, code)
