"""The forms in which good files come: encodings, separators, title rows, synonyms, workbooks of every maker."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from credits.batches import ImportBatch, ImportStatus
from tests.unit.credits.desk import HEADINGS, CreditsDesk, Somebody, table

TITLE: tuple[list[str], ...] = (
    ["湖北示例会计培训中心2026年度继续教育学分上报表"],
    ["填报单位：", "湖北示例会计培训中心", "填报日期：", "2026-06-01"],
    [],
)


@pytest.fixture
def three(desk: CreditsDesk) -> list[Somebody]:
    return [desk.somebody(name=name) for name in ("阿依古丽·买买提", "林㛃𬭎", "王小明")]


def all_taken(desk: CreditsDesk, batch: ImportBatch, three: Sequence[Somebody]) -> None:
    assert batch.status is ImportStatus.SUCCEEDED and batch.problem is None
    assert (batch.total, batch.counts.accepted) == (3, 3)
    for one in three:
        ((entry),) = [counted.entry for counted in desk.year(one).entries]
        assert (float(entry.credits), str(entry.completed_on), entry.category.value) == (
            5,
            "2026-05-01",
            "professional",
        )


ENCODINGS = [
    ("utf-8", ","),
    ("utf-8-sig", ","),
    ("gb18030", ","),
    ("gb18030", "\t"),
    ("utf-16", "\t"),
    ("utf-8-sig", ";"),
    ("utf-16", ","),
]


@pytest.mark.parametrize(("encoding", "separator"), ENCODINGS)
def test_encodings_and_separators(desk: CreditsDesk, three: list[Somebody], encoding: str, separator: str) -> None:
    rows = [one.row("收入,费用;利润\t结转") for one in three]
    batch = desk.imported(table(rows, separator=separator).encode(encoding), "学分 (1) 副本.csv")
    all_taken(desk, batch, three)
    report = desk.report_bytes(batch)
    mark = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}.get(encoding, b"")
    assert report.startswith(mark)
    told = desk.report_rows(batch, encoding, separator)
    assert [row["课程名称"] for row in told.values()] == ["收入,费用;利润\t结转"] * 3


def test_big_endian_utf16_comes_back_as_such(desk: CreditsDesk, three: list[Somebody]) -> None:
    batch = desk.imported(b"\xfe\xff" + table([one.row("准则") for one in three]).encode("utf-16-be"))
    all_taken(desk, batch, three)
    assert desk.report_bytes(batch).startswith(b"\xfe\xff")


def test_unix_line_ends_stay_unix_line_ends(desk: CreditsDesk, three: list[Somebody]) -> None:
    data = table([one.row("准则") for one in three]).replace("\r\n", "\n").rstrip("\n")
    batch = desk.imported(data.encode())
    all_taken(desk, batch, three)
    assert "\r" not in desk.report_text(batch, "utf-8")


def test_title_rows_blank_rows_and_line_breaks_in_cells_are_numbered_as_a_spreadsheet_does(
    desk: CreditsDesk, three: list[Somebody]
) -> None:
    note = '第一行\n第二行，"引号"'
    blank = [""] * 9
    batch = desk.imported(
        table([blank, [], *(one.row("准则", note=note) for one in three), blank, []], above=TITLE).encode("gb18030")
    )
    all_taken(desk, batch, three)
    told = desk.report_rows(batch, "gb18030")
    assert list(told) == [7, 8, 9]
    assert {row["备注"] for row in told.values()} == {note}


def test_other_names_and_another_order_of_columns_with_unknown_ones_kept(
    desk: CreditsDesk, three: list[Somebody]
) -> None:
    headings = (
        "说明",
        "单位名称",
        "课程代码",
        "完成时间",
        "所获学分",
        "培训内容",
        "课程类别",
        "所属年度",
        "人员姓名",
        "证件号",
    )
    days, kinds = ("2026.5.1", "2026年5月1日", "2026/05/01"), ("专业课", "专业", "专业科目")
    rows = [
        ["无", "湖北示例单位", "C1", day, "5", "次序", kind, "2026", one.name, one.id_number]
        for one, day, kind in zip(three, days, kinds, strict=True)
    ]
    batch = desk.imported(table(rows, headings=headings).encode())
    all_taken(desk, batch, three)
    assert {row["单位名称"] for row in desk.report_rows(batch).values()} == {"湖北示例单位"}


@pytest.mark.parametrize("mark", ["*", "（必填）", "(可空)", " "])
def test_headings_may_carry_a_remark(desk: CreditsDesk, three: list[Somebody], mark: str) -> None:
    headings = [heading + mark for heading in HEADINGS]
    all_taken(desk, desk.imported(table([one.row("准则") for one in three], headings=headings).encode()), three)


def test_loose_writing_is_understood(desk: CreditsDesk, three: list[Somebody]) -> None:
    wide = {ord("0") + n: ord("０") + n for n in range(10)}
    first, second, third = three
    rows = [
        first.row("宽松", id="'" + first.id_number.lower(), done="2026/5/1"),
        second.row(
            "宽松",
            "５",
            id=second.id_number.translate(wide),
            name=f"　{second.name} ",
            year="２０２６",
            done="20260501",
        ),
        third.row("宽松", id=f" {third.id_number}　", done="46143"),
    ]
    all_taken(desk, desk.imported(table(rows).encode("gb18030")), three)


def test_what_looks_like_a_formula_is_a_name_and_comes_back_as_text(desk: CreditsDesk, three: list[Somebody]) -> None:
    names = ('=HYPERLINK("http://example.invalid","点此")', "@SUM(1+1)*cmd|' /C calc'!A0", "+86会计实务")
    batch = desk.imported(
        table([one.row(name, note="-1") for one, name in zip(three, names, strict=True)]).encode("gb18030")
    )
    all_taken(desk, batch, three)
    told = desk.report_rows(batch, "gb18030")
    assert [row["课程名称"] for row in told.values()] == [f"'{name}" for name in names]
    assert {row["备注"] for row in told.values()} == {"-1"}
    assert [desk.year(one).entries[0].entry.course for one in three] == list(names)
    again = desk.imported(desk.report_bytes(batch), "从报告再报.csv")
    assert again.counts.unchanged == 3, "a report sent in again says the same as the file it answers"


def workbook(*rows: Sequence[object], build: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    if build:
        build(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_numbers_dates_and_title_rows(desk: CreditsDesk, three: list[Somebody]) -> None:
    days = (date(2026, 5, 1), datetime(2026, 5, 1), 46143)  # noqa: DTZ001 - a workbook's dates have no zone
    typed = [
        [one.id_number, one.name, 2026, "专业科目", "准则 & <符号>", 5, day, None, None]
        for one, day in zip(three, days, strict=True)
    ]
    batch = desk.imported(workbook(*TITLE, HEADINGS, *typed), "学分.xlsx")
    all_taken(desk, batch, three)
    back = list(load_workbook(io.BytesIO(desk.report_bytes(batch))).worksheets[0].values)
    assert [row[0] for row in back[4:]] == [5, 6, 7]
    assert [row[6:9] for row in back[4:]] == [(row[3], row[4], row[5]) for row in typed]
    assert back[0][3] == TITLE[0][0]


def test_the_sheet_with_the_heading_is_read_wherever_it_is(desk: CreditsDesk, three: list[Somebody]) -> None:
    def put_second(book: Workbook) -> None:
        sheet = book.create_sheet("学分上报")
        for row in (HEADINGS, *(one.row("准则") for one in three)):
            sheet.append(list(row))

    all_taken(desk, desk.imported(workbook(["填报说明"], build=put_second), "学分.xlsx"), three)


def test_a_number_that_lost_its_last_digits_is_recognised_in_a_workbook(
    desk: CreditsDesk, three: list[Somebody]
) -> None:
    one = three[0]
    rows = [
        [int(one.id_number[:17] + "0"), *one.row("准则")[1:]],
        [float(one.id_number[:17] + "0"), *one.row("税法")[1:]],
    ]
    batch = desk.imported(workbook(HEADINGS, *rows), "学分.xlsx")
    assert batch.counts.reasons == {"id_in_scientific_notation": 2}


def test_a_workbook_with_formulas_keeps_none_in_its_report(desk: CreditsDesk, three: list[Somebody]) -> None:
    rows = [one.row("准则", note="=1+1") for one in three]
    batch = desk.imported(workbook(HEADINGS, *rows), "学分.xlsx")
    book = load_workbook(io.BytesIO(desk.report_bytes(batch)))
    assert not any(cell.data_type == "f" for row in book.worksheets[0].iter_rows() for cell in row)


def test_hostile_rows_are_rejected_row_by_row(desk: CreditsDesk, three: list[Somebody]) -> None:
    one = three[0]
    rows = [one.row(f"怪{cell}", cell) for cell in ("NaN", "Infinity", "1e400", "0x10", "", "--5")]
    rows += [one.row("怪", done=""), one.row("怪", id=""), one.row("怪", id="0" * 18), one.row("怪")[:2]]
    rows += [
        [*one.row("怪", "Infinity"), "多出", "的列"],
        one.row("怪" * 8000, "-1"),
        one.row("怪", id="1" * 5000, name="<script>"),
    ]
    batch = desk.imported(table(rows).encode())
    assert (batch.total, batch.counts.rejected, batch.status) == (len(rows), len(rows), ImportStatus.FAILED)
    assert len(desk.report_rows(batch)) == len(rows)
