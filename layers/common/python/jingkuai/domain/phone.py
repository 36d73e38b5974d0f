"""Mobile phone numbers (手机号): how an account is reached and proves who it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from jingkuai.domain.privacy import mask_phone
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.typed_text import compact

FORM: Final = re.compile(r"1[3-9][0-9]{9}")
COUNTRY_CODE: Final = re.compile(r"^(\+|00)86")


class InvalidPhone(InvalidValue):
    """A text that is no mainland mobile number; a landline cannot receive a code."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_phone": "请填写能接收短信的11位中国大陆手机号，以13至19开头，不要填固定电话。"
    }


@dataclass(frozen=True, slots=True)
class MainlandPhone:
    """A mainland mobile number (手机号), 11 digits without country code. Raises InvalidPhone with `bad_phone`."""

    text: str

    def __post_init__(self) -> None:
        if not FORM.fullmatch(self.text):
            raise InvalidPhone("bad_phone")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number as phone books write it: +86 or 0086, spaces, hyphens and full width are brought to form first."""
        return cls(COUNTRY_CODE.sub("", compact(text).replace("-", ""), count=1))

    @property
    def masked(self) -> str:
        return mask_phone(self.text)
