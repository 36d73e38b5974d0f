"""The pictures on a PDF's pages: unpacked within a budget, looked at as any other picture where their form is a usual one."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image
from pypdf.generic import ArrayObject, NumberObject, StreamObject

from jingkuai.domain.attachment import AttachmentRules, ScanProblem
from register import ink, picture_parts, scan_picture
from register.bad_scan import BadScan
from register.pdf_streams import FLATE, Unpacking, count, filters_of, inflated, refuse_nested, value

_DCT: Final = frozenset(("/DCTDecode", "/DCT"))
_LOOKED_AT: Final = 20_000_000  # pixels of a picture that is unpacked whole: a page of A4 at 450 dpi
_LARGEST_WRAPPED: Final = 20 * 2**20  # bytes of a JPEG that is packed once more
_SLACK: Final = 65_536
_AS_IN_PNG: Final = 10  # a predictor from here on: each row says how it was predicted
_CHANNELS: Final = {"/DeviceGray": 1, "/DeviceRGB": 3}
_USUAL: Final = ((1, 1), (8, 1), (8, 3))  # bits a value, values a point
_CALIBRATED: Final = {"/CalGray": 1, "/CalRGB": 3}


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture on a page: its size, and whether it shows anything; one of a rare form is taken to."""

    pixels: int
    inked: bool


def looked_at(stream: StreamObject, unpacking: Unpacking, rules: AttachmentRules) -> PagePicture:
    """Look at one picture. Raises BadScan where it cannot be opened safely, and what decoders raise at broken bytes."""
    refuse_enormous(stream, rules)
    refuse_nested(stream)
    width, height = _size(stream)
    names = filters_of(stream)
    if FLATE.issuperset(names):
        return _of_rows(stream, packed=bool(names), size=(width, height), unpacking=unpacking, rules=rules)
    if names[-1] in _DCT:
        return _of_jpeg(stream, names[:-1], unpacking, rules)
    return PagePicture(width * height, inked=True)


def refuse_enormous(stream: StreamObject, rules: AttachmentRules) -> None:
    """Refuse a part that says it is a picture of more pixels than the rules allow."""
    width, height = _size(stream)
    if width * height > rules.max_pixels:
        raise BadScan(ScanProblem.TOO_MANY_PIXELS)


def _size(stream: StreamObject) -> tuple[int, int]:
    return _number(stream, "/Width"), _number(stream, "/Height")


def _of_jpeg(stream: StreamObject, wrapped_in: list[str], unpacking: Unpacking, rules: AttachmentRules) -> PagePicture:
    data = bytes(stream._data)
    for name in wrapped_in:
        if name not in FLATE:  # hexadecimal or so: seldom, and never larger than it was
            return PagePicture(rules.min_shorter_side**2, inked=True)
        data = inflated(data, _LARGEST_WRAPPED, unpacking)
    seen = scan_picture.decoded(data, "JPEG", picture_parts.of_jpeg(data), rules)
    return PagePicture(seen.pixels, inked=not ink.is_blank(seen.grey, rules))


def _of_rows(
    stream: StreamObject, *, packed: bool, size: tuple[int, int], unpacking: Unpacking, rules: AttachmentRules
) -> PagePicture:
    width, height = size
    depth = 1 if stream.get("/ImageMask") else _number(stream, "/BitsPerComponent")
    channels = 1 if stream.get("/ImageMask") else _channels(stream.get("/ColorSpace"))
    if channels is None or (depth, channels) not in _USUAL or width * height > _LOOKED_AT or "/SMask" in stream:
        count(stream, unpacking)
        return PagePicture(width * height, inked=True)
    row = (width * channels * depth + 7) // 8
    data = bytes(stream._data)
    if packed and _predictor(stream) >= _AS_IN_PNG:
        unpacking.take((row + 1) * height)
        picture = _png_of(data, size, depth, channels)
    else:
        rows = inflated(data, row * height + _SLACK, unpacking) if packed else data
        picture = Image.frombytes("1" if depth == 1 else "L" if channels == 1 else "RGB", size, rows[: row * height])
    picture.load()
    return PagePicture(width * height, inked=not ink.is_blank(ink.small_grey(picture), rules))


def _png_of(packed: bytes, size: tuple[int, int], depth: int, channels: int) -> Image.Image:
    """A picture whose rows were packed as those of a PNG are: put into one, its decoder undoes the prediction."""
    head = struct.pack(">IIBBBBB", *size, depth, 2 if channels == 3 else 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    return Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunks), formats=("PNG",))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _predictor(stream: StreamObject) -> int:
    found = value(stream.get("/DecodeParms"))
    if isinstance(found, ArrayObject):
        found = value(found[0]) if found else None
    return int(value(found.get("/Predictor", 1))) if isinstance(found, dict) else 1


def _channels(space: Any) -> int | None:
    """How many values a point has, in the colours that scanners write: grey and RGB."""
    space = value(space)
    if not isinstance(space, ArrayObject) or not space:
        return _CHANNELS.get(str(space))
    if value(space[0]) == "/ICCBased":
        return {1: 1, 3: 3}.get(int(value(space[1]).get("/N", 0)))
    return _CALIBRATED.get(str(value(space[0])))


def _number(stream: StreamObject, name: str) -> int:
    found = value(stream.get(name))
    return int(found) if isinstance(found, NumberObject) and found >= 0 else 0
