"""What a look at somebody's record is for (查阅事由): written into that person's access log, and read there by them."""

import re
from typing import Final

from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.typed_line import line_problems, one_line
from jingkuai.domain.typed_text import half_width

SHORTEST: Final = 2
LONGEST: Final = 200
_PERSONAL: Final = re.compile(r"\d{17}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)")


def read_purpose(typed: str) -> tuple[str, list[FieldProblem]]:
    """The purpose with what is wrong with it. It says why, never about whom: it travels in a query and is shown to others."""
    purpose = one_line(typed)
    problems = line_problems("purpose", purpose, shortest=SHORTEST, longest=LONGEST)
    if not problems and _PERSONAL.search(half_width(purpose).replace(" ", "")):
        told = "查阅事由只写为什么查，不要写证件号码或手机号，请删除后重新提交。"
        problems = [FieldProblem("purpose", "personal_data_in_purpose", told)]
    return purpose, problems
