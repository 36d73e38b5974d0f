"""One row of an institution's credit file (学分上报文件): what it says, everything wrong with it, in words for its sender.

Source: api.md, Import; handbook, section 8. A row with several problems has them all; a missing or malformed value has
its own code only. Messages name the value found and the values accepted, and never an ID number in full.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jingkuai.domain.cell_text import bare_id_number, in_scientific_notation, read_date, shown, trimmed, unguarded
from jingkuai.domain.credit_rules import CENT, Category, CreditRules, RuleBook, as_number
from jingkuai.domain.identity_document import Lookup, lookup_candidates
from jingkuai.domain.person_name import comparable
from jingkuai.domain.resident_id import InvalidIdentityNumber
from jingkuai.domain.typed_text import compact, half_width

LONGEST_COURSE: Final = 200
LONGEST_COURSE_NO: Final = 60


class Column(StrEnum):
    """The columns a row is made of, by their heading in the template (表头)."""

    ID_NUMBER = "身份证件号码"
    NAME = "姓名"
    YEAR = "培训年度"
    CATEGORY = "科目类别"
    COURSE = "课程名称"
    CREDITS = "学分"
    COMPLETED_ON = "完成日期"
    COURSE_NO = "课程编号"
    NOTE = "备注"


class RowCode(StrEnum):
    """What can be wrong with a row (api.md, Reason codes of rows)."""

    BAD_CHECK_DIGIT = "bad_check_digit"
    BAD_LENGTH = "bad_length"
    BAD_ID_NUMBER = "bad_id_number"
    ID_IN_SCIENTIFIC_NOTATION = "id_in_scientific_notation"
    NAME_MISMATCH = "name_mismatch"
    MISSING_NAME = "missing_name"
    NOT_REGISTERED = "not_registered"
    YEAR_NOT_OPEN = "year_not_open"
    UNKNOWN_CATEGORY = "unknown_category"
    MISSING_COURSE = "missing_course"
    CREDITS_NOT_A_NUMBER = "credits_not_a_number"
    CREDITS_OUT_OF_RANGE = "credits_out_of_range"
    BAD_DATE = "bad_date"
    DATE_NOT_IN_YEAR = "date_not_in_year"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    CONFLICT_IN_FILE = "conflict_in_file"
    UNCLOSED_QUOTE = "unclosed_quote"


class RowResult(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"


CATEGORIES: Final[Mapping[str, Category]] = {
    **dict.fromkeys(("专业科目", "专业课", "专业"), Category.PROFESSIONAL),
    **dict.fromkeys(("公需科目", "公需课", "公需"), Category.PUBLIC),
}
_ID_MESSAGES: Final = {
    RowCode.BAD_CHECK_DIGIT: "身份证件号码校验位不正确，请与学员核对证件原件。",
    RowCode.BAD_LENGTH: "身份证件号码位数不对（应为18位），请与学员核对证件原件。",
    RowCode.BAD_ID_NUMBER: "身份证件号码无效，请与学员核对证件原件。",
}
_YEAR: Final = re.compile(r"((?:19|20)[0-9]{2})(?:\.0+)?(?:年度?)?")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with a row, as its sender reads it."""

    code: RowCode
    message: str


NOT_REGISTERED: Final = RowProblem(
    RowCode.NOT_REGISTERED, "系统中没有这个证件号码：请学员先完成信息采集，登记通过后再报一次本文件即可。"
)
NAME_MISMATCH: Final = RowProblem(
    RowCode.NAME_MISMATCH, "姓名与登记信息不一致：请与学员核对证件上的姓名（生僻字按原字填写，间隔号请用“·”）。"
)
UNCLOSED_QUOTE: Final = RowProblem(
    RowCode.UNCLOSED_QUOTE,
    '这一行有英文引号（"）没有成对，无法分列，没有记入：请删去多余的引号或单元格内的换行，再报一次本文件即可。',
)


@dataclass(frozen=True, slots=True)
class Course:
    """What a row or an entry says of a course: the part that is compared when the same course comes again."""

    year: int
    category: Category
    name: str
    number: str | None
    credits: Decimal
    completed_on: date

    @property
    def digest(self) -> str:
        """The course's identity within its sender and year: category and number, without one the trimmed name."""
        told = ("no", self.number) if self.number else ("name", self.name)
        return hashlib.sha256("\x1f".join((self.category, *told)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row after all checks that need no look at the registry.

    `lookups` are the identities its number may stand for, `name` is the name to compare; `course` is None where a
    problem stands in the way.
    """

    lookups: tuple[Lookup, ...]
    name: str
    course: Course | None
    problems: tuple[RowProblem, ...]


def check_row(cells: Mapping[Column, str], *, rules: RuleBook, years_open: frozenset[int], today: date) -> CheckedRow:
    """Everything a row says and everything wrong with it. `years_open` are the institution's, `today` is Shanghai's."""
    row = _Row(cells)
    lookups, name = row.identity(today), row.name()
    year, category, title, number = row.year(years_open), row.category(), row.title(), row.number()
    of_year = rules.of(year or today.year)
    credits, completed_on = row.credits(of_year.max_credits_per_row), row.completed_on(of_year if year else None)
    course = None
    if not (row.problems or year is None or category is None or credits is None or completed_on is None):
        course = Course(year, category, title, number, credits, completed_on)
    return CheckedRow(lookups, name, course, tuple(row.problems))


def identity_of(cell: str, *, today: date) -> str:
    """What keeps the rows of one person together: the identity its number stands for, else the cell itself."""
    try:
        return lookup_candidates(bare_id_number(cell), today=today)[0].identity
    except InvalidIdentityNumber:
        return cell.strip()


class _Row:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, cells: Mapping[Column, str]) -> None:
        self._cells = cells
        self.problems: list[RowProblem] = []

    def _cell(self, column: Column) -> str:
        return self._cells.get(column, "")

    def _refuse(self, code: RowCode, message: str) -> None:
        self.problems.append(RowProblem(code, message))

    def identity(self, today: date) -> tuple[Lookup, ...]:
        number = bare_id_number(self._cell(Column.ID_NUMBER))
        if in_scientific_notation(number):
            message = "证件号码被表格软件改成了数字，末几位已丢失：请把该列设为“文本”后重新填写。"
            self._refuse(RowCode.ID_IN_SCIENTIFIC_NOTATION, message)
            return ()
        if not number:
            self._refuse(RowCode.BAD_ID_NUMBER, "未填身份证件号码，请按证件原件补上。")
            return ()
        try:
            return lookup_candidates(number, today=today)
        except InvalidIdentityNumber as invalid:
            # the finer codes of a form (bad_birth_date, …) read bad_id_number in a file
            named = invalid.code in (RowCode.BAD_CHECK_DIGIT, RowCode.BAD_LENGTH)
            code = RowCode(invalid.code) if named else RowCode.BAD_ID_NUMBER
            self._refuse(code, _ID_MESSAGES[code])
            return ()

    def name(self) -> str:
        name = comparable(trimmed(self._cell(Column.NAME)))
        if not name:
            self._refuse(RowCode.MISSING_NAME, "未填姓名，请按证件上的姓名补上。")
        return name

    def year(self, years_open: frozenset[int]) -> int | None:
        cell = self._cell(Column.YEAR)
        found = _YEAR.fullmatch(compact(cell))
        accepted = "、".join(map(str, sorted(years_open))) or "无"
        if found is None:
            message = f"培训年度{shown(cell)}不是年份：请填写四位数的年份，对贵机构开放申报的年度为{accepted}。"
            self._refuse(RowCode.YEAR_NOT_OPEN, message)
            return None
        year = int(found[1])
        if year not in years_open:
            message = f"{year}年度未对贵机构开放申报：开放的年度为{accepted}，请核对培训年度。"
            self._refuse(RowCode.YEAR_NOT_OPEN, message)
        return year

    def category(self) -> Category | None:
        cell = self._cell(Column.CATEGORY)
        category = CATEGORIES.get(compact(cell))
        if category is None:
            message = f"科目类别{shown(cell)}无法识别：请填写“专业科目”或“公需科目”。"
            self._refuse(RowCode.UNKNOWN_CATEGORY, message)
        return category

    def title(self) -> str:
        title = unguarded(trimmed(self._cell(Column.COURSE)))
        if not title:
            self._refuse(RowCode.MISSING_COURSE, "未填课程名称，请补上。")
        elif len(title) > LONGEST_COURSE:
            message = f"课程名称{shown(title)}过长：最多{LONGEST_COURSE}个字，请写课程的正式名称。"
            self._refuse(RowCode.MISSING_COURSE, message)
        return title

    def number(self) -> str | None:
        number = half_width(trimmed(self._cell(Column.COURSE_NO)))
        if len(number) > LONGEST_COURSE_NO:
            message = f"课程编号{shown(number)}过长：最多{LONGEST_COURSE_NO}个字符，请核对该列。"
            self._refuse(RowCode.MISSING_COURSE, message)
        return number or None

    def credits(self, most: Decimal) -> Decimal | None:
        cell = self._cell(Column.CREDITS)
        text = compact(cell).replace("．", ".")
        accepted = f"请填写大于0、不超过{as_number(most)}、最多两位小数的数字。"
        if not _NUMBER.fullmatch(text):
            self._refuse(RowCode.CREDITS_NOT_A_NUMBER, f"学分{shown(cell)}不是数字：{accepted}")
            return None
        credits = Decimal(text)
        if not 0 < credits <= most or credits % CENT != 0:
            self._refuse(RowCode.CREDITS_OUT_OF_RANGE, f"学分{shown(cell)}超出范围：{accepted}")
            return None
        return credits.quantize(CENT)

    def completed_on(self, rules: CreditRules | None) -> date | None:
        """The day of completion; `rules` are those of the row's year, None where it names no year."""
        cell = self._cell(Column.COMPLETED_ON)
        day = read_date(cell)
        if day is None:
            message = f"完成日期{shown(cell)}不是有效日期：请写成2026-05-01、2026/5/1或2026年5月1日的形式。"
            self._refuse(RowCode.BAD_DATE, message)
        elif rules and not rules.takes(day):
            message = (
                f"完成日期{day}不在{rules.year}年度内：应在{rules.opens}至{rules.open_until}之间，"
                "请核对完成日期或培训年度。"
            )
            self._refuse(RowCode.DATE_NOT_IN_YEAR, message)
        return day


@dataclass(slots=True)
class CoursesOfFile:
    """The courses one person has in the file so far, in file order: finds the row that repeats or contradicts one.

    Only rows with nothing else wrong are remembered, so a faulty row never stands in the way of its correction.
    """

    _first: dict[tuple[int, str], tuple[int, Course]] = field(default_factory=dict)

    def add(self, number: int, course: Course) -> RowProblem | None:
        """Remember the course of row `number`, or say which earlier row it repeats or contradicts."""
        earlier, standing = self._first.setdefault((course.year, course.digest), (number, course))
        if earlier == number:
            return None
        if standing == course:
            return RowProblem(RowCode.DUPLICATE_IN_FILE, f"与第{earlier}行相同，已按一条计。")
        message = f"与第{earlier}行同一人同一课程但内容不同，请保留正确的一行。"
        return RowProblem(RowCode.CONFLICT_IN_FILE, message)
