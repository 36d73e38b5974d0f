"""Reads the rows of a workbook's sheet as a stream: what a cell says, as stored, row by row with its number.

A sheet says itself which row and which column comes next, and may say anything: a row that is out of order would take
another one's place, so it is refused rather than passed over.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from credits.package_xml import DEEPEST, Reading, local
from credits.refusals import FileTooLarge, NotATable
from credits.workbook_parts import DateStyles, RichText, SharedStrings

MOST_COLUMNS = 256  # what lies beyond is of no use to anybody
MOST_CELLS = 16_384  # of a row, in any spreadsheet
LAST_ROW = 1_048_576  # of any sheet
NOT_A_DAY = "#VALUE!"


class SheetRows(Reading):
    """The rows of one sheet. Rows that are not stored are not among them."""

    def __init__(self, strings: SharedStrings, dates: DateStyles, *, counts_from_1904: bool) -> None:
        from openpyxl.utils import datetime  # late: only imports of workbooks pay for it

        days: Any = datetime

        super().__init__()
        self._strings, self._dates, self._days = strings, dates, days
        self._epoch = days.MAC_EPOCH if counts_from_1904 else days.WINDOWS_EPOCH
        self._rows: list[tuple[int, list[Any]]] = []
        self._in_data = self._is_over = False
        self._number = 0
        self._row: list[Any] = []
        self._column = self._cells = 0
        self._kind, self._style = "n", ""
        self._value: Any = None
        self._inline = RichText(self)

    def rows(self, blocks: Iterable[bytes]) -> Iterator[tuple[int, list[Any]]]:
        """Raises NotATable, FileTooLarge, and what a broken value or broken XML raises."""
        for _ in self.over(blocks):
            some, self._rows = self._rows, []
            yield from some
            if self._is_over:  # what follows the table decorates it
                return

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotATable()
        name = local(name)
        if not self._in_data:
            self._in_data = name == "sheetData" and not self._is_over
        elif name == "c":
            self._open_cell(attributes)
        elif name == "v":
            self.collect()
        elif name == "row":
            self._open_row(attributes)
        else:
            self._inline.opened(name)

    def ended(self, name: str) -> None:
        self.depth -= 1
        if not self._in_data:
            return
        name = local(name)
        if name == "v":
            self._value = self.collected()
        elif name == "c":
            self._close_cell()
        elif name == "row":
            self._rows.append((self._number, self._row))
        elif name == "sheetData":
            self._in_data, self._is_over = False, True
        else:
            self._inline.closed(name)

    def _open_row(self, attributes: dict[str, str]) -> None:
        told = attributes.get("r")
        number = int(float(told)) if told else self._number + 1
        if number > LAST_ROW:
            raise FileTooLarge()
        if number <= self._number:
            raise NotATable(
                f"工作表的行号错乱（第{number}行出现在第{self._number}行之后）。请用表格软件打开后另存，再重新上传。"
            )
        self._number, self._row, self._column, self._cells = number, [], 0, 0

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise NotATable()
        told = attributes.get("r")
        self._column = _column(told.rstrip("0123456789")) if told else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = None
        if self._kind == "inlineStr":
            self._inline.whole()  # of a cell before, that was of another kind

    def _close_cell(self) -> None:
        value = self._inline.whole() if self._kind == "inlineStr" else self._value
        if not value or self._column > MOST_COLUMNS:
            return
        row, place = self._row, self._column - 1
        if len(row) <= place:
            row.extend([None] * (place + 1 - len(row)))
        row[place] = self._meant(value)

    def _meant(self, text: str) -> Any:
        kind = self._kind
        if kind == "s":
            return self._strings[int(text)]
        if kind == "n":
            number = float(text) if "." in text or "E" in text or "e" in text else int(text)
            style = int(self._style) if self._style else 0
            return self._as_day(number, style) if style in self._dates.days else number
        if kind == "b":
            return bool(int(text))
        return self._days.from_ISO8601(text) if kind == "d" else text

    def _as_day(self, number: float, style: int) -> Any:
        try:
            return self._days.from_excel(number, self._epoch, timedelta=style in self._dates.spans)
        except (OverflowError, ValueError):
            return NOT_A_DAY


@lru_cache(MOST_CELLS)
def _column(letters: str) -> int:
    """The number of a column by its letters. Raises NotATable beyond the last one of any spreadsheet."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
        if not "A" <= letter <= "Z" or number > MOST_CELLS:
            raise NotATable()
    if not number:
        raise NotATable()
    return number
