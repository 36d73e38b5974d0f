"""Numbers of transfer letters, what is signed, and for whom one speaks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.certificate import is_certificate_no
from jingkuai.domain.transfer_letter import LetterState, TransferLetter, is_letter_number, new_letter_number

LETTER = TransferLetter(
    "DZ2026ABCDEFGH23", "p-1", "林*𬭎", "420106", "430100", datetime(2026, 11, 24, 4, tzinfo=UTC), LetterState.VALID
)


@given(st.binary(min_size=10, max_size=10))
def test_a_number_is_of_its_year_no_certificates_and_without_letters_that_are_misread(drawn: bytes) -> None:
    number = new_letter_number(LETTER.issued_at, lambda _: drawn)
    assert is_letter_number(number) and not is_certificate_no(number)
    assert number.startswith("DZ2026") and len(number) == 16
    assert not set(number[6:]) & set("IO01")


def test_the_year_and_day_are_those_in_shanghai() -> None:
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert new_letter_number(new_year, bytes).startswith("DZ2027")
    assert replace(LETTER, issued_at=new_year).issued_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    "text", ["", "DZ2026ABCDEFGHJ", "DZ2026ABCDEFGHI2", "dz2026ABCDEFGHJK", "DZ2026ABCDEFGHJK\n", "HB2026ABCDEFGHJK"]
)
def test_what_has_another_form_is_no_number(text: str) -> None:
    assert not is_letter_number(text)


@pytest.mark.parametrize(
    ("state", "person_id", "speaks"),
    [
        (LetterState.VALID, "p-1", True),
        (LetterState.VALID, "p-2", False),
        (LetterState.USED, "p-1", False),
        (LetterState.REVOKED, "p-1", False),
    ],
)
def test_a_letter_speaks_for_its_holder_until_it_is_used_or_revoked(
    state: LetterState, person_id: str, speaks: bool
) -> None:
    assert replace(LETTER, state=state).vouches_for(person_id) is speaks


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "DZ2026ABCDEFGH24"},
        {"name_masked": "李*"},
        {"from_region": "420100"},
        {"to_region": "430000"},
        {"issued_at": datetime(2026, 11, 25, tzinfo=UTC)},
    ],
)
def test_what_is_signed_changes_with_every_fact(changed: dict[str, Any]) -> None:
    assert replace(LETTER, **changed).statement() != LETTER.statement()


def test_what_is_signed_holds_for_good_and_names_nobody_in_full() -> None:
    assert replace(LETTER, state=LetterState.USED).statement() == LETTER.statement()
    assert b"p-1" not in LETTER.statement()
