"""Work in a process of its own: its answer comes back whole, and what takes too much ends there and nowhere else."""

import os
import signal

import pytest

from register import confined
from register.confined import Overran


def test_the_answer_comes_back_however_long() -> None:
    answer = os.urandom(3_000_000)
    assert confined.run(lambda: answer) == answer
    assert confined.run(bytes) == b""


def test_what_takes_more_memory_than_it_may_is_ended() -> None:
    with pytest.raises(Overran):
        confined.run(lambda: bytes(400 * 2**20), memory=300 * 2**20)
    assert len(confined.run(lambda: bytes(2**20), memory=300 * 2**20)) == 2**20


def test_what_never_ends_is_ended() -> None:
    def forever() -> bytes:
        while True:
            pass

    with pytest.raises(Overran):
        confined.run(forever, cpu_seconds=1)
    with pytest.raises(Overran):
        confined.run(forever, seconds=0.2)


def test_what_waits_for_nothing_is_ended() -> None:
    reading, _ = os.pipe()
    with pytest.raises(Overran):
        confined.run(lambda: os.read(reading, 1), seconds=0.2)


@pytest.mark.parametrize(
    "end", [lambda: 1 // 0, lambda: os._exit(3), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: exit(0)]
)
def test_a_process_that_ends_without_its_answer_is_told_so(end: object) -> None:
    def work() -> bytes:
        end()  # type: ignore[operator]
        return b""

    with pytest.raises(Overran):
        confined.run(work)


def test_nothing_of_it_happens_in_the_process_that_asked() -> None:
    done: list[int] = []

    def work() -> bytes:
        done.append(os.getpid())
        return str(os.getpid()).encode()

    assert confined.run(work) != str(os.getpid()).encode() and done == []
