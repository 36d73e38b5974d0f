"""Names of people (姓名), kept character by character as the identity document shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from jingkuai.domain.privacy import mask_name
from jingkuai.domain.problem import InvalidValue

MIDDLE_DOT: Final = "·"  # U+00B7, what GB 18030 has between the parts of Uyghur and other names
OTHER_DOTS: Final = str.maketrans(dict.fromkeys(".•．‧・", MIDDLE_DOT))
INVISIBLE: Final = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"  # come along with a copied cell

# The Han characters of GB 18030-2022: the basic block, extensions A to I, both compatibility blocks and 〇.
# No table of single code points: fonts and other systems lag behind, a registry of names must not.
HAN: Final = (
    "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5f\U0002f800-\U0002fa1f\U00030000-\U000323af"
)
CHINESE: Final = re.compile(f"[{HAN}]+(?:{MIDDLE_DOT}[{HAN}]+)*")
LATIN: Final = re.compile(r"[A-Z]+(?: [A-Z]+)*")
PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")


class InvalidName(InvalidValue):
    """A text that is nobody's name."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_length": "姓名应为2至50个字，请按身份证件上的姓名完整填写。",
        "bad_characters": "姓名请按身份证件填写：汉字姓名中间不留空格，间隔号用“·”；"
        "外文姓名用大写字母，各部分之间空一格。",
        "private_use_character": "姓名中有自造字，其他系统无法显示。请用支持生僻字的输入法重新输入这个字；"
        "仍输不出来的，请联系当地财政局。",
    }


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name (姓名): Han characters with `·` between parts, or Latin capitals and spaces for foreigners.

    Source: handbook, section 2; 2 to 50 characters. Never brought to a Unicode normal form, which would replace rare
    characters by common ones that look alike: two names are the same when `comparable` says so.
    Raises InvalidName with `bad_length`, `private_use_character` or `bad_characters`, looked for in that order.
    """

    text: str

    def __post_init__(self) -> None:
        if not 2 <= len(self.text) <= 50:
            raise InvalidName("bad_length")
        if PRIVATE_USE.search(self.text):
            raise InvalidName("private_use_character")
        if not (CHINESE.fullmatch(self.text) or LATIN.fullmatch(self.text)):
            raise InvalidName("bad_characters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The name as somebody typed it: spaces around it go, the dots people type become `·`, nothing else changes."""
        return cls(comparable(text))

    @property
    def masked(self) -> str:
        return mask_name(self.text)


def comparable(text: str) -> str:
    """The form in which names are compared and hashed: trimmed and dot-folded, no more. Checks nothing: a name in an
    institution's file that breaks the rules is simply another name.
    """
    return text.strip().strip(INVISIBLE).strip().translate(OTHER_DOTS)
