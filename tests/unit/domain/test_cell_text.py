"""What people and spreadsheets write into cells, understood or left alone."""

from datetime import date

import pytest

from jingkuai.domain.cell_text import (
    bare_id_number,
    guarded,
    in_scientific_notation,
    read_date,
    shown,
    trimmed,
    unguarded,
)

MAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-05-01", "2026/5/1", "2026.5.1", "20260501", "2026年5月1日", " 2026-5-1 ", "２０２６-０５-０１", "46143", "46143.5",
        "2026-05-01 00:00:00", "2026/5/1 8:30", "2026-05-01T00:00:00", "2026．5．1",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_form_spreadsheets_write(cell: str) -> None:
    assert read_date(cell) == MAY


@pytest.mark.parametrize(
    "cell", ["", "2026-13-40", "2026-02-30", "五月一日", "2026", "05/01/2026", "2026-05", "abc", "-46143"]
)
def test_what_is_no_day_is_none(cell: str) -> None:
    assert read_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [("'420106", "420106"), ('="420106"', "420106"), (" ４２０ 106\u200b", "420106"), ("’420106x", "420106x")],
)
def test_an_id_number_loses_what_kept_it_from_being_a_number(cell: str, number: str) -> None:
    assert bare_id_number(cell) == number


@pytest.mark.parametrize("text", ["4.20106E+17", "4.20106199202290e+17", "4E+17"])
def test_scientific_notation_is_recognised(text: str) -> None:
    assert in_scientific_notation(text)


@pytest.mark.parametrize("text", ["420106199202290011", "E12345678", "42010619920229001X", "H1234567800"])
def test_a_document_number_is_not_scientific_notation(text: str) -> None:
    assert not in_scientific_notation(text)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+86实务", "-cmd", "=HYPERLINK(1)"])
def test_what_a_spreadsheet_would_run_is_made_text_and_read_back(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["-10", "+2.5", "准则", "", "'引号", "2-1"])
def test_numbers_and_ordinary_text_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


def test_a_value_is_shown_short_and_an_id_number_in_the_wrong_column_never_whole() -> None:
    assert shown("") == "（空）"
    assert shown(" a\nb ") == "“a b”"
    assert len(shown("长" * 5000)) < 40
    for cell in (
        "420106199202290011",
        "学号420106199202290011",
        "４２０１０６１９９２０２２９００１１",
        "420106 19920229 0011",
        "420106-19920229-0011",
    ):
        assert "1992" not in shown(cell)


def test_trimming_takes_blanks_and_invisible_marks_off_the_ends_alone() -> None:
    assert trimmed("\ufeff　 王 \u200b小 明\u00a0\n") == "王 \u200b小 明"
