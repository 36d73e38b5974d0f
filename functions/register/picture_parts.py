"""The parts of a JPEG or PNG by their own lengths, before any decoder sees them: where the picture ends, and what it costs.

Facts and limits only; whether the parts hold a picture is the decoder's to say.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final

_END_OF_IMAGE, _START_OF_SCAN, _STANDALONE = 0xD9, 0xDA, frozenset((0x01, *range(0xD0, 0xD9)))
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_MARKER_IN_SCAN: Final = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_PACKED_TEXT: Final = (b"zTXt", b"iTXt", b"iCCP")
_MOST_PREVIEWS: Final = 8
_LARGEST_NOTE: Final = 1 << 20  # unpacked: Pillow refuses larger ones as well, but as a file that is broken


@dataclass(frozen=True, slots=True)
class Parts:
    """Where a picture ends (the length of the file where it does not), and what opening it takes besides its pixels."""

    end: int
    passes: int = 1
    kept_between_passes: int = 0
    frames: int = 1
    huge_notes: bool = False


def of_jpeg(data: bytes, start: int = 0) -> Parts:
    """The parts of the JPEG that starts here. A picture of several passes is held as coefficients until the last."""
    at, passes, coefficients, progressive = start + 2, 0, 0, False
    while found := _MARKER.match(data, at):
        marker, at = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            return Parts(at, max(passes, 1), coefficients if passes > 1 or progressive else 0)
        if marker in _STANDALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if marker in _FRAMES:
            progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
            coefficients = max(coefficients, _coefficients(data[at + 2 : at + length]))
        at += max(length, 2)
        if marker == _START_OF_SCAN:
            passes += 1
            following = _MARKER_IN_SCAN.search(data, at)
            if following is None:
                break
            at = following.start()
    return Parts(len(data), max(passes, 1), coefficients if passes > 1 or progressive else 0)


def _coefficients(frame: bytes) -> int:
    """Bytes of a frame's coefficients: two for each point of each component, as far as it is not sampled down."""
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    samplings = [((one >> 4) or 1, (one & 15) or 1) for one in frame[7::3]]
    if not samplings:
        return 0
    widest, tallest = max(h for h, _ in samplings), max(v for _, v in samplings)
    return sum(2 * width * height * h * v // (widest * tallest) for h, v in samplings)


def behind_jpegs(data: bytes, end: int) -> bytes:
    """What follows a JPEG, but for some whole JPEGs: phones put a preview or the gain map of an HDR picture there (MPF)."""
    for _ in range(_MOST_PREVIEWS):
        rest = data[end:].lstrip(b"\0")
        if not rest.startswith(b"\xff\xd8\xff"):
            break
        end = of_jpeg(data, len(data) - len(rest)).end
    return data[end:]


def of_png(data: bytes) -> Parts:
    """The parts of a PNG. Notes (text, colour profile) are packed as pictures are, and unpacked here no further than needed."""
    at, frames, huge = 8, 1, False
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, at = data[at + 8 : at + 8 + length], at + 12 + length
        if name == b"acTL":
            frames = max(frames, int.from_bytes(body[:4], "big"))
        elif name in _PACKED_TEXT:
            huge = huge or _unfolds_far(name, body)
        elif name == b"IEND":
            break
    return Parts(min(at, len(data)), frames=frames, huge_notes=huge)


def _unfolds_far(name: bytes, note: bytes) -> bool:
    text = note.partition(b"\0")[2]  # behind the keyword
    if name == b"iTXt":
        is_packed, text = text[:1] == b"\1", text[2:].partition(b"\0")[2].partition(b"\0")[2]
        if not is_packed:
            return len(text) > _LARGEST_NOTE
    else:
        text = text[1:]
    try:
        return len(zlib.decompressobj().decompress(text, _LARGEST_NOTE + 1)) > _LARGEST_NOTE
    except zlib.error:
        return False  # the decoder will say so
