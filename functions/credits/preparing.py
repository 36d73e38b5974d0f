"""Prepares a file (预处理): one pass that finds out what it is and deals its rows to chunks, person by person.

Done again it makes the same chunks. A file that cannot be taken ends here, and nothing of it stays.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from tempfile import TemporaryFile
from typing import IO

from credits.batches import FileProblem, ImportBatch, Institution
from credits.chunks import Chunks, chunk_count
from credits.places import Places, chunk_key, source_key
from credits.refusals import MOST_BYTES, AlreadyImported, FileRefused, FileTooLarge
from credits.store import ImportStore
from credits.tables_as_sent import data_rows, open_table
from credits.workbooks import Workbook
from jingkuai.aws.clock import Clock
from jingkuai.domain.workdays import SHANGHAI, today_in_shanghai


def prepare(import_id: str, *, attempt: int, imports: ImportStore, places: Places, clock: Clock) -> list[str]:
    """The keys of the file's chunks; none where there is nothing to load: the file was refused, the import has ended,
    or it has to wait for its turn and will be started again then. AWS calls: 4 and 1 per chunk, plus the file both ways.
    """
    batch = imports.batch(import_id)
    if batch is None:
        raise KeyError(import_id)
    if not batch.may_run:
        return []
    institution = imports.institution(batch.institution_id)
    if institution is None:
        raise KeyError(batch.institution_id)
    if institution.lease != import_id:
        if not imports.take_up(batch, institution, attempt=attempt):
            return []
        batch = imports.batch(import_id) or batch
    try:
        with source(batch, places) as file:
            _refuse_known(file, batch, institution, imports)
            chunks = _chunks(file, batch, today_in_shanghai(clock()))
    except FileRefused as refused:
        now = clock()
        imports.finish(batch, batch.refused(FileProblem.of(refused), at=now), sha256=None, at=now)
        leave_nothing(batch, places, chunks=())
        return []
    keys = []
    for number, body in enumerate(chunks.bodies(), 1):
        keys.append(chunk_key(import_id, number))
        places.files.put(places.uploads, keys[-1], body, content_type="application/gzip")
    imports.save_prepared(replace(batch, total=chunks.rows, chunks=len(keys)))
    return keys


@contextmanager
def source(batch: ImportBatch, places: Places) -> Iterator[IO[bytes]]:
    """A local copy of the file as it was when it was prepared, whatever has been put under its key since.

    AWS calls: 1, until it is prepared 2.
    """
    kept = source_key(batch.import_id)
    with TemporaryFile() as file:
        places.files.download(places.uploads, kept if batch.is_prepared else batch.key, file)
        if not batch.is_prepared:
            file.seek(0)
            with os.fdopen(os.dup(file.fileno()), "rb") as sent:  # boto3 closes what it uploads
                places.files.upload(places.uploads, kept, sent, content_type="application/octet-stream")
        file.seek(0)
        yield file


def digest_of(file: IO[bytes]) -> str:
    """What a file is known by when it comes again."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def leave_nothing(batch: ImportBatch, places: Places, *, chunks: Sequence[str]) -> None:
    """Remove the sender's rows from the uploads bucket; its lifecycle rule is the second line. AWS calls: 2 + 1 per chunk."""
    for key in (*chunks, source_key(batch.import_id), batch.key):
        places.files.delete(places.uploads, key)


def _refuse_known(file: IO[bytes], batch: ImportBatch, institution: Institution, imports: ImportStore) -> None:
    """Raises AlreadyImported where every row of these bytes was taken and still stands, naming that import."""
    claim = imports.import_of_file(batch.institution_id, digest_of(file))
    if claim is None:
        return
    earlier_id, taken_at = claim
    if institution.corrected_at and institution.corrected_at > taken_at:
        return  # something was corrected or taken back since, perhaps one of these rows: the run will tell
    earlier = imports.batch(earlier_id)
    if earlier:
        day = earlier.created_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        raise AlreadyImported(
            f"相同内容的文件已于{day}作为“{earlier.filename}”导入（批次{earlier_id}），全部记录仍然有效，无需重复上传。"
        )


def _chunks(file: IO[bytes], batch: ImportBatch, today: date) -> Chunks:
    """The rows of the file, dealt. Raises FileRefused."""
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise FileTooLarge()
    table = open_table(file, batch.filename)
    chunks = Chunks(chunk_count(size, workbook=isinstance(table, Workbook)), today=today)
    for row in data_rows(table):
        chunks.add(row)
    return chunks
