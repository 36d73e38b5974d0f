"""The routes of the notices context: any account reads its own messages, and nobody else's."""

import json
from dataclasses import dataclass
from typing import Any

from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import SendMessage
from notices import api
from outbox.store import OutboxStore
from tests.cloud import Cloud
from tests.conftest import NOON


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "notices"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:notices"
    aws_request_id = "1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def call(method: str, path: str, *, by: str | None = "me", **query: str) -> Answer:
    told = {"account_id": by, "role": "institution", "scope": "wh-training", "name_masked": "武*"} if by else {}
    event = {
        "path": path,
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "requestContext": {"requestId": "request", "authorizer": told, "path": "/v1" + path},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = api.handler(event, Context())  # type: ignore[arg-type]
    return Answer(answer["statusCode"], json.loads(answer["body"]) if answer.get("body") else None)


def arrives(cloud: Cloud, account_id: str = "me") -> str:
    message_id = uuid7(NOON)
    note = SendMessage(account_id, "导入完成", "请查看结果。")
    OutboxStore(cloud.registry).add_message(note, message_id=message_id, created_at="2026-11-24T04:00:00.000Z")
    return message_id


def test_a_message_is_listed_and_read_once_or_twice(cloud: Cloud) -> None:
    message_id = arrives(cloud)
    [shown] = call("GET", "/me/messages").body["items"]
    assert (shown["message_id"], shown["title"], shown["read"]) == (message_id, "导入完成", False)
    for _ in range(2):
        assert call("POST", f"/me/messages/{message_id}/read") == Answer(204, None)
    assert call("GET", "/me/messages").body["items"][0]["read"] is True


def test_all_are_read_at_once(cloud: Cloud) -> None:
    for _ in range(3):
        arrives(cloud)
    assert call("POST", "/me/messages/read-all") == Answer(204, None)
    assert {one["read"] for one in call("GET", "/me/messages").body["items"]} == {True}


def test_anothers_message_is_not_found(cloud: Cloud) -> None:
    message_id = arrives(cloud)
    answer = call("POST", f"/me/messages/{message_id}/read", by="other")
    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert call("GET", "/me/messages", by="other").body["items"] == []


def test_a_cursor_is_good_for_its_own_reader_only(cloud: Cloud) -> None:
    for _ in range(2):
        arrives(cloud)
    first = call("GET", "/me/messages", limit="1").body
    rest = call("GET", "/me/messages", limit="1", cursor=first["next_cursor"]).body
    assert rest["items"][0]["message_id"] != first["items"][0]["message_id"] and rest["next_cursor"] is None
    stolen = call("GET", "/me/messages", by="other", cursor=first["next_cursor"])
    assert (stolen.status, stolen.body["code"]) == (400, "bad_cursor")


def test_without_a_token_nobody_reads(cloud: Cloud) -> None:
    for method, path in (("GET", "/me/messages"), ("POST", "/me/messages/read-all"), ("POST", "/me/messages/x/read")):
        assert call(method, path, by=None).status == 401
