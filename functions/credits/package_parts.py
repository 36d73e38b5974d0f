"""The parts of a workbook's package (a zip archive), unpacked block by block and never without bounds.

What a part says of its own size is checked before it is opened, what really comes out of it while it is read. Parts
nobody asks for (pictures, macros, links to other workbooks) are never unpacked, however large they are.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import IO

from credits.refusals import FileTooLarge, NotATable

MOST_UNPACKED = 1 << 30  # of all parts that are read, together; a million rows of nine columns take about half of it
MOST_TIMES = 200  # a sheet unpacks to five to thirty times its size, a part made to do harm to a thousand
TIMES_MATTER_FROM = 16 << 20
LARGEST_READ = 4 << 20  # the list of parts is read in one piece; that of a real workbook takes a few kilobytes
_BLOCK = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack a block without any bound
_UNFOLDS = "工作簿展开后过大，不像一份学分表。请新建一个工作簿，只粘贴表格的数值，保存后重新上传。"


class Package:
    """An archive and what may still be unpacked of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(_InSmallPieces(file))
        self._left = MOST_UNPACKED

    def __contains__(self, name: str) -> bool:
        return name in self._archive.NameToInfo

    def blocks(self, name: str, *, most: int = MOST_UNPACKED) -> Iterator[bytes]:
        """A part's bytes, of which there are at most so many. Raises FileTooLarge, KeyError, and what ZipFile raises."""
        part = self._archive.getinfo(name)
        if part.compress_type not in _METHODS:
            raise NotATable()
        times = part.file_size / max(part.compress_size, 1)
        if part.file_size > min(most, self._left) or (part.file_size > TIMES_MATTER_FROM and times > MOST_TIMES):
            raise FileTooLarge(_UNFOLDS)
        with self._archive.open(part) as unpacked:
            while block := unpacked.read(_BLOCK):
                self._left -= len(block)
                if self._left < 0:
                    raise FileTooLarge(_UNFOLDS)
                yield block


class _InSmallPieces(io.RawIOBase):
    """A file of which nobody can read much at once: ZipFile would hold a list of millions of parts."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int | None = -1) -> bytes:
        wanted = LARGEST_READ + 1 if size is None or size < 0 else size
        if wanted > LARGEST_READ and len(piece := self._file.read(wanted)) > LARGEST_READ:
            raise FileTooLarge(_UNFOLDS)
        return piece if wanted > LARGEST_READ else self._file.read(wanted)
