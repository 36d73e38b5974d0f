"""The one way to wait here: ask again until it is so, and say what was waited for when the time is up."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class WaitedInVain(Exception):
    """What was waited for did not come in time."""


def eventually(ask: Callable[[], T | None], *, what: str, within_s: float, every_s: float = 0.1) -> T:
    """The first answer that is neither None nor False. Raises WaitedInVain."""
    deadline = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() >= deadline:
            raise WaitedInVain(f"{what}: not within {within_s:.0f} s")
        time.sleep(every_s)
