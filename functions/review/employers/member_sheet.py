"""A unit's members as a workbook (单位人员名单), to work on with a spreadsheet: the same facts as the list, all of them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

from jingkuai.domain.cell_text import guarded
from jingkuai.domain.regions import bureau_name
from review.employers.members import Member

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS: Final = ("序号", "姓名", "证件号码", "单位名称", "管理档案的财政局", "区划代码", "人员编号")
_WIDTHS: Final = (6, 14, 24, 40, 24, 10, 40)
_TITLE: Final = "单位人员名单"


def workbook(members: Iterable[Member], *, note: str | None = None) -> bytes:
    """The file. Every cell is text, so that no number loses a digit and nothing runs as a formula; `note` closes the list."""
    from openpyxl import Workbook  # late: who asks for a list pays nothing for it

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_TITLE)
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[place]].width = width
    sheet.append(list(HEADINGS))
    for number, member in enumerate(members, start=1):
        sheet.append([guarded(cell) for cell in _cells(number, member)])
    if note:
        sheet.append([guarded(note)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(number: int, member: Member) -> list[str]:
    return [
        str(number),
        member.name_masked,
        member.id_masked,
        member.employer_name,
        bureau_name(member.region_code),
        member.region_code,
        member.person_id,
    ]
