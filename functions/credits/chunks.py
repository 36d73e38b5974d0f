"""Cuts a file into chunks by person, so that one person's rows meet in one chunk in file order and chunks run side by side.

Chunks are compressed in memory as they grow: the largest file allowed stays within a few dozen megabytes.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from credits.packed_lines import Packed, unpacked
from credits.sent_rows import SentRow
from jingkuai.domain.credit_row import Column, identity_of

MOST_CHUNKS = 200
ROWS_A_CHUNK = 1_000
BYTES_A_ROW_OF_TEXT = 80  # as institutions write them
LONGEST_VALUE = 1_000  # characters that are handed on; every value that is taken is shorter, the report has all of them
BYTES_A_ROW_OF_WORKBOOK = 25  # compressed


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One row of data on its way: its number in the file, its cells in the order of `Column`, and whether it is broken."""

    number: int
    cells: tuple[str, ...]
    is_broken: bool = False

    def by_column(self) -> dict[Column, str]:
        return dict(zip(Column, self.cells, strict=True))


class Chunks:
    """The chunks of one file in the making. What they hold is personal data: only the staging area may keep it."""

    def __init__(self, count: int, *, today: date) -> None:
        self._today = today
        self._chunks: dict[int, Packed] = {}
        self._count = count
        self.rows = 0

    def add(self, row: SentRow) -> None:
        """Put a row with the others of its person."""
        cells = [cell if len(cell) <= LONGEST_VALUE else cell.strip()[:LONGEST_VALUE] for cell in row.cells]
        identity = identity_of(cells[0], today=self._today)
        place = zlib.crc32(identity.encode()) % self._count
        self._chunks.setdefault(place, Packed()).add([row.number, cells, *([True] if row.is_broken else [])])
        self.rows += 1

    def bodies(self) -> Iterator[bytes]:
        """The chunks that have a row, packed; each is let go once it is given out."""
        for place in sorted(self._chunks):
            yield self._chunks.pop(place).body()


def chunk_count(size: int, *, workbook: bool) -> int:
    """How many chunks a file of this size is cut into: about a thousand rows each, never more than the map holds well."""
    bytes_a_chunk = ROWS_A_CHUNK * (BYTES_A_ROW_OF_WORKBOOK if workbook else BYTES_A_ROW_OF_TEXT)
    return min(MOST_CHUNKS, 1 + size // bytes_a_chunk)


def rows_of(body: bytes) -> Iterator[ChunkRow]:
    """The rows of a stored chunk."""
    for number, cells, *broken in unpacked(body):
        yield ChunkRow(number, tuple(cells), bool(broken))
