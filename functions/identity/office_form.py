"""What a bureau enters about its office (办公信息): what people are told to call, read with every problem at once."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from identity.account_forms import FormReader
from jingkuai.domain.typed_line import line_problems, one_line
from jingkuai.domain.typed_text import half_width

SHORTEST: Final = 2
LONGEST_NAME: Final = 50
LONGEST_ADDRESS: Final = 120


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """An office as typed, or read."""

    name: str
    phone: str
    address: str


def read_office(typed: OfficeForm, *, today: date) -> OfficeForm:
    """The office in form. Raises Invalid with every problem at once."""
    reader = FormReader(today)
    name, address = one_line(typed.name), one_line(typed.address)
    phone = half_width(one_line(typed.phone))
    if phone.isascii():
        phone = reader.contact_phone("phone", phone)
    else:  # digits of other scripts, which no phone dials
        reader.refuse("phone", "bad_contact_phone", "请填写办公电话：带区号的固定电话，如 027-87654321，或者手机号。")
    lines = (("name", name, LONGEST_NAME), ("address", address, LONGEST_ADDRESS))
    for field, line, longest in lines:
        for one in line_problems(field, line, shortest=SHORTEST, longest=longest):
            reader.refuse(one.field, one.code, one.message)
    reader.done()
    return OfficeForm(name, phone, address)
