"""What a look at somebody's record is for (查阅事由): written into that person's access log, and read there by them."""

import re
from typing import Final

from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.typed_line import is_blank, line_problems, one_line
from jingkuai.domain.typed_text import half_width

SHORTEST: Final = 2
LONGEST: Final = 200
_NUMBER: Final = (
    r"\d{17}[\dXx]|(?<!\d)[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)"  # of 18 characters, or 15
)
_PHONE: Final = r"(?<!\d)(?:00)?(?:86)?1[3-9]\d{9}(?!\d)"
_PERSONAL: Final = re.compile(f"{_NUMBER}|{_PHONE}")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[-.·]+(?=[\dXx])")


def read_purpose(typed: str) -> tuple[str, list[FieldProblem]]:
    """The purpose with what is wrong with it. It says why, never about whom: it travels in a query and is shown to others."""
    purpose = one_line(typed)
    problems = line_problems("purpose", purpose, shortest=SHORTEST, longest=LONGEST)
    if not problems and _PERSONAL.search(_run_together(purpose)):
        told = "查阅事由只写为什么查，不要写证件号码或手机号，请删除后重新提交。"
        problems = [FieldProblem("purpose", "personal_data_in_purpose", told)]
    return purpose, problems


def _run_together(purpose: str) -> str:
    """The text without what nobody sees in it, and without what people put between the digits of a number."""
    seen = "".join(one for one in half_width(purpose) if not is_blank(one))
    return _BETWEEN_DIGITS.sub("", seen)
