"""Unified social credit codes (统一社会信用代码). *Credit* here is 信用; the other one (学分) is a `CreditEntry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.typed_text import compact

LENGTH: Final = 18
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are misread as 1, 0, 5, U and 2
WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))


class InvalidCode(InvalidValue):
    """A unified social credit code that cannot be one."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_length": "统一社会信用代码应为18位，请对照营业执照或登记证书补全后重新填写。",
        "bad_characters": "统一社会信用代码只含数字和大写字母，且不用I、O、S、V、Z，请核对是否把1、0、5、2看成了字母。",
        "bad_check_digit": "统一社会信用代码校验位不正确，多半是输错了一位，请对照营业执照或登记证书逐位核对。",
    }


@dataclass(frozen=True, slots=True)
class UnifiedSocialCreditCode:
    """The number of one organisation (统一社会信用代码), whichever department registered it: companies begin with 9,
    public bodies with 1, village collectives with N; every first character of the alphabet is accepted.

    Source: GB 32100-2015. Characters 3 to 8 name the division of registration: a hint, since head offices move.
    Raises InvalidCode with `bad_length`, `bad_characters` or `bad_check_digit`, looked for in that order.
    """

    text: str

    def __post_init__(self) -> None:
        if len(self.text) != LENGTH:
            raise InvalidCode("bad_length")
        if not set(self.text) <= set(ALPHABET):
            raise InvalidCode("bad_characters")
        if self.text[-1] != check_character(self.text[:-1]):
            raise InvalidCode("bad_check_digit")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code as somebody typed it: lower case, full width and spaces are brought to form first."""
        return cls(compact(text).upper())

    @property
    def region_hint(self) -> str:
        return self.text[2:8]


def check_character(body: str) -> str:
    """The 18th character for the first 17: what brings the weighted sum to a multiple of 31."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]
