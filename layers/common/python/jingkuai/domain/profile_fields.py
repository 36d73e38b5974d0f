"""How the fields of a record are read: what was typed becomes a value of its type, or a named refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, ClassVar, Final, Self

from pydantic import PlainSerializer, PlainValidator

from jingkuai.domain.dictionaries import codes
from jingkuai.domain.person_name import HAN, PersonName
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.social_credit_code import UnifiedSocialCreditCode
from jingkuai.domain.typed_text import half_width

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH: Final = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])")
LONGEST_EMAIL: Final = 254
EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
CERTIFICATE_CHARACTERS: Final = re.compile(f"[0-9A-Za-z()（）{HAN}-]+")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
UNWRITABLE: Final = re.compile("[\ud800-\udfff]")  # half a character: JSON can carry it, UTF-8 cannot


class InvalidField(InvalidValue):
    """A value that its field does not take; the message goes on from the field's label."""

    messages: ClassVar[Mapping[str, str]] = {
        "wrong_type": "的格式不对，请填写文字内容。",
        "unknown_code": "不在可选范围内，请从列表中选择。",
        "bad_date": "不是有效日期，请按“2026-06-30”的格式填写。",
        "bad_month": "不是有效年月，请按“2026-06”的格式填写。",
        "bad_email": "不是有效的邮箱地址，请检查后重新填写，例如 name@example.com。",
        "bad_characters": "含有换行或其他看不见的字符，请删除后重新填写。",
    }


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar as people state it, `YYYY-MM`. Raises InvalidField with `bad_month`."""

    text: str

    def __post_init__(self) -> None:
        if not MONTH.fullmatch(self.text):
            raise InvalidField("bad_month")

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(f"{day.year:04d}-{day.month:02d}")


def read_day(text: str) -> date:
    """A date as `YYYY-MM-DD` and nothing else. Raises InvalidField with `bad_date`."""
    try:
        if DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InvalidField("bad_date")


def read_month(text: str) -> Month:
    """Raises InvalidField with `bad_month`."""
    return Month(text.strip())


def read_text(text: str, shortest: int, longest: int) -> str:
    """Free text without the spaces around it. Raises InvalidField with `bad_length` or `bad_characters`."""
    text = text.strip()
    if not shortest <= len(text) <= longest:
        raise InvalidField("bad_length", f"应为{shortest}至{longest}个字符，请核对后重新填写。")
    if CONTROL.search(text) or UNWRITABLE.search(text):
        raise InvalidField("bad_characters")
    return text


def read_certificate_no(text: str) -> str:
    """The number of an education certificate: forms differ by school and decade, so there is no pattern to hold to."""
    number = read_text(half_width(text), 4, 40)
    if not CERTIFICATE_CHARACTERS.fullmatch(number):
        raise InvalidField("bad_characters", "只能含数字、字母、汉字、括号和连字符，请对照证书重新填写，不要留空格。")
    return number


def read_email(text: str) -> str:
    """Raises InvalidField with `bad_email` or the codes of `read_text`. Lengths: RFC 5321, 64 octets before the @."""
    text = read_text(text, 1, LONGEST_EMAIL)
    if not EMAIL.fullmatch(text) or len(text.encode()) > LONGEST_EMAIL or len(text.partition("@")[0].encode()) > 64:
        raise InvalidField("bad_email")
    return text


def text(read: Callable[[str], object]) -> PlainValidator:
    """A field that is a JSON string, understood by `read`."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise InvalidField("wrong_type")
        return read(value)

    return PlainValidator(validate, json_schema_input_type=str)


def coded(dictionary: str) -> PlainValidator:
    """A field that takes a code of this dictionary."""

    def read(code: str) -> str:
        if code not in codes(dictionary):
            raise InvalidField("unknown_code")
        return code

    return text(read)


def free_text(shortest: int, longest: int) -> PlainValidator:
    return text(lambda value: read_text(value, shortest, longest))


AS_TEXT: Final = PlainSerializer(attrgetter("text"), return_type=str)

Name = Annotated[PersonName, text(PersonName.parse), AS_TEXT]
Phone = Annotated[MainlandPhone, text(MainlandPhone.parse), AS_TEXT]
CreditCode = Annotated[UnifiedSocialCreditCode, text(UnifiedSocialCreditCode.parse), AS_TEXT]
Day = Annotated[date, text(read_day), PlainSerializer(date.isoformat, return_type=str)]
MonthOfYear = Annotated[Month, text(read_month), AS_TEXT]
Email = Annotated[str, text(read_email)]
CertificateNo = Annotated[str, text(read_certificate_no)]
RegionCode = Annotated[str, text(str.strip)]  # whether there is such a bureau depends on the day: a rule across fields


def is_blank(value: object) -> bool:
    """Whether nothing was filled in."""
    return value is None or (isinstance(value, str) and not value.strip())
