"""Scans as items: one per attachment, found by id. One that nothing uses is forgotten with its bytes after seven days."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.files import Files, UploadForm
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import ConditionFailed, Item, Table, TransactWrite, update_item
from jingkuai.domain.attachment import AttachmentKind, AttachmentRules, AttachmentStatus
from jingkuai.domain.scan import Announcement, Scan, plain_name

UNUSED: Final = timedelta(days=7)  # as long as the buckets keep the bytes of what no submission uses
UNDECIDED: Final = "#status IN (:awaiting, :checking)"


class ScanStore:
    """The attachments in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def add(self, scan: Scan, *, at: datetime) -> None:
        """A newly announced scan. AWS calls: 1."""
        gone = at + UNUSED
        item = {
            **keys.attachment_key(scan.attachment_id),
            "v": 1,
            "attachment_id": scan.attachment_id,
            "owner": scan.owner,
            "kind": scan.kind.value,
            "filename": scan.filename,
            "content_type": scan.content_type,
            "size": scan.size,
            "sha256": scan.sha256,
            "status": scan.status.value,
            "problems": [],
            "created_at": iso(at),
            "upload_key": scan.upload_key,
            "expires_at": iso(gone),
            "ttl": int(gone.timestamp()),
        }
        self._registry.put(item, condition="attribute_not_exists(pk)")

    def scan(self, attachment_id: str, *, owner: str, at: datetime) -> Scan | None:
        """The owner's scan, or None: no such one, another's, or past its time. AWS calls: 1."""
        item = self._registry.get(keys.attachment_key(attachment_id))
        return scan_of(item, owner=owner, at=at)

    def begin_inspection(self, attachment_id: str, *, at: datetime) -> Scan | None:
        """Mark a scan as being looked at; None where there is none, or it was decided. AWS calls: 1."""
        try:
            item = self._registry.update(
                keys.attachment_key(attachment_id),
                "SET #status = :checking",
                condition=f"{UNDECIDED} AND expires_at > :now",
                values={**_undecided(), ":now": iso(at)},
                names={"#status": "status"},
            )
        except ConditionFailed:
            return None
        return _scan(item)

    def end_inspection(self, scan: Scan, *, at: datetime) -> None:
        """Write what a scan was found to be; decided meanwhile, nothing changes. AWS calls: 1."""
        record_key = scan.record_key if scan.status is AttachmentStatus.ACCEPTED else None
        more = ", record_key = :record_key" if record_key else ""
        try:
            self._registry.update(
                keys.attachment_key(scan.attachment_id),
                f"SET #status = :status, problems = :problems, inspected_at = :at{more}",
                condition=UNDECIDED,
                values={
                    **_undecided(),
                    ":status": scan.status.value,
                    ":problems": [dict(problem) for problem in scan.problems],
                    ":at": iso(at),
                    ":record_key": record_key,
                },
                names={"#status": "status"},
            )
        except ConditionFailed:
            return


def announce(
    told: Announcement,
    *,
    owner: str,
    store: ScanStore,
    files: Files,
    bucket: str,
    rules: AttachmentRules,
    clock: Clock,
    new_id: NewId,
) -> tuple[Scan, UploadForm]:
    """Take a file's description and answer the form to upload it with, bound to key, type, size and checksum.

    Raises UnsupportedScanType, ScanTooLarge: then nothing can be uploaded. AWS calls: 1.
    """
    rules.check_claim(told.kind, told.content_type, told.size)
    now = clock()
    scan = Scan(
        attachment_id=new_id(now),
        owner=owner,
        kind=told.kind,
        filename=plain_name(told.filename),
        content_type=told.content_type,
        size=told.size,
        sha256=told.sha256,
    )
    store.add(scan, at=now)
    checksum = base64.b64encode(bytes.fromhex(told.sha256)).decode()
    form = files.upload_form(
        bucket, scan.upload_key, content_type=scan.content_type, size=scan.size, sha256_base64=checksum
    )
    return scan, form


def keeping(registry: Table, scans: Sequence[Scan], *, at: datetime) -> list[TransactWrite]:
    """Writes that make these scans part of what uses them: each must still be accepted and there."""
    return [
        update_item(
            registry,
            keys.attachment_key(scan.attachment_id),
            "SET kept = :yes REMOVE expires_at, #ttl",
            condition="#status = :accepted AND #owner = :owner AND (attribute_not_exists(expires_at) OR expires_at > :now)",
            values={
                ":yes": True,
                ":accepted": AttachmentStatus.ACCEPTED.value,
                ":owner": scan.owner,
                ":now": iso(at),
            },
            names={"#status": "status", "#owner": "owner", "#ttl": "ttl"},
        )
        for scan in scans
    ]


def scan_of(item: Item | None, *, owner: str, at: datetime) -> Scan | None:
    """The scan of an item that is this owner's and not past its time."""
    if item is None or item["owner"] != owner or item.get("expires_at", iso(at + UNUSED)) <= iso(at):
        return None
    return _scan(item)


def _scan(item: Item) -> Scan:
    return Scan(
        attachment_id=item["attachment_id"],
        owner=item["owner"],
        kind=AttachmentKind(item["kind"]),
        filename=item["filename"],
        content_type=item["content_type"],
        size=item["size"],
        sha256=item["sha256"],
        status=AttachmentStatus(item["status"]),
        problems=tuple(item["problems"]),
    )


def _undecided() -> Item:
    return {":awaiting": AttachmentStatus.AWAITING_UPLOAD.value, ":checking": AttachmentStatus.CHECKING.value}
