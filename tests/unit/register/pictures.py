"""Files as people send them, good and bad, made here: nothing of these is anybody's document."""

import io
import struct
import zlib

from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter


def picture(form: str = "JPEG", size: tuple[int, int] = (900, 640)) -> bytes:
    """A readable picture with something on it."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    into = io.BytesIO()
    image.save(into, form)
    return into.getvalue()


def pdf(text: str = "proof of employment") -> bytes:
    """One page with a line of text."""
    document = FPDF()
    document.add_page()
    document.set_font("Helvetica")
    document.cell(text=text)
    return bytes(document.output())


def encrypted_pdf() -> bytes:
    """The same page behind a password."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    return _written(writer)


def pdf_of(pages: int) -> bytes:
    """A document of so many empty pages, none included."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    into = io.BytesIO()
    writer.write(into)
    return into.getvalue()


def png_bomb(side: int = 20_000) -> bytes:
    """A few kilobytes that claim to be a picture of `side` by `side` points."""
    rows = zlib.compress(bytes(side * 64))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def png_with_a_wrong_checksum() -> bytes:
    """A picture of which one byte changed on the way."""
    data = bytearray(picture("PNG"))
    data[-5] ^= 1
    return bytes(data)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
