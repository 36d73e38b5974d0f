"""One scan (扫描件) on its way: announced, uploaded, inspected; and the name a file may keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus
from jingkuai.domain.problem import FieldProblem

UPLOADS: Final = "uploads/"
SCANS: Final = "scans/"
SCAN_NOT_READY: Final = "scan_not_ready"
LONGEST_NAME: Final = 120
_NOT_FOUND: Final = "没有找到这份扫描件：它可能超过7天没有提交而被清理，或者不是您上传的。请重新上传。"
_NOT_READY: Final = "这份扫描件还在上传或检查，请等几秒、确认显示“已通过”后再提交。"
_REJECTED: Final = "这份扫描件没有通过检查。请按提示重新拍照或扫描，上传后再提交。"
_PATH: Final = re.compile(r"^.*[/\\]")
_UNSEEN: Final = re.compile(
    r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)  # also marks that turn text around


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file somebody is about to upload, as described beforehand; `sha256` is lower-case hex."""

    kind: AttachmentKind
    filename: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan (扫描件): announced, then uploaded, then inspected. Its bytes lie under the id, never under a file name."""

    attachment_id: str
    owner: str
    kind: AttachmentKind
    filename: str
    content_type: str
    size: int
    sha256: str
    status: AttachmentStatus = AttachmentStatus.AWAITING_UPLOAD
    problems: tuple[Mapping[str, str], ...] = ()
    rendering_key: str | None = None  # a copy the right way up, where a camera took the picture sideways

    @property
    def upload_key(self) -> str:
        """Where the untrusted bytes arrive."""
        return UPLOADS + self.attachment_id

    @property
    def record_key(self) -> str:
        """Where the accepted bytes are kept."""
        return SCANS + self.attachment_id

    @property
    def upright_key(self) -> str:
        """Where a rendering the right way up is kept, if there is one."""
        return f"{self.record_key}.upright"

    @property
    def kept_keys(self) -> list[str]:
        """Everything that is kept as long as the scan is used."""
        return [self.record_key, *([self.rendering_key] if self.rendering_key else [])]


def plain_name(filename: str) -> str:
    """A file's name without the folders some browsers send along and without characters nobody sees."""
    return _UNSEEN.sub("", _PATH.sub("", filename)).strip()[-LONGEST_NAME:] or "scan"


def rendering_name(filename: str) -> str:
    """What the rendering of a picture is called beside it."""
    return f"{filename.rpartition('.')[0] or filename}-转正.jpg"


def scan_problems(attachment_ids: Iterable[str], scans: Mapping[str, Scan]) -> list[FieldProblem]:
    """What keeps these scans from being proofs; `scans` are those of them that are the sender's own."""
    problems = []
    for attachment_id in dict.fromkeys(attachment_ids):
        field, scan = f"attachments.{attachment_id}", scans.get(attachment_id)
        if scan is None:
            problems.append(FieldProblem(field, "scan_not_found", _NOT_FOUND))
        elif scan.status is AttachmentStatus.REJECTED:
            problems.append(FieldProblem(field, "scan_rejected", _REJECTED))
        elif scan.status is not AttachmentStatus.ACCEPTED:
            problems.append(FieldProblem(field, SCAN_NOT_READY, _NOT_READY))
    return problems
