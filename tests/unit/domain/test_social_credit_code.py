"""Unified social credit codes against the handbook's vectors and the properties of MOD 31-3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jingkuai.domain.social_credit_code import ALPHABET, InvalidCode, UnifiedSocialCreditCode, check_character

SAMPLES = Path(__file__).parents[2] / "samples"
VECTORS = json.loads((SAMPLES / "validator_vectors.json").read_text())["uscc"]
PEOPLE = json.loads((SAMPLES / "people.json").read_text())["people"]

bodies = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("text", [*VECTORS["valid"], *sorted({person["uscc"] for person in PEOPLE})])
def test_codes_of_every_registering_department_are_taken(text: str) -> None:
    assert UnifiedSocialCreditCode.parse(text).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *VECTORS["invalid"],
        ("", "bad_length"),
        ("91420106MA4K2RTU5J1", "bad_length"),
        ("91420106MA4K2RTUVJ", "bad_characters"),
    ],
)
def test_a_wrong_code_is_refused_with_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(InvalidCode) as caught:
        UnifiedSocialCreditCode.parse(text)
    assert caught.value.code == code
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "typed", ["91420106ma4k2rtu5j", " 91420106 MA4K2RTU5J", "９１４２０１０６ＭＡ４Ｋ２ＲＴＵ５Ｊ"]
)
def test_lower_case_full_width_and_spaces_are_brought_to_form(typed: str) -> None:
    assert UnifiedSocialCreditCode.parse(typed).text == "91420106MA4K2RTU5J"


def test_the_region_is_a_hint() -> None:
    assert UnifiedSocialCreditCode("91420106MA4K2RTU5J").region_hint == "420106"


@given(body=bodies, place=st.integers(0, 17), typed=st.sampled_from(ALPHABET))
def test_one_miscopied_character_is_always_found(body: str, place: int, typed: str) -> None:
    code = body + check_character(body)
    assume(code[place] != typed)
    with pytest.raises(InvalidCode):
        UnifiedSocialCreditCode(code[:place] + typed + code[place + 1 :])


@given(body=bodies, place=st.integers(0, 16))
def test_two_neighbours_changed_round_are_always_found(body: str, place: int) -> None:
    code = body + check_character(body)
    assume(code[place] != code[place + 1])
    with pytest.raises(InvalidCode):
        UnifiedSocialCreditCode(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


@given(body=bodies)
def test_every_body_makes_a_code(body: str) -> None:
    assert UnifiedSocialCreditCode(body + check_character(body)).text[:17] == body
