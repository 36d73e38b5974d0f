"""Scopes: which regions a bureau's account stands above."""

from __future__ import annotations

import pytest

from jingkuai.domain.principal import UNNAMED, OwnNames, Principal, Role, scope_covers, scope_of


@pytest.mark.parametrize(
    ("region", "scope"), [("420000", "42"), ("420100", "4201"), ("420106", "420106"), ("429004", "429004")]
)
def test_the_scope_of_a_bureau_is_its_leading_digits(region: str, scope: str) -> None:
    assert scope_of(region) == scope


@pytest.mark.parametrize(
    ("scope", "region", "covers"),
    [
        ("42", "420106", True),
        ("42", "420000", True),
        ("42", "429004", True),
        ("42", "430100", False),
        ("4201", "420106", True),
        ("4201", "420100", True),
        ("4201", "420000", False),
        ("4201", "420502", False),
        ("420100", "420106", True),
        ("420106", "420106", True),
        ("420106", "420107", False),
        ("420106", "420100", False),
        ("", "420106", False),
        ("4", "420106", False),
        ("42010", "420106", False),
        ("４２", "４２0106", False),
        ("91420106MA4K2RTU5J", "420106", False),
    ],
)
def test_a_scope_covers_what_lies_below(scope: str, region: str, covers: bool) -> None:
    assert scope_covers(scope, region) is covers


@pytest.mark.parametrize("role", list(Role))
def test_only_bureaus_cover_regions(role: Role) -> None:
    account = Principal("a", role, "42", None, "王*", "s")
    assert account.covers("420106") is (role in {Role.REVIEWER, Role.ADMIN, Role.AUDITOR})


@pytest.mark.parametrize(
    "names", [UNNAMED, OwnNames(("k1.a",)), OwnNames(("k1.a", "k1.b"), "k1.c"), OwnNames((), "k1.c")]
)
def test_own_names_read_back_as_they_were_written(names: OwnNames) -> None:
    assert OwnNames.read(names.as_text) == names
    assert bool(names.as_text) is (names != UNNAMED)
