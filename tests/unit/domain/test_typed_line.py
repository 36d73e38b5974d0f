"""One line of free text: what is done to it, and what it may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.typed_line import line_problems, one_line


def test_blanks_around_go_and_one_stays_between() -> None:
    assert one_line("  示例路 1号\n\u3000三楼 ") == "示例路 1号 三楼"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "missing", "必填"),
        ("路", "string_too_short", "至少2个字"),
        ("路" * 11, "string_too_long", "不能超过10个字"),
        ("示例\x00路", "bad_characters", "乱码"),
        ("示例\ue000路", "bad_characters", "乱码"),
        ("示例\ud800路", "bad_characters", "乱码"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, says: str) -> None:
    (problem,) = line_problems("address", text, shortest=2, longest=10)
    assert (problem.field, problem.code) == ("address", code)
    assert says in problem.message


def test_rare_characters_of_names_are_characters_like_others() -> None:
    assert line_problems("name", "㛃𬭎路1号（东）", longest=20) == []


@given(st.text())
def test_a_line_read_again_is_the_same(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
