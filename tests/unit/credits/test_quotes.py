"""Quotation marks in text files: cells of several lines stay whole, and a mark that is not closed costs no other row."""

import csv
import io
import random
from collections.abc import Sequence

import pytest

from credits.batches import ImportStatus
from credits.refusals import NotATable
from credits.sent_rows import SentRow
from credits.separated_rows import LONGEST_ROW, MOST_COLUMNS, MOST_LINES, SeparatedRows
from credits.tables_as_sent import data_rows, open_table
from tests import people
from tests.unit.credits.desk import HEADINGS, CreditsDesk, Somebody, table

LIN = Somebody("", people.id_number(random.Random(1)), "林㛃𬭎")
LINE = ",".join(LIN.row("准则"))


def rows(*lines: str) -> list[SentRow]:
    """What is read of these lines below a heading."""
    text = "\r\n".join([",".join(HEADINGS), *lines]) + "\r\n"
    return list(data_rows(open_table(io.BytesIO(text.encode()), "a.csv")))


def noted(note: str) -> str:
    return ",".join(LIN.row("准则")[:-1]) + "," + note


@pytest.mark.parametrize(
    "note",
    [
        "第一行\n第二行",
        "第一行\r\n第二行，有“引号”\r\n\r\n第四行",
        '他说"好"\n, 再说"好"',
        "a,b\nc,d",
        "\n" * (MOST_LINES - 2) + "末行",
    ],
)
def test_a_cell_of_several_lines_is_one_cell_of_one_row(note: str) -> None:
    sent = table([LIN.row("准则", note=note), LIN.row("税法")])
    first, second = data_rows(open_table(io.BytesIO(sent.encode()), "a.csv"))
    assert (first.number, first.cells[-1], first.is_broken) == (2, note, False)
    assert (second.number, second.cells[4], second.is_broken) == (3, "税法", False)


SPOILED = {
    "never closed": ((noted('"没有关'), LINE, LINE), {2}),
    "closed by the next row's opening mark": ((noted('"没有关'), LINE.replace("准则", '"收入,费用"'), LINE), {2}),
    "closed by a row that is alike": ((noted('"没有关'), noted('"也没有关'), LINE), {2, 3}),
    "closed properly, a row later": ((noted('"看附件'), noted('见上"'), LINE), {2}),
    "closed in the same column, a row later": (
        (LINE.replace("准则", '"准则'), LINE.replace("准则", '准则"'), LINE),
        {2},
    ),
    "closed in an earlier column": ((LINE.replace("5,2026", '"5,2026'), LINE.replace("准则", '准则"'), LINE), {2}),
    "closed after many lines": ((noted('"没有关'), *[LINE] * MOST_LINES, noted('见上"')), {2}),
    "a mark alone": ((noted('"'), LINE, LINE), {2}),
    "at the very end": ((LINE, LINE, noted('"没有关')), {4}),
}


@pytest.mark.parametrize(("lines", "broken"), SPOILED.values(), ids=SPOILED)
def test_a_mark_that_is_not_closed_spoils_its_own_row_only(lines: Sequence[str], broken: set[int]) -> None:
    read = rows(*lines)
    assert [one.number for one in read] == list(range(2, len(lines) + 2))
    assert {one.number for one in read if one.is_broken} == broken
    assert all(one.cells == LINE.split(",") for one, line in zip(read, lines, strict=True) if line == LINE)


def test_what_was_written_of_a_spoiled_row_can_be_seen_in_its_cells() -> None:
    (broken, *_) = rows(noted('"没有关'), LINE)
    assert broken.cells[-1] == '"没有关'


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_whatever_a_spreadsheet_writes_is_read_as_it_was(separator: str) -> None:
    pieces = ("", "会计", '"', '""', "'", ",", ";", "\t", " ", "=1")
    chance = random.Random(7)
    told = [["".join(chance.choices(pieces, k=3)) or "x" for _ in range(9)] for _ in range(500)]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(told)
    out.seek(0)
    assert [one.cells for one in SeparatedRows(out, separator, None)] == told


def test_a_mark_inside_a_cell_is_a_letter() -> None:
    assert rows(noted('5"管'), noted('"引"文'))[0].cells[-1] == '5"管'
    assert rows(noted('5"管'), noted('"引"文'))[1].cells[-1] == "引文"


def test_lines_and_rows_have_a_longest() -> None:
    fits = SeparatedRows(io.StringIO("x" * LONGEST_ROW), ",", None)
    assert [len(one.cells[0]) for one in fits] == [LONGEST_ROW]
    for text in ("x" * (LONGEST_ROW + 1), "x,\n" + "," * 50 * LONGEST_ROW, "x," * (MOST_COLUMNS + 1)):
        with pytest.raises(NotATable):
            list(SeparatedRows(io.StringIO(text), ",", None))


def test_the_blank_columns_of_a_spreadsheets_full_width_are_left_out() -> None:
    (one,) = SeparatedRows(io.StringIO("x" + "," * 16_383), ",", None)
    assert one.cells == ["x", *[""] * (MOST_COLUMNS - 1)]


def test_no_row_of_a_file_with_a_broken_mark_is_lost(desk: CreditsDesk) -> None:
    first, second, third = (desk.somebody(name=name) for name in ("王一", "王二", "王三"))
    lines = [",".join(one.row("准则")) for one in (first, second, third)]
    lines[0] += '"请核对'  # the mark opens the last cell and nothing closes it
    text = "\r\n".join([",".join(HEADINGS), *lines]) + "\r\n"
    batch = desk.imported(text.encode("gb18030"))
    assert (batch.status, batch.total, batch.counts.accepted) == (ImportStatus.PARTLY, 3, 2)
    assert batch.counts.reasons == {"unclosed_quote": 1}
    told = desk.report_rows(batch, "gb18030")
    assert [row["结果"] for row in told.values()] == ["未通过", "已记入", "已记入"]
    assert list(told) == [2, 3, 4] and "引号" in told[2]["原因"] and told[2]["备注"] == '"请核对'
