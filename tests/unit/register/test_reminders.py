"""The morning that asks people whether their record is still true: everybody once a half-year, whatever is cut off or repeated."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.domain.workdays import today_in_shanghai
from register import tasks
from register.reminder_store import ReminderStore
from register.reminders import Checkpoint, Morning, Place, remind_all
from tests.unit.register import people
from tests.unit.register.desk import RECORD_RULES, Desk

TODAY = date(2026, 11, 24)
DUE = TODAY - timedelta(days=180)
REGIONS = ("420106", "420502")


def person(number: int) -> str:
    return f"01990000-0000-7000-8000-{number:012d}"


def put(desk: Desk, number: int, confirmed: date, region: str = "420106", **over: Any) -> str:
    person_id = person(number)
    people.approve(
        desk.cloud.registry,
        person_id,
        f"199{number:08d}",
        region_code=region,
        confirmed_on=confirmed.isoformat(),
        **over,
    )
    return person_id


def morning(desk: Desk, today: date | None = None, *, room_for: int | None = None) -> Morning:
    """A run on the desk's day, or for another; it has time for so many people."""
    left = iter([True] * room_for) if room_for is not None else None
    return remind_all(
        today or desk.now.date(),
        REGIONS,
        store=ReminderStore(desk.cloud.registry, uuid7),
        rules=RECORD_RULES,
        clock=desk.clock,
        time_left=lambda: True if left is None else next(left, False),
    )


def told(desk: Desk) -> list[str]:
    return [one["detail"]["account_id"] for one in desk.outbox("SendMessage")]


def checkpoint(desk: Desk, region: str = "420106") -> Checkpoint:
    return ReminderStore(desk.cloud.registry, uuid7).checkpoints()[region]


@contextmanager
def operations() -> Iterator[list[str]]:
    made: list[str] = []

    def note(event_name: str, **_: Any) -> None:
        made.append(event_name.rpartition(".")[2])

    events = clients.dynamodb().meta.events
    events.register("before-send.dynamodb.*", note)
    try:
        yield made
    finally:
        events.unregister("before-send.dynamodb.*", note)


def test_whoever_is_due_gets_one_message_and_the_others_none(desk: Desk) -> None:
    due = [put(desk, 1, DUE), put(desk, 2, DUE - timedelta(days=900)), put(desk, 3, DUE, "420502")]
    put(desk, 4, DUE + timedelta(days=1))
    put(desk, 5, TODAY)
    assert morning(desk) == Morning(3, 0)
    assert sorted(told(desk)) == due
    (first, *_) = desk.outbox("SendMessage")
    assert "180天" in first["detail"]["body"] and first["detail"]["link"] == "/me/profile"


def test_run_again_nobody_is_told_twice(desk: Desk) -> None:
    put(desk, 1, DUE)
    assert morning(desk).reminded == 1
    with operations() as made:
        assert morning(desk) == Morning(0, 0)
    assert made == ["Query"], "the checkpoints say that the day is done"
    desk.now += timedelta(days=1)
    assert morning(desk).reminded == 0


def test_a_run_that_crashed_before_its_checkpoint_tells_nobody_twice(desk: Desk) -> None:
    put(desk, 1, DUE)
    morning(desk)
    desk.cloud.registry.delete(keys.record_check_key("420106"))
    assert morning(desk).reminded == 0
    assert len(told(desk)) == 1


def test_two_runs_at_once_tell_everybody_once(desk: Desk) -> None:
    person_id = put(desk, 1, DUE)

    class Twin(ReminderStore):
        """Another run reads the same list and is faster."""

        def remind(self, *one: Any, **more: Any) -> bool:
            assert ReminderStore(desk.cloud.registry, uuid7).remind(*one, **more)
            return super().remind(*one, **more)

    store = Twin(desk.cloud.registry, uuid7)
    run = remind_all(TODAY, REGIONS, store=store, rules=RECORD_RULES, clock=desk.clock, time_left=lambda: True)
    assert run.reminded == 0 and told(desk) == [person_id]


def test_somebody_who_does_not_answer_is_asked_again_after_another_half_year(desk: Desk) -> None:
    person_id = put(desk, 1, DUE)
    asked = []
    for days in range(0, 1300, 20):
        desk.now = desk.now.replace(year=2026, month=11, day=24) + timedelta(days=days)
        if morning(desk).reminded:
            asked.append(days)
    assert told(desk) == [person_id] * len(asked)
    # 180 days apart, each on the next morning that runs; after six nobody asks any more
    assert asked == [0, 180, 360, 540, 720, 900]


def test_those_reminded_before_make_no_later_morning_slower(desk: Desk) -> None:
    for number in range(30):
        put(desk, number, DUE - timedelta(days=number % 7))
    with operations() as first:
        morning(desk)
    assert first.count("TransactWriteItems") == 30
    desk.now += timedelta(days=1)
    with operations() as second:
        morning(desk)
    # the checkpoints; six windows of one day for each of two regions; their checkpoints
    assert second.count("TransactWriteItems") == 0
    assert (second.count("Query"), second.count("PutItem")) == (1 + 6 * 2, 2)


def test_a_confirmation_begins_a_new_half_year(desk: Desk) -> None:
    person_id = put(desk, 1, DUE)
    morning(desk)
    put(desk, 1, TODAY, confirm_reminded=f"{DUE.isoformat()}#001")
    for days, reminded in ((179, 0), (1, 1), (1, 0)):
        desk.now += timedelta(days=days)
        assert morning(desk).reminded == reminded
    assert told(desk) == [person_id] * 2


def test_somebody_who_confirms_while_the_list_is_read_is_not_asked(desk: Desk) -> None:
    put(desk, 1, DUE)

    class Late(ReminderStore):
        def remind(self, *one: Any, **more: Any) -> bool:
            put(desk, 1, TODAY)
            return super().remind(*one, **more)

    store = Late(desk.cloud.registry, uuid7)
    run = remind_all(TODAY, REGIONS, store=store, rules=RECORD_RULES, clock=desk.clock, time_left=lambda: True)
    assert run.reminded == 0 and told(desk) == []


@pytest.mark.parametrize("status", ["transferred_out", "deactivated"])
def test_whoever_is_kept_by_nobody_is_not_asked(desk: Desk, status: str) -> None:
    put(desk, 1, DUE, status=status)
    assert morning(desk).reminded == 0


def test_a_morning_whose_time_ends_leaves_its_place_and_the_next_goes_on_there(desk: Desk) -> None:
    every = [put(desk, number, DUE - timedelta(days=40 - number)) for number in range(1, 6)]
    other = put(desk, 9, DUE, "420502")
    # one look at the clock for the region, one for each person
    assert morning(desk, room_for=3) == Morning(2, 2)
    assert sorted(told(desk)) == every[:2]
    assert checkpoint(desk).stopped == Place(TODAY, 0, f"{(DUE - timedelta(days=38)).isoformat()}#{every[1]}")
    desk.now += timedelta(days=1)
    late = put(desk, 7, DUE + timedelta(days=1))
    with operations() as made:
        assert morning(desk) == Morning(5, 0)
    assert made.count("TransactWriteItems") == 5, "nobody reminded yesterday is tried again"
    assert sorted(told(desk)) == sorted([*every, other, late])
    assert checkpoint(desk) == Checkpoint("420106", desk.now.date())


def test_a_region_that_is_behind_comes_first(desk: Desk) -> None:
    store = ReminderStore(desk.cloud.registry, uuid7)
    store.keep(Checkpoint("420106", TODAY - timedelta(days=1)))
    store.keep(Checkpoint("420502", TODAY - timedelta(days=9)))
    put(desk, 1, DUE)
    behind = put(desk, 2, DUE, "420502")
    assert morning(desk, room_for=2) == Morning(1, 1)
    assert told(desk) == [behind]
    assert checkpoint(desk, "420502").through == TODAY


def test_mornings_left_out_are_made_up_for(desk: Desk) -> None:
    morning(desk)
    every = [put(desk, number, DUE + timedelta(days=number)) for number in range(1, 6)]
    desk.now += timedelta(days=30)
    assert morning(desk).reminded == 5 and sorted(told(desk)) == every


def test_a_day_that_has_not_come_moves_no_checkpoint(desk: Desk) -> None:
    """Somebody tries what a morning of next year does: those of tomorrow are still asked tomorrow."""
    morning(desk)
    ahead = put(desk, 1, TODAY)
    assert morning(desk, TODAY + timedelta(days=200)) == Morning(1, 0)
    assert morning(desk, TODAY + timedelta(days=200)) == Morning(0, 0)
    assert checkpoint(desk).through == TODAY
    tomorrow = put(desk, 2, DUE + timedelta(days=1))
    desk.now += timedelta(days=1)
    assert morning(desk).reminded == 1
    assert sorted(told(desk)) == [ahead, tomorrow]


def test_a_day_gone_by_does_nothing_again(desk: Desk) -> None:
    morning(desk)
    put(desk, 1, DUE - timedelta(days=3))
    assert morning(desk, TODAY - timedelta(days=3)) == Morning(0, 0)
    assert checkpoint(desk).through == TODAY


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "register-morning"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:register-morning"
    aws_request_id = "1"
    left = 900_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def test_the_schedule_and_the_command_are_the_same_code(desk: Desk) -> None:
    tasks.record_rules.cache_clear()
    person_id = put(desk, 1, today_in_shanghai(utc_now()) - timedelta(days=20))
    context: Any = Context()
    assert tasks.remind({"source": "aws.events", "detail-type": "Scheduled Event"}, context)["reminded"] == 0
    ahead = {"today": (today_in_shanghai(utc_now()) + timedelta(days=200)).isoformat()}
    elsewhere = {**ahead, "regions": ["420502", "no such region"]}
    assert tasks.remind(elsewhere, context) == {"reminded": 0, "regions_left": 0}
    assert tasks.remind(ahead, context) == {"reminded": 1, "regions_left": 0}
    assert tasks.remind(ahead, context)["reminded"] == 0
    assert told(desk) == [person_id]


def test_without_time_nothing_is_begun_and_everything_is_left(desk: Desk) -> None:
    context: Any = Context()
    context.left = 1_000
    assert tasks.remind({}, context) == {"reminded": 0, "regions_left": 117}
