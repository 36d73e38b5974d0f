"""Redelivery: what was parked is due again with all its tries, once, and nothing else is touched."""

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import Entry, SendMessage, SendSms, StartExecution
from outbox.delivery import LEASE, TRIES, Outcome
from outbox.redelivery import redeliver
from tests.unit.outbox.conftest import PERSON, PostRoom

TEXT = SendSms(PERSON, "您的申请已通过审核。")
START = StartExecution("review", "0193.1", {"pk": "P#p", "sk": "SUB#0193"})
NOBODY = "0193f3a0-0000-7000-8000-00000000dead"
MESSAGE = SendMessage("account-1", "申请已通过审核", "请登录系统核对。")


def parked(post_room: PostRoom, entry: Entry) -> str:
    """An entry that has failed eight times."""
    entry_id = post_room.promise(entry)
    post_room.texts.broken, post_room.stepfunctions.broken = True, RuntimeError("down")
    outcomes = []
    for _ in range(TRIES):
        outcomes.append(post_room.deliver(entry_id))
        post_room.clock.pass_by(hours=1)
    post_room.texts.broken, post_room.stepfunctions.broken = False, None
    assert outcomes[-1] is Outcome.PARKED
    return entry_id


def redelivered(post_room: PostRoom, time_left: int = 1000, **asked: object) -> list[str]:
    left = iter(range(time_left))
    return redeliver(
        store=post_room.store,
        clock=post_room.clock,
        time_left=lambda: next(left, None) is not None,
        **asked,  # type: ignore[arg-type]
    )


def test_what_was_parked_is_due_at_once_and_then_delivered(post_room: PostRoom) -> None:
    entry_id = parked(post_room, TEXT)
    assert post_room.deliver_due() == []
    assert redelivered(post_room) == [entry_id]
    assert list(post_room.registry.query_all(keys.PARKED, index="gsi1")) == []
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert len(post_room.texts.sent) == 1
    item = post_room.entry(entry_id)
    assert "last_error" not in item and "gsi1pk" not in item and item["redelivered_at"]


def test_asked_twice_it_changes_nothing_twice(post_room: PostRoom) -> None:
    entry_id = parked(post_room, TEXT)
    assert redelivered(post_room) == [entry_id]
    item = post_room.entry(entry_id)
    post_room.clock.pass_by(minutes=1)
    assert redelivered(post_room) == redelivered(post_room, ids=[entry_id]) == []
    assert post_room.entry(entry_id) == item


def test_it_has_all_its_tries_before_it_is_parked_again(post_room: PostRoom) -> None:
    entry_id = parked(post_room, TEXT)
    redelivered(post_room)
    post_room.texts.broken = True
    outcomes = []
    for _ in range(TRIES):
        outcomes.append(post_room.deliver(entry_id))
        post_room.clock.pass_by(hours=1)
    assert outcomes == [Outcome.POSTPONED] * (TRIES - 1) + [Outcome.PARKED]
    assert redelivered(post_room) == [entry_id]


def test_one_kind_or_single_entries_can_be_asked_for(post_room: PostRoom) -> None:
    first, second, start = parked(post_room, TEXT), parked(post_room, TEXT), parked(post_room, START)
    assert redelivered(post_room, kind="StartExecution") == [start]
    assert redelivered(post_room, ids=[second]) == [second]
    assert redelivered(post_room, kind="SendMessage") == redelivered(post_room, kind="SendMessage", ids=[first]) == []
    assert redelivered(post_room) == [first]


def test_what_is_not_parked_is_left_as_it_is(post_room: PostRoom) -> None:
    delivered, due, taken = (post_room.promise(MESSAGE) for _ in range(3))
    post_room.deliver(delivered)
    post_room.store.take(taken, at=post_room.clock(), until=post_room.clock() + LEASE)
    before = [post_room.entry(one) for one in (delivered, due, taken)]
    assert redelivered(post_room) == redelivered(post_room, ids=[delivered, due, taken, NOBODY]) == []
    assert [post_room.entry(one) for one in (delivered, due, taken)] == before


def test_parked_executions_are_not_its_business(post_room: PostRoom) -> None:
    post_room.registry.put({**keys.parked_key("a.1"), "v": 1, **keys.index(1, keys.PARKED, iso(post_room.clock()))})
    assert redelivered(post_room) == []
    assert len(list(post_room.registry.query_all(keys.PARKED, index="gsi1"))) == 1


def test_an_execution_that_was_started_before_it_was_parked_is_not_started_again(post_room: PostRoom) -> None:
    """Where a name may be used twice, as the emulator lets it: the answer of an earlier try was lost."""
    entry_id = parked(post_room, START)
    post_room.stepfunctions.names_are_unique = False
    post_room.stepfunctions.ended("0193.1", "RUNNING")
    redelivered(post_room)
    assert post_room.deliver_due() == [Outcome.DELIVERED]
    assert post_room.stepfunctions.started == []
    assert post_room.entry(entry_id)["delivered_at"]


def test_it_stops_when_its_time_ends_and_goes_on_the_next_time(post_room: PostRoom) -> None:
    ids = [parked(post_room, TEXT) for _ in range(3)]
    assert redelivered(post_room, time_left=2) == ids[:2]
    assert redelivered(post_room) == ids[2:]
