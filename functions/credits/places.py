"""Where the files of imports and certificates lie: keys hold ids only, a file's name lives in its item.

uploads   incoming/<institution>/<import_id or name>   as sent; gone after 7 days
          staging/<import_id>/source, chunks/0001…     the copy that is worked on, and its rows by person
records   imports/<import_id>/chunks/0001…, report     what became of every row
          certificates/<certificate_no>.pdf
"""

import re
from dataclasses import dataclass

from jingkuai.aws.files import Files

INCOMING = "incoming/"
_NUMBERED = re.compile(r"/([0-9]{4})\.jsonl\.gz$")


@dataclass(frozen=True, slots=True)
class Places:
    """The two buckets, and how to reach them."""

    files: Files
    uploads: str
    records: str


def incoming_key(institution_id: str, name: str) -> str:
    return f"{INCOMING}{institution_id}/{name}"


def source_key(import_id: str) -> str:
    """The file as it was when its import began: what is put under the same key later is another import's affair."""
    return f"staging/{import_id}/source"


def chunk_key(import_id: str, number: int) -> str:
    return f"staging/{import_id}/chunks/{number:04d}.jsonl.gz"


def chunk_number(key: str) -> int:
    """The number in a chunk's key. Raises ValueError for another key."""
    found = _NUMBERED.search(key)
    if found is None:
        raise ValueError("not the key of a chunk")
    return int(found[1])


def result_key(import_id: str, number: int) -> str:
    return f"imports/{import_id}/chunks/{number:04d}.jsonl.gz"


def report_key(import_id: str, *, workbook: bool) -> str:
    return f"imports/{import_id}/report.{'xlsx' if workbook else 'csv'}"


def certificate_file_key(certificate_no: str) -> str:
    return f"certificates/{certificate_no}.pdf"
