"""Registration of a person (会计人员注册): one identity document, one phone, one account, whatever the race."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from identity.accounts import Account
from identity.code_store import CodeStore
from identity.passwords import check_password, hashed
from identity.person_items import NewPerson
from identity.sessions import Issuer, Tokens
from identity.store import IdentityStore
from jingkuai.aws import one_time_codes
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.person_name import PersonName, comparable
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import FieldProblem, Invalid, InvalidValue
from jingkuai.domain.workdays import today_in_shanghai

NOTICE_VERSION = "1"  # of texts/privacy_notice.html; a changed text is a new version, acknowledged anew

Value = TypeVar("Value")


class ConsentOutdated(Invalid):
    """The acknowledged notice is not the one in force."""

    code = "consent_outdated"
    title = "个人信息处理告知已更新"
    detail = "个人信息处理告知书已有新版本。请重新阅读并确认后再提交，已填写的内容不需要改动。"


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """A registration as it was typed."""

    id_type: str
    id_number: str
    name: str
    phone: str
    otp: str
    password: str
    consent_version: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """A registration whose every value is what its type promises; the phone is not proven yet."""

    document: IdentityDocument
    name: PersonName
    phone: MainlandPhone
    password: str
    consent_version: str


def register(
    form: RegistrationForm,
    *,
    store: IdentityStore,
    codes: CodeStore,
    lookup: LookupKey,
    sealer: Sealer,
    issuer: Issuer,
    clock: Clock,
    new_id: NewId,
) -> Tokens:
    """Register a person and sign them in. The account's id is the person's.

    Raises Invalid or ConsentOutdated with every problem at once, before the code is looked at; then OtpInvalid or
    OtpExhausted; then IdNumberRegistered, PhoneRegistered or IdNumberReserved.
    AWS calls: 4.
    """
    now = clock()
    applicant = checked(form, today=today_in_shanghai(now))
    one_time_codes.spend_code(applicant.phone, Purpose.REGISTER, form.otp, store=codes, lookup=lookup, clock=clock)
    person_id = new_id(now)
    person = NewPerson(
        person_id=person_id,
        document=applicant.document,
        name=applicant.name,
        phone=applicant.phone,
        id_hash=lookup.of(*applicant.document.lookup),
        phone_hash=lookup.of("phone", applicant.phone.text),
        name_hash=lookup.of("name", comparable(applicant.name.text)),
        cipher=sealer.seal_together({"id_number": applicant.document.number, "phone": applicant.phone.text}, person_id),
        consent_version=applicant.consent_version,
    )
    account = Account(
        account_id=person_id,
        role=Role.ACCOUNTANT,
        scope=person_id,
        name_masked=applicant.name.masked,
        password_hash=hashed(applicant.password),
        person_id=person_id,
    )
    session, refresh_token = issuer.open(account, now)
    store.register(person, account, session, now=now, new_id=new_id)
    return issuer.tokens(account, session, refresh_token, now)


def checked(form: RegistrationForm, *, today: date) -> Applicant:
    """The form's values. Raises Invalid, or ConsentOutdated where that is among the problems."""
    problems: list[FieldProblem] = []
    document = _read("id_number", form.id_number, lambda typed: _document(form.id_type, typed, today), problems)
    name = _read("name", form.name, PersonName.parse, problems)
    phone = _read("phone", form.phone, MainlandPhone.parse, problems)
    personal = [document.number if document else form.id_number.strip(), phone.text if phone else form.phone.strip()]
    _read("password", form.password, lambda typed: check_password(typed, personal=personal), problems)
    _read("otp", form.otp, str, problems)
    if form.consent_version != NOTICE_VERSION:
        problems.append(FieldProblem("consent_version", ConsentOutdated.code, ConsentOutdated.detail))
        raise ConsentOutdated(errors=problems)
    if problems or document is None or name is None or phone is None:
        raise Invalid(errors=problems)
    return Applicant(document, name, phone, form.password, form.consent_version)


def _document(id_type: str, number: str, today: date) -> IdentityDocument:
    return IdentityDocument.parse(id_type, number, today=today)


def _read(field: str, typed: str, read: Callable[[str], Value], problems: list[FieldProblem]) -> Value | None:
    """The value of a field, or None with its problem noted."""
    if not typed.strip():
        problems.append(FieldProblem(field, "missing", "必填项没有填写，请补充后重新提交。"))
        return None
    try:
        return read(typed)
    except InvalidValue as refused:
        problems.append(refused.at("id_type" if refused.code == "unknown_id_type" else field))
        return None
