"""Ends an import (汇总): merges what became of the rows, writes the report, hands the lease on, removes the sender's file."""

from tempfile import TemporaryFile
from typing import IO

from credits.batches import Counts, ImportBatch, ImportStatus
from credits.places import Places, chunk_key, report_key, result_key
from credits.preparing import digest_of, leave_nothing, source
from credits.reports import Told, write_report
from credits.results import outcomes_of
from credits.store import ImportStore
from credits.tables_as_sent import open_table
from credits.workbooks import Workbook
from jingkuai.aws.clock import Clock

_TYPES = {True: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False: "text/csv"}


class RowsMissing(Exception):
    """Fewer rows have an outcome than the file has: a chunk was not loaded. Holds ids and numbers only."""


def report(import_id: str, *, imports: ImportStore, places: Places, clock: Clock) -> Counts:
    """End a running import; one that has ended is left as it is. Raises RowsMissing, LeaseLost.

    AWS calls: 6, 2 per chunk and the file both ways.
    """
    batch = imports.progress(import_id)
    if batch is None:
        raise KeyError(import_id)
    if batch.status is not ImportStatus.RUNNING:
        return batch.counts
    if batch.counts.done != batch.total:
        raise RowsMissing(f"{import_id}: {batch.counts.done} of {batch.total}")
    imports.require_lease(batch)
    told = _outcomes(batch, places)
    with source(batch, places) as file:
        key = _write(batch, told, places, file)
        taken = batch.counts.rejected == 0 and not batch.dry_run
        sha256 = digest_of(file) if taken else None
    now = clock()
    imports.finish(batch, batch.finished(batch.counts, report_key=key, at=now), sha256=sha256, at=now)
    leave_nothing(batch, places, chunks=[chunk_key(import_id, number) for number in _chunks(batch)])
    return batch.counts


def _write(batch: ImportBatch, told: dict[int, Told], places: Places, file: IO[bytes]) -> str:
    table = open_table(file, batch.filename)
    workbook = isinstance(table, Workbook)
    key = report_key(batch.import_id, workbook=workbook)
    with TemporaryFile() as written:
        write_report(table, told, written)
        written.seek(0)
        places.files.upload(places.records, key, written, content_type=_TYPES[workbook])
    return key


def _outcomes(batch: ImportBatch, places: Places) -> dict[int, Told]:
    """What the report says, by row number."""
    told: dict[int, Told] = {}
    same: dict[Told, Told] = {}  # most rows of a large file read alike: one object for all of them
    for number in _chunks(batch):
        body = places.files.get(places.records, result_key(batch.import_id, number))
        if body is None:
            raise RowsMissing(f"{batch.import_id}: chunk {number}")
        for outcome in outcomes_of(body):
            about = Told.of(outcome)
            told[outcome.number] = same.setdefault(about, about)
    return told


def _chunks(batch: ImportBatch) -> range:
    return range(1, batch.chunks + 1)
