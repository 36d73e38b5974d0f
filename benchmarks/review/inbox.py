"""A bureau's inbox on the emulator's table: filled by batch writes, read by the use case, with every AWS call looked at."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.regions import hubei
from review.case import TaskKind
from review.inbox import InboxState, Wanted, list_tasks
from review.statistics import statistics_of
from review.statistics_store import StatisticsStore
from review.task_store import TaskStore

OWNER, KIND = "420106", "registration"
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
REVIEWER = Principal("benchmark", Role.REVIEWER, OWNER, None, "演示", "session")
WRITERS, SLICE = 4, 500
PAGE = 20


def task(number: int) -> Item:
    """One open task as its workflow opens it; every twentieth is overdue, the others are due within ten weeks."""
    task_id, due = f"{number:08d}-bench", due_on(number).isoformat()
    at = "2026-11-20T01:00:00.000Z"
    card = {
        "task_id": task_id,
        "kind": KIND,
        "subject_id": f"s-{task_id}",
        "submission_id": f"s-{task_id}",
        "stage": "county",
        "region_code": OWNER,
        "name_masked": "王**",
        "opened_at": at,
        "due_on": due,
    }
    return {
        **keys.task_key(task_id),
        "v": 1,
        "subject": {"pk": keys.person_pk(task_id), "sk": f"SUB#{task_id}"},
        "person_id": f"p-{task_id}",
        "round": 1,
        "token": "t" * 400,
        "owner": OWNER,
        "attachment_ids": [f"{task_id}-{place}" for place in range(4)],
        **{name: card[name] for name in ("task_id", "kind", "subject_id", "stage", "opened_at", "due_on")},
        **keys.index(1, keys.inbox(OWNER), f"{due}#{task_id}"),
        **keys.index(2, keys.inbox(f"{OWNER}#{KIND}"), f"{due}#{task_id}"),
        "card": card,
    }


def due_on(number: int) -> date:
    today = NOW.date()
    return today - timedelta(days=1 + number % 7) if number % 20 == 0 else today + timedelta(days=number % 70)


def fill(table: Callable[[], Table], first: int, end: int) -> None:
    """Put the tasks of these numbers, and the counters that the projections would have come to."""
    slices = [range(start, min(start + SLICE, end)) for start in range(first, end, SLICE)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda numbers: table().batch_write([task(one) for one in numbers]), slices))
    due: dict[str, int] = {}
    for number in range(end):
        name = f"1.due.{due_on(number).isoformat()}"
        due[name] = due.get(name, 0) + 1
    table().put({**keys.statistics_key("now", OWNER), "v": 1, "live": 1, **due, f"1.kind.{KIND}": end})


@dataclass
class Wire:
    """The AWS calls of one question: how many, how many items they read, and how long they were waited for."""

    calls: int = 0
    items: int = 0
    waited: float = 0.0


@contextmanager
def watched(table: Table) -> Iterator[Wire]:
    """Counts what goes over the wire meanwhile."""
    wire, sent = Wire(), [0.0]

    def before(**_: Any) -> None:
        wire.calls += 1
        sent[0] = time.perf_counter()

    def after(parsed: dict[str, Any], **_: Any) -> None:
        wire.waited += time.perf_counter() - sent[0]
        wire.items += parsed.get("ScannedCount", 1)

    events = table.client.meta.events
    events.register("before-send.dynamodb", before, unique_id="watch")
    events.register("after-call.dynamodb", after, unique_id="watched")
    try:
        yield wire
    finally:
        events.unregister("before-send.dynamodb", unique_id="watch")
        events.unregister("after-call.dynamodb", unique_id="watched")


@dataclass(frozen=True)
class Measured:
    """A question's cost: AWS calls and items read are the same each time, seconds are medians."""

    calls: int
    items: int
    seconds: float
    waited: float

    @property
    def emulators_share(self) -> float:
        return self.waited / self.seconds


class Questions:
    """What is asked of an inbox."""

    def __init__(self, registry: Table, identity: Table) -> None:
        self.registry = registry
        self._tasks = TaskStore(registry, identity, uuid7)
        self._counters = StatisticsStore(registry)

    def page(self, state: InboxState = InboxState.OPEN, kind: TaskKind | None = None, start: Item | None = None) -> Any:
        wanted = Wanted(state, kind, None, PAGE, start)
        return list_tasks(
            wanted, by=REVIEWER, store=self._tasks, counters=self._counters, divisions=hubei(), clock=lambda: NOW
        )

    def fifth_page(self) -> Callable[[], Any]:
        """A page after a cursor."""
        start = None
        for _ in range(4):
            start = self.page(start=start).next_start
        return lambda: self.page(start=start)

    def statistics(self) -> Any:
        return statistics_of(None, None, by=REVIEWER, store=self._counters, divisions=hubei(), clock=lambda: NOW)

    def counted_by_reading(self) -> int:
        """What the counters spare: reading the inbox to know how much is in it."""
        return sum(1 for _ in self.registry.query_all(keys.inbox(OWNER), index="gsi1"))

    def all_of_them(self) -> dict[str, tuple[Callable[[], Any], int]]:
        """By title: what is asked, and how often."""
        return {
            "first page, with the counts of the tabs": (self.page, 3),
            "fifth page": (self.fifth_page(), 3),
            "overdue": (lambda: self.page(InboxState.OVERDUE), 3),
            "of one kind": (lambda: self.page(kind=TaskKind(KIND)), 3),
            "statistics of the region": (self.statistics, 3),
            "the open tasks counted by reading them (what the counters spare)": (self.counted_by_reading, 1),
        }

    def measured(self, ask: Callable[[], Any], rounds: int) -> Measured:
        taken: list[tuple[float, Wire]] = []
        for _ in range(rounds):
            with watched(self.registry) as wire:
                began = time.perf_counter()
                ask()
                taken.append((time.perf_counter() - began, wire))
        _, one = taken[0]
        assert {(wire.calls, wire.items) for _, wire in taken} == {(one.calls, one.items)}
        return Measured(
            one.calls, one.items, median(took for took, _ in taken), median(wire.waited for _, wire in taken)
        )
