"""Papers of the registry as PDF: one A4 sheet in its frame, the characters it uses embedded (a subset of Noto Sans SC), and
the address and QR code by which anybody verifies it.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT = "NotoSansSC"
_LEFT, _RIGHT = 25.0, 185.0  # mm on a sheet of 210
_LABEL_WIDTH = 38.0
_LINE, _ROW = 12.0, 11.0  # mm from one fact, one row of a table, to the next
_QR_SIZE = 38.0
DARK, GREY, ACCENT = (33, 33, 33), (110, 110, 110), (160, 30, 35)


class PrintedPage:
    """One sheet with a title. Places are given in mm from its upper edge; a line too long for the sheet is set smaller."""

    def __init__(self, title: str) -> None:
        # late: fonts and drawing are a cost that only a new paper has to bear
        from fpdf import FPDF
        from pylopdf_fonts_zh_cn import sans_path

        logging.getLogger("fpdf").setLevel(logging.ERROR)  # its warnings name characters of people's names
        pdf = FPDF(format="A4")
        pdf.set_title(title)
        pdf.set_author("荆会")
        pdf.set_lang("zh-CN")
        pdf.set_auto_page_break(False)
        pdf.add_font(_FONT, fname=str(sans_path()))
        pdf.add_page()
        _frame(pdf)
        self._pdf = pdf
        self.write(34, title, 24, color=ACCENT, align="C")

    def write(
        self, y: float, text: str, size: float, *, color: Sequence[int] = DARK, align: str = "L", x: float = _LEFT
    ) -> None:
        """A line of text."""
        pdf = self._pdf
        pdf.set_font(_FONT, size=size)
        if (wide := pdf.get_string_width(text)) > _RIGHT - x:  # names have up to 50 characters
            pdf.set_font(_FONT, size=size * (_RIGHT - x) / wide * 0.98)
        pdf.set_text_color(*color)
        pdf.set_xy(x, y)
        pdf.cell(_RIGHT - x, size * 0.5, text, align=align)

    def number(self, y: float, number: str) -> None:
        """The paper's number, below its title."""
        self.write(y, f"证明编号：{number}", 11, color=GREY, align="C")

    def facts(self, y: float, facts: Sequence[tuple[str, str]]) -> None:
        """What the paper is about: labels and values, one below the other."""
        for place, (label, value) in enumerate(facts):
            self.write(y + place * _LINE, label, 12, color=GREY)
            self.write(y + place * _LINE, value, 14, x=_LEFT + _LABEL_WIDTH)

    def paragraph(self, y: float, text: str, size: float) -> None:
        """A text over as many lines as it takes."""
        pdf = self._pdf
        pdf.set_font(_FONT, size=size)
        pdf.set_text_color(*DARK)
        pdf.set_xy(_LEFT, y)
        pdf.multi_cell(_RIGHT - _LEFT, size * 0.65, text, align="L")

    def table(self, y: float, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows below a heading row."""
        pdf = self._pdf
        pdf.set_font(_FONT, size=12)
        pdf.set_text_color(*DARK)
        pdf.set_draw_color(*GREY)
        pdf.set_fill_color(246, 240, 238)
        for line, row in enumerate(rows):
            pdf.set_xy(_LEFT, y + line * _ROW)
            for text, width in zip(row, widths, strict=True):
                pdf.cell(width, _ROW, text, border=1, align="C", fill=line == 0)

    def verification(self, y: float, address: str, notes: Sequence[str], signature: bytes) -> None:
        """How anybody verifies the paper, by camera or by typing, what to know of it, and the registry's signature."""
        _qr(self._pdf, address, _LEFT, y)
        x = _LEFT + _QR_SIZE + 8
        self.write(y + 2, "扫描二维码，或打开以下网址，核验本证明是否有效：", 11, x=x)
        self._pdf.set_xy(x, y + 10)
        self._pdf.set_font(_FONT, size=9)
        self._pdf.multi_cell(_RIGHT - x, 5, address, align="L")
        for place, note in enumerate(notes):
            self.write(y + 24 + place * 6, note, 10, color=GREY, x=x)
        signed = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        self.write(262, f"数字签名（ES256）：{signed}", 7, color=GREY)

    def as_pdf(self) -> bytes:
        """The sheet as a file."""
        return bytes(self._pdf.output())


def _frame(pdf: FPDF) -> None:
    pdf.set_draw_color(*ACCENT)
    pdf.set_line_width(0.8)
    pdf.rect(12, 12, 186, 273)
    pdf.set_line_width(0.2)
    pdf.rect(14, 14, 182, 269)


def _qr(pdf: FPDF, text: str, x: float, y: float) -> None:
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(scale=1, border=2)]
    module = _QR_SIZE / len(rows)
    pdf.set_fill_color(0, 0, 0)
    for line, row in enumerate(rows):
        place = 0
        while place < len(row):
            run = 1
            if row[place]:
                while place + run < len(row) and row[place + run]:
                    run += 1
                pdf.rect(x + place * module, y + line * module, run * module, module, style="F")
            place += run
