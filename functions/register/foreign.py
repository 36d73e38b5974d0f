"""Files that are two things at once: another program would read a web page, an archive or a program in them.

What a reviewer saves and opens has to be the scan (扫描件) that was inspected, and nothing else.
"""

import re
from typing import Final

from jingkuai.domain.attachment import AttachmentRules, ScanProblem

_PDF_MAY_BEGIN_WITHIN: Final = 1024  # readers look for the header so far
_ARCHIVE_MAY_END_WITHIN: Final = 65_557  # the end record of a ZIP with the longest comment
_END_RECORD: Final = 22
_MARKUP: Final = re.compile(rb"<script[\s>]|<\?php\s|<html[\s>]|<!doctype\s+html|<iframe\s", re.IGNORECASE)
_CONTAINERS: Final = re.compile(
    rb"PK\x03\x04|%PDF-|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF|GIF8[79]a|RIFF....WEBP|ftyp(?:mp4|isom|iso\d|avc1|M4V|qt|heic|mif1)"
    rb"|\x1aE\xdf\xa3|\xca\xfe\xba\xbe|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\x89PNG\r\n",
    re.DOTALL,
)


def is_two_things(data: bytes, content_type: str) -> bool:
    """Whether a file that begins as this form could be taken for another: archives and PDFs are found away from its start."""
    if content_type != "application/pdf" and b"%PDF-" in data[:_PDF_MAY_BEGIN_WITHIN]:
        return True
    return bool(_MARKUP.search(data)) or _is_archive(data)


def behind_the_end(rest: bytes, rules: AttachmentRules) -> ScanProblem | None:
    """What is wrong with bytes behind the end of a scan: phones and programs leave small notes there, nothing more."""
    rest = rest.strip(b"\0\r\n\t ")
    if rest.startswith((b"MZ", b"#!")) or _CONTAINERS.search(rest) or _MARKUP.search(rest):
        return ScanProblem.TRAILING_DATA
    return ScanProblem.TRAILING_DATA if len(rest) > rules.max_trailing_bytes else None


def _is_archive(data: bytes) -> bool:
    """Whether a ZIP ends here: its end record points to a directory that is one."""
    tail = max(0, len(data) - _ARCHIVE_MAY_END_WITHIN)
    at = data.rfind(b"PK\x05\x06", tail)
    while at >= 0:
        record = data[at : at + _END_RECORD]
        directory = at - int.from_bytes(record[12:16], "little")
        if len(record) == _END_RECORD and 0 <= directory < at and data.startswith(b"PK\x01\x02", directory):
            return True
        at = data.rfind(b"PK\x05\x06", tail, at)
    return False
