"""Resident identity numbers (公民身份号码), the number on the resident identity card (居民身份证)."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import date
from typing import ClassVar, Final, Self

from jingkuai.domain.privacy import mask_id_number
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.typed_text import compact

LENGTH: Final = 18
WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))  # 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2
CHECK_CHARACTERS: Final = "10X98765432"  # by remainder: X stands for ten

FIFTEEN_DIGITS_ENDED = "15位身份证号码已于2013年1月1日停止使用，请填写现用居民身份证上的18位号码。"


class InvalidIdentityNumber(InvalidValue):
    """The number of an identity document (证件号码) that cannot be one."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_length": "证件号码位数不对（应为18位），请对照证件原件补全后重新填写。",
        "bad_characters": "身份证号码只能由17位数字和末位的数字或字母X组成，请切换到英文输入法重新填写。",
        "bad_birth_date": "证件号码第7至14位不是有效的出生日期，请对照证件原件逐位核对。",
        "bad_sequence": "证件号码第15至17位不能为000，请对照证件原件逐位核对。",
        "bad_check_digit": "证件号码校验位不正确，多半是输错或颠倒了一位，请对照证件原件逐位核对。",
        "bad_id_number": "证件号码格式不正确，请核对证件类型后，对照证件原件重新填写。",
        "unknown_id_type": "没有这种证件类型，请从列表中选择。",
    }


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A resident identity number (公民身份号码): 6 digits of region, 8 of birth date, 3 of sequence, 1 check character.

    Source: GB 11643-1999, check by MOD 11-2 (GB/T 17710). The region is where the number was first given, often a
    division renamed or abolished since: a hint, and no number is refused for it. `today` is the day against which a
    birth date lies in the future; it is not kept.
    Raises InvalidIdentityNumber with `bad_length`, `bad_characters`, `bad_birth_date`, `bad_sequence` or
    `bad_check_digit`, looked for in that order.
    """

    text: str
    today: InitVar[date]

    def __post_init__(self, today: date) -> None:
        if len(self.text) != LENGTH:
            old = len(self.text) == 15 and self.text.isdecimal()
            raise InvalidIdentityNumber("bad_length", FIFTEEN_DIGITS_ENDED if old else None)
        if not (set(self.text[:17]) <= set(string.digits) and self.text[17] in CHECK_CHARACTERS):
            raise InvalidIdentityNumber("bad_characters")
        born = _day(self.text[6:14])
        if born is None or born > today:
            raise InvalidIdentityNumber("bad_birth_date")
        if self.text[14:17] == "000":
            raise InvalidIdentityNumber("bad_sequence")
        if self.text[17] != check_character(self.text[:17]):
            raise InvalidIdentityNumber("bad_check_digit")

    @classmethod
    def parse(cls, text: str, *, today: date) -> Self:
        """The number as somebody typed it: lower-case x, full-width digits and spaces are brought to form first."""
        return cls(compact(text).upper(), today)

    @property
    def birth_date(self) -> date:
        return date(int(self.text[6:10]), int(self.text[10:12]), int(self.text[12:14]))

    @property
    def gender(self) -> str:
        """`male` where the 17th digit is odd, else `female`."""
        return "male" if int(self.text[16]) % 2 else "female"

    @property
    def region_hint(self) -> str:
        """The division that gave the number: never proof of where somebody lives or works."""
        return self.text[:6]

    @property
    def masked(self) -> str:
        return mask_id_number(self.text)


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
