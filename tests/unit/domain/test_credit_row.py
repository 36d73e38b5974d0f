"""One row of a credit file: everything that is wrong with it, each in words of its own."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.credit_row import (
    NAME_MISMATCH,
    NOT_REGISTERED,
    CheckedRow,
    Column,
    Course,
    CoursesOfFile,
    RowCode,
    check_row,
    identity_of,
)
from jingkuai.domain.credit_rules import Category
from tests.unit.domain.test_credit_rules import BOOK

TODAY = date(2026, 11, 24)
GOOD = {
    Column.ID_NUMBER: "420106199202290011",
    Column.NAME: "王小明",
    Column.YEAR: "2026",
    Column.CATEGORY: "专业科目",
    Column.COURSE: "企业会计准则",
    Column.CREDITS: "2.5",
    Column.COMPLETED_ON: "2026-05-01",
    Column.COURSE_NO: "HB20260001",
    Column.NOTE: "",
}


def checked(changed: Mapping[Column, str] | None = None) -> CheckedRow:
    return check_row({**GOOD, **(changed or {})}, rules=BOOK, years_open=frozenset({2025, 2026}), today=TODAY)


def codes(changed: Mapping[Column, str]) -> list[RowCode]:
    return [problem.code for problem in checked(changed).problems]


def test_a_good_row_is_a_course() -> None:
    row = checked()
    assert row.problems == ()
    assert row.course == Course(
        2026, Category.PROFESSIONAL, "企业会计准则", "HB20260001", Decimal("2.5"), date(2026, 5, 1)
    )
    assert (row.lookups[0].identity, row.name) == ("420106199202290011", "王小明")


REASONS: list[tuple[Column, str, RowCode]] = [
    (Column.ID_NUMBER, "420106199202290012", RowCode.BAD_CHECK_DIGIT),
    (Column.ID_NUMBER, "420106920229001", RowCode.BAD_LENGTH),
    (Column.ID_NUMBER, "1" * 5000, RowCode.BAD_LENGTH),
    (Column.ID_NUMBER, "420106199302290019", RowCode.BAD_ID_NUMBER),
    (Column.ID_NUMBER, "0" * 18, RowCode.BAD_ID_NUMBER),
    (Column.ID_NUMBER, "", RowCode.BAD_ID_NUMBER),
    (Column.ID_NUMBER, "4.20106E+17", RowCode.ID_IN_SCIENTIFIC_NOTATION),
    (Column.NAME, "　", RowCode.MISSING_NAME),
    (Column.YEAR, "2019", RowCode.YEAR_NOT_OPEN),
    (Column.YEAR, "", RowCode.YEAR_NOT_OPEN),
    (Column.YEAR, "0000", RowCode.YEAR_NOT_OPEN),
    (Column.CATEGORY, "选修", RowCode.UNKNOWN_CATEGORY),
    (Column.CATEGORY, "", RowCode.UNKNOWN_CATEGORY),
    (Column.COURSE, "  ", RowCode.MISSING_COURSE),
    (Column.COURSE, "怪" * 8000, RowCode.MISSING_COURSE),
    *(
        (Column.CREDITS, cell, RowCode.CREDITS_NOT_A_NUMBER)
        for cell in ("", "abc", "NaN", "Infinity", "1e400", "1e1", "0x10", "--5")
    ),
    *(
        (Column.CREDITS, cell, RowCode.CREDITS_OUT_OF_RANGE)
        for cell in ("-10", "0", "999", "90.01", "2.555", "9" * 5000)
    ),
    *((Column.COMPLETED_ON, cell, RowCode.BAD_DATE) for cell in ("", "2026-13-40", "昨天")),
    *((Column.COMPLETED_ON, cell, RowCode.DATE_NOT_IN_YEAR) for cell in ("2025-12-31", "2027-01-05")),
]


@pytest.mark.parametrize(("column", "cell", "code"), REASONS)
def test_each_fault_has_its_own_code_and_no_other(column: Column, cell: str, code: RowCode) -> None:
    changed = {column: cell}
    if cell == "2019":
        changed[Column.COMPLETED_ON] = "2019-05-01"
    row = checked(changed)
    assert [problem.code for problem in row.problems] == [code]
    assert row.course is None


def test_every_reason_reads_differently_and_in_chinese() -> None:
    said = {
        code: checked({column: cell}).problems[0].message for column, cell, code in REASONS if column is not Column.YEAR
    }
    assert len(set(said.values())) == len(said)
    assert all(
        re.search("[\u4e00-\u9fff]", message)
        for message in (*said.values(), NOT_REGISTERED.message, NAME_MISMATCH.message)
    )


def test_several_faults_are_all_named() -> None:
    assert codes(
        {Column.NAME: "", Column.CATEGORY: "选修", Column.CREDITS: "abc", Column.COMPLETED_ON: "2025-01-01"}
    ) == [
        RowCode.MISSING_NAME,
        RowCode.UNKNOWN_CATEGORY,
        RowCode.CREDITS_NOT_A_NUMBER,
        RowCode.DATE_NOT_IN_YEAR,
    ]


def test_a_row_of_the_identifying_cells_alone_misses_everything_else_once() -> None:
    row = check_row(
        {Column.ID_NUMBER: GOOD[Column.ID_NUMBER], Column.NAME: "王小明"},
        rules=BOOK,
        years_open=frozenset({2026}),
        today=TODAY,
    )
    assert [problem.code for problem in row.problems] == [
        RowCode.YEAR_NOT_OPEN,
        RowCode.UNKNOWN_CATEGORY,
        RowCode.MISSING_COURSE,
        RowCode.CREDITS_NOT_A_NUMBER,
        RowCode.BAD_DATE,
    ]


def test_what_was_found_is_quoted_and_what_is_accepted_is_said() -> None:
    (problem,) = checked({Column.CREDITS: "999"}).problems
    assert "“999”" in problem.message and "90" in problem.message
    (problem,) = checked({Column.CATEGORY: "选修"}).problems
    assert "“选修”" in problem.message and "专业科目" in problem.message


@pytest.mark.parametrize("column", [column for column in Column if column is not Column.NAME])
def test_no_message_holds_an_id_number_in_full(column: Column) -> None:
    number = "420106199202290012"
    assert not any(
        "19920229" in problem.message for problem in checked({column: number, Column.ID_NUMBER: number}).problems
    )


def test_people_write_loosely() -> None:
    loose = {
        Column.ID_NUMBER: "'４２０５０２１９８０１２３１８８８x ",
        Column.NAME: "　阿依古丽•买买提 ",
        Column.YEAR: "２０２６年",
        Column.CATEGORY: " 公需课 ",
        Column.COURSE: " 职业道德　",
        Column.CREDITS: "５．５",
        Column.COMPLETED_ON: "2026年5月1日",
        Column.COURSE_NO: " Ｃ１ ",
    }
    row = checked(loose)
    assert row.problems == ()
    assert (row.lookups[0].identity, row.name) == ("42050219801231888X", "阿依古丽·买买提")
    assert row.course == Course(2026, Category.PUBLIC, "职业道德", "C1", Decimal("5.5"), date(2026, 5, 1))


def test_a_number_without_a_type_may_be_of_several_documents() -> None:
    assert [one.family for one in checked({Column.ID_NUMBER: "H12345678"}).lookups] == ["hk_macao_permit", "passport"]


def test_a_renewed_permit_is_the_same_person() -> None:
    assert identity_of("H1234567801", today=TODAY) == identity_of(" h12345678", today=TODAY)


def course(name: str = "准则", number: str | None = "C1", credits: str = "5", year: int = 2026) -> Course:
    return Course(year, Category.PROFESSIONAL, name, number, Decimal(credits), date(year, 5, 1))


def test_an_equal_row_is_a_duplicate_however_far_apart_and_names_the_first() -> None:
    file = CoursesOfFile()
    assert file.add(2, course()) is None
    assert file.add(3, course("税法", "C2")) is None
    for number in (4, 50_000):
        repeated = file.add(number, course())
        assert repeated and repeated.code is RowCode.DUPLICATE_IN_FILE and "第2行" in repeated.message


def test_the_same_course_with_other_values_is_a_conflict_and_the_first_row_stands() -> None:
    file = CoursesOfFile()
    file.add(2, course())
    for other in (course(credits="4"), course("另名")):
        conflict = file.add(3, other)
        assert conflict and conflict.code is RowCode.CONFLICT_IN_FILE and "第2行" in conflict.message
    again = file.add(4, course())
    assert again and again.code is RowCode.DUPLICATE_IN_FILE


def test_other_courses_and_years_do_not_meet() -> None:
    file = CoursesOfFile()
    others = [course(), course(number="C2"), course(number=None), course("税法", None), course(year=2025)]
    assert [file.add(number, one) for number, one in enumerate(others, 2)] == [None] * 5


@given(st.dictionaries(st.sampled_from(Column), st.text(max_size=40)))
def test_no_text_whatever_breaks_a_check(cells: dict[Column, str]) -> None:
    row = check_row(cells, rules=BOOK, years_open=frozenset({2026}), today=TODAY)
    assert (row.course is None) == bool(row.problems)
