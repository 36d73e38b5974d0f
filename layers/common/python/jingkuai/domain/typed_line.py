"""One line of free text as somebody typed it (单行文本): an office's address, a reason, what a look is for."""

from __future__ import annotations

import unicodedata

from jingkuai.domain.problem import FieldProblem


def one_line(text: str) -> str:
    """The text without blanks around it, and with one where several or a line's end stood."""
    return " ".join(text.split())


def line_problems(field: str, line: str, *, longest: int, shortest: int = 1) -> list[FieldProblem]:
    """What is wrong with a line that has to be filled in."""
    if not line:
        return [FieldProblem(field, "missing", "必填项没有填写，请补充后重新提交。")]
    if len(line) < shortest:
        return [FieldProblem(field, "string_too_short", f"内容太短，至少{shortest}个字，请补充完整。")]
    if len(line) > longest:
        return [FieldProblem(field, "string_too_long", f"内容太长，不能超过{longest}个字，请删减。")]
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn") for one in line):
        return [FieldProblem(field, "bad_characters", "内容含有无法显示的字符，请删除乱码后重新填写。")]
    return []
