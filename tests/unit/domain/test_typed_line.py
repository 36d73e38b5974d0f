"""One line of free text: what is done to it, and what it may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.typed_line import is_blank, line_problems, lines_problems, one_line, several_lines

UNSEEN = st.one_of(
    st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"]),
    st.sampled_from("\u115f\u1160\u2800\u3164\uffa0"),
)


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


@pytest.mark.parametrize(
    "text", ["\u200b\u200b", "\u202e\ufeff", "\x00\x07", "\u3164\u2800", " \t\n\u3000", "\ufe0f\u0301"]
)
def test_what_nobody_sees_is_no_text(text: str) -> None:
    assert is_blank(text) and one_line(text) == several_lines(text) == ""


@given(st.text(UNSEEN))
def test_however_much_of_it_nobody_sees_it_counts_as_empty(text: str) -> None:
    assert is_blank(text) and one_line(text) == several_lines(text) == ""
    assert [one.code for one in line_problems("reason", text, longest=10)] == ["missing"]


@given(
    st.text(UNSEEN), st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u2800\u3164\uffa0")
)
def test_one_character_that_is_seen_makes_it_a_text(around: str, seen: str) -> None:
    text = around + seen + around
    assert not is_blank(text) and seen in one_line(text) and seen in several_lines(text)


def test_invisible_marks_go_and_neither_lengthen_a_line_nor_hide_what_it_says() -> None:
    assert one_line("\ufeff补\u200b正\u202e") == several_lines("\ufeff补\u200b正\u202e") == "补正"
    assert [one.code for one in line_problems("purpose", one_line("查\u200b\u200b"), shortest=2, longest=9)] == [
        "string_too_short"
    ]


def test_several_lines_stay_lines_however_they_end() -> None:
    assert several_lines(" 一\r\n\t二\x0b三\u2028四\n") == "一\n\t二\n三\n四"
    assert lines_problems("reason", "一\n\t二") == lines_problems("reason", "") == []


@pytest.mark.parametrize("text", ["补\x00正", "补\x1b[31m正", "补\ue000正", "补\ud800正"])
def test_garbage_in_several_lines_is_refused(text: str) -> None:
    (problem,) = lines_problems("reason", several_lines(text))
    assert (problem.field, problem.code) == ("reason", "bad_characters")


@given(st.text())
def test_a_line_read_again_is_the_same(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert several_lines(several_lines(text)) == several_lines(text)
