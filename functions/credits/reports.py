"""The report of an import (结果报告): the sender's own rows, in the order, form and encoding they came in, with the row's
number, what became of it and why in front. A cell that a spreadsheet would run as a formula is made text.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from credits.batches import RowOutcome
from credits.tables_as_sent import SentTable
from credits.text_tables import TextTable
from credits.workbooks import Workbook
from jingkuai.domain.cell_text import guarded
from jingkuai.domain.credit_row import RowResult

ADDED = ("行号", "结果", "原因")
WORDS: Mapping[RowResult, str] = {
    RowResult.ACCEPTED: "已记入",
    RowResult.REJECTED: "未通过",
    RowResult.UNCHANGED: "无变化",
}
_KNOWN_BEFORE = "此前已经记入，内容相同。"

_FORBIDDEN_IN_TITLES = re.compile(r"[\\*?:/\[\]]")  # a sent workbook may name a sheet as no spreadsheet would


@dataclass(frozen=True, slots=True)
class Told:
    """What the report says of one row."""

    result: str
    reason: str

    @classmethod
    def of(cls, outcome: RowOutcome) -> "Told":
        reason = "".join(problem.message for problem in outcome.problems)
        if outcome.result is RowResult.UNCHANGED and not reason:
            reason = _KNOWN_BEFORE
        return cls(WORDS[outcome.result], reason)


def write_report(table: SentTable, told: Mapping[int, Told], into: IO[bytes]) -> None:
    """Write the report of a table; `told` is keyed by row number. Rows it does not name are titles and blanks."""
    if isinstance(table, Workbook):
        _write_workbook(table, told, into)
    else:
        _write_text(table, told, into)


def _added(number: int, heading: int, told: Mapping[int, Told]) -> Sequence[Any]:
    if number == heading:
        return ADDED
    about = told.get(number)
    return (number, about.result, about.reason) if about else ("", "", "")


def _write_text(table: TextTable, told: Mapping[int, Told], into: IO[bytes]) -> None:
    into.write(table.encoding.mark)
    text = io.TextIOWrapper(into, encoding=table.encoding.codec, newline="", write_through=False)
    writer = csv.writer(text, delimiter=table.separator, lineterminator=table.line_end)
    for number, cells, _ in table.rows():
        writer.writerow([*_added(number, table.heading.row, told), *map(guarded, cells)] if cells else [])
    text.flush()
    text.detach()


def _write_workbook(table: Workbook, told: Mapping[int, Told], into: IO[bytes]) -> None:
    from openpyxl import Workbook as NewWorkbook  # late: only reports of workbooks pay for it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def as_kept(value: Any) -> Any:
        if isinstance(value, str):
            return guarded(ILLEGAL_CHARACTERS_RE.sub("", value))
        return value if value is None or isinstance(value, bool | int | float | date) else str(value)

    book = NewWorkbook(write_only=True)
    sheet = book.create_sheet(_FORBIDDEN_IN_TITLES.sub("_", table.sheet.title)[:31] or "Sheet")
    for number, values in table.values():
        sheet.append([*_added(number, table.heading.row, told), *map(as_kept, values)] if values else [])
    book.save(into)
