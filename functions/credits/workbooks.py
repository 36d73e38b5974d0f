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
from typing import IO, Any
from xml.parsers.expat import ExpatError

from credits.headings import SEARCHED_ROWS, Heading, best_heading, checked
from credits.package_parts import Package
from credits.refusals import NotATable
from credits.sent_rows import SentRow
from credits.sheets import SheetRows
from credits.workbook_parts import (
    WORKBOOK,
    DateStyles,
    NamedSheet,
    SharedStrings,
    date_styles,
    outline_of,
    shared_strings,
)

EXACT_DIGITS = 15  # a spreadsheet's numbers are floating-point: later digits are made up
_UNREADABLE = (  # what damaged, encrypted and made-up workbooks have been seen to raise
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    RuntimeError,
    LookupError,
    ArithmeticError,
    ValueError,
    AttributeError,
    TypeError,
    EOFError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that is open: its parts, and what its sheets need to be read."""

    package: Package
    strings: SharedStrings
    dates: DateStyles
    counts_from_1904: bool

    def rows(self, sheet: NamedSheet) -> Iterator[tuple[int, Sequence[Any]]]:
        """Every row of a sheet with its number; one that is not stored is blank."""
        reading = SheetRows(self.strings, self.dates, counts_from_1904=self.counts_from_1904)
        following = 1
        for number, values in reading.rows(self.package.blocks(sheet.part)):
            for blank in range(following, number):
                yield blank, ()
            yield number, values
            following = number + 1


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheet of a workbook that holds the table. Values are as stored: text, numbers, dates."""

    book: Book
    sheet: NamedSheet
    heading: Heading

    def rows(self) -> Iterator[SentRow]:
        """Every row of the sheet as text, with its number. Raises NotATable at a broken one, FileTooLarge."""
        try:
            for number, values in self.values():
                yield SentRow(number, [as_text(value) for value in values])
        except ArithmeticError as broken:  # a number of hundreds of digits
            raise NotATable() from broken

    def values(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Every row of the sheet as stored, with its number. Raises NotATable at a broken one, FileTooLarge."""
        try:
            yield from self.book.rows(self.sheet)
        except _UNREADABLE as broken:
            raise NotATable() from broken


def open_workbook(file: IO[bytes]) -> Workbook:
    """The first sheet with a full heading, else the best there is. Raises NotATable, MissingColumn, EmptyFile, FileTooLarge."""
    try:
        package = Package(file)
        if WORKBOOK not in package:
            raise NotATable()
        outline = outline_of(package)
        strings, dates = shared_strings(package, outline), date_styles(package, outline)
        book = Book(package, strings, dates, outline.counts_from_1904)
        sheets = [(sheet, _beginning(book, sheet)) for sheet in outline.sheets]
    except _UNREADABLE as broken:
        raise NotATable() from broken
    if not sheets:
        raise NotATable()
    found = [(sheet, best_heading(rows), rows) for sheet, rows in sheets]
    sheet, heading, rows = max(found, key=lambda one: len(one[1].places))
    return Workbook(book, sheet, checked(heading, blank=not any(any(cells) for cells in rows)))


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


def _beginning(book: Book, sheet: NamedSheet) -> list[list[str]]:
    return [[as_text(value) for value in values] for _, values in islice(book.rows(sheet), SEARCHED_ROWS)]
