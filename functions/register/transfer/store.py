"""Transfers as items under their person, and the transactions that file and cancel them and add the papers asked for.

The person's `open.transfer` is the lock: one transfer at a time, and none beside what changes unit or identity. Where the
record is does not change here: the workflow's last step moves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys, open_lock
from jingkuai.aws.audit import change_item
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, KeepScans, ResumeTask, StartExecution
from jingkuai.aws.owners import answers
from jingkuai.aws.scan_store import keeping
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item, update_item
from jingkuai.aws.transfers import item_of, subject_of, transfer_of
from jingkuai.domain.principal import Principal
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import TRANSFER, SubmissionStatus
from jingkuai.domain.transfer import BARRING, Transfer
from register import matters, waits
from register.records import Person
from register.transfer import notes
from register.transfer.planning import old_unit


@dataclass(frozen=True, slots=True)
class TransferDesk:
    """What lies before somebody who transfers: the person, whether the unit they leave has an account here, their own
    scans, and the transfer that papers are sent for.
    """

    person: Person
    unit_is_here: bool
    scans: Mapping[str, Scan]
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True)
class TransferPage:
    """One page of a person's transfers, newest first."""

    transfers: Sequence[Transfer]
    next_start: Item | None


class TransferStore:
    """The transfers in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def transfer(self, person_id: str, transfer_id: str) -> Transfer | None:
        """The person's transfer; another's is none. AWS calls: 1."""
        item = self._registry.get(keys.transfer_key(person_id, transfer_id))
        return transfer_of(item) if item else None

    def page(self, person_id: str, *, limit: int, start: Item | None) -> TransferPage:
        """The person's transfers, newest first. AWS calls: 1."""
        items, next_start = matters.newest_first(self._registry, person_id, keys.TRANSFERS, limit=limit, start=start)
        return TransferPage([transfer_of(item) for item in items], next_start)

    def desk(
        self, person_id: str, attachment_ids: Sequence[str], *, at: datetime, transfer_id: str | None = None
    ) -> TransferDesk:
        """Everything a transfer is checked against. AWS calls: 1; 1 more where it is to be filed and a unit is left."""
        transfer_at = keys.transfer_key(person_id, transfer_id) if transfer_id else None
        lies = matters.papers(self._registry, person_id, attachment_ids, matter_at=transfer_at, at=at)
        return TransferDesk(
            person=lies.person,
            unit_is_here=transfer_at is None and self._is_here(lies.person),
            scans=lies.scans,
            transfer=transfer_of(lies.matter) if lies.matter else None,
        )

    def file(
        self,
        transfer: Transfer,
        scans: Sequence[Scan],
        *,
        while_status: str,
        by: Principal,
        at: datetime,
        key: RequestKey | None,
    ) -> bool:
        """Store a new transfer, take the person's lock and start the workflow, together. False, and nothing done, where
        something else is open, a scan is gone, or the request's key was used meanwhile. AWS calls: 1.
        """
        start = StartExecution("transfer", f"{transfer.transfer_id}.1", subject_of(transfer))
        promised: list[Entry] = [
            start,
            KeepScans([key for scan in scans for key in scan.kept_keys]),
            *notes.filed(transfer),
        ]
        return self._written(
            open_lock.taken(
                self._registry,
                transfer.person_id,
                kind=TRANSFER,
                submission_id=transfer.transfer_id,
                while_status=while_status,
                while_closed=[kind.value for kind in BARRING],
            ),
            put_item(self._registry, item_of(transfer), condition="attribute_not_exists(pk)"),
            *keeping(self._registry, scans, at=at),
            *self._promised(promised, at),
            self._audited(transfer, "transfer.submitted", by, at),
            *([key.record(self._registry, transfer.transfer_id, now=at)] if key else []),
        )

    def cancel(self, before: Transfer, after: Transfer, *, by: Principal, at: datetime) -> bool:
        """End an open transfer and give the lock back, together; whoever was asked is told, and so is the workflow.

        False, and nothing done, where somebody moved it since it was read. AWS calls: 1.
        """
        ended, resumed = self._end_of_wait(before, by, at)
        return self._written(
            self._moved(before, after),
            open_lock.released(self._registry, before.person_id, kind=TRANSFER, submission_id=before.transfer_id),
            *ended,
            *self._promised([*resumed, *notes.cancelled(before)], at),
            self._audited(after, "transfer.withdrawn", by, at),
        )

    def save_papers(
        self, before: Transfer, after: Transfer, scans: Sequence[Scan], *, by: Principal, at: datetime
    ) -> bool:
        """Add the papers a bureau asked for and let the case go on, together. False, and nothing done, where it is not as
        it was read or a scan is gone. AWS calls: 1.
        """
        task_id, ended = self._end_of_own(before, "resubmitted", by, at)
        kept = KeepScans([key for scan in scans for key in scan.kept_keys])
        sets: Item = {
            "attachment_ids": list(after.attachment_ids),
            "round": after.round,
            "checked_round": after.round,  # papers change nothing that a machine could check
        }
        return self._written(
            self._moved(before, after, sets),
            ended,
            *keeping(self._registry, scans, at=at),
            *self._promised([ResumeTask(task_id, {"decision": "resubmitted"}), kept], at),
            self._audited(after, "transfer.resubmitted", by, at),
        )

    def earlier(self, key: RequestKey, person_id: str, *, at: datetime) -> Transfer | None:
        """What the first request with this key filed, or None. Raises IdempotencyKeyReused. AWS calls: 1, or 2 with a find."""
        transfer_id = key.earlier_result(self._registry, now=at)
        return self.transfer(person_id, transfer_id) if transfer_id else None

    def _is_here(self, person: Person) -> bool:
        unit = old_unit(person)
        return unit is not None and answers(self._registry.get(keys.employer_key(unit.uscc)))

    def _end_of_wait(self, before: Transfer, by: Principal, at: datetime) -> tuple[list[TransactWrite], list[Entry]]:
        """The wait that a cancel ends, and the word to its workflow; none between two steps, which looks by itself."""
        if before.case is SubmissionStatus.RETURNED:
            task_id, ended = self._end_of_own(before, "withdrawn", by, at)
        elif before.stage and before.has_open_task:
            task_id, ended = waits.end_of_review(
                self._registry, subject_of(before), before.stage, before.round, by=by, at=at
            )
        else:
            return [], []
        return [ended], [ResumeTask(task_id, {"decision": "withdrawn"})]

    def _end_of_own(self, before: Transfer, decision: str, by: Principal, at: datetime) -> tuple[str, TransactWrite]:
        return waits.end_of_own(
            self._registry, subject_of(before), before.person_id, before.round, decision, by=by, at=at
        )

    def _moved(self, before: Transfer, after: Transfer, sets: Item | None = None) -> TransactWrite:
        """The transfer in its next state, if it is as it was read; no step is open until its workflow opens one."""
        written: Item = {"status": after.case.value, "version": after.version, **(sets or {})}
        return update_item(
            self._registry,
            subject_of(before),
            f"SET {', '.join(f'#{name} = :{name}' for name in written)}, "
            "timeline = list_append(timeline, :entry) REMOVE stage, due_on, returned",
            condition="#version = :read",
            values={
                **{f":{name}": value for name, value in written.items()},
                ":entry": [after.timeline[-1].to_json()],
                ":read": before.version,
            },
            names={f"#{name}": name for name in written},
        )

    def _written(self, *writes: TransactWrite) -> bool:
        return matters.written(self._registry, *writes)

    def _promised(self, entries: Sequence[Entry], at: datetime) -> list[TransactWrite]:
        return matters.promised(self._registry, entries, self._new_id, at=at)

    def _audited(self, transfer: Transfer, action: str, by: Principal, at: datetime) -> TransactWrite:
        entry = change_item(
            transfer.person_id,
            action=action,
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=transfer.from_region,
            details={"transfer_id": transfer.transfer_id, "route": transfer.route.value},
        )
        return put_item(self._registry, entry)
