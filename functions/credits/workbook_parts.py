"""What a workbook says beside its sheets: which sheets there are, the texts they share, which cell styles mean a date."""

import posixpath
from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from credits.package_parts import Package
from credits.package_xml import LONGEST_TEXT, Reading, cell_too_long, local
from credits.refusals import FileTooLarge, NotATable

WORKBOOK = "xl/workbook.xml"
MOST_SHEETS = 255
MOST_STYLES = 65_536  # a spreadsheet program holds no more
LONGEST_FORMAT = 255
LARGEST_LIST = 8 << 20  # of sheets, of relations
LARGEST_STYLES = 32 << 20
LARGEST_STRINGS = 200 << 20  # held in memory while the sheet is read


@dataclass(frozen=True, slots=True)
class NamedSheet:
    """A sheet: its title, and the part that holds it."""

    title: str
    part: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The sheets in their order, where texts and styles are, and from which year days are counted."""

    sheets: tuple[NamedSheet, ...]
    strings: str | None
    styles: str | None
    counts_from_1904: bool


class SharedStrings:
    """The texts that cells refer to by number, packed: a list of so many objects would take several times the memory."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._ends = array("I")

    def add(self, text: str) -> None:
        self._packed += text.encode()
        self._ends.append(len(self._packed))

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        end = self._ends[number]
        return self._packed[self._ends[number - 1] if number else 0 : end].decode()


@dataclass(frozen=True, slots=True)
class DateStyles:
    """Which cell styles show a number as a day or a time, and which of them as a length of time."""

    days: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()


def outline_of(package: Package) -> Outline:
    """Raises NotATable where it is no workbook."""
    relations = _Relations().read(package.blocks("xl/_rels/workbook.xml.rels", most=LARGEST_LIST)).found
    book = _Book().read(package.blocks(WORKBOOK, most=LARGEST_LIST))
    parts = {number: part for number, (kind, part) in relations.items() if kind == "worksheet" and part in package}
    by_kind = {kind: part for kind, part in relations.values() if part in package}
    sheets = tuple(NamedSheet(title, parts[number]) for title, number in book.sheets if number in parts)
    return Outline(sheets, by_kind.get("sharedStrings"), by_kind.get("styles"), book.counts_from_1904)


def shared_strings(package: Package, outline: Outline) -> SharedStrings:
    """Raises FileTooLarge."""
    reading = _Strings()
    if outline.strings:
        reading.read(package.blocks(outline.strings, most=LARGEST_STRINGS))
    return reading.found


def date_styles(package: Package, outline: Outline) -> DateStyles:
    """Raises FileTooLarge, NotATable where there are more styles than a spreadsheet program holds."""
    if not outline.styles:
        return DateStyles()
    return _Styles().read(package.blocks(outline.styles, most=LARGEST_STYLES)).found()


class _Relations(Reading):
    """Parts of the workbook by the id it calls them by; what lies outside the package is none of them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes["Type"].rpartition("/")[2]
            part = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
            self.found[attributes["Id"]] = kind, part


class _Book(Reading):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.counts_from_1904 = False

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            told = {local(key): value for key, value in attributes.items()}
            self.sheets.append((told.get("name", ""), told.get("id", "")))
            if len(self.sheets) > MOST_SHEETS:
                raise FileTooLarge(f"工作簿超过{MOST_SHEETS}个工作表。请新建一个工作簿，只放填报的那张表，再重新上传。")
        elif name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in ("1", "true")


class RichText:
    """The text of a cell out of its runs, without the reading aids (rPh) that may stand beside it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._runs: list[str] = []
        self._length = 0
        self._aside = False

    def opened(self, name: str) -> None:
        if name == "t" and not self._aside:
            self._reading.collect()
        elif name == "rPh":
            self._aside = True

    def closed(self, name: str) -> None:
        if name == "t" and not self._aside:
            self._runs.append(self._reading.collected())
            self._length += len(self._runs[-1])
            if self._length > LONGEST_TEXT:
                raise cell_too_long()
        elif name == "rPh":
            self._aside = False

    def whole(self) -> str:
        """The text, and the next one begins."""
        text = "".join(self._runs)
        self._runs, self._length = [], 0
        return text


class _Strings(Reading):
    def __init__(self) -> None:
        super().__init__()
        self.found = SharedStrings()
        self._words = RichText(self)

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        self._words.opened(name)

    def closed(self, name: str) -> None:
        if name == "si":
            self.found.add(self._words.whole().replace("x005F_", ""))  # an underscore that was escaped
        else:
            self._words.closed(name)


class _Styles(Reading):
    def __init__(self) -> None:
        super().__init__()
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._in_cell_styles = False

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:LONGEST_FORMAT]
        elif name == "cellXfs":
            self._in_cell_styles = True
        elif name == "xf" and self._in_cell_styles:
            self._styles.append(int(attributes.get("numFmtId", 0)))
        if len(self._styles) > MOST_STYLES or len(self._formats) > MOST_STYLES:
            raise NotATable()

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cell_styles = False

    def found(self) -> DateStyles:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format  # late, as all of it

        formats = [self._formats.get(one, BUILTIN_FORMATS.get(one, "")) for one in self._styles]
        days = frozenset(style for style, code in enumerate(formats) if is_date_format(code))
        return DateStyles(days, frozenset(style for style in days if is_timedelta_format(formats[style])))
