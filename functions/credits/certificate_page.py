"""The page of a certificate (合格证明): one A4 sheet with everything a reader needs and the address that verifies it."""

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from jingkuai.domain.certificate import Certificate
from jingkuai.domain.credit_rules import YearCredits, as_number
from jingkuai.domain.regions import Level, hubei

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT = "NotoSansSC"
_LEFT, _RIGHT = 25.0, 185.0  # mm on a sheet of 210
_QR_SIZE = 38.0
_DARK, _GREY, _ACCENT = (33, 33, 33), (110, 110, 110), (160, 30, 35)


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What the page says. The ID number is masked here as well: the page is shown to others."""

    certificate: Certificate
    name: str
    id_masked: str
    region_code: str
    credits: YearCredits
    issued_on: date
    verify_url: str
    signature: bytes


def drawn(page: CertificatePage) -> bytes:
    """The page as a PDF, the characters it uses embedded (a subset of Noto Sans SC)."""
    pdf = _sheet()
    _title(pdf, page)
    _facts(pdf, page)
    _credits_table(pdf, page)
    _verification(pdf, page)
    return bytes(pdf.output())


def bureau_name(region_code: str) -> str:
    """The bureau (财政局) of a region by its full name, cities before their counties."""
    division = hubei().get(region_code)
    if division is None:
        return "湖北省财政厅"
    if division.level is Level.PROVINCE:
        return f"{division.name}财政厅"
    city = hubei().get(division.parent or "")
    above = city.name if city and city.level is Level.CITY else ""
    return f"{above}{division.name}财政局"


def _sheet() -> "FPDF":
    # late: fonts and drawing are a cost that only a new certificate has to bear
    from fpdf import FPDF
    from pylopdf_fonts_zh_cn import sans_path

    logging.getLogger("fpdf").setLevel(logging.ERROR)  # its warnings name characters of people's names
    pdf = FPDF(format="A4")
    pdf.set_title("湖北省会计人员继续教育合格证明")
    pdf.set_author("荆会")
    pdf.set_lang("zh-CN")
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, fname=str(sans_path()))
    pdf.add_page()
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(0.8)
    pdf.rect(12, 12, 186, 273)
    pdf.set_line_width(0.2)
    pdf.rect(14, 14, 182, 269)
    return pdf


def _write(
    pdf: "FPDF", y: float, text: str, size: float, *, color: Sequence[int] = _DARK, align: str = "L", x: float = _LEFT
) -> None:
    pdf.set_font(_FONT, size=size)
    if (wide := pdf.get_string_width(text)) > _RIGHT - x:  # names have up to 50 characters
        pdf.set_font(_FONT, size=size * (_RIGHT - x) / wide * 0.98)
    pdf.set_text_color(*color)
    pdf.set_xy(x, y)
    pdf.cell(_RIGHT - x, size * 0.5, text, align=align)


def _title(pdf: "FPDF", page: CertificatePage) -> None:
    _write(pdf, 34, "湖北省会计人员继续教育合格证明", 24, color=_ACCENT, align="C")
    _write(pdf, 50, f"（{page.credits.rules.year}年度）", 16, align="C")
    _write(pdf, 62, f"证明编号：{page.certificate.certificate_no}", 11, color=_GREY, align="C")


def _facts(pdf: "FPDF", page: CertificatePage) -> None:
    facts = (
        ("姓名", page.name),
        ("身份证件号码", page.id_masked),
        ("管理机构", bureau_name(page.region_code)),
        ("出具日期", f"{page.issued_on.year}年{page.issued_on.month}月{page.issued_on.day}日"),
    )
    for place, (label, value) in enumerate(facts):
        y = 82 + place * 12
        _write(pdf, y, label, 12, color=_GREY)
        _write(pdf, y, value, 14, x=_LEFT + 38)
    _write(pdf, 134, f"上述人员{page.credits.rules.year}年度继续教育学分已达到规定要求，特此证明。", 13)


def _credits_table(pdf: "FPDF", page: CertificatePage) -> None:
    rules, earned = page.credits.rules, page.credits.earned
    rows = (
        ("科目类别", "要求学分", "取得学分"),
        ("专业科目", _shown(rules.required_professional), _shown(earned.professional)),
        ("公需科目", "—", _shown(earned.public)),
        ("合计", _shown(rules.required_total), _shown(earned.total)),
    )
    pdf.set_font(_FONT, size=12)
    pdf.set_text_color(*_DARK)
    pdf.set_draw_color(*_GREY)
    pdf.set_fill_color(246, 240, 238)
    for line, row in enumerate(rows):
        pdf.set_xy(_LEFT, 150 + line * 11)
        for place, text in enumerate(row):
            width = (60.0, 50.0, 50.0)[place]
            pdf.cell(width, 11, text, border=1, align="C", fill=line == 0)


def _verification(pdf: "FPDF", page: CertificatePage) -> None:
    _qr(pdf, page.verify_url, _LEFT, 208)
    x = _LEFT + _QR_SIZE + 8
    _write(pdf, 210, "扫描二维码，或打开以下网址，核验本证明是否有效：", 11, x=x)
    pdf.set_xy(x, 218)
    pdf.set_font(_FONT, size=9)
    pdf.multi_cell(_RIGHT - x, 5, page.verify_url, align="L")
    _write(pdf, 232, "学分发生变化后本证明可能被替换或失效，请以核验结果为准。", 10, color=_GREY, x=x)
    _write(pdf, 238, "本证明反映本系统的记录，不作为从业许可。", 10, color=_GREY, x=x)
    signature = base64.urlsafe_b64encode(page.signature).decode().rstrip("=")
    _write(pdf, 262, f"数字签名（ES256）：{signature}", 7, color=_GREY)


def _qr(pdf: "FPDF", text: str, x: float, y: float) -> None:
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


def _shown(credits: Decimal) -> str:
    return str(as_number(credits))
