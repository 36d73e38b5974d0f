"""Counters and markers as items: a count moves only in the transaction that changes the marker of what it counts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.counters import FIRST_EPOCH, attribute, key_of
from jingkuai.aws.tables import Cancelled, ConditionFailed, Item, Table, TransactWrite, put_item, transact, update_item
from jingkuai.domain.statistics import Cell
from projections.counting import Counted, Marker, PersonMarker, TaskFacts
from projections.year_summaries import Holder

UNDONE = "undone"  # how an approval that was taken back is counted: the round after it is decided anew
_UNCHANGED = "attribute_not_exists(pk) OR revision = :after"


class CounterStore:
    """Markers read, counts moved, in the Registry table. Counts are kept under `epoch`, or the marker's where that is later."""

    def __init__(self, registry: Table, epoch: int) -> None:
        self._registry = registry
        self._epoch = epoch
        self._lowered: set[tuple[str, str]] = set()

    @property
    def lowered(self) -> list[keys.Key]:
        """The counters of which a count went down in this run, and may have come to nothing."""
        return [keys.statistics_key(*place) for place in sorted(self._lowered)]

    def task(self, task_id: str) -> tuple[Marker, TaskFacts | None]:
        """A task's marker and the task, never older than its marker: the marker sorts first. AWS calls: 1."""
        marker_key, task_key = keys.task_count_key(task_id), keys.task_key(task_id)
        found = {item["sk"]: item for item in self._registry.query_all(task_key["pk"])}
        task = found.get(task_key["sk"])
        return self._marker(found.get(marker_key["sk"])), _facts(task) if task else None

    def move_task(self, task_id: str, marker: Marker, cells: frozenset[Cell], *, at: datetime) -> bool:
        """Count a task as these; False, and nothing done, where somebody counted it since. AWS calls: 0, or 1 with a change."""
        return self._moved(keys.task_count_key(task_id), marker, cells, {}, at)

    def person_marker(self, person_id: str) -> PersonMarker:
        """What a person was counted as. AWS calls: 1."""
        item = self._registry.get(keys.person_count_key(person_id))
        plain = self._marker(item)
        if item is None:
            return PersonMarker(plain.counted, plain.revision)
        holder = Holder(person_id, item["name_masked"], item["region_code"]) if "region_code" in item else None
        return PersonMarker(plain.counted, plain.revision, holder, item["year"])

    def move_person(
        self,
        person_id: str,
        marker: PersonMarker,
        cells: frozenset[Cell],
        *,
        holder: Holder | None,
        year: int,
        at: datetime,
    ) -> bool:
        """Count a person as these; False, and nothing done, where somebody did so since. AWS calls: 0, or 1 with a change."""
        known = {"name_masked": holder.name_masked, "region_code": holder.region_code} if holder else {}
        changed = (holder, year) != (marker.holder, marker.year)
        return self._moved(
            keys.person_count_key(person_id), marker, cells, {**known, "year": year}, at, even_if_equal=changed
        )

    def _marker(self, item: Item | None) -> Marker:
        if item is None:
            return Marker(Counted(self._epoch), 0)
        return Marker(counted_of(item), item["revision"])

    def _moved(
        self,
        key: keys.Key,
        marker: Marker,
        cells: frozenset[Cell],
        beside: Item,
        at: datetime,
        *,
        even_if_equal: bool = False,
    ) -> bool:
        after = Counted(max(self._epoch, marker.counted.epoch), cells)
        if after == marker.counted and not even_if_equal:
            return True
        item = {**key, "v": 1, **counted_members(after), "revision": marker.revision + 1, "at": iso(at), **beside}
        done = replaced(self._registry, item, marker.revision, moved(self._registry, marker.counted, after))
        if done:
            self._lowered |= {(cell.period, cell.region_code) for cell in marker.counted.cells - cells}
        return done


def replaced(registry: Table, item: Item, revision: int, moves: Sequence[TransactWrite]) -> bool:
    """Put a marker in the place of the revision read, with the counts that move, together or not at all.

    False, and nothing done, where another was first. AWS calls: 1.
    """
    values = {":after": revision}
    try:
        if moves:
            transact(registry.client, [put_item(registry, item, condition=_UNCHANGED, values=values), *moves])
        else:
            registry.put(item, condition=_UNCHANGED, values=values)
    except ConditionFailed:
        return False
    except Cancelled as cancelled:
        if cancelled.failed(0):
            return False
        raise
    return True


def counted_of(item: Mapping[str, object]) -> Counted:
    """What a marker says that something was counted as."""
    cells = item.get("cells", [])
    assert isinstance(cells, list)
    epoch = item.get("epoch", FIRST_EPOCH)
    assert isinstance(epoch, int)
    return Counted(epoch, frozenset(map(Cell.parse, cells)))


def counted_members(counted: Counted) -> Item:
    """The members of a marker that say what something is counted as."""
    return {"epoch": counted.epoch, "cells": sorted(map(str, counted.cells))}


def moved(registry: Table, before: Counted, after: Counted) -> list[TransactWrite]:
    """The counts between what something was counted as and what it counts for, one write for each bureau and period.

    What was counted under an earlier epoch counts anew under this one; the earlier counts go when a recount ends.
    """
    gone = before.cells - after.cells if before.epoch == after.epoch else frozenset()
    new = after.cells - before.cells if before.epoch == after.epoch else after.cells
    steps: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for cell, step in sorted([*((cell, -1) for cell in gone), *((cell, 1) for cell in new)]):
        steps.setdefault((cell.period, cell.region_code), []).append((cell.name, step))
    return [_adding(registry, place, names, after.epoch) for place, names in steps.items()]


def _adding(registry: Table, place: tuple[str, str], steps: Iterable[tuple[str, int]], epoch: int) -> TransactWrite:
    """A bureau's counts moved; the item begins with its first count and shows the epoch it begins in."""
    numbered = list(enumerate(steps))
    return update_item(
        registry,
        key_of(Cell(*place, "")),
        f"SET live = if_not_exists(live, :epoch), v = :one ADD {', '.join(f'#c{n} :s{n}' for n, _ in numbered)}",
        values={":epoch": epoch, ":one": 1, **{f":s{n}": step for n, (_, step) in numbered}},
        names={f"#c{n}": attribute(epoch, name) for n, (name, _) in numbered},
    )


def _facts(item: Item) -> TaskFacts:
    owner = item.get("owner", "")
    is_bureau = len(owner) == 6 and owner.isdecimal()
    return TaskFacts(
        bureau=owner if is_bureau else None,
        kind=item.get("kind", ""),
        stage=item.get("stage", ""),
        opened_at=item.get("opened_at", ""),
        due_on=item.get("due_on", ""),
        decision=UNDONE if "recalled_at" in item else item.get("decision"),
        decided_at=item.get("decided_at"),
        fields=tuple(item.get("fields", ())),
        reviewed_by=item.get("reviewed_by"),
    )
