"""What may be a password, and what is kept of it."""

import pytest
from argon2 import PasswordHasher

from identity.common_passwords import is_common
from identity.passwords import COST, NOBODYS, InvalidPassword, check_password, hashed, is_outdated, matches

from .conftest import ID_NUMBER, PASSWORD, PHONE, STAFF_PASSWORD


@pytest.fixture(autouse=True)
def cheap_hashes() -> None:
    """Here the parameters are those of the deployed functions."""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "missing"),
        ("Short-26", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("Password123456", "password_too_common"),
        ("kuaiji2026kuaiji2026", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("1234567890", "password_too_common"),
        ("aaaaaaaaaaaa", "password_too_common"),
        ("woaini1314520", "password_too_common"),
        (f"my{PHONE}pass", "password_contains_personal_data"),
        (f"id-{ID_NUMBER}", "password_contains_personal_data"),
        ("born-19650531-x", "password_contains_personal_data"),
        ("last-317038-abc", "password_contains_personal_data"),
    ],
)
def test_refused_passwords_say_why(password: str, code: str) -> None:
    with pytest.raises(InvalidPassword) as refused:
        check_password(password, personal=[ID_NUMBER, PHONE])
    assert refused.value.code == code
    assert password == "" or password not in refused.value.message


@pytest.mark.parametrize(
    "password", [PASSWORD, "Changed-2026-again", "正确的马电池订书钉是四个词", "correct horse battery"]
)
def test_ordinary_good_passwords_are_taken(password: str) -> None:
    check_password(password, personal=[ID_NUMBER, PHONE])


@pytest.mark.parametrize("password", ["Hanyang-26a", "hanyang-bureau-x", "hanyangbureau26"])
def test_staff_passwords_need_twelve_characters_of_three_classes(password: str) -> None:
    check_password(password)
    with pytest.raises(InvalidPassword) as refused:
        check_password(password, of_staff=True)
    assert refused.value.code == "password_too_simple"
    check_password(STAFF_PASSWORD, of_staff=True)


def test_the_list_of_common_passwords_is_long_and_spares_phrases() -> None:
    assert all(
        is_common(one) for one in ("PASSWORD@123", "wuhan123456", "admin1234567890", "abcabcabcabc", "asdfghjklasdf")
    )
    assert not any(is_common(one) for one in (PASSWORD, STAFF_PASSWORD, "Jk-again-2026-Qz7", "Wrong-2026-password"))


def test_a_hash_opens_for_its_password_alone() -> None:
    stored = hashed(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert matches(stored, PASSWORD)
    assert not matches(stored, PASSWORD + "x")
    assert not matches(None, PASSWORD)


def test_nobodys_hash_costs_what_a_new_one_does() -> None:
    """Otherwise the time of the answer would tell an unknown user from a wrong password."""
    assert f"$m={COST.kibibytes},t={COST.passes},p={COST.lanes}$" in NOBODYS
    assert not is_outdated(NOBODYS)


def test_a_hash_of_another_cost_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
