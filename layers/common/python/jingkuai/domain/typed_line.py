"""Free text as somebody typed it, in one line (单行文本) or several: an office's address, a reason, what a look is for.

What nobody sees is no text: invisible marks go, and a text of nothing else counts as empty.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from jingkuai.domain.problem import FieldProblem

_UNSEEN: Final = ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me")  # a mark without a letter to stand on shows nothing either
_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol to Unicode, blanks to whoever reads them
_UNREADABLE: Final = ("Cc", "Cs", "Co", "Cn")


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of it."""
    return all(one in _FILLERS or unicodedata.category(one) in _UNSEEN for one in text)


def one_line(text: str) -> str:
    """The text without blanks around it, and with one where several or a line's end stood."""
    return " ".join(_seen(text).split())


def several_lines(text: str) -> str:
    """The text in the lines it was typed in, without blanks around it."""
    return "\n".join(_seen(text).splitlines()).strip()


def line_problems(field: str, line: str, *, longest: int, shortest: int = 1) -> list[FieldProblem]:
    """What is wrong with a line that has to be filled in."""
    if is_blank(line):
        return [FieldProblem(field, "missing", "必填项没有填写，请补充后重新提交。")]
    if len(line) < shortest:
        return [FieldProblem(field, "string_too_short", f"内容太短，至少{shortest}个字，请补充完整。")]
    if len(line) > longest:
        return [FieldProblem(field, "string_too_long", f"内容太长，不能超过{longest}个字，请删减。")]
    return _unreadable(field, line)


def lines_problems(field: str, text: str) -> list[FieldProblem]:
    """What is wrong with several lines, filled in or not: tabs and ends of lines are no garbage."""
    return _unreadable(field, text.replace("\n", "").replace("\t", ""))


def _seen(text: str) -> str:
    """The text without the marks that come with what is copied; nothing where it is blank."""
    return "" if is_blank(text) else "".join(one for one in text if unicodedata.category(one) != "Cf")


def _unreadable(field: str, text: str) -> list[FieldProblem]:
    if any(unicodedata.category(one) in _UNREADABLE for one in text):
        return [FieldProblem(field, "bad_characters", "内容含有无法显示的字符，请删除乱码后重新填写。")]
    return []
