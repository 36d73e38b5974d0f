"""Dictionaries of the coded fields."""

from __future__ import annotations

import pytest

from jingkuai.domain.dictionaries import codes, dictionaries, name_of


def test_codes_of_a_dictionary() -> None:
    assert codes("gender") == {"male", "female"}
    assert len(codes("ethnicity")) == 58
    with pytest.raises(KeyError):
        codes("shoe_size")


def test_a_code_taken_out_later_is_shown_as_it_is() -> None:
    assert name_of("ethnicity", "01") == "汉族"
    assert name_of("ethnicity", "77") == "77"


def test_nobody_changes_them_by_accident() -> None:
    with pytest.raises(TypeError):
        dictionaries()["gender"]["other"] = "其他"  # type: ignore[index]
