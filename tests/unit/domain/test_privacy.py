"""What others see of personal data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.privacy import mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("420106199202290011", "420***********0011"),
        ("H1234567801", "H12****7801"),
        ("H12345678", "H****5678"),
        ("12345678", "1****678"),
        ("E1234", "E**34"),
        ("", ""),
    ],
)
def test_an_id_number_shows_three_and_four(number: str, masked: str) -> None:
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王芳", "王*"),
        ("欧阳建国", "欧**国"),
        ("王𬭎", "王*"),
        ("买买提·艾力", "买****力"),
        ("LI", "L*"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_a_name_shows_its_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_phone_shows_three_and_four() -> None:
    assert mask_phone("19901327120") == "199****7120"


@given(number=st.text("0123456789X", min_size=5, max_size=10))
def test_a_short_number_shows_no_more_than_half(number: str) -> None:
    masked = mask_id_number(number)
    assert len(masked) == len(number)
    assert masked.count("*") >= (len(number) - 1) // 2
