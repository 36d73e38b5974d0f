"""Puts parked entries back to due, once an operator has removed what stood in their way: each gets its eight tries anew."""

from collections.abc import Callable, Iterable

from jingkuai.aws.clock import Clock
from outbox.store import OutboxStore


def redeliver(
    *,
    store: OutboxStore,
    clock: Clock,
    time_left: Callable[[], bool],
    kind: str | None = None,
    ids: Iterable[str] | None = None,
) -> list[str]:
    """Make every parked entry due, or only those of a kind, or only these; names what is due now.

    Called again it finds nothing left, and goes on where its time ended; an entry that is not parked is left as it is.
    AWS calls: 1 an entry, and without `ids` 1 a page of the list.
    """
    due: list[str] = []
    for entry_id in store.parked(kind=kind) if ids is None else ids:
        if not time_left():
            break
        if store.make_due(entry_id, kind=kind, at=clock()):
            due.append(entry_id)
    return due
