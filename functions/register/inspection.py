"""Inspection of an uploaded scan: it is accepted and kept, or rejected with the reason and removed."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.domain.attachment import AttachmentRules, AttachmentStatus, ScanProblem
from jingkuai.domain.scan import Scan
from register import content
from register.content import BadScan

if TYPE_CHECKING:
    from jingkuai.aws.scan_store import ScanStore

NOT_KEPT_YET = {"kept": "no"}  # removed after seven days, unless a submission uses the scan


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

    None where there is nothing to look at: no such attachment, decided already, or the object is gone. The bytes that
    were looked at are the ones kept, whatever lies under the upload's key by then. AWS calls: 5 at most.
    """
    scan = store.begin_inspection(attachment_id, at=clock())
    if scan is None:
        return None
    problem = ScanProblem.CHECKSUM_MISMATCH if size not in (None, scan.size) else None
    if problem is None:
        data = shelves.files.get(shelves.uploads, scan.upload_key)
        if data is None:
            return None
        problem = problem_of(data, scan, rules)
        if problem is None:
            shelves.files.put(shelves.records, scan.record_key, data, content_type=scan.content_type, tags=NOT_KEPT_YET)
    seen = _decided(scan, problem, rules)
    store.end_inspection(seen, at=clock())
    shelves.files.delete(shelves.uploads, scan.upload_key)
    return seen.status


def problem_of(data: bytes, scan: Scan, rules: AttachmentRules) -> ScanProblem | None:
    """What is wrong with the bytes of a scan."""
    try:
        content.check(data, content_type=scan.content_type, sha256=scan.sha256, rules=rules)
    except BadScan as refused:
        return refused.problem
    return None


def _decided(scan: Scan, problem: ScanProblem | None, rules: AttachmentRules) -> Scan:
    if problem is None:
        return replace(scan, status=AttachmentStatus.ACCEPTED)
    told = rules.problem(problem, scan.kind)
    return replace(scan, status=AttachmentStatus.REJECTED, problems=({"code": told.code, "message": told.message},))
