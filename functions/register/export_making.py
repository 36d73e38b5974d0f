"""Making an export (生成个人信息副本): gather, pack into a file, store it under the export's id, tell the person once."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.scan import Scan
from register import export_archive
from register.export_store import ExportStore
from register.exports import ExportStatus
from register.held_store import HeldStore


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one making; no size where nothing was left to do."""

    export_id: str
    size: int | None = None
    scans: int = 0


def make(
    person_id: str,
    execution: str,
    *,
    exports: ExportStore,
    held: HeldStore,
    files: Files,
    bucket: str,
    sealer: Sealer,
    clock: Clock,
) -> Made:
    """Make the export this execution (`<export_id>.<attempt>`) was started for.

    Made already, or another asked for meanwhile, nothing is done. Two at once write the same object, and one of them
    tells the person. Whatever fails is tried again by the workflow from the beginning. Raises NoSuchPerson.
    AWS calls: 8 and more with full pages, 1 a scan.
    """
    export_id = execution.rpartition(".")[0]
    export = exports.export(person_id)
    if export is None or export.export_id != export_id or export.status is ExportStatus.READY:
        return Made(export_id)
    now = clock()

    def bytes_of(scan: Scan) -> Iterator[bytes] | None:
        return files.chunks(bucket, scan.record_key)

    everything = held.everything(person_id, at=now)
    with tempfile.TemporaryFile() as archive:
        packed = export_archive.pack(archive, everything, everything.sealed.opened(sealer), bytes_of=bytes_of, at=now)
        size = archive.tell()
        archive.seek(0)
        files.upload(bucket, export.file_key, archive, content_type="application/zip")
    exports.finish(export, at=clock())
    return Made(export_id, size, packed)


def park(subject: Mapping[str, str], *, execution: str, failure: str, exports: ExportStore, clock: Clock) -> None:
    """Leave an execution that cannot go on to an operator; its export, if it is that, may be asked for again at once.

    AWS calls: 1, of an export 2.
    """
    export = exports.export(person_of(subject)) if subject["sk"] == keys.EXPORT else None
    if export is not None and export.export_id != execution.rpartition(".")[0]:
        export = None  # another was asked for meanwhile
    exports.park(subject, export, execution=execution, failure=failure, at=clock())


def person_of(subject: Mapping[str, str]) -> str:
    """Whose export an item is."""
    return subject["pk"].removeprefix(keys.person_pk(""))
