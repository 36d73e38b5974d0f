"""PDFs opened: every object looked at for what acts by itself, every packed part unpacked within limits, pages not empty.

pypdf reads the structure. Pictures are not left to it: they are unpacked here piece by piece, counted, and looked at small.
"""

import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from jingkuai.domain.attachment import AttachmentRules, ScanProblem
from register import foreign, pdf_picture, pdf_streams
from register.bad_scan import BadScan
from register.pdf_picture import PagePicture
from register.pdf_streams import Unpacking, value

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would log each oddity, with pieces of the document's text

_MOST_OF_A_PART: Final = 16 * 2**20  # a page of dense drawing has a tenth of it
_MOST_DAMAGED: Final = 65_536  # bytes of a damaged part that are tried one by one
_DEEPEST_FORM: Final = 8
_ACTS: Final = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound",
     "/RichMediaExecute", "/GoTo3DView")
)  # fmt: skip
_CARRIES: Final = frozenset(("/JS", "/XFA", "/EF", "/EmbeddedFiles", "/RichMediaContent"))
_ACTIVE_KINDS: Final = frozenset(("/RichMedia", "/3D", "/Movie", "/Sound", "/Screen", "/FileAttachment"))
_DRAWS: Final = re.compile(rb"(?<![A-Za-z/])(?:Tj|TJ|'|\"|f\*?|F|B\*?|b\*?|S|s|sh|BI)(?![A-Za-z*0-9])")
_EMPTY_TEXT: Final = re.compile(rb"(?:\(\s*\)|<\s*>)\s*(?:Tj|'|\")")


def problems(data: bytes, rules: AttachmentRules) -> list[ScanProblem]:
    """What is wrong with a PDF. Raises BadScan where it cannot be opened safely, and whatever pypdf raises at broken bytes."""
    found = [one for one in (foreign.behind_the_end(_behind_the_end(data), rules),) if one]
    try:
        with apply_configuration(
            zlib_maximum_output_length=_MOST_OF_A_PART,
            lzw_maximum_output_length=_MOST_OF_A_PART,
            run_length_maximum_output_length=_MOST_OF_A_PART,
            array_based_stream_maximum_output_length=_MOST_OF_A_PART,
            stream_decoding_work_maximum_length=2 * _MOST_OF_A_PART,
            zlib_maximum_recovery_input_length=_MOST_DAMAGED,
            stream_filters_maximum_length=pdf_streams.MOST_FILTERS,
            maximum_declared_stream_length=len(data),
        ):
            for problem in _of_document(data, rules):
                found.append(problem)  # one by one: what was found before a limit was met counts as well
    except LimitReachedError:
        found.append(ScanProblem.TOO_COMPLEX)
    except BadScan as refused:
        found.append(refused.problem)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # pypdf raises a dozen kinds of error at hostile bytes
        found.append(ScanProblem.UNREADABLE)
    return found


def _behind_the_end(data: bytes) -> bytes:
    marker = data.rfind(b"%%EOF")
    if marker < 0:
        raise BadScan(ScanProblem.UNREADABLE)
    return data[marker + len(b"%%EOF") :]


def _of_document(data: bytes, rules: AttachmentRules) -> Iterator[ScanProblem]:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise BadScan(ScanProblem.ENCRYPTED)
    numbers = {(number, generation) for generation, those in reader.xref.items() for number in those}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > rules.max_pdf_objects:
        raise BadScan(ScanProblem.TOO_COMPLEX)
    pages = list(reader.pages)
    if not pages:
        raise BadScan(ScanProblem.UNREADABLE)
    if len(pages) > rules.max_pages:
        yield ScanProblem.TOO_MANY_PAGES
    document = _Document(reader, Unpacking(rules.max_unpacked_bytes), rules)
    if document.acts(numbers, Unpacking(rules.max_unpacked_bytes)):
        yield ScanProblem.ACTIVE_CONTENT
    yield from document.problems_of(pages[: rules.max_pages])


@dataclass(slots=True)
class _Document:
    reader: PdfReader
    unpacking: Unpacking
    rules: AttachmentRules
    pictures: dict[int, PagePicture] = field(default_factory=dict)

    def acts(self, numbers: Iterable[tuple[int, int]], unpacking: Unpacking) -> bool:
        """Whether anything in the document acts by itself or carries a file, also what no page shows.

        Raises BadScan for parts that are packed twice, or all together unfold too far.
        """
        opening = value(_dictionary(self.reader.trailer.get("/Root")).get("/OpenAction"))
        found = isinstance(opening, DictionaryObject) and value(opening.get("/S")) != "/GoTo"
        for number, generation in sorted(numbers):
            for one in self._within(number, generation):
                found = found or _is_active(one)
                if isinstance(one, StreamObject):
                    pdf_streams.refuse_nested(one)
                    pdf_picture.refuse_enormous(one, self.rules)  # also masks and patterns, which are not looked at
                    pdf_streams.count(one, unpacking)
        return found

    def _within(self, number: int, generation: int) -> Iterator[DictionaryObject]:
        """The dictionaries of one object, however deep; one that cannot be read is not read by anybody."""
        try:
            waiting: list[Any] = [self.reader.get_object(IndirectObject(number, generation, self.reader))]
        except (LimitReachedError, MemoryError, RecursionError):
            raise
        except Exception:
            return
        while waiting:
            one = waiting.pop()
            if isinstance(one, DictionaryObject):
                yield one
                waiting += one.values()
            elif isinstance(one, ArrayObject):
                waiting += one

    def problems_of(self, pages: list[PageObject]) -> Iterator[ScanProblem]:
        """What is wrong with the pages together: an empty one among others is the back of a sheet."""
        shown = [_Shown() for _ in pages]
        for page, on_it in zip(pages, shown, strict=True):
            self._look(page, on_it, depth=0)
            on_it.drawn = on_it.drawn or any(_dictionary(one).get("/AP") for one in _array(page.get("/Annots")))
        if not any(on_it.drawn or any(one.inked for one in on_it.pictures) for on_it in shown):
            yield ScanProblem.BLANK
        elif all(on_it.is_too_small(self.rules) for on_it in shown if on_it.drawn or on_it.pictures):
            yield ScanProblem.TOO_SMALL_PICTURE

    def _look(self, holder: DictionaryObject, shown: "_Shown", *, depth: int) -> None:
        """Look at what a page or a form on it draws."""
        contents = holder if isinstance(holder, StreamObject) else holder.get("/Contents")
        for one in _array(contents):
            shown.drawn |= bool(_DRAWS.search(_EMPTY_TEXT.sub(b"", self._unpacked(one))))
        resources = _dictionary(_inherited(holder, "/Resources"))
        for one in _dictionary(resources.get("/XObject")).values():
            reference = one.idnum if isinstance(one, IndirectObject) else None
            drawing = value(one)
            if not isinstance(drawing, StreamObject) or (reference is not None and reference in shown.seen):
                continue
            shown.seen.add(reference)
            if value(drawing.get("/Subtype")) == "/Image":
                shown.pictures.append(self._picture(drawing, reference))
            elif depth < _DEEPEST_FORM:
                self._look(drawing, shown, depth=depth + 1)
            else:
                raise BadScan(ScanProblem.TOO_COMPLEX)

    def _picture(self, drawing: StreamObject, number: int | None) -> PagePicture:
        """A picture, looked at once however many pages show it."""
        known = self.pictures.get(number) if number is not None else None
        if known is None:
            known = pdf_picture.looked_at(drawing, self.unpacking, self.rules)
            if number is not None:
                self.pictures[number] = known
        return known

    def _unpacked(self, one: Any) -> bytes:
        stream = value(one)
        if not isinstance(stream, StreamObject):
            return b""
        pdf_streams.refuse_nested(stream)
        data: bytes = stream.get_data()
        self.unpacking.take(len(data))
        return data


class _Shown:
    """What is on one page."""

    def __init__(self) -> None:
        self.drawn = False
        self.pictures: list[PagePicture] = []
        self.seen: set[int | None] = set()

    def is_too_small(self, rules: AttachmentRules) -> bool:
        """Whether the page is pictures alone, and all of them together too small to read; scanners send strips, too."""
        pixels = sum(one.pixels for one in self.pictures)
        return not self.drawn and pixels < rules.min_shorter_side**2


def _is_active(one: DictionaryObject) -> bool:
    if value(one.get("/S")) in _ACTS or any(name in one for name in _CARRIES):
        return True
    return value(one.get("/Type")) == "/EmbeddedFile" or (
        "/Rect" in one and value(one.get("/Subtype")) in _ACTIVE_KINDS
    )


def _dictionary(one: Any) -> DictionaryObject:
    found = value(one)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _array(one: Any) -> list[Any]:
    found = value(one)
    if found is None:
        return []
    return list(found) if isinstance(found, ArrayObject) else [found]


def _inherited(holder: DictionaryObject, name: str) -> Any:
    """A page's member, or that of the nearest node of the page tree above it."""
    node = holder
    for _ in range(100):
        if name in node or "/Parent" not in node:
            break
        node = _dictionary(node["/Parent"])
    return node.get(name)
