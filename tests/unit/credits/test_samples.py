"""Files as institutions really send them, row by row."""

import io
import json

import pytest
from openpyxl import load_workbook

from tests.unit.credits.desk import SAMPLES, CreditsDesk, Somebody

GB18030 = SAMPLES / "credits_2026_gb18030.csv"
EXPECTED = {one["line"]: one["expect"] for one in json.loads(GB18030.with_suffix(".expected.json").read_text())}
TAKEN = "formula_like_text_is_text"


@pytest.fixture
def sixty(desk: CreditsDesk) -> list[Somebody]:
    """The people of people.json, approved."""
    told = json.loads((SAMPLES / "people.json").read_text())["people"]
    return [desk.somebody(one["id_number"], one["name"]) for one in told]


def later_of_two_equal(lines: dict[int, str]) -> dict[int, str]:
    """expected.json names one of two equal rows; the later one is the repetition."""
    rows = GB18030.read_bytes().decode("gb18030").splitlines()
    return {max(n for n, row in enumerate(rows, 1) if row == rows[line - 1]): code for line, code in lines.items()}


def test_every_row_of_the_gb18030_file_comes_to_what_is_expected(desk: CreditsDesk, sixty: list[Somebody]) -> None:
    batch = desk.imported(GB18030.read_bytes(), GB18030.name)
    expected = {line: code for line, code in later_of_two_equal(EXPECTED).items() if code != TAKEN}
    rows = desk.report_rows(batch, "gb18030")
    assert sorted(rows) == list(range(2, 235))
    assert {line for line, row in rows.items() if row["原因"]} == set(expected)
    words = {line: row["结果"] for line, row in rows.items()}
    repeated = next(line for line, code in expected.items() if code == "duplicate_in_file")
    assert {words[line] for line in expected if line != repeated} == {"未通过"}
    assert words[repeated] == "无变化"
    assert {word for line, word in words.items() if line not in expected} == {"已记入"}
    counts = batch.counts
    assert (batch.total, counts.accepted, counts.rejected, counts.unchanged) == (233, 218, 14, 1)
    assert sorted(code for code, times in counts.reasons.items() for _ in range(times)) == sorted(expected.values())


def test_the_report_is_the_senders_file_with_three_columns_in_front(desk: CreditsDesk, sixty: list[Somebody]) -> None:
    batch = desk.imported(GB18030.read_bytes(), GB18030.name)
    sent, back = (
        text.splitlines() for text in (GB18030.read_bytes().decode("gb18030"), desk.report_text(batch, "gb18030"))
    )
    assert back[0] == "行号,结果,原因," + sent[0]
    formula = next(line for line, code in EXPECTED.items() if code == TAKEN)
    for number, (row, answered) in enumerate(zip(sent[1:], back[1:], strict=True), 2):
        if number != formula:
            assert answered.endswith("," + row)
    assert "\"'=cmd|" in back[formula - 1]


@pytest.mark.parametrize(
    ("name", "encoding", "separator", "mark"),
    [
        ("credits_2026_title_rows_utf8bom.csv", "utf-8", ",", b"\xef\xbb\xbf"),
        ("credits_2026_unicode_text.txt", "utf-16-le", "\t", b"\xff\xfe"),
    ],
)
def test_other_encodings_come_back_as_they_were_sent(
    desk: CreditsDesk, sixty: list[Somebody], name: str, encoding: str, separator: str, mark: bytes
) -> None:
    data = (SAMPLES / name).read_bytes()
    batch = desk.imported(data, name)
    assert batch.counts.rejected == 0 and batch.counts.accepted == batch.total == batch.counts.done
    report = desk.report_bytes(batch)
    assert report.startswith(mark)
    sent, back = (text.decode(encoding).splitlines() for text in (data[len(mark) :], report[len(mark) :]))
    assert all(answered.endswith(row) for row, answered in zip(sent, back, strict=True))


def test_a_workbook_comes_back_as_a_workbook(desk: CreditsDesk, sixty: list[Somebody]) -> None:
    data = (SAMPLES / "credits_2026.xlsx").read_bytes()
    batch = desk.imported(data, "credits_2026.xlsx")
    assert batch.counts.reasons == {"id_in_scientific_notation": 1}
    assert (batch.counts.accepted, batch.counts.rejected) == (15, 1)
    sent, back = (
        list(load_workbook(io.BytesIO(book)).worksheets[0].values) for book in (data, desk.report_bytes(batch))
    )
    assert back[0][:3] == ("行号", "结果", "原因")
    assert [row[3:] for row in back] == [tuple(row) for row in sent]
    assert [row[:2] for row in back[1:]] == [(n, "已记入") for n in range(2, 17)] + [(17, "未通过")]


def test_the_ledger_holds_what_was_accepted_with_dates_and_decimals(desk: CreditsDesk, sixty: list[Somebody]) -> None:
    desk.imported(GB18030.read_bytes(), GB18030.name)
    rows = [row.split(",") for row in GB18030.read_bytes().decode("gb18030").splitlines()]
    somebody = next(one for one in sixty if one.name == "何刚" and sum(row[0] == one.id_number for row in rows) > 2)
    mine = [row for line, row in enumerate(rows, 1) if row[0] == somebody.id_number and line not in EXPECTED]
    year = desk.year(somebody)
    assert sorted(
        (one.entry.course, str(one.entry.completed_on), float(one.entry.credits)) for one in year.entries
    ) == sorted((row[4], row[6], float(row[5])) for row in mine)
