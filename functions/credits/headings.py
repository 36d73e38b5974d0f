"""Finds the heading row of a credit file and which column is which, by the names institutions use (表头同义词)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from credits.refusals import EmptyFile, MissingColumn, NotATable
from jingkuai.domain.credit_row import Column
from jingkuai.domain.typed_text import compact

SEARCHED_ROWS = 50  # title rows stand above the heading; nobody has more of them
SYNONYMS: Mapping[Column, tuple[str, ...]] = {
    Column.ID_NUMBER: ("身份证号", "身份证号码", "证件号码", "证件号"),
    Column.NAME: ("学员姓名", "人员姓名"),
    Column.YEAR: ("年度", "所属年度"),
    Column.CATEGORY: ("科目类型", "课程类别"),
    Column.COURSE: ("课程", "培训内容"),
    Column.CREDITS: ("获得学分", "所获学分"),
    Column.COMPLETED_ON: ("结业日期", "完成时间"),
    Column.COURSE_NO: ("课程代码",),
    Column.NOTE: ("说明",),
}
_MEANING = {name: column for column, others in SYNONYMS.items() for name in (column.value, *others)}
_OPTIONAL = frozenset({Column.COURSE_NO, Column.NOTE})
_NOWHERE = 1 << 30  # where a column is that the file does not have: past the end of every row
_REMARK = re.compile(r"[(（].*|[*＊：:]+$")  # a template's "(可空)", a form's asterisk


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading row stands (counted from 1, as a spreadsheet does), which cell of a row is which column, and how
    many cells the heading has itself.
    """

    row: int
    places: Mapping[Column, int]
    width: int = 0

    @property
    def missing(self) -> list[Column]:
        return [column for column in Column if column not in self.places and column not in _OPTIONAL]

    @property
    def least_width(self) -> int:
        """How many cells a row needs to reach every required column."""
        return 1 + max(place for column, place in self.places.items() if column not in _OPTIONAL)

    def picker(self) -> Callable[[Sequence[str]], list[str]]:
        """Gives the cells of a row in the order of `Column`; what the row is too short for is empty."""
        places = [self.places.get(column, _NOWHERE) for column in Column]

        def pick(cells: Sequence[str]) -> list[str]:
            count = len(cells)
            return [cells[place] if place < count else "" for place in places]

        return pick


def best_heading(rows: Iterable[Sequence[str]]) -> Heading:
    """The row that names the most columns among the first ones; names the fewest missing columns when asked."""
    candidates = [Heading(number, _places(cells), len(cells)) for number, cells in enumerate(rows, 1)]
    return max(candidates, key=lambda heading: len(heading.places), default=Heading(0, {}))


def checked(heading: Heading, *, blank: bool) -> Heading:
    """The heading if every required column is there. `blank`: no cell of the file's beginning holds anything.

    Raises EmptyFile, NotATable where no column at all is recognised, MissingColumn naming those that lack.
    """
    if blank:
        raise EmptyFile()
    if not heading.places:
        raise NotATable(
            f"文件前{SEARCHED_ROWS}行中没有找到表头（{'、'.join(column.value for column in Column)}），无法识别。"
            "请使用模板填报，或对照模板补上表头后重新上传。"
        )
    if heading.missing:
        names = "、".join(column.value for column in heading.missing)
        raise MissingColumn(f"表头（第{heading.row}行）缺少列：{names}。请对照模板补全表头后重新上传。")
    return heading


def _places(cells: Sequence[str]) -> dict[Column, int]:
    places: dict[Column, int] = {}
    for place, cell in enumerate(cells):
        if len(cell) <= 60 and (column := _MEANING.get(_REMARK.sub("", compact(cell)))):
            places.setdefault(column, place)  # of two columns of one meaning the first is read
    return places
