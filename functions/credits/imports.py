"""Imports as the institution sees them (学分批次): announced, watched, listed."""

from dataclasses import dataclass

from credits.batches import ImportBatch
from credits.places import Places, incoming_key
from credits.refusals import MOST_BYTES, DeclaredTooLarge
from credits.store import ImportStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.files import UploadForm
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file that an institution is about to send."""

    filename: str
    size: int
    year: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """The import that waits for the file, and the form that uploads it."""

    batch: ImportBatch
    upload: UploadForm


def announce(
    announcement: Announcement,
    *,
    by: Principal,
    request: RequestKey | None,
    imports: ImportStore,
    places: Places,
    clock: Clock,
    new_id: NewId,
) -> Announced:
    """Make an import that waits for its file. The form takes exactly this size under exactly this key.

    Raises DeclaredTooLarge; Conflict where the same request is just being answered. AWS calls: 1, with an
    Idempotency-Key 2.
    """
    if announcement.size > MOST_BYTES:
        raise DeclaredTooLarge()
    now = clock()
    if request and (earlier := imports.announced_as(request, now=now)):
        return _form(one_of(earlier, by=by, imports=imports), announcement.size, places)
    import_id = new_id(now)
    batch = ImportBatch(
        import_id=import_id,
        institution_id=by.scope,
        filename=announcement.filename,
        year=announcement.year,
        dry_run=announcement.dry_run,
        created_at=now,
        key=incoming_key(by.scope, import_id),
        announced_by=by.account_id,
    )
    if not imports.announce(batch, by=by, request=request):
        raise Conflict()
    return _form(batch, announcement.size, places)


def one_of(import_id: str, *, by: Principal, imports: ImportStore) -> ImportBatch:
    """An import of the caller's institution with its progress. Raises NotFound, also for another's. AWS calls: 1."""
    batch = imports.progress(import_id)
    if batch is None or batch.institution_id != by.scope:
        raise NotFound()
    return batch


def _form(batch: ImportBatch, size: int, places: Places) -> Announced:
    form = places.files.upload_form(places.uploads, batch.key, content_type=None, size=size)
    return Announced(batch, form)


def report_link(batch: ImportBatch, places: Places) -> str | None:
    """Where the report can be fetched for five minutes, under the name of the file it answers. AWS calls: 0."""
    if batch.report_key is None:
        return None
    stem = batch.filename.rpartition(".")[0] or batch.filename
    ending = batch.report_key.rpartition(".")[2]
    return places.files.download_link(places.records, batch.report_key, f"{stem}-导入结果.{ending}")
