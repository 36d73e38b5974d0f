"""XML that somebody sent, read as a stream: no document type, no entity, nothing that grows with what is in it.

A parser of the standard library remembers more than it is told to: every open element, every name it has met, a token
until its end. Each of these has a bound that no real workbook comes near.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self
from xml.parsers import expat

from credits.refusals import FileTooLarge, NotATable

DEEPEST = 64
MOST_NAMES = 20_000
LONGEST_TOKEN = 1 << 20
LONGEST_TEXT = 32_767  # characters of one cell, in any spreadsheet


class Reading:
    """One pass over a part. Subclasses say what an element means when it opens and when it closes, by its name without a
    prefix; in between they may `collect` the text they want.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._text: list[str] = []
        self._length = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.started
        self._parser.EndElementHandler = self.ended
        self._parser.StartDoctypeDeclHandler = _refuse_document_type

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def over(self, blocks: Iterable[bytes]) -> Iterator[None]:
        """Read on, a block each time. Raises NotATable, FileTooLarge, expat.ExpatError where it is no XML."""
        fed = reached = 0
        for block in blocks:
            self._parser.Parse(block, False)
            fed += len(block)
            reached = max(reached, self._parser.CurrentByteIndex)
            if fed - reached > LONGEST_TOKEN or len(self._parser.intern) > MOST_NAMES:
                raise NotATable()
            yield
        self._parser.Parse(b"", True)
        yield

    def read(self, blocks: Iterable[bytes]) -> Self:
        """All of it."""
        for _ in self.over(blocks):
            pass
        return self

    def collect(self) -> None:
        """Gather the text from here on."""
        self._text, self._length = [], 0
        self._parser.CharacterDataHandler = self._gather

    def collected(self) -> str:
        """The text so far, and no more of it."""
        self._parser.CharacterDataHandler = None
        return "".join(self._text)

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotATable()
        self.opened(local(name), attributes)

    def ended(self, name: str) -> None:
        self.depth -= 1
        self.closed(local(name))

    def _gather(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise cell_too_long()


def cell_too_long() -> FileTooLarge:
    return FileTooLarge(f"有单元格超过{LONGEST_TEXT}个字符，不像一份学分表。请删去这些内容后重新上传。")


def local(name: str) -> str:
    """A name without its prefix: which one stands for which vocabulary is the writer's choice."""
    return name.rpartition(":")[2] if ":" in name else name


def _refuse_document_type(*_: object) -> None:
    raise NotATable()
