"""Files that are no credit table: refused with a code and a sentence, and nothing of them stays."""

import io
import os
import re
import zipfile

import pytest

from credits.batches import ImportStatus
from tests.unit.credits.desk import HEADINGS, SAMPLES, CreditsDesk, Somebody, table

NOBODY = Somebody("", "420106199202290011", "某人")
ROW = NOBODY.row("准则")


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


WORKBOOK = (SAMPLES / "credits_2026.xlsx").read_bytes()

BAD = {
    "no column of credits": (
        table([ROW[:5] + ROW[6:]], headings=HEADINGS[:5] + HEADINGS[6:]).encode(),
        "a.csv",
        "missing_column",
        "学分",
    ),
    "nothing": (b"", "a.csv", "empty_file", "没有数据"),
    "a mark and nothing": (b"\xef\xbb\xbf", "a.csv", "empty_file", "没有数据"),
    "blank rows": (b",,,\r\n\r\n", "a.csv", "empty_file", "没有数据"),
    "a heading alone": (table([]).encode(), "a.csv", "empty_file", "没有数据"),
    "a heading and blank rows": (table([[""] * 9, []]).encode("gb18030"), "a.csv", "empty_file", "没有数据"),
    "random bytes": (os.urandom(5000), "a.csv", "not_a_table", "不是表格"),
    "a picture": ((SAMPLES / "id_front.jpg").read_bytes(), "a.csv", "not_a_table", "不是表格"),
    "prose": ("各位老师：\r\n附件是本月名单，请查收。".encode(), "a.txt", "not_a_table", "没有找到表头"),
    "a workbook named .csv": (WORKBOOK, "a.csv", "not_a_table", "只改文件名"),
    "a csv named .xlsx": (table([ROW]).encode(), "a.xlsx", "not_a_table", "不是 Excel"),
    "a workbook cut off": (WORKBOOK[:900], "a.xlsx", "not_a_table", "不是表格"),
    "another zip file": (zipped(readme=b"hello"), "a.xlsx", "not_a_table", "不是表格"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", "not_a_table", ".xls"),
    "a line without end": (table([ROW]).encode() + b"," * 2_000_000, "a.csv", "not_a_table", "不像表格的一行"),
    "a quoted line without end": (table([ROW]).encode() + b'"' + b"x" * 2_000_000, "a.csv", "not_a_table", "第3行"),
    "more columns than any table": (table([[*ROW, *["x"] * 1000]]).encode(), "a.csv", "not_a_table", "1000列"),
    "utf-16 without its mark": (table([ROW]).encode("utf-16-le"), "a.csv", "not_a_table", "不是表格"),
}


@pytest.mark.parametrize(("data", "filename", "code", "said"), BAD.values(), ids=BAD)
def test_a_bad_file_fails_with_a_code_a_sentence_and_nothing_left(
    desk: CreditsDesk, data: bytes, filename: str, code: str, said: str
) -> None:
    batch = desk.imported(data, filename)
    assert batch.status is ImportStatus.FAILED and batch.problem is not None
    assert (batch.problem.code, batch.counts.done, batch.report_key) == (code, 0, None)
    assert said in batch.problem.message and re.search("请", batch.problem.message)
    assert desk.stored("uploads") == desk.stored("records") == []
    assert "lease" not in desk.institution_item()


def test_too_many_rows_are_said_to_be_too_many(desk: CreditsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credits.tables_as_sent.MOST_ROWS", 2)
    problem = desk.imported(table([ROW] * 3).encode()).problem
    assert problem and problem.code == "too_large"
    assert desk.imported(table([ROW] * 2).encode()).problem is None
