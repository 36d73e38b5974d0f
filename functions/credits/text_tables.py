"""Reads credit files that are text: encodings, separators, title rows, as institutions really send them.

Encoding: by byte order mark, else UTF-8 strictly, else GB18030 (handbook, section 8). The file is a local copy; it is
read in passes of bounded memory and never held whole.
"""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from credits.headings import SEARCHED_ROWS, Heading, best_heading, checked
from credits.refusals import NotATable
from credits.sent_rows import SentRow
from credits.separated_rows import SeparatedRows

SEPARATORS = (",", ";", "\t")
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Encoding:
    """How text became bytes: the codec, and the byte order mark the file began with."""

    codec: str
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of separated text. `line_end` is kept so that a report looks like the file it answers."""

    file: IO[bytes]
    encoding: Encoding
    separator: str
    line_end: str
    heading: Heading

    def rows(self) -> Iterator[SentRow]:
        """Every row of the file, title and blank rows among them. Raises NotATable where it is no table after all."""
        return _rows(self.file, self.encoding, self.separator, self.heading)


def open_text(file: IO[bytes]) -> TextTable:
    """The table in a text file. Raises NotATable, MissingColumn, EmptyFile."""
    encoding = _encoding_of(file)
    sample = _sample(file, encoding)
    candidates = [(_heading(file, encoding, separator), separator) for separator in SEPARATORS]
    heading, separator = max(candidates, key=lambda one: len(one[0].places))
    line_end = "\r\n" if "\r\n" in sample or "\n" not in sample else "\n"
    return TextTable(file, encoding, separator, line_end, checked(heading, blank=not _has_content(sample)))


def _has_content(sample: str) -> bool:
    return bool(sample.strip().strip("".join(SEPARATORS) + '"' + " \r\n"))


def _heading(file: IO[bytes], encoding: Encoding, separator: str) -> Heading:
    rows = _rows(file, encoding, separator, None)
    return best_heading(row.cells for row in islice(rows, SEARCHED_ROWS))


def _rows(file: IO[bytes], encoding: Encoding, separator: str, heading: Heading | None) -> Iterator[SentRow]:
    file.seek(len(encoding.mark))
    text = io.TextIOWrapper(file, encoding=encoding.codec, errors="strict", newline="")
    try:
        yield from SeparatedRows(text, separator, heading)
    finally:
        text.detach()  # the file is needed for the next pass


def _sample(file: IO[bytes], encoding: Encoding) -> str:
    file.seek(len(encoding.mark))
    return codecs.getincrementaldecoder(encoding.codec)().decode(file.read(_SAMPLE))


def _encoding_of(file: IO[bytes]) -> Encoding:
    """The one encoding in which the whole file is text. Raises NotATable where there is none."""
    file.seek(0)
    start = file.read(4)
    for mark, codec in _MARKS:
        if start.startswith(mark):
            candidates = [Encoding(codec, mark)]
            break
    else:
        candidates = [Encoding("utf-8"), Encoding("gb18030")]
    for candidate in candidates:
        if _is_text(file, candidate):
            return candidate
    raise NotATable()


def _is_text(file: IO[bytes], encoding: Encoding) -> bool:
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    file.seek(len(encoding.mark))
    try:
        while block := file.read(_BLOCK):
            if "\0" in decoder.decode(block):  # text has no NUL; pictures and programs do
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
