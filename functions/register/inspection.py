"""Inspection of an uploaded scan: it is accepted and kept, or rejected with the reason and removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.domain.attachment import AttachmentRules, AttachmentStatus, ScanProblem
from jingkuai.domain.scan import UPLOADS, Scan
from register import scan_file

if TYPE_CHECKING:
    from jingkuai.aws.scan_store import ScanStore

NOT_KEPT_YET = {"kept": "no"}  # removed after seven days, unless a submission uses the scan
MOST_LOST: Final = 2  # looks that never came back: Lambda tries three times, and the last time the file is not opened
_RENDERED: Final = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where scans lie: untrusted uploads, and the records that accepted ones are copied to."""

    files: Files
    uploads: str
    records: str


def inspect(
    attachment_id: str, size: int | None, *, store: "ScanStore", shelves: Shelves, rules: AttachmentRules, clock: Clock
) -> AttachmentStatus | None:
    """Look at what was uploaded for this attachment; told again of the same object, nothing changes.

    None where there is nothing to look at: no such attachment, decided already (what was uploaded after that is removed),
    or the object is gone. The bytes that were looked at are the ones kept, whatever lies under the upload's key by then.
    A look that was killed leaves the scan as being checked; after two of them the next decides without opening the file.
    AWS calls: 5 at most, with a rendering 6.
    """
    begun = store.begin_inspection(attachment_id, at=clock())
    if begun is None:
        shelves.files.delete(shelves.uploads, UPLOADS + attachment_id)
        return None
    try:
        if begun.lost < MOST_LOST:
            seen = _looked_at(begun.scan, size, shelves, rules)
        else:
            seen = _decided(begun.scan, (ScanProblem.UNREADABLE,), rules)
        if seen is None:
            store.give_up_inspection(begun)
            return None
        store.end_inspection(seen, at=clock())
    except Exception:
        store.give_up_inspection(begun)
        raise
    shelves.files.delete(shelves.uploads, seen.upload_key)
    return seen.status


def _looked_at(scan: Scan, size: int | None, shelves: Shelves, rules: AttachmentRules) -> Scan | None:
    """The scan as it was found to be, kept where it is accepted; None where its bytes are gone."""
    if size not in (None, scan.size):
        return _decided(scan, (ScanProblem.CHECKSUM_MISMATCH,), rules)
    data = shelves.files.get(shelves.uploads, scan.upload_key)
    if data is None:
        return None
    opened = scan_file.opened(data, content_type=scan.content_type, sha256=scan.sha256, rules=rules)
    if opened.problems:
        return _decided(scan, opened.problems, rules)
    keep, records = shelves.files.put, shelves.records
    keep(records, scan.record_key, data, content_type=scan.content_type, tags=NOT_KEPT_YET)
    if opened.upright is None:
        return _decided(scan, (), rules)
    keep(records, scan.upright_key, opened.upright, content_type=_RENDERED, tags=NOT_KEPT_YET)
    return _decided(replace(scan, rendering_key=scan.upright_key), (), rules)


def _decided(scan: Scan, problems: Sequence[ScanProblem], rules: AttachmentRules) -> Scan:
    told = [rules.problem(one, scan.kind) for one in problems]
    return replace(
        scan,
        status=AttachmentStatus.REJECTED if told else AttachmentStatus.ACCEPTED,
        problems=tuple({"code": one.code, "message": one.message} for one in told),
    )
