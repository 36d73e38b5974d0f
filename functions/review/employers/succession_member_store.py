"""Members of a unit on their way to its successor: read by page, moved one by one, counted with the move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import SendMessage, outbox_item
from jingkuai.aws.successions import successor_of, unit_stands
from jingkuai.aws.tables import (
    Cancelled,
    ConditionFailed,
    Item,
    Table,
    TransactWrite,
    put_item,
    transact,
    update_item,
)
from review.employers.employment import Employed, employed_of
from review.employers.employment_writes import EmploymentChange, employment_changed
from review.employers.succession import Succession, SuccessionStatus, Successor
from review.employers.succession_steps import Moved
from review.employers.succession_store import succession_of

VERSION_KIND = "employer_succession"
_MINE = "succession_id = :id AND #status = :running"


@dataclass(frozen=True, slots=True)
class MovingPage:
    """Some members by id, in the order of the list, each as the record stands."""

    members: Mapping[str, Employed | None]
    is_last: bool


class MovingStore:
    """The records in the Registry table, as a succession moves them."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def succession(self, subject: Mapping[str, str]) -> Succession | None:
        """The succession as it stands. AWS calls: 1."""
        item = self._registry.get(subject)
        return succession_of(item) if item else None

    def page(self, succession: Succession, *, limit: int) -> MovingPage:
        """The members after the last one seen. AWS calls: 2."""
        start = _start_after(succession)
        listed = self._registry.query(keys.members(succession.uscc), index="gsi3", limit=limit, start=start)
        ids = [one["gsi3sk"] for one in listed.items]
        found = self._registry.batch_get([keys.person_key(one) for one in ids])
        members = {item["person_id"]: employed_of(item) for item in found.values()}
        return MovingPage({one: members.get(one) for one in ids}, is_last=listed.next_start is None)

    def target(self, succession: Succession) -> Successor:
        """Where the members go: to the successor, or to whom that has been given to by now. AWS calls: 1; for a new name 0."""
        successor = succession.successor
        if succession.is_rename:
            return successor
        last = successor_of(self._registry, successor.uscc, successor.name)
        return Successor(*last) if last else successor

    def again(self, person_id: str) -> Employed | None:
        """One member as the record stands now. AWS calls: 1."""
        return employed_of(self._registry.get(keys.person_key(person_id)))

    def move(
        self, member: Employed, succession: Succession, target: Successor, letter: SendMessage, *, at: datetime
    ) -> Moved:
        """Give somebody this unit, as long as it stands, audit it, tell them and count them, together. AWS calls: 1.

        What they have under way goes on: only another employment that is filed meets this one, and goes back to its
        bureau with the difference.
        """
        change = EmploymentChange(
            employment=member.at_unit(target.uscc, target.name),
            kind=VERSION_KIND,
            by_role=succession.by.role,
            also={},
        )
        audit = change_item(
            member.person_id,
            action="record.employer_succession",
            by=succession.by,
            at=at,
            new_id=self._new_id,
            region_code=member.region_code,
            details={"version": member.version + 1, "succession_id": succession.succession_id},
        )
        writes = [
            self._counted(succession),
            *employment_changed(self._registry, member, change, at=at),
            put_item(self._registry, audit),
            put_item(self._registry, outbox_item(letter, at=at, new_id=self._new_id)),
            *([] if succession.is_rename else [unit_stands(self._registry, target.uscc)]),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            return Moved.HALTED if cancelled.failed(0) else Moved.BUSY
        return Moved.MOVED

    def go_on(self, succession: Succession, *, place: str | None) -> None:
        """Remember where the next step begins. AWS calls: 1."""
        if place is None:
            return
        self._set(succession, "SET place = :place", {":place": place})

    def begin_again(self, succession: Succession) -> bool:
        """Begin the next pass; False where this one has moved nobody. AWS calls: 1."""
        return self._set(succession, "SET moved_in_pass = :none REMOVE place", {":none": 0}, "moved_in_pass > :none")

    def finish(self, succession: Succession, *, at: datetime) -> None:
        """Say that everybody has moved. AWS calls: 1."""
        done = {":done": SuccessionStatus.DONE.value, ":at": iso(at)}
        self._set(succession, "SET #status = :done, ended_at = :at REMOVE place", done)

    def stop(self, uscc: str, *, at: datetime) -> bool:
        """Stop a running succession after the member it is at; False where none runs. AWS calls: 1."""
        try:
            self._registry.update(
                keys.succession_key(uscc),
                "SET #status = :stopped, stopped_at = :at, version = version + :one",
                condition="#status = :running",
                values={
                    ":stopped": SuccessionStatus.STOPPED.value,
                    ":running": SuccessionStatus.RUNNING.value,
                    ":at": iso(at),
                    ":one": 1,
                },
                names={"#status": "status"},
            )
        except ConditionFailed:
            return False
        return True

    def _set(self, succession: Succession, changes: str, values: Item, condition: str | None = None) -> bool:
        try:
            self._registry.update(
                keys.succession_key(succession.uscc),
                changes,
                condition=f"{_MINE} AND {condition}" if condition else _MINE,
                values={**values, **_mine(succession)},
                names={"#status": "status"},
            )
        except ConditionFailed:
            return False
        return True

    def _counted(self, succession: Succession) -> TransactWrite:
        return update_item(
            self._registry,
            keys.succession_key(succession.uscc),
            "SET moved = moved + :one, moved_in_pass = moved_in_pass + :one",
            condition=_MINE,
            values={":one": 1, **_mine(succession)},
            names={"#status": "status"},
        )


def _mine(succession: Succession) -> Item:
    return {":id": succession.succession_id, ":running": SuccessionStatus.RUNNING.value}


def _start_after(succession: Succession) -> Item | None:
    if succession.place is None:
        return None
    at = keys.person_key(succession.place)
    return {"pk": at["pk"], "sk": at["sk"], **keys.index(3, keys.members(succession.uscc), succession.place)}
