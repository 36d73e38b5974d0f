"""Codes and numbers in their bare form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.typed_text import compact, half_width


def test_full_width_letters_digits_and_hyphens_become_ordinary() -> None:
    assert half_width("ＡＺａｚ０９－") == "AZaz09-"


def test_nothing_else_changes() -> None:
    assert half_width("（Ⅹ）①½王") == "（Ⅹ）①½王"


def test_blanks_and_invisible_marks_go() -> None:
    assert compact(" 4\u20002\u00a00\u200b1\u202d0\ufeff6\t") == "420106"


def test_what_is_too_long_for_a_code_is_left_to_its_type() -> None:
    assert compact(" 1" * 200) == " 1" * 200


@given(text=st.text())
def test_bringing_to_form_twice_is_bringing_to_form(text: str) -> None:
    assert compact(compact(text)) == compact(text)
