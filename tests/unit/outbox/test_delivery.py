"""Delivery: once where once is possible, again where it failed or was cut off, to a human after eight tries; never an exception."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import KeepScans, ResumeTask, SendMessage, SendSms, StartExecution, outbox_item
from jingkuai.aws.tables import Item
from outbox.delivery import LEASE, TRIES, Outcome, deliver_all, due_entries
from tests.unit.outbox.conftest import MACHINE, PERSON, PHONE, PostRoom

START = StartExecution("review", "0193.1", {"pk": "P#p", "sk": "SUB#0193"})
RESUME = ResumeTask("task-1", {"decision": "approve"})
MESSAGE = SendMessage("account-1", "申请已通过审核", "请登录系统核对。", "/me/submissions/0193")


def crash_after(post_room: PostRoom, entry_id: str) -> None:
    """The deliverer dies between the act and the entry's end: all it leaves is its lease."""
    delivery = post_room.store.take(entry_id, at=post_room.clock(), until=post_room.clock() + LEASE)
    assert delivery is not None
    post_room.couriers.deliver(delivery)


# --- executions


def test_an_execution_is_started_with_its_subject_and_nothing_else(post_room: PostRoom) -> None:
    entry_id = post_room.promise(START)
    assert post_room.deliver(entry_id) is Outcome.DELIVERED
    (execution,) = post_room.stepfunctions.executions.values()
    assert execution["input"] == '{"subject": {"pk": "P#p", "sk": "SUB#0193"}}'
    assert post_room.stepfunctions.calls == ["start"]
    assert "gsi1pk" not in post_room.entry(entry_id)


def test_each_machine_is_started_by_its_own_arn(post_room: PostRoom) -> None:
    post_room.deliver(post_room.promise(StartExecution("credit_import", "b.1", {"pk": "B#b", "sk": "BATCH"})))
    post_room.deliver(post_room.promise(StartExecution("bulk", "x.1", {"pk": "P#p", "sk": "EXPORT"})))
    assert post_room.stepfunctions.started == [(f"{MACHINE}credit-import", "b.1"), (f"{MACHINE}bulk", "x.1")]


@pytest.mark.parametrize("names_are_unique", [True, False])
def test_a_crash_after_the_start_starts_nothing_twice(post_room: PostRoom, names_are_unique: bool) -> None:
    """On the emulator as well, where the same name may start a second execution."""
    post_room.stepfunctions.names_are_unique = names_are_unique
    entry_id = post_room.promise(START)
    crash_after(post_room, entry_id)
    post_room.clock.pass_by(minutes=2)
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert len(post_room.stepfunctions.started) == 1


def test_an_execution_of_that_name_is_the_one_that_was_meant(post_room: PostRoom) -> None:
    post_room.stepfunctions.ended("0193.1", "RUNNING")
    assert post_room.deliver(post_room.promise(START)) is Outcome.DELIVERED


def test_the_trace_of_a_delivery_goes_by_itself_and_what_is_undelivered_stays(post_room: PostRoom) -> None:
    entry_id, waiting = post_room.promise(START), post_room.promise(RESUME)
    post_room.deliver(entry_id)
    gone = post_room.clock() + timedelta(days=30)
    assert post_room.entry(entry_id)["ttl"] == int(gone.timestamp())
    post_room.texts.broken = True
    text = post_room.promise(SendSms(PERSON, "请登录系统核对。"))
    assert post_room.deliver(text) is Outcome.POSTPONED
    assert "ttl" not in post_room.entry(waiting) and "ttl" not in post_room.entry(text)


# --- tokens


def test_a_decision_is_returned_with_the_tasks_present_token(post_room: PostRoom) -> None:
    post_room.task("token-1")
    assert post_room.deliver(post_room.promise(RESUME)) is Outcome.DELIVERED
    assert post_room.stepfunctions.returned == [("token-1", {"decision": "approve"})]


def test_a_crash_before_the_token_was_returned_loses_nothing(post_room: PostRoom) -> None:
    post_room.task("token-1")
    entry_id = post_room.promise(RESUME)
    post_room.store.take(entry_id, at=post_room.clock(), until=post_room.clock() + LEASE)
    assert post_room.deliver(entry_id) is Outcome.NOT_MINE, "the lease of the dead one still runs"
    assert post_room.deliver_due() == []
    post_room.clock.pass_by(minutes=2)
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert len(post_room.stepfunctions.returned) == 1


def test_a_crash_after_the_token_was_returned_changes_nothing(post_room: PostRoom) -> None:
    post_room.task("token-1")
    entry_id = post_room.promise(RESUME)
    crash_after(post_room, entry_id)
    post_room.clock.pass_by(minutes=2)
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert len(post_room.stepfunctions.returned) == 1


def test_a_task_that_was_not_opened_yet_needs_no_word(post_room: PostRoom) -> None:
    post_room.task(None)
    assert post_room.deliver(post_room.promise(RESUME)) is Outcome.DELIVERED
    assert post_room.deliver(post_room.promise(ResumeTask("task-2", {"decision": "approve"}))) is Outcome.DELIVERED
    assert post_room.stepfunctions.calls == []


def test_a_token_that_is_gone_counts_as_delivered(post_room: PostRoom) -> None:
    post_room.task("token-1")
    post_room.stepfunctions.living.clear()
    assert post_room.deliver(post_room.promise(RESUME)) is Outcome.DELIVERED
    assert post_room.stepfunctions.calls == ["token"]


def test_a_token_that_changed_meanwhile_is_returned_in_place_of_the_old_one(post_room: PostRoom) -> None:
    """The workflow's step was retried between the reading and the return."""
    post_room.task("token-1")
    post_room.stepfunctions.living.clear()

    def retried() -> None:
        post_room.stepfunctions.before_token = None
        post_room.task("token-2")

    post_room.stepfunctions.before_token = retried
    assert post_room.deliver(post_room.promise(RESUME)) is Outcome.DELIVERED
    assert post_room.stepfunctions.returned == [("token-2", {"decision": "approve"})]


def test_a_token_that_keeps_changing_is_tried_again_later(post_room: PostRoom) -> None:
    post_room.task("token-0")
    post_room.stepfunctions.living.clear()
    made: list[str] = []

    def retried() -> None:
        made.append("token")
        post_room.task(f"token-{len(made)}")
        post_room.stepfunctions.living.clear()

    post_room.stepfunctions.before_token = retried
    entry_id = post_room.promise(RESUME)
    assert post_room.deliver(entry_id) is Outcome.POSTPONED
    assert post_room.entry(entry_id)["last_error"] == "TokenKeepsChanging"


# --- messages, short messages, scans


def test_a_message_is_put_once_however_often_it_is_delivered(post_room: PostRoom) -> None:
    entry_id = post_room.promise(MESSAGE)
    crash_after(post_room, entry_id)
    post_room.clock.pass_by(minutes=2)
    assert post_room.deliver(entry_id) is Outcome.DELIVERED
    head, message = post_room.registry.query(keys.messages_pk("account-1"), descending=True).items
    assert head["unread"] == 1
    assert message == {
        **keys.message_key("account-1", entry_id),
        "v": 1,
        "message_id": entry_id,
        "at": post_room.entry(entry_id)["created_at"],
        "title": "申请已通过审核",
        "body": "请登录系统核对。",
        "link": "/me/submissions/0193",
        "read": False,
    }


def test_every_message_counts_as_unread(post_room: PostRoom) -> None:
    for _ in range(3):
        post_room.deliver(post_room.promise(MESSAGE))
    head = post_room.registry.get(keys.message_head_key("account-1"))
    assert head is not None
    assert head["unread"] == 3


def test_a_phone_is_opened_only_to_send_to_it(post_room: PostRoom) -> None:
    entry_id = post_room.promise(SendSms(PERSON, "您的申请已通过审核。"))
    assert post_room.deliver(entry_id) is Outcome.DELIVERED
    assert post_room.texts.sent == [(PHONE, "您的申请已通过审核。")]
    assert PHONE not in str(post_room.entry(entry_id))


def test_somebody_without_a_phone_gets_no_text(post_room: PostRoom) -> None:
    assert post_room.deliver(post_room.promise(SendSms("nobody", "您的申请已通过审核。"))) is Outcome.DELIVERED
    assert post_room.texts.sent == []


def test_scans_in_use_are_tagged_as_kept(post_room: PostRoom) -> None:
    for name in ("a", "b"):
        post_room.couriers.files.put(
            "records", f"scans/{name}", b"scan", content_type="image/jpeg", tags={"kept": "no"}
        )
    assert post_room.deliver(post_room.promise(KeepScans(["scans/a", "scans/b"]))) is Outcome.DELIVERED
    for name in ("a", "b"):
        tags = clients.s3().get_object_tagging(Bucket="records", Key=f"scans/{name}")["TagSet"]
        assert tags == [{"Key": "kept", "Value": "yes"}]


# --- failures


def test_a_failure_is_recorded_by_its_code_and_tried_again(post_room: PostRoom) -> None:
    answer = {"Error": {"Code": "ThrottlingException", "Message": "somebody's 19901327120"}}
    post_room.stepfunctions.broken = ClientError(answer, "StartExecution")  # type: ignore[arg-type]
    entry_id = post_room.promise(START)
    assert post_room.deliver(entry_id) is Outcome.POSTPONED
    item = post_room.entry(entry_id)
    assert (item["attempts"], item["last_error"]) == (1, "ThrottlingException")
    assert item["gsi1sk"] == iso(post_room.clock() + timedelta(minutes=1))
    assert PHONE not in str(item)

    post_room.stepfunctions.broken = None
    assert post_room.deliver_due() == []
    post_room.clock.pass_by(minutes=1)
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert "last_error" not in post_room.entry(entry_id)


def test_each_pause_is_twice_the_one_before_up_to_an_hour(post_room: PostRoom) -> None:
    post_room.texts.broken = True
    entry_id = post_room.promise(SendSms(PERSON, "您好"))
    pauses = []
    for _ in range(TRIES - 1):
        assert post_room.deliver(entry_id) is Outcome.POSTPONED
        due = post_room.entry(entry_id)["gsi1sk"]
        pauses.append(next(m for m in range(1, 61) if iso(post_room.clock() + timedelta(minutes=m)) == due))
        post_room.clock.pass_by(minutes=pauses[-1])
    assert pauses == [1, 2, 4, 8, 16, 32, 60]


def test_after_eight_tries_an_entry_is_parked_for_a_human(post_room: PostRoom) -> None:
    post_room.texts.broken = True
    entry_id = post_room.promise(SendSms(PERSON, "您好"))
    outcomes = []
    for _ in range(TRIES):
        outcomes.append(post_room.deliver(entry_id))
        post_room.clock.pass_by(hours=1)
    assert outcomes == [Outcome.POSTPONED] * 7 + [Outcome.PARKED]
    (parked,) = post_room.registry.query_all(keys.PARKED, index="gsi1")
    assert parked["card"] == {"kind": "SendSms", "attempts": 8, "last_error": "SmsFailed"}
    assert post_room.deliver(entry_id) is Outcome.NOT_MINE
    assert post_room.deliver_due() == []


def test_an_entry_of_a_later_version_is_parked_in_the_end_and_stops_nobody(post_room: PostRoom) -> None:
    item = outbox_item(MESSAGE, at=post_room.clock(), new_id=uuid7)
    post_room.registry.put({**item, "kind": "SendLetter"})
    assert post_room.deliver(item["entry_id"]) is Outcome.POSTPONED
    assert post_room.entry(item["entry_id"])["last_error"] == "UnknownEntry"


def test_one_failure_does_not_hold_up_the_others(post_room: PostRoom) -> None:
    post_room.texts.broken = True
    ids = [post_room.promise(SendSms(PERSON, "您好")), post_room.promise(MESSAGE)]
    outcomes = deliver_all(ids, couriers=post_room.couriers, clock=post_room.clock, time_left=lambda: True)
    assert outcomes == [Outcome.POSTPONED, Outcome.DELIVERED]


def test_a_table_that_does_not_answer_stops_nothing_either(
    post_room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("down")

    entry_id = post_room.promise(MESSAGE)
    monkeypatch.setattr(post_room.registry, "update", unreachable)
    assert deliver_all([entry_id], couriers=post_room.couriers, clock=post_room.clock, time_left=lambda: True) == []


def test_a_try_that_was_too_slow_does_not_undo_a_later_one(post_room: PostRoom) -> None:
    entry_id = post_room.promise(MESSAGE)
    slow = post_room.store.take(entry_id, at=post_room.clock(), until=post_room.clock() + LEASE)
    assert slow is not None
    post_room.clock.pass_by(minutes=3)
    assert post_room.deliver(entry_id) is Outcome.DELIVERED
    post_room.store.postpone(slow, error="TimeoutError", until=post_room.clock())
    assert "gsi1pk" not in post_room.entry(entry_id)


def test_what_is_due_comes_from_every_lane_and_only_when_it_is_time(post_room: PostRoom) -> None:
    ids: list[Item] = [outbox_item(MESSAGE, at=post_room.clock(), new_id=uuid7) for _ in range(40)]
    for item in ids:
        post_room.registry.put(item)
    later = outbox_item(MESSAGE, at=post_room.clock() + timedelta(seconds=1), new_id=uuid7)
    post_room.registry.put(later)
    assert post_room.deliver_due() == [Outcome.DELIVERED] * 40
    assert len({item["gsi1pk"] for item in ids}) > 1


def test_what_there_is_no_time_for_stays_due(post_room: PostRoom) -> None:
    for _ in range(5):
        post_room.promise(MESSAGE)
    left = [True, True, False]
    ids = list(due_entries(post_room.store, clock=post_room.clock))
    outcomes = deliver_all(ids, couriers=post_room.couriers, clock=post_room.clock, time_left=lambda: left.pop(0))
    assert len(outcomes) == 2
    assert len(post_room.deliver_due()) == 3
