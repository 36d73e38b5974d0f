"""Contact data (联系方式) as their owner changes them, at once and without a review: phone, e-mail, address.

Why a new phone leaves sessions alone, and what becomes of the old one: docs/decisions/0005-a-new-phone.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TypeVar

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import SentCodes, code_hash, spend_code
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import TransactWrite
from jingkuai.domain.one_time_code import OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, InvalidValue
from jingkuai.domain.profile_fields import InvalidField, is_blank, read_email, read_text
from jingkuai.domain.profile_labels import label_of, please_fill_in
from register.confirmation import ClosedRecord
from register.profile import NoRecord
from register.records import DEACTIVATED, Person

if TYPE_CHECKING:
    from register.contact_store import ContactStore

Value = TypeVar("Value")
LONGEST_ADDRESS: Final = 120
_LOOKS: Final = 2  # of two changes at once the slower one looks again


class PhoneOfAnother(Conflict):
    """Another accountant's account has this phone. Told only to whoever proved it by code."""

    code = "phone_registered"
    title = "该手机号已被使用"
    detail = (
        "这个手机号已经绑定了另一个账号，没有更换。请换一个本人的手机号；另一个账号也是您本人的，请联系财政局处理。"
    )


class NoContactChanged(Invalid):
    """None of the members that can be changed was sent."""

    code = "nothing_to_change"
    title = "没有要修改的内容"
    detail = "没有收到要修改的内容。请至少填写手机号、电子邮箱、通讯地址中的一项。"


class Outcome(Enum):
    """What became of a change: written, or which of its conditions did not hold."""

    CHANGED = auto()
    MOVED = auto()
    REFUSED = auto()  # by the code or by the phone's claim: which of them, the code tells


@dataclass(frozen=True, slots=True)
class ContactForm:
    """A change as it was sent: None is not sent, a blank e-mail or address is to be removed."""

    phone: str | None = None
    otp: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change whose every value is what its type promises, the phone not proven yet; blank removes, None leaves."""

    phone: MainlandPhone | None
    otp: str
    email: str | None
    address: str | None

    def beyond(self, contact: Mapping[str, str]) -> dict[str, str]:
        """What differs from this contact section, by the names it has there."""
        named = {"email": self.email, "address": self.address}
        return {name: value for name, value in named.items() if value is not None and value != contact.get(name, "")}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with what lies sealed beside their record, to be replaced as it was read."""

    person: Person
    id_cipher: bytes | None
    phone_cipher: bytes | None

    @property
    def contact(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.person.sections.get("contact", {})
        return found


@dataclass(frozen=True, slots=True)
class NewPhone:
    """A phone about to take the place of another: sealed, and `proof` uses up the code that proves it."""

    phone: MainlandPhone
    phone_hash: str
    cipher: bytes
    proof: TransactWrite


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is reached, as their own page shows it."""

    phone: str
    email: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a change is made with."""

    store: "ContactStore"
    codes: SentCodes
    lookup: LookupKey
    sealer: Sealer
    clock: Clock


def change_contact(form: ContactForm, *, by: Principal, desk: Desk) -> Contact:
    """Put these in the place of the present ones; what is so already is left alone, so a request may be sent twice.

    Raises Invalid with every problem of the fields, NoContactChanged; NoRecord for an e-mail or address before the first
    approval, ClosedRecord; OtpInvalid or OtpExhausted; only then, and never to somebody without the phone,
    PhoneOfAnother. AWS calls: 4, without a new phone 2.
    """
    wanted = read(form)
    for _ in range(_LOOKS):
        holder, now = desk.store.holder(by.account_id), desk.clock()
        _refuse_unless_possible(wanted, holder.person)
        new_phone, of_record = _new_phone(wanted, holder, desk, now), wanted.beyond(holder.contact)
        if new_phone is None and not of_record:
            return _shown(holder, None, {})
        outcome = desk.store.change(holder, new_phone, of_record, by=by, at=now)
        if outcome is Outcome.CHANGED:
            return _shown(holder, new_phone, of_record)
        if outcome is Outcome.REFUSED and new_phone:
            _say_why_not(wanted, new_phone, desk)
    raise Conflict()


def read(form: ContactForm) -> Wanted:
    """The values of a form. Raises Invalid with every problem, NoContactChanged."""
    if is_blank(form.phone) and is_blank(form.otp) and form.email is None and form.address is None:
        raise NoContactChanged()
    problems: list[FieldProblem] = []
    phone = _read("phone", form.phone, MainlandPhone.parse, problems)
    if is_blank(form.phone) and not is_blank(form.otp):
        problems.append(FieldProblem("phone", "required", please_fill_in("contact.phone")))
    if is_blank(form.otp) and not is_blank(form.phone):
        problems.append(FieldProblem("otp", "required", "更换手机号需要验证码：请用新手机号获取验证码后填写。"))
    email = _read("email", form.email, read_email, problems)
    address = _read("address", form.address, lambda typed: read_text(typed, 1, LONGEST_ADDRESS), problems)
    if problems:
        raise Invalid(errors=problems)
    return Wanted(
        phone=phone,
        otp=form.otp or "",
        email="" if form.email is not None and email is None else email,
        address="" if form.address is not None and address is None else address,
    )


def _read(field: str, typed: str | None, reader: Callable[[str], Value], problems: list[FieldProblem]) -> Value | None:
    """The value of a field; None where nothing was filled in, or with its problem noted."""
    if typed is None or is_blank(typed):
        return None
    try:
        return reader(typed)
    except InvalidField as refused:  # its message goes on from the label
        problems.append(FieldProblem(field, refused.code, label_of(f"contact.{field}") + refused.message))
    except InvalidValue as refused:
        problems.append(refused.at(field))
    return None


def _refuse_unless_possible(wanted: Wanted, person: Person) -> None:
    if person.status == DEACTIVATED:
        raise ClosedRecord()
    if not person.has_record and (wanted.email is not None or wanted.address is not None):
        raise NoRecord(
            "您的登记信息还没有审核通过，电子邮箱和通讯地址请在登记表中填写，这次没有修改。手机号可以单独更换。"
        )


def _new_phone(wanted: Wanted, holder: Holder, desk: Desk, now: datetime) -> NewPhone | None:
    """The phone to be bound, sealed together with the number; None where it is bound already. AWS calls: 2."""
    phone, person_id = wanted.phone, holder.person.person_id
    if phone is None or (phone_hash := desk.lookup.of("phone", phone.text)) == holder.person.phone_hash:
        return None
    cipher = (
        desk.sealer.reseal_member(holder.id_cipher, "phone", phone.text, person_id)
        if holder.id_cipher
        else desk.sealer.seal_together({"phone": phone.text}, person_id)
    )
    hashed = code_hash(phone_hash, Purpose.CONTACT, wanted.otp, desk.lookup)
    return NewPhone(phone, phone_hash, cipher, desk.codes.spending(phone_hash, Purpose.CONTACT, hashed, now))


def _say_why_not(wanted: Wanted, new: NewPhone, desk: Desk) -> None:
    """Say why a phone was not bound. The code is tried on its own first, so that a wrong one counts and tells nothing."""
    spend_code(new.phone, Purpose.CONTACT, wanted.otp, store=desk.codes, lookup=desk.lookup, clock=desk.clock)
    raise PhoneOfAnother() if desk.store.is_claimed(new.phone_hash) else OtpInvalid()


def _shown(holder: Holder, new: NewPhone | None, of_record: Mapping[str, str]) -> Contact:
    after = {**holder.contact, **of_record}
    return Contact(
        phone=new.phone.masked if new else holder.person.phone_masked,
        email=after.get("email") or None,
        address=after.get("address") or None,
    )
