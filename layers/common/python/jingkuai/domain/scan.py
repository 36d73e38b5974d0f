"""One scan (扫描件) on its way: announced, uploaded, inspected; and the name a file may keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus

UPLOADS: Final = "uploads/"
SCANS: Final = "scans/"
LONGEST_NAME: Final = 120
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

    @property
    def upload_key(self) -> str:
        """Where the untrusted bytes arrive."""
        return UPLOADS + self.attachment_id

    @property
    def record_key(self) -> str:
        """Where the accepted bytes are kept."""
        return SCANS + self.attachment_id


def plain_name(filename: str) -> str:
    """A file's name without the folders some browsers send along and without characters nobody sees."""
    return _UNSEEN.sub("", _PATH.sub("", filename)).strip()[-LONGEST_NAME:] or "scan"
