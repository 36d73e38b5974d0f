"""Splits separated text into rows, so that none can vanish: a quotation mark that is not closed spoils its own row only.

A spreadsheet program puts a cell with a line break between quotation marks. Somebody who forgets one mark writes the same,
and everything up to the next mark, rows of other people among it, would become one cell. So a row goes on over a line end
only where its mark is closed soon and properly and what lies between cannot be a row by itself; else it ends with its line,
is marked as broken, and the next line is a row again.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TextIO

from credits.headings import Heading
from credits.refusals import NotATable
from credits.sent_rows import SentRow

LONGEST_ROW = 1 << 17  # characters; as many as the csv module takes in one cell
MOST_COLUMNS = 1_000
MOST_LINES = 50  # of one row
_ID_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9])")


class SeparatedRows:
    """The rows of a text. Up to the heading, and while it is still looked for, columns are not counted: titles have none."""

    def __init__(self, text: TextIO, separator: str, heading: Heading | None) -> None:
        self._text, self._separator, self._heading = text, separator, heading
        self._ahead: deque[str] = deque()
        self._lines_read = 0

    def __iter__(self) -> Iterator[SentRow]:
        """Raises NotATable at a line or a row that is longer than any table's."""
        number, separator = 0, self._separator
        while line := self._next_line():
            number += 1
            if '"' in line:
                cells, is_broken = self._quoted(number, line)
            else:
                bare = line.rstrip("\r\n")
                cells, is_broken = bare.split(separator) if bare else [], False
            yield SentRow(number, _within_width(number, cells) if len(cells) > MOST_COLUMNS else cells, is_broken)

    def _next_line(self) -> str:
        if self._ahead:
            return self._ahead.popleft()
        self._lines_read += 1
        line = self._text.readline(LONGEST_ROW + 1)
        if len(line) > LONGEST_ROW:
            raise NotATable(
                f"第{self._lines_read}行超过{LONGEST_ROW}个字符，不像表格的一行。请用表格软件检查后另存为 CSV，再重新上传。"
            )
        return line

    def _quoted(self, number: int, line: str) -> tuple[list[str], bool]:
        """The cells of a row that begins with this line, and whether it is broken."""
        cells, is_open = _alone(line, self._separator)
        if not is_open:
            return cells, False
        following: list[str] = []
        row = self._over_lines(line, following)
        if row is not None and self._is_one_row(number, row):
            return row, False
        self._ahead.extendleft(reversed(following))
        return [*cells[:-1], f'"{cells[-1]}'], True

    def _over_lines(self, line: str, following: list[str]) -> list[str] | None:
        """The cells of a row that goes on over some lines, which are left in `following`; None where it does not end well."""

        def lines() -> Iterator[str]:
            yield line
            length = len(line)
            while len(following) + 1 < MOST_LINES and (more := self._next_line()):
                following.append(more)
                length += len(more)
                if length > LONGEST_ROW:
                    return
                yield more

        try:
            return next(csv.reader(lines(), delimiter=self._separator, strict=True))
        except csv.Error:
            return None

    def _is_one_row(self, number: int, cells: Sequence[str]) -> bool:
        """Whether a row over several lines has swallowed no other: it has the columns, and no cell holds a row's worth."""
        heading = self._heading
        if heading is None or number <= heading.row:
            return True
        if len(cells) > heading.width:
            return False
        return not any(self._holds_a_row(cell, heading) for cell in cells if "\n" in cell or "\r" in cell)

    def _holds_a_row(self, cell: str, heading: Heading) -> bool:
        after_first_line = re.split(r"\r\n|\r|\n", cell, maxsplit=1)[1]
        return cell.count(self._separator) >= heading.least_width - 1 or bool(_ID_NUMBER.search(after_first_line))


def _alone(line: str, separator: str) -> tuple[list[str], bool]:
    """The cells of a line by itself, and whether its last one is still open at the end."""
    asked_for_more: list[bool] = []

    def only() -> Iterator[str]:
        yield line.rstrip("\r\n")
        asked_for_more.append(True)

    cells = next(csv.reader(only(), delimiter=separator))
    return cells, bool(asked_for_more)


def _within_width(number: int, cells: list[str]) -> list[str]:
    """Without the blank cells that a spreadsheet's full width leaves behind. Raises NotATable where they are not blank."""
    if any(cell.strip() for cell in cells[MOST_COLUMNS:]):
        raise NotATable(f"第{number}行超过{MOST_COLUMNS}列，不像学分表。请只保留需要的列，另存为 CSV，再重新上传。")
    return cells[:MOST_COLUMNS]
