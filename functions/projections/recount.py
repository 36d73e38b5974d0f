"""Counting everything again (重新统计): one pass over the table, resumable, while the counters go on.

It begins a new epoch. From then on everything is counted under it, by the stream and by this pass alike, each thing once,
since its marker says under which epoch it was counted. What was written before the pass began is met by the pass;
what is written later is told by the stream to a run that has read the new epoch. Readers see the earlier counts until all
are counted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from projections.recount_store import Progress, RecountStore

_TASK, _PERSON = keys.task_key(""), keys.person_key("")
_SUMMARY: Final = re.compile(r"CR#(\d{4})")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is counted: a task, a person, or with `year` one year of a person."""

    kind: str
    subject_id: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Recounted:
    """What one run of a recount did; `failed` of the subjects could not be counted, each is named in the log."""

    done: bool
    counted: int
    failed: int


Count = Callable[[Subject, int], bool]  # counts a subject under an epoch; False where that failed


def subject_of(pk: str, sk: str) -> Subject | None:
    """What an item is to the counters."""
    if pk.startswith(_TASK["pk"]) and sk == _TASK["sk"]:
        return Subject("task", pk.removeprefix(_TASK["pk"]))
    if not pk.startswith(_PERSON["pk"]):
        return None
    person_id = pk.removeprefix(_PERSON["pk"])
    if sk == _PERSON["sk"]:
        return Subject("person", person_id)
    summary = _SUMMARY.fullmatch(sk)
    return Subject("year", person_id, int(summary[1])) if summary else None


def recount(*, store: RecountStore, count: Count, time_left: Callable[[], bool]) -> Recounted:
    """Begin a recount, or go on with the one that stands; called until it is done.

    A page cut off is counted again, which changes nothing. AWS calls: 2 a page, and those of its subjects.
    """
    progress = store.progress()
    if not progress.running:
        progress = Progress(epoch=progress.epoch + 1, running=True)
        store.save(progress)
    counted = failed = 0
    while time_left():
        page = store.page(progress.start)
        for subject in filter(None, (subject_of(item["pk"], item["sk"]) for item in page.items)):
            done = count(subject, progress.epoch)
            counted, failed = counted + done, failed + (not done)
        met = progress.counters | {name for item in page.items if (name := _counter(item))}
        progress = replace(progress, start=page.next_start, counters=met)
        if page.next_start is None:
            return _shown(progress, store, counted, failed)
        store.save(progress)
    return Recounted(False, counted, failed)


def _shown(progress: Progress, store: RecountStore, counted: int, failed: int) -> Recounted:
    for counter in sorted(progress.counters):
        store.show(counter, progress.epoch)
    store.save(Progress(epoch=progress.epoch))
    return Recounted(True, counted, failed)


def _counter(item: Item) -> str | None:
    prefix = keys.statistics_pk("")
    return f"{item['pk'].removeprefix(prefix)}|{item['sk']}" if item["pk"].startswith(prefix) else None
