"""One line per step with its time, and a bar while many small things are waited for."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 30


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Prints the step and how long it took; what is put into the list is told beside it."""
    print(f"· {title} …", end="" if sys.stdout.isatty() else "\n", flush=True)
    started, told = time.monotonic(), list[str]()
    yield told
    again = "\r" if sys.stdout.isatty() else ""
    print(f"{again}✓ {title}{': ' if told else ''}{', '.join(told)} ({time.monotonic() - started:.1f} s)", flush=True)


class Bar:
    """How many of a known number are done: a bar on a terminal, now and then a line elsewhere."""

    def __init__(self, total: int, title: str) -> None:
        self.total, self.title, self.done = total, title, 0
        self._every = max(1, total // 5)

    def advance(self) -> None:
        self.done += 1
        if sys.stdout.isatty():
            filled = WIDTH * self.done // self.total
            end = "\n" if self.done == self.total else ""
            print(
                f"\r  [{'█' * filled}{'·' * (WIDTH - filled)}] {self.done}/{self.total} {self.title}",
                end=end,
                flush=True,
            )
        elif self.done % self._every == 0 or self.done == self.total:
            print(f"  {self.done}/{self.total} {self.title}", flush=True)
