"""Names are kept as documents show them, and compared by nothing but trimming and dots."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from jingkuai.domain.person_name import InvalidName, PersonName, comparable

PEOPLE = json.loads((Path(__file__).parents[2] / "samples" / "people.json").read_text())["people"]


@pytest.mark.parametrize(
    "text",
    [
        *sorted({person["name"] for person in PEOPLE}),
        "㛃娜",  # extension A
        "王𬭎",  # extension E
        "张\U00020000",  # extension B
        "张\U000323af",  # extension H
        "李〇",
        "古丽娜尔·阿不都热合曼·买买提艾力江",
        "中" * 50,
        "JOHN SMITH",
        "LI",
    ],
)
def test_names_as_documents_show_them_are_taken_and_kept(text: str) -> None:
    assert PersonName.parse(text).text == text


@pytest.mark.parametrize("text", ["金\uf90a", "凉\uf979", "神\ufa19"])
def test_a_name_is_never_normalised(text: str) -> None:
    assert unicodedata.normalize("NFC", text) != text
    assert PersonName.parse(text).text == text


@pytest.mark.parametrize("dot", [".", "•", "．", "‧", "・", "·"])
def test_every_dot_becomes_the_dot_of_the_standard(dot: str) -> None:
    assert PersonName.parse(f"买买提{dot}艾力").text == "买买提·艾力"


@pytest.mark.parametrize("typed", [" 王芳", "王芳\u3000", "\u202a王芳\u202c", "\ufeff王芳\r\n"])
def test_what_stands_around_a_name_goes(typed: str) -> None:
    assert PersonName.parse(typed).text == comparable(typed) == "王芳"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_length"),
        (" 王 ", "bad_length"),
        ("中" * 51, "bad_length"),
        ("王 芳", "bad_characters"),
        ("王芳1", "bad_characters"),
        ("王C", "bad_characters"),
        ("John Smith", "bad_characters"),
        ("JOHN  SMITH", "bad_characters"),
        ("·买买提", "bad_characters"),
        ("买买提··艾力", "bad_characters"),
        ("买买提·", "bad_characters"),
        ("王\ue000", "private_use_character"),
        ("<b>", "bad_characters"),
        ("王\ud86d", "bad_characters"),
    ],
)
def test_what_is_nobodys_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidName) as caught:
        PersonName.parse(text)
    assert caught.value.code == code


def test_two_names_that_only_look_alike_are_two_names() -> None:
    assert comparable("金\uf90a") != comparable("金金")
    assert comparable("王 芳") != comparable("王芳")
