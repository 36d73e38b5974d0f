"""Credit files in tests: writing one, sending one, reading what came back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from tools.local.client import Client, send, upload
from tools.local.waiting import eventually

HEADINGS = ["身份证件号码", "姓名", "培训年度", "科目类别", "课程名称", "学分", "完成日期", "课程编号", "备注"]
ENDED = ("succeeded", "partly", "failed")


def rows_as_csv(rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS) -> str:
    """A credit file's text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([headings, *rows])
    return out.getvalue()


def imported(institution: Client, content: bytes, filename: str, *, year: int = 2026, **more: Any) -> dict[str, Any]:
    """Send a file as an institution does and wait for its end."""
    asked = institution.post("/institution/imports", {"filename": filename, "size": len(content), "year": year, **more})
    upload(asked["upload"], content, filename, "text/csv")
    return ended(institution, asked["import_id"])


def ended(institution: Client, import_id: str) -> dict[str, Any]:
    """The import once it has ended."""

    def asked() -> dict[str, Any] | None:
        found: dict[str, Any] = institution.get(f"/institution/imports/{import_id}")
        return found if found["status"] in ENDED else None

    return eventually(asked, what="the end of the import", within_s=90, every_s=0.2)


def report_of(done: dict[str, Any], encoding: str) -> list[dict[str, str]]:
    """The rows of the report that came back."""
    text = send("GET", done["report_url"]).body.decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline="")))
