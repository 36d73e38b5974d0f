"""The sheet that papers are printed on: what a camera reads from it, and what fits on it."""

import io
import re
from itertools import pairwise

import segno
from pypdf import PdfReader

from jingkuai.aws.printed_page import PrintedPage

ADDRESS = "https://registry.example/v1/verify/DZ2026ABCDEFGH23"
MODULE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (-[\d.]+) re f\b")


def read(page: PrintedPage) -> PdfReader:
    return PdfReader(io.BytesIO(page.as_pdf()))


def text(page: PrintedPage) -> str:
    return "".join(read(page).pages[0].extract_text().replace("\0", "").split())


def black_modules(page: PrintedPage) -> set[tuple[int, int]]:
    """The dark modules of the printed code by line and place, from the first dark one on."""
    contents = read(page).pages[0].get_contents()
    assert contents is not None
    drawn = [tuple(map(float, one)) for one in MODULE.findall(contents.get_data())]
    side = -drawn[0][3]
    left, upper = min(one[0] for one in drawn), max(one[1] for one in drawn)
    return {
        (round((upper - y) / side), round((x - left) / side) + more)
        for x, y, width, _ in drawn
        for more in range(round(width / side))
    }


def test_a_camera_reads_the_address_from_the_printed_code() -> None:
    page = PrintedPage("试页")
    page.verification(208, ADDRESS, ["说明"], b"\1" * 64)
    code = segno.make(ADDRESS, error="m", micro=False).matrix
    assert black_modules(page) == {
        (line, place) for line, row in enumerate(code) for place, dark in enumerate(row) if dark
    }
    assert ADDRESS in text(page), "for whoever types it"


def test_a_line_that_is_too_long_is_set_smaller_and_stays_whole() -> None:
    page = PrintedPage("试页")
    name = "㛃𬭎" * 25
    page.facts(80, [("姓名", name)])
    assert name in text(page)


def test_a_paragraph_goes_over_several_lines_within_the_frame() -> None:
    page = PrintedPage("试页")
    words = "凭本证明核验" * 20
    page.paragraph(144, words, 13)
    heights: list[float] = []

    def note(piece: str, _: object, place: list[float], *__: object) -> None:
        if piece.strip():
            heights.append(round(place[5]))

    read(page).pages[0].extract_text(visitor_text=note)
    lines = sorted(set(heights), reverse=True)
    assert words in text(page)
    assert len(lines) > 3 and all(above > below for above, below in pairwise(lines))
