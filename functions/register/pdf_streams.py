"""The packed parts of a PDF: what they are packed with, and unpacking them within a budget."""

import zlib
from dataclasses import dataclass
from typing import Any, Final

from pypdf.generic import ArrayObject, IndirectObject, StreamObject

from jingkuai.domain.attachment import ScanProblem
from register.bad_scan import BadScan

MOST_FILTERS: Final = 3
FLATE: Final = frozenset(("/FlateDecode", "/Fl"))
_UNFOLDING: Final = FLATE | {"/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}
_PIECE: Final = 1 << 20


@dataclass(slots=True)
class Unpacking:
    """How many bytes the parts of one document may still unfold into, all together."""

    left: int

    def take(self, size: int) -> None:
        """Raises BadScan where that is more than is left."""
        self.left -= size
        if self.left < 0:
            raise BadScan(ScanProblem.TOO_COMPLEX)


def value(one: Any) -> Any:
    """What a reference stands for; anything else as it is."""
    return one.get_object() if isinstance(one, IndirectObject) else one


def filters_of(stream: StreamObject) -> list[str]:
    """The names of a stream's filters, first to last."""
    found = value(stream.get("/Filter"))
    if found is None:
        return []
    return [str(value(one)) for one in found] if isinstance(found, ArrayObject) else [str(found)]


def refuse_nested(stream: StreamObject) -> None:
    """Refuse a part that is packed in what is packed: no scanner writes it, and a few bytes become thousands of millions."""
    names = filters_of(stream)
    if len(names) > MOST_FILTERS or sum(one in _UNFOLDING for one in names) > 1:
        raise BadScan(ScanProblem.TOO_COMPLEX)


def count(stream: StreamObject, unpacking: Unpacking) -> None:
    """Take what a part unfolds into from the budget, and keep nothing of it."""
    names = filters_of(stream)
    if not _UNFOLDING.intersection(names):
        return
    if not FLATE.issuperset(names):
        unpacking.take(len(stream.get_data()))  # other forms are rare, and pypdf holds them to a limit
        return
    unpacked, waiting = zlib.decompressobj(), bytes(stream._data)
    while waiting and not unpacked.eof:
        try:
            unpacking.take(len(unpacked.decompress(waiting, _PIECE)))
        except zlib.error:
            return  # whoever needs it will say that it is broken
        waiting = unpacked.unconsumed_tail


def inflated(packed: bytes, most: int, unpacking: Unpacking) -> bytes:
    """What bytes unfold into. Raises BadScan where it is more than `most`, zlib.error at broken ones."""
    data = zlib.decompressobj().decompress(packed, most + 1)
    unpacking.take(len(data))
    if len(data) > most:
        raise BadScan(ScanProblem.TOO_COMPLEX)
    return data
