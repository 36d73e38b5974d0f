"""How the workflow's steps write: one conditional transaction each, with the audit and whatever is promised."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from jingkuai.aws import open_lock
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, outbox_item
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, put_item, transact, update_item
from jingkuai.domain.submission import TimelineEntry
from review.case import Case, Filing

ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"


class CaseMoved(Exception):
    """Somebody else changed the case since it was read (a decision, a withdrawal, another attempt); nothing was written."""


class CaseWriter:
    """Builds and commits the writes of one step; what it promises goes out with it or not at all."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self.registry = registry
        self._new_id = new_id

    def commit(self, *writes: TransactWrite) -> None:
        """Write all or nothing. Raises CaseMoved where something is no longer as it was read. AWS calls: 1."""
        try:
            transact(self.registry.client, writes)
        except Cancelled as cancelled:
            if "ConditionalCheckFailed" in cancelled.reasons:
                raise CaseMoved() from cancelled
            raise

    def advance(
        self,
        case: Case,
        changes: str,
        values: Item,
        *,
        removed: str = "",
        names: Mapping[str, str] | None = None,
        told: Sequence[TimelineEntry] = (),
    ) -> TransactWrite:
        """The submission's next version, as long as it still is the one that was read; `told` goes into its timeline."""
        return update_item(
            self.registry,
            case.subject,
            f"SET {changes}, version = version + :step, timeline = list_append(timeline, :told) {removed}",
            condition="version = :version",
            values={
                **values,
                ":step": 1,
                ":version": case.version,
                ":told": [entry.to_json() for entry in told],
            },
            names=names,
        )

    def audit(self, case: Case, action: str, at: datetime, **details: Any) -> TransactWrite:
        """The audit entry of what the system did with a case."""
        entry = change_item(
            case.filing.person_id,
            action=action,
            by=None,
            at=at,
            new_id=self._new_id,
            region_code=case.region_code,
            details={**case.filing.named, **details},
        )
        return put_item(self.registry, entry)

    def promises(self, entries: Iterable[Entry], at: datetime) -> list[TransactWrite]:
        """What the outbox is to deliver."""
        return [put_item(self.registry, outbox_item(entry, at=at, new_id=self._new_id)) for entry in entries]


def unlock(registry: Table, filing: Filing) -> TransactWrite:
    """Lets the person file another submission of this kind, with the write that ends this one."""
    if not filing.holds_lock:
        raise ValueError("this kind of case holds no lock")
    return open_lock.released(registry, filing.person_id, kind=filing.kind, submission_id=filing.subject_id)
