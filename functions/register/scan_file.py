"""What the bytes of a scan are: the form by the first bytes, then opened to the last, since a name or header proves nothing.

The bytes come from outside: every limit is looked at before anything is unpacked, and what no limit foresees ends at the
walls of a process of its own (`register.confined`).
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from jingkuai.domain.attachment import AttachmentRules, ScanProblem, content_type_of
from register import confined, foreign, scan_pdf, scan_picture
from register.bad_scan import BadScan
from register.confined import Overran

PDF: Final = "application/pdf"
_OVERRAN: Final = (MemoryError, RecursionError)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the inspection of a file found: every problem, or none and perhaps a rendering the right way up, a JPEG."""

    problems: tuple[ScanProblem, ...] = ()
    upright: bytes | None = None


def opened(data: bytes, *, content_type: str, sha256: str, rules: AttachmentRules) -> Opened:
    """Open the bytes of a scan within limits of memory and time: they are the file announced, of its form, whole, legible."""
    if hashlib.sha256(data).hexdigest() != sha256:
        return Opened((ScanProblem.CHECKSUM_MISMATCH,))
    if content_type_of(data) != content_type:
        return Opened((ScanProblem.NOT_THE_CLAIMED_TYPE,))
    try:
        return _read(confined.run(lambda: _told(examined(data, content_type, rules))))
    except Overran:
        return Opened((ScanProblem.TOO_COMPLEX,))


def examined(data: bytes, content_type: str, rules: AttachmentRules) -> Opened:
    """What is wrong with bytes that begin as this form does; nothing is raised, whatever they are."""
    problems: list[ScanProblem] = [ScanProblem.FOREIGN_CONTENT] if foreign.is_two_things(data, content_type) else []
    upright: bytes | None = None
    try:
        if content_type == PDF:
            problems += scan_pdf.problems(data, rules)
        else:
            seen = scan_picture.looked_at(data, content_type, rules)
            problems, upright = problems + list(seen.problems), seen.upright
    except BadScan as refused:
        problems.append(refused.problem)
    except _OVERRAN:
        problems.append(ScanProblem.TOO_COMPLEX)
    except Exception:  # decoders raise a dozen kinds of error at hostile bytes: the answer is the same
        problems.append(ScanProblem.UNREADABLE)
    return Opened(tuple(dict.fromkeys(problems)), None if problems else upright)


def _told(found: Opened) -> bytes:
    return json.dumps([problem.value for problem in found.problems]).encode() + b"\n" + (found.upright or b"")


def _read(told: bytes) -> Opened:
    problems, _, upright = told.partition(b"\n")
    return Opened(tuple(ScanProblem(one) for one in json.loads(problems)), upright or None)
