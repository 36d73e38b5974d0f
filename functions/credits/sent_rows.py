"""One row of a table as it was sent, whatever the table's form."""

from collections.abc import Sequence
from typing import NamedTuple


class SentRow(NamedTuple):
    """A row with its number, counted from 1 as a spreadsheet does. `is_broken`: a quotation mark in it is never closed, so
    nobody knows where its cells end.
    """

    number: int
    cells: Sequence[str]
    is_broken: bool = False
