"""Resident identity numbers against the handbook's vectors, at their edges and by the properties of MOD 11-2."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jingkuai.domain.resident_id import CHECK_CHARACTERS, WEIGHTS, InvalidIdentityNumber, ResidentId, check_character

VECTORS = json.loads((Path(__file__).parents[2] / "samples" / "validator_vectors.json").read_text())["resident_id"]
TODAY = date(2026, 11, 24)

regions = st.integers(110000, 829999).map(str)
births = st.dates(date(1900, 1, 1), TODAY).map("{:%Y%m%d}".format)
sequences = st.integers(1, 999).map("{:03d}".format)
bodies = st.builds("{}{}{}".format, regions, births, sequences)
numbers = bodies.map(lambda body: body + check_character(body))


def refusal(text: str) -> InvalidIdentityNumber:
    with pytest.raises(InvalidIdentityNumber) as caught:
        ResidentId.parse(text, today=TODAY)
    return caught.value


@pytest.mark.parametrize("text", VECTORS["valid"])
def test_a_right_number_is_taken_even_where_its_division_is_gone(text: str) -> None:
    assert ResidentId.parse(text, today=TODAY).text == text


@pytest.mark.parametrize(("text", "code"), VECTORS["invalid"])
def test_a_wrong_number_is_refused_with_the_code_of_what_is_wrong(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_weights_are_those_of_the_standard() -> None:
    assert WEIGHTS == (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.mark.parametrize(
    "typed",
    [
        "42050219801231888x",
        "42050219801231888ｘ",
        "４２０５０２１９８０１２３１８８８Ｘ",
        " 420502 19801231 888X ",
        "420502\u300019801231\u00a0888X",
        "\u202a42050219801231888X\u202c",
    ],
)
def test_what_keyboards_and_clipboards_do_is_undone(typed: str) -> None:
    assert ResidentId.parse(typed, today=TODAY).text == "42050219801231888X"


def test_fifteen_digits_are_told_that_they_have_ended() -> None:
    assert "2013年1月1日" in refusal("420106920229001").message
    assert "2013" not in refusal("42010619920229001").message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_length"),
        ("4201061992022900111", "bad_length"),
        ("٤20106199202290011", "bad_characters"),  # a digit, but not one of the standard's
        ("X20106199202290011", "bad_characters"),
        ("42010619920229001A", "bad_characters"),
        ("420106000001010011", "bad_birth_date"),
        ("420106199213010011", "bad_birth_date"),
        ("420106199302290003", "bad_birth_date"),  # looked for before the sequence
        ("420106199202290000", "bad_sequence"),  # looked for before the check digit
    ],
)
def test_the_first_thing_wrong_is_named(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_somebody_born_today_has_a_number_and_somebody_born_tomorrow_has_none() -> None:
    today, tomorrow = ("420106202611" + rest for rest in ("24001", "25001"))
    assert ResidentId(today + check_character(today), TODAY).birth_date == TODAY
    assert refusal(tomorrow + check_character(tomorrow)).code == "bad_birth_date"


def test_it_tells_birth_date_gender_and_a_hint_of_the_region() -> None:
    man, woman = (ResidentId(text, TODAY) for text in ("420106199202290011", "422801200402293149"))
    assert (man.birth_date, man.gender, man.region_hint) == (date(1992, 2, 29), "male", "420106")
    assert woman.gender == "female"
    assert man.masked == "420***********0011"


def test_a_refusal_never_repeats_the_number() -> None:
    assert "42010619920229001" not in str(refusal("420106199202290012"))


@given(number=numbers, place=st.integers(0, 17), typed=st.sampled_from(CHECK_CHARACTERS))
def test_one_miscopied_character_is_always_found(number: str, place: int, typed: str) -> None:
    assume(number[place] != typed)
    with pytest.raises(InvalidIdentityNumber):
        ResidentId(number[:place] + typed + number[place + 1 :], TODAY)


@given(number=numbers, place=st.integers(0, 16))
def test_two_neighbours_changed_round_are_always_found(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    with pytest.raises(InvalidIdentityNumber):
        ResidentId(number[:place] + number[place + 1] + number[place] + number[place + 2 :], TODAY)


@given(body=bodies)
def test_every_body_has_exactly_one_check_character(body: str) -> None:
    right = [character for character in CHECK_CHARACTERS if check_character(body) == character]
    assert len(right) == 1
    assert ResidentId(body + right[0], TODAY).text[:17] == body


@given(text=st.text(max_size=24))
def test_any_text_is_a_number_or_a_named_refusal(text: str) -> None:
    with contextlib.suppress(InvalidIdentityNumber):
        assert len(ResidentId.parse(text, today=TODAY).text) == 18
