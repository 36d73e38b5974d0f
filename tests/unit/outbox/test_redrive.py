"""Redrive: each case whose last execution was lost is taken up again once, as its next attempt."""

from jingkuai.aws import keys
from outbox.redrive import redrive
from tests.unit.outbox.conftest import MACHINE, PostRoom


def redriven(post_room: PostRoom, time_left: int = 1000) -> list[str]:
    left = iter(range(time_left))
    return redrive(
        executions=post_room.couriers.executions,
        store=post_room.store,
        time_left=lambda: next(left, None) is not None,
    )


def test_what_ended_badly_is_started_again_as_the_next_attempt(post_room: PostRoom) -> None:
    for name, status in (("a.1", "FAILED"), ("b.1", "ABORTED"), ("c.1", "TIMED_OUT")):
        post_room.stepfunctions.ended(name, status)
    for name, status in (("d.1", "RUNNING"), ("e.1", "SUCCEEDED")):
        post_room.stepfunctions.ended(name, status)
    assert sorted(redriven(post_room)) == ["a.2", "b.2", "c.2"]


def test_a_new_attempt_has_the_subject_of_the_old(post_room: PostRoom) -> None:
    post_room.stepfunctions.ended("a.1", "FAILED", subject={"pk": "P#p", "sk": "SUB#a"})
    redriven(post_room)
    (started,) = [one for one in post_room.stepfunctions.executions.values() if one["name"] == "a.2"]
    assert started["input"] == '{"subject": {"pk": "P#p", "sk": "SUB#a"}}'


def test_every_machine_is_looked_at(post_room: PostRoom) -> None:
    post_room.stepfunctions.ended("a.1", "FAILED")
    post_room.stepfunctions.ended("b.1", "FAILED", machine="credit-import")
    post_room.stepfunctions.ended("x.1", "FAILED", machine="bulk")
    redriven(post_room)
    assert post_room.stepfunctions.started == [
        (f"{MACHINE}review", "a.2"),
        (f"{MACHINE}credit-import", "b.2"),
        (f"{MACHINE}bulk", "x.2"),
    ]


def test_of_several_failed_attempts_the_last_is_followed(post_room: PostRoom) -> None:
    for attempt in (1, 2, 10, 9):
        post_room.stepfunctions.ended(f"a.{attempt}", "FAILED")
    assert redriven(post_room) == ["a.11"]


def test_a_case_with_a_later_attempt_is_left_alone(post_room: PostRoom) -> None:
    for status in ("RUNNING", "SUCCEEDED"):
        post_room.stepfunctions.ended(f"{status}.1", "FAILED")
        post_room.stepfunctions.ended(f"{status}.2", status)
    assert redriven(post_room) == []


def test_a_second_redrive_starts_nothing(post_room: PostRoom) -> None:
    post_room.stepfunctions.ended("a.1", "FAILED")
    assert redriven(post_room) == ["a.2"]
    assert redriven(post_room) == []


def test_executions_that_are_no_attempts_are_left_alone(post_room: PostRoom) -> None:
    for name in ("3f0c2b9e-child", "a.b", "a.0", "by-hand"):
        post_room.stepfunctions.ended(name, "FAILED")
    assert redriven(post_room) == []


def test_what_is_taken_up_again_is_no_longer_parked(post_room: PostRoom) -> None:
    post_room.registry.put({**keys.parked_key("a.1"), "v": 1, **keys.index(1, keys.PARKED, "2026-11-24")})
    post_room.stepfunctions.ended("a.1", "FAILED")
    redriven(post_room)
    assert list(post_room.registry.query_all(keys.PARKED, index="gsi1")) == []


def test_it_stops_when_its_time_ends_and_goes_on_the_next_time(post_room: PostRoom) -> None:
    for number in range(5):
        post_room.stepfunctions.ended(f"case-{number}.1", "FAILED")
    first = redriven(post_room, time_left=2)
    assert len(first) == 2
    assert len(redriven(post_room)) == 3
