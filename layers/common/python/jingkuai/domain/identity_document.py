"""Identity documents (身份证件): the six kinds to register with, and what of a number stays the same for life.

Source: handbook, section 3. All documents of 18 characters are one family, since their first digits never meet; the
others are one each. A number is unique within its family by its *identity*: renewal digits are not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, Self

from jingkuai.domain.privacy import mask_id_number
from jingkuai.domain.resident_id import LENGTH, InvalidIdentityNumber, ResidentId
from jingkuai.domain.typed_text import compact


class IdType(StrEnum):
    """Kinds of identity documents (证件类型), the codes of dictionary `id_type`."""

    RESIDENT_ID = "resident_id"
    HMT_RESIDENCE_PERMIT = "hmt_residence_permit"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_PERMANENT_RESIDENT = "foreign_permanent_resident"
    PASSPORT = "passport"


FAMILY_18: Final = "id18"

# The form of a number, how much of it is the identity, and what to tell somebody whose number has another form.
PERMITS: Final[Mapping[IdType, tuple[re.Pattern[str], int | None, str]]] = {
    IdType.HK_MACAO_PERMIT: (
        re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
        9,  # the last two digits count renewals
        "港澳居民来往内地通行证号码为字母H或M加8位数字（后面可以有2位换证次数），请对照证件原件重新填写。",
    ),
    IdType.TAIWAN_PERMIT: (
        re.compile(r"[0-9]{8}(?:[0-9]{2})?"),
        8,  # old permits end in an issue number
        "台湾居民来往大陆通行证号码为8位数字（旧证后面有2位签发次数），请对照证件原件重新填写。",
    ),
    IdType.FOREIGN_PERMANENT_RESIDENT: (
        re.compile(r"[A-Z]{3}[0-9]{12}"),
        None,
        "外国人永久居留身份证号码为以9开头的18位号码，旧证为3个字母加12位数字，请对照证件原件重新填写。",
    ),
    IdType.PASSPORT: (
        re.compile(r"[A-Z0-9]{5,20}"),
        None,
        "护照号码为5至20位字母和数字，不含空格和符号，请对照护照资料页重新填写。",
    ),
}
RESIDENCE_PERMIT_PREFIXES: Final = ("810000", "820000", "830000")  # Hong Kong, Macao, Taiwan
NOT_A_RESIDENCE_PERMIT = "港澳台居民居住证号码为18位，以810000、820000或830000开头，请核对证件类型后重新填写。"
MEANT_AS_RESIDENT_ID: Final = re.compile(r"[0-9]{10,}[0-9X]")


class Lookup(NamedTuple):
    """What a keyed hash is taken over: the family and the lasting part of the number."""

    family: str
    identity: str


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """One identity document (身份证件), with a number its kind allows. `today` bounds the birth date and is not kept.
    Raises InvalidIdentityNumber: the codes of ResidentId for 18-character documents, else `bad_id_number`.
    """

    id_type: IdType
    number: str
    today: InitVar[date]

    def __post_init__(self, today: date) -> None:
        if self._has_18_characters:
            ResidentId(self.number, today)
            if self.id_type is IdType.HMT_RESIDENCE_PERMIT and not self.number.startswith(RESIDENCE_PERMIT_PREFIXES):
                raise InvalidIdentityNumber("bad_id_number", NOT_A_RESIDENCE_PERMIT)
        elif not PERMITS[self.id_type][0].fullmatch(self.number):
            raise InvalidIdentityNumber("bad_id_number", PERMITS[self.id_type][2])

    @classmethod
    def parse(cls, id_type: str, text: str, *, today: date) -> Self:
        """The document as somebody typed it; raises InvalidIdentityNumber `unknown_id_type` for another kind."""
        if id_type not in set(IdType):
            raise InvalidIdentityNumber("unknown_id_type")
        return cls(IdType(id_type), compact(text).upper(), today)

    @property
    def family(self) -> str:
        return FAMILY_18 if self._has_18_characters else self.id_type.value

    @property
    def identity(self) -> str:
        """The part of the number that a renewal leaves as it is: what makes a person unique."""
        return self.number if self._has_18_characters else self.number[: PERMITS[self.id_type][1]]

    @property
    def lookup(self) -> Lookup:
        return Lookup(self.family, self.identity)

    @property
    def birth_date(self) -> date | None:
        """The birth date inside the number; None where the kind of document carries none."""
        return self._resident_id.birth_date if self._has_18_characters else None

    @property
    def gender(self) -> str | None:
        """`male` or `female` by the 17th digit; None where the number does not say."""
        return self._resident_id.gender if self.id_type in (IdType.RESIDENT_ID, IdType.HMT_RESIDENCE_PERMIT) else None

    @property
    def masked(self) -> str:
        return mask_id_number(self.number)

    @property
    def _has_18_characters(self) -> bool:
        if self.id_type is IdType.FOREIGN_PERMANENT_RESIDENT:
            return self.number.startswith("9")
        return self.id_type in (IdType.RESIDENT_ID, IdType.HMT_RESIDENCE_PERMIT)

    @property
    def _resident_id(self) -> ResidentId:
        return ResidentId(self.number, date.max)  # checked against its own day when the document was made


def lookup_candidates(text: str, *, today: date) -> tuple[Lookup, ...]:
    """Every identity a number without a type may stand for, likeliest first: a row of a file names no type.
    Raises InvalidIdentityNumber; a long row of digits is taken for a resident ID with a digit lost or doubled.
    """
    number = compact(text).upper()
    if len(number) == LENGTH or MEANT_AS_RESIDENT_ID.fullmatch(number):
        return (Lookup(FAMILY_18, ResidentId(number, today).text),)
    found = tuple(
        Lookup(id_type.value, number[:kept]) for id_type, (form, kept, _) in PERMITS.items() if form.fullmatch(number)
    )
    if not found:
        raise InvalidIdentityNumber("bad_length" if number.isascii() and number.isalnum() else "bad_id_number")
    return found
