"""Scans as items: one per attachment, found by id. One that nothing uses is forgotten with its bytes after seven days."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.files import Files, UploadForm
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Cancelled, ConditionFailed, Item, Table, TransactWrite, put_item, transact, update_item
from jingkuai.domain.attachment import AttachmentKind, AttachmentRules, AttachmentStatus
from jingkuai.domain.problem import Conflict
from jingkuai.domain.scan import Announcement, Scan, plain_name

UNUSED: Final = timedelta(days=7)  # as long as the buckets keep the bytes of what no submission uses
LOST_AFTER: Final = timedelta(seconds=90)  # a look ends after 60, one way or another
UNDECIDED: Final = "#status IN (:awaiting, :checking)"
_NEW: Final = "attribute_not_exists(pk)"


@dataclass(frozen=True, slots=True)
class BegunInspection:
    """A scan about to be looked at. `lost` counts earlier looks that never came back: their function was killed."""

    scan: Scan
    look: str
    lost: int


class ScanStore:
    """The attachments in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def add(self, scan: Scan, *, at: datetime, key: RequestKey | None = None) -> bool:
        """A newly announced scan; False, and nothing done, where the request's key was used meanwhile. AWS calls: 1."""
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
        if key is None:
            self._registry.put(item, condition=_NEW)
            return True
        try:
            remembered = key.record(self._registry, scan.attachment_id, now=at)
            transact(self._registry.client, [put_item(self._registry, item, condition=_NEW), remembered])
        except Cancelled:
            return False
        return True

    def earlier(self, key: RequestKey, *, owner: str, at: datetime) -> Scan | None:
        """What the first request with this key announced, or None. Raises IdempotencyKeyReused. AWS calls: 1, with a find 2."""
        attachment_id = key.earlier_result(self._registry, now=at)
        return self.scan(attachment_id, owner=owner, at=at) if attachment_id else None

    def scan(self, attachment_id: str, *, owner: str, at: datetime) -> Scan | None:
        """The owner's scan, or None: no such one, another's, or past its time. AWS calls: 1."""
        item = self._registry.get(keys.attachment_key(attachment_id))
        return scan_of(item, owner=owner, at=at)

    def begin_inspection(self, attachment_id: str, *, at: datetime) -> BegunInspection | None:
        """Mark a scan as being looked at; None where there is none, or it was decided. AWS calls: 1."""
        try:
            item = self._registry.update(
                keys.attachment_key(attachment_id),
                "SET #status = :checking ADD looks :look",
                condition=f"{UNDECIDED} AND expires_at > :now",
                values={**_undecided(), ":now": iso(at), ":look": {iso(at)}},
                names={"#status": "status"},
            )
        except ConditionFailed:
            return None
        lost = sum(began < iso(at - LOST_AFTER) for began in item["looks"])
        return BegunInspection(_scan(item), iso(at), lost)

    def give_up_inspection(self, begun: BegunInspection) -> None:
        """A look that ended without a verdict, through no fault of the file, is not a lost one. AWS calls: 1."""
        try:
            self._registry.update(
                keys.attachment_key(begun.scan.attachment_id),
                "DELETE looks :look",
                condition=UNDECIDED,
                values={**_undecided(), ":look": {begun.look}},
                names={"#status": "status"},
            )
        except ConditionFailed:
            return

    def end_inspection(self, scan: Scan, *, at: datetime) -> None:
        """Write what a scan was found to be; decided meanwhile, nothing changes. AWS calls: 1."""
        kept = {"record_key": scan.record_key, "rendering_key": scan.rendering_key}
        if scan.status is not AttachmentStatus.ACCEPTED:
            kept = {}
        kept = {name: key for name, key in kept.items() if key}
        more = "".join(f", {name} = :{name}" for name in kept)
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
                    **{f":{name}": key for name, key in kept.items()},
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
    key: RequestKey | None = None,
) -> tuple[Scan, UploadForm]:
    """Take a file's description and answer the form to upload it with, bound to key, type, size and checksum.

    The same request sent again with its key gets the first one's scan, as it stands, and a fresh form. Raises
    UnsupportedScanType, ScanTooLarge: then nothing can be uploaded; IdempotencyKeyReused. AWS calls: 1, with a key 2.
    """
    rules.check_claim(told.kind, told.content_type, told.size)
    now = clock()
    scan = key and store.earlier(key, owner=owner, at=now)
    if not scan:
        scan = _announced(told, owner, new_id(now))
        if not store.add(scan, at=now, key=key):
            scan = key and store.earlier(key, owner=owner, at=now)
    if not scan:
        raise Conflict()
    checksum = base64.b64encode(bytes.fromhex(scan.sha256)).decode()
    form = files.upload_form(
        bucket, scan.upload_key, content_type=scan.content_type, size=scan.size, sha256_base64=checksum
    )
    return scan, form


def _announced(told: Announcement, owner: str, attachment_id: str) -> Scan:
    return Scan(
        attachment_id=attachment_id,
        owner=owner,
        kind=told.kind,
        filename=plain_name(told.filename),
        content_type=told.content_type,
        size=told.size,
        sha256=told.sha256,
    )


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
        rendering_key=item.get("rendering_key"),
    )


def _undecided() -> Item:
    return {":awaiting": AttachmentStatus.AWAITING_UPLOAD.value, ":checking": AttachmentStatus.CHECKING.value}
