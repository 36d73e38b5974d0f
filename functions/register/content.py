"""What the bytes of a scan are: their form by the first bytes, then decoded to the last, since a name or header proves nothing.

The bytes come from outside: every limit is looked at before anything is unpacked.
"""

import hashlib
import io
import logging
import warnings
from typing import Final

from PIL import Image
from pypdf import PdfReader

from jingkuai.domain.attachment import AttachmentRules, ScanProblem, content_type_of

PDF: Final = "application/pdf"
DECODERS: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}
PAGES_OPENED: Final = 20  # a proof has a handful, and each page costs time to unpack

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would log each oddity, with pieces of the document's text


class BadScan(Exception):
    """The bytes are no readable scan (扫描件) of the form announced; `problem` says why."""

    def __init__(self, problem: ScanProblem) -> None:
        self.problem = problem
        super().__init__(problem.value)


def check(data: bytes, *, content_type: str, sha256: str, rules: AttachmentRules) -> None:
    """Look at the bytes of a scan: the file announced, of the form announced, whole and legible. Raises BadScan."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadScan(ScanProblem.CHECKSUM_MISMATCH)
    if content_type_of(data) != content_type:
        raise BadScan(ScanProblem.NOT_THE_CLAIMED_TYPE)
    try:
        if content_type == PDF:
            _open_pdf(data)
        else:
            _decode_picture(data, DECODERS[content_type], rules)
    except BadScan:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise BadScan(ScanProblem.TOO_MANY_PIXELS) from bomb
    except Exception as broken:  # decoders raise a dozen kinds of error at hostile bytes: the answer is the same
        raise BadScan(ScanProblem.UNREADABLE) from broken


def _decode_picture(data: bytes, decoder: str, rules: AttachmentRules) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        if problem := rules.check_picture(*_picture(data, decoder).size):
            raise BadScan(problem)
        _picture(data, decoder).verify()  # the checksums of its parts; a picture is spent after that
        _picture(data, decoder).load()


def _picture(data: bytes, decoder: str) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=(decoder,))


def _open_pdf(data: bytes) -> None:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise BadScan(ScanProblem.ENCRYPTED)
    if not reader.pages:
        raise BadScan(ScanProblem.UNREADABLE)
    for page in reader.pages[:PAGES_OPENED]:
        if (contents := page.get_contents()) is not None:
            contents.get_data()
