"""The outbox's entry point: which events it takes, and what it answers."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.outbox import ResumeTask, SendMessage
from jingkuai.aws.tables import to_wire
from outbox import tasks
from outbox.delivery import TRIES
from tests.unit.outbox.conftest import PostRoom

MESSAGE = SendMessage("account-1", "申请已通过审核", "请登录系统核对。")


class Context:
    """What Lambda tells a handler of its invocation."""

    function_name = "outbox"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:outbox"
    aws_request_id = "request"
    milliseconds = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def here(post_room: PostRoom) -> Iterator[PostRoom]:
    with patch.object(tasks, "couriers", lambda: post_room.couriers), patch.object(tasks, "utc_now", post_room.clock):
        yield post_room


def run(event: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = tasks.run(event, context or Context())  # type: ignore[arg-type]
    return answer


def record(here: PostRoom, entry_id: str, name: str = "INSERT") -> dict[str, Any]:
    return {"eventName": name, "dynamodb": {"NewImage": to_wire(here.entry(entry_id))}}


def test_new_entries_are_delivered_as_the_stream_brings_them(here: PostRoom) -> None:
    entry_id = here.promise(MESSAGE)
    assert run({"Records": [record(here, entry_id)]}) == {"batchItemFailures": []}
    assert "delivered_at" in here.entry(entry_id)


def test_a_record_that_comes_twice_is_delivered_once(here: PostRoom) -> None:
    event = {"Records": [record(here, here.promise(MESSAGE))] * 2}
    run(event)
    run(event)
    head = here.registry.get(keys.message_head_key("account-1"))
    assert head is not None
    assert head["unread"] == 1


def test_records_of_anything_else_are_passed_over(here: PostRoom) -> None:
    entry_id = here.promise(MESSAGE)
    other = {"eventName": "INSERT", "dynamodb": {"NewImage": {"pk": {"S": "P#p"}}}}
    removed = {"eventName": "REMOVE", "dynamodb": {"Keys": {}}}
    run({"Records": [record(here, entry_id, "MODIFY"), other, removed]})
    assert "delivered_at" not in here.entry(entry_id)


@pytest.mark.parametrize(
    "event", [{"command": "deliver_due"}, {"source": "aws.events", "detail-type": "Scheduled Event"}]
)
def test_each_minute_and_by_command_what_is_due_is_delivered(here: PostRoom, event: dict[str, Any]) -> None:
    here.promise(MESSAGE)
    assert run(event) == {"outcomes": {"delivered": 1}}
    assert run(event) == {"outcomes": {}}


def test_a_failure_is_no_exception_to_the_stream(here: PostRoom) -> None:
    here.stepfunctions.broken = RuntimeError("down")
    here.task("token-1")
    entry_id = here.promise(ResumeTask("task-1", {"decision": "approve"}))
    assert run({"Records": [record(here, entry_id)]}) == {"batchItemFailures": []}
    assert here.entry(entry_id)["last_error"] == "RuntimeError"


def test_what_is_parked_is_counted_for_the_alarm(here: PostRoom, capsys: pytest.CaptureFixture[str]) -> None:
    here.stepfunctions.broken = RuntimeError("down")
    here.task("token-1")
    here.promise(ResumeTask("task-1", {"decision": "approve"}))
    for _ in range(TRIES):
        answer = run({"command": "deliver_due"})
        here.clock.pass_by(hours=1)
    assert answer == {"outcomes": {"parked": 1}}
    assert '"Parked":[1.0]' in capsys.readouterr().out


def test_the_redrive_command_says_what_it_started(here: PostRoom) -> None:
    here.stepfunctions.ended("a.1", "FAILED")
    assert run({"command": "redrive"}) == {"started": ["a.2"]}


def test_the_redeliver_command_says_what_is_due(here: PostRoom) -> None:
    here.stepfunctions.broken = RuntimeError("down")
    here.task("token-1")
    entry_id = here.promise(ResumeTask("task-1", {"decision": "approve"}))
    for _ in range(TRIES):
        run({"command": "deliver_due"})
        here.clock.pass_by(hours=1)
    here.stepfunctions.broken = None
    assert run({"command": "redeliver", "kind": "SendSms"}) == {"due": []}
    assert run({"command": "redeliver", "ids": [entry_id]}) == {"due": [entry_id]}
    assert run({"command": "redeliver"}) == {"due": []}
    assert run({"command": "deliver_due"}) == {"outcomes": {"delivered": 1}}


def test_nothing_is_begun_when_the_time_runs_out(here: PostRoom) -> None:
    context = Context()
    context.milliseconds = 9_000
    here.promise(MESSAGE)
    assert run({"command": "deliver_due"}, context) == {"outcomes": {}}
    assert run({"command": "deliver_due"}) == {"outcomes": {"delivered": 1}}


def test_the_process_makes_its_couriers_once(post_room: PostRoom) -> None:
    tasks.couriers.cache_clear()
    assert tasks.couriers() is tasks.couriers()
    tasks.couriers.cache_clear()
    clients.forget_clients()
