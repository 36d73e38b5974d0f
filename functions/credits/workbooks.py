"""Reads credit files that are workbooks (.xlsx), without trusting them: what would unpack without end is refused.

Cells become text before anything looks at them; a number too long for a spreadsheet to keep exactly stays in the
scientific notation it is stored in, so that an ID number that lost its last digits is recognised.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import ParseError

from credits.headings import SEARCHED_ROWS, Heading, best_heading, checked
from credits.refusals import FileTooLarge, NotATable

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_COLUMNS = 256  # what lies beyond is of no use to anybody
LAST_ROW = 1_048_576  # of any sheet
MOST_UNPACKED = 1 << 30
MOST_SHARED_STRINGS = 200 << 20  # held in memory while the sheet is read
EXACT_DIGITS = 15  # a spreadsheet's numbers are floating-point: later digits are made up
_WORKBOOK_PART = "xl/workbook.xml"
_UNREADABLE = (  # what damaged, encrypted and made-up workbooks have been seen to raise
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    LookupError,
    ArithmeticError,
    ParseError,
    ValueError,
    AttributeError,
    TypeError,
    EOFError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheet of a workbook that holds the table. Values are as stored: text, numbers, dates."""

    sheet: "ReadOnlyWorksheet"
    heading: Heading

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Every row of the sheet as text, with its number. Raises NotATable at a broken one, FileTooLarge."""
        try:
            for number, values in self.values():
                yield number, [as_text(value) for value in values]
        except ArithmeticError as broken:  # a number of hundreds of digits
            raise NotATable() from broken

    def values(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Every row of the sheet as stored, with its number. Raises NotATable at a broken one, FileTooLarge."""
        try:
            yield from _values(self.sheet)
        except _UNREADABLE as broken:
            raise NotATable() from broken


def open_workbook(file: IO[bytes]) -> Workbook:
    """The first sheet with a full heading, else the best there is. Raises NotATable, MissingColumn, EmptyFile, FileTooLarge."""
    from openpyxl import load_workbook  # late: only imports of workbooks pay for it

    _refuse_bombs(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [(sheet, _beginning(sheet)) for sheet in book.worksheets]
    except _UNREADABLE as broken:
        raise NotATable() from broken
    if not sheets:
        raise NotATable()
    found = [(sheet, best_heading(rows), rows) for sheet, rows in sheets]
    sheet, heading, rows = max(found, key=lambda one: len(one[1].places))
    return Workbook(sheet, checked(heading, blank=not any(any(cells) for cells in rows)))


def as_text(value: object) -> str:
    """A cell's value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_as_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number_as_text(value: float) -> str:
    text = f"{value:.{EXACT_DIGITS}g}"
    if "e" in text and abs(value) < 1:
        return f"{value:f}"
    return text  # from 16 digits on 4.20106199202290e+17: nothing beyond is known


def _beginning(sheet: "ReadOnlyWorksheet") -> list[list[str]]:
    return [[as_text(value) for value in values] for _, values in islice(_values(sheet), SEARCHED_ROWS)]


def _values(sheet: "ReadOnlyWorksheet") -> Iterator[tuple[int, Sequence[Any]]]:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    for number, values in enumerate(cast(Any, sheet).iter_rows(values_only=True), 1):
        if number > LAST_ROW:
            raise FileTooLarge()
        yield number, values[:MOST_COLUMNS]


def _refuse_bombs(file: IO[bytes]) -> None:
    """Refuse what is no workbook, and what would unpack to far more than any real one, before anything is unpacked."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
    except _UNREADABLE as broken:
        raise NotATable() from broken
    if _WORKBOOK_PART not in sizes:
        raise NotATable()
    if sum(sizes.values()) > MOST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MOST_SHARED_STRINGS:
        raise FileTooLarge()
    file.seek(0)
