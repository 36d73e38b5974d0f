"""Certificate numbers, what is signed, and whether a certificate still holds."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.certificate import Certificate, CertificateState, is_certificate_no, new_certificate_no
from jingkuai.domain.credit_rules import YearCredits
from tests.unit.domain.test_credit_rules import PUB, RULES, entry

ISSUED = Certificate(
    "HB2026ABCDEFGH23", "p-1", 2026, "王*", Decimal(95), Decimal(80), datetime(2026, 11, 24, 4, tzinfo=UTC)
)
FULFILLED = YearCredits.of([entry("80"), entry("15", PUB)], RULES)
SHORT = YearCredits.of([entry("80")], RULES)


@given(st.binary(min_size=10, max_size=10))
def test_a_number_is_of_its_year_and_without_letters_that_are_misread(drawn: bytes) -> None:
    number = new_certificate_no(2026, lambda _: drawn)
    assert is_certificate_no(number)
    assert number.startswith("HB2026") and len(number) == 16
    assert not set(number[6:]) & set("IO01")


@pytest.mark.parametrize(
    "text", ["", "HB2026ABCDEFGHJ", "HB2026ABCDEFGHI2", "hb2026ABCDEFGHJK", "HB2026ABCDEFGHJK\n", "XX2026ABCDEFGHJK"]
)
def test_what_has_another_form_is_no_number(text: str) -> None:
    assert not is_certificate_no(text)


@pytest.mark.parametrize(
    ("current", "credits", "state"),
    [
        ("HB2026ABCDEFGH23", FULFILLED, CertificateState.VALID),
        ("HB2026ABCDEFGH23", SHORT, CertificateState.REVOKED),
        ("HB2026ZZZZZZZZ22", FULFILLED, CertificateState.REPLACED),
        ("HB2026ZZZZZZZZ22", SHORT, CertificateState.REPLACED),
    ],
)
def test_a_certificate_holds_while_it_is_the_current_one_and_the_year_fulfilled(
    current: str, credits: YearCredits, state: CertificateState
) -> None:
    assert ISSUED.state(current, credits) is state


def test_until_a_new_one_is_asked_for_it_holds_with_the_sums_it_was_issued_with() -> None:
    more = YearCredits.of([entry("80"), entry("20", PUB)], RULES)
    assert ISSUED.agrees_with(FULFILLED) and not ISSUED.agrees_with(more)
    assert ISSUED.state(ISSUED.certificate_no, more) is CertificateState.VALID


def test_what_is_signed_changes_with_every_fact_and_names_nobody_in_full() -> None:
    statement = ISSUED.statement()
    for changed in ({"total": Decimal(96)}, {"professional": Decimal(81)}, {"year": 2025}, {"name_masked": "李*"}):
        assert replace(ISSUED, **changed).statement() != statement
    assert b"p-1" not in statement
