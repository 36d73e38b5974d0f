"""The notices routes through the gateway: in-site messages."""

from __future__ import annotations

import pytest

from jingkuai.aws.clock import iso, utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import SendMessage
from outbox.store import OutboxStore
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, Accountant, Registry

MESSAGE = {"message_id", "at", "title", "body", "link", "read", "shared"}


@pytest.fixture
def told(registry: Registry) -> Accountant:
    """Somebody with two messages: returned, and returned again."""
    somebody = registry.newcomer()
    submission_id = registry.submitted(somebody)
    registry.decide(submission_id, "return")
    seen = somebody.get(f"/me/submissions/{submission_id}").json
    body = {"payload": seen["payload"], "attachment_ids": seen["attachment_ids"]}
    somebody.post(f"/me/submissions/{submission_id}/resubmit", body)
    registry.workflows.settle()
    registry.decide(submission_id, "reject")
    return somebody


def unread(of: Accountant) -> int:
    return int(of.get("/me").json["unread_messages"])


def test_messages_come_newest_first_and_are_read_one_by_one(registry: Registry, told: Accountant) -> None:
    answer = told.get("/me/messages")
    assert answer.status == 200
    newest, oldest = answer.json["items"]
    assert set(newest) == MESSAGE
    assert newest["at"] >= oldest["at"]
    assert (newest["title"], newest["read"]) == ("申请未通过审核", False)
    assert told.get(newest["link"]).status == 200
    assert told.person["name"] not in answer.text
    assert unread(told) == 2

    first = told.get("/me/messages?limit=1").json
    second = told.get(f"/me/messages?limit=1&cursor={first['next_cursor']}").json
    assert first["items"] + second["items"] == [newest, oldest]

    path = f"/me/messages/{newest['message_id']}/read"
    for _ in range(2):
        read = told.post(path)
        assert (read.status, read.text) == (204, "")
    assert [one["read"] for one in told.get("/me/messages").json["items"]] == [True, False]
    assert unread(told) == 1
    for stranger in (registry.newcomer(), registry.admin):
        refused(stranger.post(path), 404, "not_found")
        refused(stranger.get(f"/me/messages?cursor={first['next_cursor']}"), 400, "bad_cursor")

    assert told.post("/me/messages/read-all").status == 204
    assert told.post("/me/messages/read-all").text == ""
    assert unread(told) == 0
    assert all(one["read"] for one in told.get("/me/messages").json["items"])


def test_every_account_has_an_inbox_and_most_are_empty(registry: Registry) -> None:
    for caller in (
        registry.newcomer(),
        registry.reviewer(),
        registry.auditor,
        registry.institution(),
        registry.employer,
    ):
        assert caller.get("/me/messages").json == {"items": [], "next_cursor": None}


def test_a_bureau_is_told_and_each_of_its_reviewers_reads_it(registry: Registry) -> None:
    note, message_id = SendMessage(bureau_mailbox(WUCHANG), "审核任务超期提醒", "请尽快办理。"), uuid7(utc_now())
    OutboxStore(registry.cloud.registry).add_message(note, message_id=message_id, created_at=iso(utc_now()))
    reviewer, path = registry.reviewer(WUCHANG), f"/me/messages/{message_id}/read"
    (shown,) = reviewer.get("/me/messages").json["items"]
    assert (shown["message_id"], shown["shared"], shown["read"]) == (message_id, True, False)
    assert reviewer.get("/me").json["unread_messages"] == 1
    for stranger in (registry.reviewer(WUHAN), registry.newcomer(), registry.admin, registry.employer):
        refused(stranger.post(path), 404, "not_found")
        assert stranger.get("/me/messages").json["items"] == []
    assert reviewer.post(path).status == 204
    assert reviewer.get("/me").json["unread_messages"] == 0


@pytest.mark.parametrize("message_id", ["HEAD", "nothing", "%00", "x" * 64])
def test_what_is_no_message_is_not_found(registry: Registry, message_id: str) -> None:
    refused(registry.reviewer().post(f"/me/messages/{message_id}/read"), 404, "not_found")


def test_a_page_out_of_range_is_refused(registry: Registry) -> None:
    refused(registry.reviewer().get("/me/messages?limit=101"), 422, "invalid", {"limit": "less_than_equal"})
    refused(registry.reviewer().get("/me/messages?limit=x"), 400, "bad_request", {"limit": "wrong_type"})
    refused(registry.reviewer().post(f"/me/messages/{'x' * 65}/read"), 422, "invalid")
