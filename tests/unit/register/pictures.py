"""Files as people send them, good and bad, made here: nothing of these is anybody's document."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from fpdf import FPDF
from PIL import Image, ImageChops, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
WRITTEN = "This is to certify that the person named works here"

# ------------------------------------------------------------------ pictures


def page(size: tuple[int, int] = (900, 640), *, lines: int = 6, ink: int = 40, paper: int = 245) -> Image.Image:
    """A page with some lines of print on it, grey."""
    image, height = Image.new("L", size, paper), max(12, min(size) // 40)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(height)
    for line in range(lines):
        draw.text((size[0] // 10, size[1] // 10 + 2 * line * height), WRITTEN, fill=ink, font=font)
    return image


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    """With the noise of a sensor."""
    return ImageChops.add(image.convert("L"), Image.effect_noise(image.size, sigma), 1, -128)


def saved(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    into = io.BytesIO()
    image.save(into, form, **options)
    return into.getvalue()


def picture(form: str = "JPEG", size: tuple[int, int] = (900, 640)) -> bytes:
    """A readable picture with something on it."""
    return saved(page(size).convert("RGB"), form)


def turned(orientation: int, form: str = "JPEG", size: tuple[int, int] = (900, 640)) -> bytes:
    """A page as a camera held like that saves it: turned, with a note how to show it, where it was taken and by what."""
    upright = page(size).convert("RGB")
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    as_taken = upright.transpose(back[orientation]) if orientation in back else upright
    notes = Image.Exif()
    notes[ORIENTATION], notes[MAKER] = orientation, "CameraMaker"
    notes.get_ifd(GPS).update({1: "N", 2: (30.0, 35.0, 12.0), 3: "E", 4: (114.0, 17.0, 3.0)})
    return saved(as_taken, form, exif=notes)


def huge_jpeg(size: tuple[int, int] = (8000, 6000), *, orientation: int | None = None, **options: Any) -> bytes:
    """A photograph of 48 million pixels in less than five megabytes."""
    image = page((size[0] // 8, size[1] // 8)).resize(size).convert("RGB")
    if orientation:
        notes = Image.Exif()
        notes[ORIENTATION] = orientation
        options["exif"] = notes
    return saved(image, quality=60, **options)


def phone_jpeg(previews: int = 2) -> bytes:
    """With further JPEGs behind the first, as phones append previews and gain maps (MPF), and some zeros between."""
    preview = picture(size=(320, 240))
    return saved(page((1600, 1200)).convert("RGB"), "MPO", save_all=True, append_images=[page((320, 240))]) + (
        bytes(64) + preview
    ) * (previews - 1)


def motion_photo() -> bytes:
    """With the video of a live photo behind it."""
    return picture() + b"\0\0\0\x18ftypmp42" + random.Random(1).randbytes(200_000)


def progressive_with_passes(passes: int) -> bytes:
    """A progressive JPEG whose last pass comes again and again: a small file, the whole picture gone over each time."""
    data = picture_progressive((4000, 3000))
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * passes + b"\xff\xd9"


def picture_progressive(size: tuple[int, int] = (900, 640)) -> bytes:
    return saved(page(size).convert("RGB"), progressive=True)


def apng() -> bytes:
    frames = [page(lines=count) for count in (3, 5)]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


def gif() -> bytes:
    return saved(page(), "GIF")


def archive() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as packed:
        packed.writestr("run.class", b"\xca\xfe\xba\xbe" + bytes(99))
    return into.getvalue()


def with_segment(body: bytes, marker: int = 0xFE) -> bytes:
    """A JPEG with something in a comment at its front."""
    data = picture()
    return data[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + data[2:]


def with_chunk(name: bytes, body: bytes) -> bytes:
    """A PNG with one more part behind its head."""
    data = picture("PNG")
    return data[:33] + chunk(name, body) + data[33:]


def png_bomb(side: int = 20_000) -> bytes:
    """A few kilobytes that claim to be a picture of `side` by `side` points."""
    return png(side, side, zlib.compress(bytes(side * 64)))


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def largest_png() -> bytes:
    """All the pixels the rules allow, in colour with transparency: four bytes each, once unpacked."""
    row, lines = bytearray(b"\0" + b"\xff" * 4 * 10_000), zlib.compressobj(6)
    dark = bytearray(row)
    for place in range(2_000, 8_000):
        if place // 40 % 2:
            dark[1 + 4 * place : 1 + 4 * place + 3] = b"\x20\x20\x20"
    packed = b"".join(lines.compress(bytes(dark if number // 60 % 3 == 1 else row)) for number in range(6_000))
    return png(10_000, 6_000, packed + lines.flush(), colour=6)


def png_with_a_wrong_checksum() -> bytes:
    """A picture of which one byte changed on the way."""
    data = bytearray(picture("PNG"))
    data[-5] ^= 1
    return bytes(data)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# ------------------------------------------------------------------ PDFs


def pdf(text: str = "proof of employment") -> bytes:
    """One page with a line of text."""
    document = FPDF()
    document.add_page()
    document.set_font("Helvetica")
    document.cell(text=text)
    return bytes(document.output())


def pdf_of(pages: int, *, written: int = 0) -> bytes:
    """A document of so many pages, none included; the first `written` of them have text, the others nothing."""
    writer = PdfWriter()
    for number in range(pages):
        if number < written:
            writer.append(io.BytesIO(pdf()))
        else:
            writer.add_blank_page(200, 300)
    return _written(writer)


def encrypted_pdf() -> bytes:
    """The same page behind a password."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    return _written(writer)


def scanned_pdf(image: Image.Image, pages: int = 1) -> bytes:
    """Pages that are one picture each, as scanners make them (DCT)."""
    return saved(image, "PDF", save_all=True, append_images=[image] * (pages - 1), resolution=200)


def changed_pdf(change: Callable[[PdfWriter], object]) -> bytes:
    """The page with text, and something done to it."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf())))
    change(writer)
    return _written(writer)


def with_action(**members: Any) -> bytes:
    """A document that does this when it is opened."""
    action = DictionaryObject({NameObject(f"/{name}"): value for name, value in members.items()})
    return changed_pdf(
        lambda writer: writer.root_object.update({NameObject("/OpenAction"): writer._add_object(action)})
    )


def named(name: str) -> NameObject:
    return NameObject(f"/{name}")


def text(words: str) -> TextStringObject:
    return TextStringObject(words)


def with_script() -> bytes:
    """A script among the document's names, which readers run when they open it."""
    action = DictionaryObject({named("S"): named("JavaScript"), named("JS"): text("app.alert(1)")})
    scripts = DictionaryObject({named("Names"): ArrayObject([text("a"), action])})
    names = DictionaryObject({named("JavaScript"): scripts})
    return changed_pdf(lambda writer: writer.root_object.update({named("Names"): names}))


def with_xfa() -> bytes:
    form = DictionaryObject({named("XFA"): text("<xdp/>")})
    return changed_pdf(lambda writer: writer.root_object.update({named("AcroForm"): form}))


def raw_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A document of these objects, numbered from 1; the first is the catalog."""
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % one for one in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    size = b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer)
    return data + head + table + size + b"startxref\n%d\n%%%%EOF\n" % len(data)


def stream(body: bytes, members: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(body), members, body)


CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def page_with(contents: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    """One page that draws the stream `contents`; further objects follow from number 5."""
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>>>" % resources
    return raw_pdf(CATALOG, PAGES, leaf, contents, *more)


def page_showing(image: bytes) -> bytes:
    """One page with this image object on it."""
    return page_with(stream(b"q 595 0 0 842 0 0 cm /I Do Q"), image, resources=b"/XObject<</I 5 0 R>>")


def image_object(body: bytes, width: int, height: int, more: bytes) -> bytes:
    return stream(body, b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (width, height, more))


def flate_image(image: Image.Image, *, predicted: bool = False) -> bytes:
    """A page that is one picture, packed without loss; `predicted` as PNG does it."""
    depth, space = (
        (1, b"/DeviceGray") if image.mode == "1" else (8, b"/DeviceGray" if image.mode == "L" else b"/DeviceRGB")
    )
    colours = 3 if image.mode == "RGB" else 1
    rows, row = image.tobytes(), (image.width * colours * depth + 7) // 8
    parameters = b""
    if predicted:
        rows = b"".join(b"\0" + rows[at : at + row] for at in range(0, len(rows), row))
        parameters = b"/DecodeParms<</Predictor 15/Colors %d/Columns %d/BitsPerComponent %d>>" % (
            colours,
            image.width,
            depth,
        )
    more = b"/ColorSpace%s/BitsPerComponent %d/Filter/FlateDecode%s" % (space, depth, parameters)
    return page_showing(image_object(zlib.compress(rows), *image.size, more))


def nested_pdf() -> bytes:
    """Nearly a megabyte that unfolds into one and a half thousand: run lengths, packed, and packed again."""
    runs = b"\x81A" * 12_000_000  # each of the two bytes stands for 128
    packed = zlib.compress(zlib.compress(runs, 9), 9)
    return page_with(stream(packed, b"/Filter[/FlateDecode/FlateDecode/RunLengthDecode]"))


def run_length_pdf() -> bytes:
    return page_with(stream(b"\x81 " * 1_500_000 + b"\x80", b"/Filter/RunLengthDecode"))


def flate_bomb_pdf() -> bytes:
    """One part of some hundred kilobytes that unfolds into 300 million bytes."""
    squeeze, piece = zlib.compressobj(1), b" " * (1 << 20)
    packed = b"".join(squeeze.compress(piece) for _ in range(300)) + squeeze.flush()
    return page_with(stream(packed, b"/Filter/FlateDecode"))


def many_small_bombs_pdf() -> bytes:
    """Each part within its limit, all together not."""
    packed = zlib.compress(b" " * (15 << 20), 9)
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[%s]>>" % b" ".join(
        b"%d 0 R" % number for number in range(4, 34)
    )
    return raw_pdf(CATALOG, PAGES, leaf, *[stream(packed, b"/Filter/FlateDecode")] * 30)


def object_stream_bomb_pdf() -> bytes:
    """Objects packed together, a part that unfolds into 400 million bytes."""
    squeeze, piece = zlib.compressobj(1), b" " * (1 << 20)
    packed = squeeze.compress(b"2 0 3 40 ") + b"".join(squeeze.compress(piece) for _ in range(400)) + squeeze.flush()
    data = b"%PDF-1.7\n1 0 obj\n" + CATALOG + b"\nendobj\n"
    at = len(data)
    data += b"4 0 obj\n" + stream(packed, b"/Type/ObjStm/N 2/First 9/Filter/FlateDecode") + b"\nendobj\n"
    start = len(data)
    entries = [(0, 0, 255), (1, 9, 0), (2, 4, 0), (2, 4, 1), (1, at, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIB", *one) for one in entries)
    data += b"5 0 obj\n" + stream(table, b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R") + b"\nendobj\n"
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def pdf_of_objects(count: int) -> bytes:
    return raw_pdf(CATALOG, PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", *[b"<<>>"] * count)


def looping_pdf(kind: str) -> bytes:
    """A document that leads back to itself: its page tree, its forms, or the table of an earlier state."""
    if kind == "pages":
        return raw_pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>")
    if kind == "forms":
        form = stream(b"/F Do", b"/Type/XObject/Subtype/Form/Resources<</XObject<</F 5 0 R>>>>")
        return page_with(stream(b"/F Do"), form, resources=b"/XObject<</F 5 0 R>>")
    return raw_pdf(CATALOG, b"<</Type/Pages/Kids[]/Count 0>>", trailer=b"/Prev 9")


def _written(writer: PdfWriter) -> bytes:
    into = io.BytesIO()
    writer.write(into)
    return into.getvalue()


def with_object_streams() -> bytes:
    """PDF 1.7 with its objects packed together and a table of references that is packed as well."""
    page_at = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    font = b"<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font%s>>>>" % font
    head = b"2 0 3 %d " % (len(page_at) + 1)
    packed = zlib.compress(head + page_at + b" " + leaf)
    data, offsets = b"%PDF-1.7\n", {}
    bodies = {
        1: CATALOG,
        4: stream(packed, b"/Type/ObjStm/N 2/First %d/Filter/FlateDecode" % len(head)),
        6: stream(zlib.compress(b"BT /F1 12 Tf 72 720 Td (proof of employment) Tj ET"), b"/Filter/FlateDecode"),
    }
    for number, body in bodies.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    entries = [
        (0, 0, 255),
        (1, offsets[1], 0),
        (2, 4, 0),
        (2, 4, 1),
        (1, offsets[4], 0),
        (1, start, 0),
        (1, offsets[6], 0),
    ]
    table = zlib.compress(b"".join(struct.pack(">BIB", *one) for one in entries))
    data += b"5 0 obj\n" + stream(table, b"/Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Filter/FlateDecode") + b"\nendobj\n"
    return data + b"startxref\n%d\n%%%%EOF\n" % start
