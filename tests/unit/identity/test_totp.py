"""The second factor follows RFC 6238 to the digit."""

from datetime import UTC, datetime

import pytest

from identity.totp import STEP_SECONDS, code_at, matching_step, new_secret

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_the_examples_of_the_rfc(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // STEP_SECONDS) == code


@pytest.mark.parametrize(("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(drift: int, accepted: bool) -> None:
    now = datetime.fromtimestamp(1234567890, UTC)
    step = 1234567890 // STEP_SECONDS + drift
    assert matching_step(SECRET, code_at(SECRET, step), now) == (step if accepted else None)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "ABCDEF", "１２３４５６"])
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert matching_step(SECRET, typed, datetime.fromtimestamp(1234567890, UTC)) is None


def test_a_new_secret_is_base32_without_padding() -> None:
    secret = new_secret(bytes(range(20)))
    assert len(secret) == 32
    assert code_at(secret, 1).isdigit()
