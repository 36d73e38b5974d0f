"""Phones are brought to the eleven digits of a mainland mobile number, or refused."""

from __future__ import annotations

import pytest

from jingkuai.domain.phone import InvalidPhone, MainlandPhone


@pytest.mark.parametrize(
    "typed",
    [
        "19901327120",
        "+86 199 0132 7120",
        "0086-199-0132-7120",
        "１９９０１３２７１２０",
        "199-0132-7120",
        "+8619901327120",
    ],
)
def test_a_phone_is_brought_to_eleven_digits(typed: str) -> None:
    assert MainlandPhone.parse(typed).text == "19901327120"


@pytest.mark.parametrize(
    "text", ["", "12901327120", "1990132712", "199013271200", "027-87654321", "+85219901327120", "8619901327120"]
)
def test_what_cannot_receive_a_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhone) as caught:
        MainlandPhone.parse(text)
    assert caught.value.code == "bad_phone"


def test_a_phone_masks_itself() -> None:
    assert MainlandPhone("19901327120").masked == "199****7120"
