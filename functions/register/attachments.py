"""Scans (扫描件) as their owner handles them: announce one, get a form to upload it with, ask what became of it."""

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files, UploadForm
from jingkuai.aws.ids import NewId
from jingkuai.domain.attachment import AttachmentKind, AttachmentRules, AttachmentStatus
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from register.records import Scan

if TYPE_CHECKING:
    from register.scan_store import ScanStore

LONGEST_NAME: Final = 120
_PATH: Final = re.compile(r"^.*[/\\]")
_UNSEEN: Final = re.compile(
    r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)  # also marks that turn text around


class NoSuchScan(NotFound):
    """No scan of this id is the caller's; another person's is none either."""

    title = "没有找到这份扫描件"
    detail = "没有找到这份扫描件：它可能超过7天没有提交而被清理，或者不是您上传的。请重新上传。"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file somebody is about to upload, as described beforehand; `sha256` is lower-case hex."""

    kind: AttachmentKind
    filename: str
    content_type: str
    size: int
    sha256: str


def announce(
    told: Announcement,
    *,
    by: Principal,
    store: "ScanStore",
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
        owner=by.account_id,
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


def own_scan(attachment_id: str, *, by: Principal, store: "ScanStore", clock: Clock) -> Scan:
    """The caller's scan as it stands. Raises NoSuchScan. AWS calls: 1."""
    scan = store.scan(attachment_id, owner=by.account_id, at=clock())
    if scan is None:
        raise NoSuchScan()
    return scan


def download_link(scan: Scan, *, files: Files, bucket: str) -> str | None:
    """Where its owner can get an accepted scan for five minutes. AWS calls: 0."""
    if scan.status is not AttachmentStatus.ACCEPTED:
        return None
    return files.download_link(bucket, scan.record_key, scan.filename)


def plain_name(filename: str) -> str:
    """A file's name without the folders some browsers send along and without characters nobody sees."""
    return _UNSEEN.sub("", _PATH.sub("", filename)).strip()[-LONGEST_NAME:] or "scan"
