"""The corpus: files that have to be accepted, and files that have to be rejected with the codes named, each made when asked for."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from PIL import Image

from tests.cloud import ROOT
from tests.unit.register import pictures
from tests.unit.register.pictures import named, text

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"


class Case(NamedTuple):
    """A file; `codes` are the problems it has to be told, none where it is good."""

    name: str
    content_type: str
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


@cache
def data_of(case: Case) -> bytes:
    """The file, made once in a process."""
    return case.make()


def _good(name: str, content_type: str, make: Callable[[], bytes]) -> Case:
    return Case(name, content_type, make)


def _bad(name: str, content_type: str, codes: str, make: Callable[[], bytes]) -> Case:
    return Case(name, content_type, make, frozenset(codes.split()))


def _sample(name: str) -> Callable[[], bytes]:
    return lambda: (ROOT / "tests" / "samples" / f"{name}.jpg").read_bytes()


def _transparent() -> bytes:
    """Black print on nothing: black all over, but for its transparency."""
    ink = pictures.page().point(lambda value: 255 - value if value < 200 else 0)
    layer = Image.merge("RGBA", [Image.new("L", ink.size, 0)] * 3 + [ink])
    return pictures.saved(layer, "PNG")


def _sixteen_bits() -> bytes:
    return pictures.saved(pictures.page().convert("I").point(lambda value: value * 256).convert("I;16"), "PNG")


def _orientation(which: int) -> Callable[[], bytes]:
    return lambda: pictures.turned(which)


def _rgb(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


GOOD: tuple[Case, ...] = (
    *(_good(f"sample {name}", JPEG, _sample(name)) for name in ("id_front", "id_back", "education_certificate", "employment_proof")),
    *(_good(f"taken with the camera held as {which}", JPEG, _orientation(which)) for which in range(1, 9)),
    _good("progressive jpeg", JPEG, pictures.picture_progressive),
    _good("grey jpeg", JPEG, lambda: pictures.saved(pictures.page())),
    _good("cmyk jpeg", JPEG, lambda: pictures.saved(pictures.page().convert("CMYK"))),
    _good("jpeg of 48 million pixels", JPEG, pictures.huge_jpeg),
    _good("progressive jpeg of 48 million pixels", JPEG, lambda: pictures.huge_jpeg(progressive=True)),
    _good("the same held sideways", JPEG, lambda: pictures.huge_jpeg(progressive=True, orientation=6)),
    _good("phone jpeg with previews behind", JPEG, pictures.phone_jpeg),
    _good("jpeg with a note of the phone behind", JPEG, lambda: pictures.picture() + b"\0\0SEFH\x6b" + bytes(range(90)) + b"SEFT"),
    _good("long narrow jpeg", JPEG, lambda: pictures.picture(size=(600, 4000))),
    _good("pencil, faint", JPEG, lambda: pictures.saved(pictures.page((1240, 1754), lines=10, ink=205, paper=245))),
    _good("pencil, faint, in noise", JPEG, lambda: pictures.saved(pictures.noisy(pictures.page((1240, 1754), lines=12, ink=200), 6))),
    _good("one line on a page", PNG, lambda: pictures.saved(pictures.page((1240, 1754), lines=1, ink=60), "PNG")),
    _good("png", PNG, lambda: pictures.picture("PNG")),
    _good("png, sixteen bits", PNG, _sixteen_bits),
    _good("png with a palette", PNG, lambda: pictures.saved(_rgb(pictures.page()).quantize(16), "PNG")),
    _good("png in black and white", PNG, lambda: pictures.saved(pictures.page().convert("1"), "PNG")),
    _good("png, print on nothing", PNG, _transparent),
    _good("png of all the pixels allowed", PNG, pictures.largest_png),
    _good("png held sideways", PNG, lambda: pictures.turned(6, "PNG")),
    _good("pdf with text", PDF, pictures.pdf),
    _good("pdf with object streams", PDF, pictures.with_object_streams),
    _good("scanned pdf", PDF, lambda: pictures.scanned_pdf(_rgb(pictures.page((1654, 2339))), pages=3)),
    _good("scanned pdf, grey", PDF, lambda: pictures.scanned_pdf(pictures.page((1654, 2339)))),
    _good("scanned pdf in black and white", PDF, lambda: pictures.flate_image(pictures.page((1654, 2339)).convert("1"))),
    _good("scanned pdf without loss", PDF, lambda: pictures.flate_image(_rgb(pictures.page()))),
    _good("scanned pdf as png packs", PDF, lambda: pictures.flate_image(_rgb(pictures.page()), predicted=True)),
    _good("pdf with the back of a sheet", PDF, lambda: pictures.pdf_of(4, written=2)),
    _good("pdf that opens at a page", PDF, lambda: pictures.with_action(S=named("GoTo"), D=text("first"))),
)  # fmt: skip


def _jpeg_in_pdf(data: bytes, width: int = 900, height: int = 640) -> bytes:
    return pictures.page_showing(
        pictures.image_object(data, width, height, b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode")
    )


def _wide_pdf() -> bytes:
    more = b"/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
    return pictures.page_showing(pictures.image_object(zlib.compress(bytes(9_000)), 60_000, 60_000, more))


def _wide_unused() -> bytes:
    picture = pictures.image_object(b"", 60_000, 60_000, b"/Filter/JPXDecode")
    return pictures.page_with(pictures.stream(b"BT (a) Tj ET"), picture)


def _wide_jpeg() -> bytes:
    data = bytearray(pictures.picture())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = b"\xff\xdc\xff\xdc"
    return bytes(data)


def _rubbish(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _unfolding() -> bytes:
    return zlib.compress(bytes(90 << 20), 9)


def _huge_translation() -> bytes:
    return pictures.with_chunk(b"iTXt", b"Comment\0\1\0\0\0" + _unfolding())


def _with_archive(make: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: make() + pictures.archive()


def _shadow() -> bytes:
    return pictures.saved(pictures.noisy(Image.linear_gradient("L").resize((1600, 1200)), 4))


def _script() -> bytes:
    return pictures.with_action(S=named("JavaScript"), JS=text("app.alert(1)"))


def _attachment() -> bytes:
    return pictures.changed_pdf(lambda writer: writer.add_attachment("a.exe", b"MZ"))


WHITE = Image.new("L", (1240, 1754), 250)

BAD: tuple[Case, ...] = (
    _bad("nothing", JPEG, "not_the_claimed_type", bytes),
    _bad("program", JPEG, "not_the_claimed_type", lambda: b"MZ\x90\x00" + bytes(60_000)),
    _bad("html", JPEG, "not_the_claimed_type", lambda: b"<html><script>alert(1)</script></html>" * 300),
    _bad("gif", PNG, "not_the_claimed_type", pictures.gif),
    _bad("png called jpeg", JPEG, "not_the_claimed_type", lambda: pictures.picture("PNG")),
    _bad("jpeg behind a blank", JPEG, "not_the_claimed_type", lambda: b" " + pictures.picture()),
    _bad("pdf behind html", PDF, "not_the_claimed_type", lambda: b"<html></html>\n" + pictures.pdf()),
    _bad("cut jpeg", JPEG, "unreadable", lambda: pictures.picture()[:9000]),
    _bad("cut jpeg with an end all the same", JPEG, "unreadable", lambda: pictures.picture()[:9000] + b"\xff\xd9"),
    _bad("cut progressive jpeg", JPEG, "unreadable", lambda: pictures.picture_progressive((1600, 1200))[:20_000]),
    _bad("cut jpeg of 48 million pixels", JPEG, "unreadable", lambda: pictures.huge_jpeg()[:-40_000]),
    _bad("rubbish behind a header", JPEG, "unreadable", lambda: pictures.picture()[:200] + _rubbish(50_000)),
    _bad("header alone", JPEG, "unreadable", lambda: pictures.picture()[:3]),
    _bad("cut png", PNG, "unreadable", lambda: pictures.picture("PNG")[:-300]),
    _bad("changed png", PNG, "unreadable", pictures.png_with_a_wrong_checksum),
    _bad("cut pdf", PDF, "unreadable", lambda: pictures.pdf()[:-80]),
    _bad("no pdf", PDF, "unreadable", lambda: b"%PDF-1.7 and nothing else"),
    _bad("pdf without pages", PDF, "unreadable", lambda: pictures.pdf_of(pages=0)),
    _bad("pdf with a cut picture", PDF, "unreadable", lambda: _jpeg_in_pdf(pictures.picture()[:9000])),
    _bad("pdf whose pages are themselves", PDF, "unreadable", lambda: pictures.looping_pdf("pages")),
    _bad("pdf whose past is itself", PDF, "unreadable", lambda: pictures.looping_pdf("table")),
    _bad("pdf behind a password", PDF, "encrypted", pictures.encrypted_pdf),
    _bad("small jpeg", JPEG, "too_small_picture", lambda: pictures.picture(size=(599, 2000))),
    _bad("small png", PNG, "too_small_picture", lambda: pictures.picture("PNG", size=(2000, 599))),
    _bad("pdf with a thumbnail", PDF, "too_small_picture", lambda: pictures.scanned_pdf(_rgb(pictures.page((400, 300))))),
    _bad("white jpeg", JPEG, "blank", lambda: pictures.saved(WHITE)),
    _bad("black png", PNG, "blank", lambda: pictures.saved(Image.new("RGB", (900, 640)), "PNG")),
    _bad("white with the noise of a camera", JPEG, "blank", lambda: pictures.saved(pictures.noisy(WHITE, 12))),
    _bad("wholly transparent png", PNG, "blank", lambda: pictures.saved(Image.new("RGBA", (900, 640), (0, 0, 0, 0)), "PNG")),
    _bad("shadow on an empty table", JPEG, "blank", _shadow),
    _bad("small and blank", JPEG, "too_small_picture blank", lambda: pictures.saved(WHITE.resize((300, 300)))),
    _bad("pdf of empty pages", PDF, "blank", lambda: pictures.pdf_of(pages=3)),
    _bad("pdf of white scans", PDF, "blank", lambda: pictures.scanned_pdf(_rgb(pictures.noisy(WHITE, 6)), pages=2)),
    _bad("pdf of white without loss", PDF, "blank", lambda: pictures.flate_image(WHITE, predicted=True)),
    _bad("pdf of a white page in black and white", PDF, "blank", lambda: pictures.flate_image(WHITE.convert("1"))),
    _bad("pdf with empty text", PDF, "blank", lambda: pictures.page_with(pictures.stream(b"BT /F1 12 Tf ( ) Tj ET"))),
    _bad("animated png", PNG, "animated", pictures.apng),
    _bad("animated png with an archive behind", PNG, "animated foreign_content trailing_data", _with_archive(pictures.apng)),
    _bad("live photo", JPEG, "trailing_data", pictures.motion_photo),
    _bad("jpeg with much behind", JPEG, "trailing_data", lambda: pictures.picture() + _rubbish(100_000)),
    _bad("jpeg with a program behind", JPEG, "trailing_data", lambda: pictures.picture() + b"MZ" + bytes(500)),
    _bad("jpeg with an archive behind (GIFAR)", JPEG, "foreign_content trailing_data", _with_archive(pictures.picture)),
    _bad("jpeg with an archive behind a preview", JPEG, "foreign_content trailing_data", _with_archive(pictures.phone_jpeg)),
    _bad("jpeg with a script behind", JPEG, "foreign_content trailing_data", lambda: pictures.picture() + b"\n<script>alert(1)</script>"),
    _bad("jpeg with a pdf behind", JPEG, "trailing_data", lambda: pictures.picture() + pictures.pdf()),
    _bad("jpeg with a pdf in its comment", JPEG, "foreign_content", lambda: pictures.with_segment(pictures.pdf())),
    _bad("jpeg with a script in its comment", JPEG, "foreign_content", lambda: pictures.with_segment(b"<?php system($_GET['c']); ?>")),
    _bad("jpeg that ends as an archive", JPEG, "foreign_content", lambda: pictures.with_segment(pictures.archive())),
    _bad("png with an archive behind", PNG, "foreign_content trailing_data", lambda: pictures.picture("PNG") + pictures.archive()),
    _bad("png with html in a note", PNG, "foreign_content", lambda: pictures.with_chunk(b"tEXt", b"Comment\0<html><body>")),
    _bad("pdf with an archive behind", PDF, "foreign_content trailing_data", _with_archive(pictures.pdf)),
    _bad("pdf with html behind", PDF, "foreign_content trailing_data", lambda: pictures.pdf() + b"<html></html>" * 9),
    _bad("pdf with a script for opening", PDF, "active_content", _script),
    _bad("pdf that starts a program", PDF, "active_content", lambda: pictures.with_action(S=named("Launch"), F=text("cmd.exe"))),
    _bad("pdf that opens a page of the web", PDF, "active_content", lambda: pictures.with_action(S=named("URI"), URI=text("https://registry.example"))),
    _bad("pdf with a script", PDF, "active_content", pictures.with_script),
    _bad("pdf with a file in it", PDF, "active_content", _attachment),
    _bad("pdf with a form program", PDF, "active_content", pictures.with_xfa),
    _bad("empty pdf with a script", PDF, "active_content blank", lambda: pictures.raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(1)>>>>", pictures.PAGES, b"<</Type/Page/Parent 2 0 R>>")),
    _bad("pdf of too many pages", PDF, "too_many_pages", lambda: pictures.pdf_of(51, written=1)),
    _bad("pdf packed three times over", PDF, "too_complex", pictures.nested_pdf),
    _bad("pdf of run lengths", PDF, "too_complex", pictures.run_length_pdf),
    _bad("pdf that unfolds far", PDF, "too_complex", pictures.flate_bomb_pdf),
    _bad("pdf of many that unfold", PDF, "too_complex", pictures.many_small_bombs_pdf),
    _bad("pdf whose objects unfold far", PDF, "too_complex", pictures.object_stream_bomb_pdf),
    _bad("pdf of very many objects", PDF, "too_complex", lambda: pictures.pdf_of_objects(30_000)),
    _bad("pdf whose forms are themselves", PDF, "blank", lambda: pictures.looping_pdf("forms")),
    _bad("pdf with an enormous picture", PDF, "too_many_pixels", _wide_pdf),
    _bad("pdf with an enormous picture that no page shows", PDF, "too_many_pixels", _wide_unused),
    _bad("pdf with an enormous jpeg", PDF, "too_many_pixels", lambda: _jpeg_in_pdf(_wide_jpeg())),
    _bad("png of 8,000 by 8,000", PNG, "too_many_pixels", lambda: pictures.png_bomb(8_000)),
    _bad("png of 60,000 by 60,000", PNG, "too_many_pixels", lambda: pictures.png_bomb(60_000)),
    _bad("jpeg of 65,500 by 65,500", JPEG, "too_many_pixels", _wide_jpeg),
    _bad("progressive jpeg held whole", JPEG, "too_many_pixels", lambda: pictures.huge_jpeg(progressive=True, subsampling=0)),
    _bad("progressive jpeg of very many passes", JPEG, "too_complex", lambda: pictures.progressive_with_passes(100)),
    _bad("png with a huge note", PNG, "too_complex", lambda: pictures.with_chunk(b"zTXt", b"Comment\0\0" + _unfolding())),
    _bad("png with a huge note in other letters", PNG, "too_complex", _huge_translation),
    _bad("png with a huge profile", PNG, "too_complex", lambda: pictures.with_chunk(b"iCCP", b"icc\0\0" + _unfolding())),
)  # fmt: skip
