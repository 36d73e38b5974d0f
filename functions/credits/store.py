"""Imports in the Registry table: announced, started, counted, ended. Every change of state is one transaction, with the
institution's lease where the turn changes and with the outbox entry of what has to follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from credits.batch_items import batch_of, counts_of_chunk, institution_of, item_of_batch, item_of_chunk
from credits.batches import NEEDS_ATTENTION, Counts, ImportBatch, ImportStatus, Institution, LeaseLost
from credits.import_messages import end_message
from credits.lease_store import handed_over, queued, taken
from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, StartExecution, outbox_item
from jingkuai.aws.parking import parked_item
from jingkuai.aws.tables import Busy, Cancelled, Item, Table, TransactWrite, put_item, transact
from jingkuai.domain.principal import Principal

RACES = 8  # lost races for the lease that are run again; each takes another import of the institution that was faster


class ImportStore:
    """Imports and the institutions they belong to."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def institution(self, institution_id: str) -> Institution | None:
        """The institution with its lease. AWS calls: 1."""
        item = self._registry.get(keys.institution_key(institution_id))
        return institution_of(item) if item else None

    def batch(self, import_id: str) -> ImportBatch | None:
        """The import alone, without progress. AWS calls: 1."""
        item = self._registry.get(keys.batch_key(import_id))
        return batch_of(item) if item else None

    def progress(self, import_id: str) -> ImportBatch | None:
        """The import; while it runs, with the sum of its chunks so far. AWS calls: 1 a page."""
        batch, counts = None, Counts()
        for item in self._registry.query_all(keys.batch_pk(import_id)):
            if item["sk"].startswith(keys.CHUNKS):
                counts += counts_of_chunk(item)
            else:
                batch = batch_of(item)
        return replace(batch, counts=counts) if batch else None

    def page(self, institution_id: str, *, limit: int, start: Item | None) -> tuple[list[ImportBatch], Item | None]:
        """An institution's imports, newest first, a running one without its progress. AWS calls: 1."""
        owner = keys.imports_of(institution_id)
        found = self._registry.query(owner, index="gsi1", descending=True, limit=limit, start=start)
        return [batch_of(item["card"]) for item in found.items], found.next_start

    def announced_as(self, request: RequestKey, *, now: datetime) -> str | None:
        """The import that a request with this Idempotency-Key created. Raises IdempotencyKeyReused. AWS calls: 1."""
        return request.earlier_result(self._registry, now=now)

    def announce(self, batch: ImportBatch, *, by: Principal, request: RequestKey | None) -> bool:
        """Record an import whose file is still to come; False where the same request was faster. AWS calls: 1."""
        at = batch.created_at
        writes = [self._new(batch), self._audited(batch, "import_announced", at, by=by)]
        if request:
            writes.append(request.record(self._registry, batch.import_id, now=at))
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if request and cancelled.failed(2):
                return False
            raise
        return True

    def refuse(self, batch: ImportBatch, *, at: datetime) -> None:
        """Record a file that was turned away at the door; its event delivered again changes nothing. AWS calls: 1."""
        try:
            transact(self._registry.client, [self._new(batch), self._audited(batch, "import_refused", at)])
        except Cancelled as cancelled:
            if not cancelled.failed(0):
                raise

    def start(self, batch: ImportBatch, *, at: datetime) -> bool:
        """Take the institution's lease and promise the workflow's start, or join the queue.

        False where this import was started before. Raises Busy after too many lost races. AWS calls: 2 a race.
        """
        begins = [self._new(batch), self._audited(batch, "import_started", at)]

        def with_turn(institution: Institution) -> list[TransactWrite]:
            if institution.lease:
                return [*begins, queued(self._registry, institution, batch.import_id)]
            return [*begins, taken(self._registry, institution, batch.import_id), self._promised_start(batch, at)]

        return self._race(batch, with_turn)

    def take_up(self, batch: ImportBatch, institution: Institution, *, attempt: int) -> bool:
        """Give the lease to a new attempt of an import that had lost it; False where it has to get in line.

        In line it is started as the attempt after this one. Raises Busy after too many lost races. AWS calls: 1 or 3.
        """
        if batch.import_id in institution.queue:
            return False
        waiting = institution.lease is not None
        again = replace(batch, status=ImportStatus.RUNNING, attempt=attempt + waiting, problem=None, finished_at=None)
        turn = (queued if waiting else taken)(self._registry, institution, batch.import_id)
        try:
            transact(self._registry.client, [self._in_place_of(batch, again), turn])
        except Cancelled as lost:
            raise Busy("lease") from lost  # the state machine tries again
        return not waiting

    def save_prepared(self, batch: ImportBatch) -> None:
        """Record how many rows and chunks the file has. AWS calls: 1."""
        item = item_of_batch(batch)
        self._registry.update(
            keys.batch_key(batch.import_id),
            "SET #rows = :rows, chunks = :chunks, card = :card",
            names={"#rows": "rows"},
            values={":rows": item["rows"], ":chunks": item["chunks"], ":card": item["card"]},
        )

    def require_lease(self, batch: ImportBatch) -> Institution:
        """The institution, whose lease this import holds. Raises LeaseLost where it does not. AWS calls: 1."""
        institution = self.institution(batch.institution_id)
        if institution is None or institution.lease != batch.import_id:
            raise LeaseLost(batch.import_id)
        return institution

    def save_chunk(self, import_id: str, number: int, counts: Counts) -> None:
        """What a chunk came to; loaded again it comes to the same. AWS calls: 1."""
        self._registry.put(item_of_chunk(import_id, number, counts))

    def import_of_file(self, institution_id: str, sha256: str) -> tuple[str, datetime] | None:
        """Which import took every row of these bytes, and when. AWS calls: 1."""
        item = self._registry.get(keys.file_claim_key(institution_id, sha256))
        return (item["import_id"], parse_iso(item["at"])) if item else None

    def finish(self, running: ImportBatch, ended: ImportBatch, *, sha256: str | None, at: datetime) -> None:
        """End an import and hand the lease to the oldest that waits, whose start is promised with it.

        `sha256` is given where every row of the file was taken: the same bytes need not run again. Raises LeaseLost.
        AWS calls: 2 a race (3 where another import waits).
        """
        ends = [self._in_place_of(running, ended), self._audited(ended, "import_finished", at)]
        if ended.announced_by:
            ends.append(self._promised(end_message(ended, ended.announced_by), at))
        if sha256:
            claim = {"v": 1, "import_id": ended.import_id, "at": iso(at)}
            ends.append(put_item(self._registry, {**keys.file_claim_key(ended.institution_id, sha256), **claim}))
        self._end(ended, ends, corrected=ended.counts.corrected > 0, at=at)

    def park(self, batch: ImportBatch, *, execution: str, failure: str, at: datetime) -> None:
        """Leave a running import to an operator: it reads failed, is on the list of what needs attention, and the lease
        goes on. Parked again, or ended meanwhile, nothing changes. AWS calls: 2 a race (3 where another import waits).
        """
        if batch.status is not ImportStatus.RUNNING:
            return
        parked = batch.refused(NEEDS_ATTENTION, at=at)
        listed = put_item(
            self._registry,
            parked_item(execution, machine="credit_import", subject=_subject(batch), failure=failure, at=at),
        )
        ends = [self._in_place_of(batch, parked), listed, self._audited(parked, "import_parked", at)]
        try:
            self._end(batch, ends, corrected=True, at=at)  # what it had changed before it failed is not known here
        except LeaseLost:
            transact(self._registry.client, [listed])

    def _end(self, batch: ImportBatch, ends: Sequence[TransactWrite], *, corrected: bool, at: datetime) -> None:
        def with_turn(institution: Institution) -> list[TransactWrite]:
            if institution.lease != batch.import_id:
                raise LeaseLost(batch.import_id)
            writes = [*ends, handed_over(self._registry, institution, corrected_at=at if corrected else None)]
            following = self.batch(institution.queue[0]) if institution.queue else None
            return [*writes, self._promised_start(following, at)] if following else writes

        if not self._race(batch, with_turn):
            raise LeaseLost(batch.import_id)

    def _race(self, batch: ImportBatch, writes: Callable[[Institution], list[TransactWrite]]) -> bool:
        """Write what fits the lease as it stands, again where it moved meanwhile. False: the batch itself has moved."""
        for _ in range(RACES):
            institution = self.institution(batch.institution_id)
            if institution is None:
                raise LeaseLost(batch.import_id)  # an import exists only under an institution, and none is deleted
            try:
                transact(self._registry.client, writes(institution))
                return True
            except Cancelled as lost:
                if lost.failed(0):
                    return False
        raise Busy("lease")

    def _new(self, batch: ImportBatch) -> TransactWrite:
        """A batch that is new, or was only announced."""
        return put_item(
            self._registry,
            item_of_batch(batch),
            condition="attribute_not_exists(pk) OR #status = :awaiting",
            values={":awaiting": ImportStatus.AWAITING_UPLOAD.value},
            names={"#status": "status"},
        )

    def _in_place_of(self, before: ImportBatch, after: ImportBatch) -> TransactWrite:
        return put_item(
            self._registry,
            item_of_batch(after),
            condition="#status = :before",
            values={":before": before.status.value},
            names={"#status": "status"},
        )

    def _promised_start(self, batch: ImportBatch, at: datetime) -> TransactWrite:
        subject = _subject(batch)
        return self._promised(StartExecution("credit_import", batch.execution, subject), at)

    def _promised(self, entry: Entry, at: datetime) -> TransactWrite:
        return put_item(self._registry, outbox_item(entry, at=at, new_id=self._new_id))

    def _audited(self, batch: ImportBatch, action: str, at: datetime, *, by: Principal | None = None) -> TransactWrite:
        details = {"import_id": batch.import_id, "status": batch.status.value}
        item = change_item(batch.institution_id, action=action, by=by, at=at, new_id=self._new_id, details=details)
        return put_item(self._registry, item)


def _subject(batch: ImportBatch) -> dict[str, str]:
    key = keys.batch_key(batch.import_id)
    return {"pk": key["pk"], "sk": key["sk"]}
