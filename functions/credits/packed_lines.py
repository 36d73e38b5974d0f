"""Many small JSON values as one compressed object: written while they come, read while they are used (JSON lines, gzip)."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

_GZIP = 16 + zlib.MAX_WBITS
_BLOCK = 1 << 14


class Packed:
    """An object in the making; it takes about a tenth of the memory its lines would."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(level=3, wbits=_GZIP)
        self._blocks: list[bytes] = []

    def add(self, value: Any) -> None:
        """Append one value."""
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        if block := self._compressor.compress(line.encode()):
            self._blocks.append(block)

    def body(self) -> bytes:
        """The finished object; nothing can be added afterwards."""
        return b"".join((*self._blocks, self._compressor.flush()))


def unpacked(body: bytes) -> Iterator[Any]:
    """The values of a packed object, in blocks of bounded size however well it was compressed."""
    decompressor = zlib.decompressobj(wbits=_GZIP)
    rest = b""
    for first in range(0, len(body), _BLOCK):
        *lines, rest = (rest + decompressor.decompress(body[first : first + _BLOCK])).split(b"\n")
        yield from map(json.loads, lines)
