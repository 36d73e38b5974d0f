"""Appeals (申诉): somebody without a way into an account says that its ID number is theirs, and a bureau finds out.

Source: handbook, sections 5 and 9. Whoever files one proves a phone; who is right is decided by the bureau of the region
and the one above it, by the scans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from typing import ClassVar, Final, TypeVar

from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.identity_document import Lookup, lookup_candidates
from jingkuai.domain.paper_number import ALPHABET
from jingkuai.domain.person_name import PersonName
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, InvalidValue, TooManyRequests
from jingkuai.domain.regions import bureau_name, hubei
from jingkuai.domain.typed_text import compact
from jingkuai.domain.workdays import SHANGHAI, today_in_shanghai

APPEAL: Final = "appeal"  # the kind of its case and tasks, whatever it says
A_DAY: Final = 3  # appeals of one phone
LONGEST_STATEMENT: Final = 1000
RESERVED: Final = timedelta(days=30)  # how long a number that was taken away waits for the phone of its appeal
REQUIRED_SCANS: Final = tuple(
    (kind, 1) for kind in (AttachmentKind.HAND_HELD_PHOTO, AttachmentKind.ID_FRONT, AttachmentKind.ID_BACK)
)
_QUERY_CODE_LENGTH: Final = 20  # 100 bits: no code is found by trying
_MISSING: Final = "必填项没有填写，请补充后重新提交。"

Value = TypeVar("Value")


class AppealKind(StrEnum):
    """What is wrong (申诉事由)."""

    ID_NUMBER_TAKEN = "id_number_taken"
    PHONE_CHANGED = "phone_changed"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: Final[Mapping[AppealKind, str]] = {
    AppealKind.ID_NUMBER_TAKEN: "证件号码被他人注册",
    AppealKind.PHONE_CHANGED: "手机号已更换、无法登录",
}


class ScanNotReady(Conflict):
    """A scan is still being looked at; everything else is right."""

    code = "scan_not_ready"
    title = "扫描件还在检查"
    detail = "有扫描件还在上传或检查，申诉没有提交。请等几秒后原样重新提交，验证码仍然有效。"


class NumberNotRegistered(Invalid):
    """Nobody holds this number, so there is nothing to appeal against. Told only to whoever proved a phone by code."""

    code = "id_number_not_registered"
    title = "该证件号码没有注册"
    detail = "这个证件号码还没有注册过账号，不需要申诉。请核对号码；没有填错的，请直接注册。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("id_number", self.code, type(self).detail)])


class OpenAppeal(Conflict):
    """One appeal about a number at a time, whoever filed it."""

    code = "open_appeal"
    title = "该证件号码已有申诉正在办理"
    detail = (
        "该证件号码已有一件申诉正在办理，这次没有提交。请用查询码查看进度；不是您本人提出的，请携带身份证件联系财政局。"
    )


class PhoneIsTheAccounts(Conflict):
    """The account already has the phone that was proven: its holder can sign in with a code."""

    code = "phone_is_the_accounts"
    title = "该手机号就是账号绑定的手机号"
    detail = "该证件号码的账号绑定的就是这个手机号，不需要申诉。请用短信验证码登录，或者通过短信验证码重设密码。"


class PhoneInUse(Conflict):
    """Another accountant's account has the phone that was proven."""

    code = "phone_registered"
    title = "该手机号已被使用"
    detail = "这个手机号已经绑定了另一个账号，申诉没有提交。请换一个本人的手机号，重新获取验证码后再申诉。"


class TooManyAppeals(TooManyRequests):
    """Three appeals were filed with this phone today (Asia/Shanghai)."""

    detail = "这个手机号今天已提交3次申诉，请明天再试，或者携带身份证件到当地财政局办理。"

    def __init__(self, now: datetime | None = None) -> None:
        super().__init__(retry_after=_until_tomorrow(now) if now else None)


def _until_tomorrow(now: datetime) -> int:
    tomorrow = datetime.combine(today_in_shanghai(now) + timedelta(days=1), time(), SHANGHAI)
    return max(1, ceil((tomorrow - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class AppealForm:
    """An appeal as it was typed."""

    id_number: str
    name: str
    phone: str
    kind: str
    statement: str
    region_code: str
    attachment_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal whose every value is what its type promises. `numbers` are all documents the number may stand for."""

    numbers: tuple[Lookup, ...]
    name: PersonName
    phone: MainlandPhone
    kind: AppealKind
    statement: str
    region_code: str


def read(form: AppealForm, *, today: date) -> tuple[Appeal | None, list[FieldProblem]]:
    """The form's values, or everything that is wrong with them."""
    problems: list[FieldProblem] = []

    def field(name: str, typed: str, value: Callable[[str], Value]) -> Value | None:
        if not typed.strip():
            problems.append(FieldProblem(name, "missing", _MISSING))
            return None
        try:
            return value(typed)
        except InvalidValue as refused:
            problems.append(refused.at(name))
            return None

    numbers = field("id_number", form.id_number, lambda typed: lookup_candidates(typed, today=today))
    name = field("name", form.name, PersonName.parse)
    phone = field("phone", form.phone, MainlandPhone.parse)
    kind = field("kind", form.kind, _kind)
    statement = field("statement", form.statement, _statement)
    region = field("region_code", form.region_code, lambda typed: _region(typed, today))
    if numbers is None or name is None or phone is None or kind is None or statement is None or region is None:
        return None, problems
    return Appeal(numbers, name, phone, kind, statement, region), problems


def phone_of(form: AppealForm) -> MainlandPhone | None:
    """The form's phone where it is one: scans belong to it."""
    try:
        return MainlandPhone.parse(form.phone)
    except InvalidValue:
        return None


def query_code(digest: str) -> str:
    """The code under which an appeal is asked for, from the hexadecimal digest of its id under the deployment's key.

    So nothing but the digest's key knows it, and a repeated request gets the same one.
    """
    drawn, places = int(digest, 16), []
    for _ in range(_QUERY_CODE_LENGTH):
        drawn, place = divmod(drawn, len(ALPHABET))
        places.append(ALPHABET[place])
    return "".join(places)


def typed_query_code(text: str) -> str:
    """A query code in its bare form."""
    return compact(text).replace("-", "").upper()


def told_to_holder(kind: AppealKind, region_code: str) -> str:
    """What the holder of the number reads at once: whoever it is may be the one who is right."""
    bureau = bureau_name(region_code)
    return (
        f"有人就您账号的证件号码提出申诉（{kind.label}），由{bureau}核实，核实期间账号将暂停登录。"
        f"如果不是您本人提出的，请尽快携带身份证件联系{bureau}。"
    )


class InvalidAppeal(InvalidValue):
    """A member of an appeal that is no such thing."""

    messages: ClassVar[Mapping[str, str]] = {
        "enum": f"不在可选值之内，请从这些值中选择：{'、'.join(AppealKind)}。",
        "too_long": "申诉说明最多1000字，请删减后重新提交。",
        "unknown_region": "没有这个区划的财政局，请从区划列表中选择工作单位所在地，或者户籍、居住地。",
    }


def _kind(typed: str) -> AppealKind:
    if typed not in set(AppealKind):
        raise InvalidAppeal("enum")
    return AppealKind(typed)


def _statement(typed: str) -> str:
    if len(typed.strip()) > LONGEST_STATEMENT:
        raise InvalidAppeal("too_long")
    return typed.strip()


def _region(typed: str, today: date) -> str:
    if not hubei().is_authority(typed, on=today):
        raise InvalidAppeal("unknown_region")
    return typed
