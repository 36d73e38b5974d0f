"""Signing in (登录): with a password and, for staff, a second factor; or an accountant with a code on their phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from identity import passwords, totp
from identity.account_rules import AccountRules, LockRules
from identity.accounts import Account
from identity.attempt_store import Attempt
from identity.code_store import CodeStore
from identity.proofs import Proof
from identity.second_factor import enrolment, recovery_hash
from identity.session_store import account_of
from identity.sessions import Issuer, Tokens
from identity.store import Holder, IdentityStore, SignInNames
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import code_hash, spend_code
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.identity_document import Lookup, lookup_candidates
from jingkuai.domain.one_time_code import OtpInvalid, Purpose
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import FieldProblem, Forbidden, Invalid, Problem, Unauthenticated
from jingkuai.domain.resident_id import InvalidIdentityNumber
from jingkuai.domain.typed_text import compact
from jingkuai.domain.workdays import today_in_shanghai

_LOST_RACES = 3  # of a sign-in and whatever changes whose a number or phone is


class BadCredentials(Unauthenticated):
    """Nobody has this name, or the password or second factor is wrong or used: which of these is never told."""

    code = "bad_credentials"
    title = "用户名或密码不正确"
    detail = (
        "用户名、密码或动态口令不正确。请核对后重试；连续输错多次，账号将暂时锁定。忘记密码的，可以通过短信验证码重设。"
    )


class TotpRequired(Unauthenticated):
    """The password is right; this account also needs the code of its authenticator app."""

    code = "totp_required"
    title = "请输入动态口令"
    detail = "该账号需要第二重验证。请打开身份验证器应用，输入当前显示的 6 位动态口令后重新登录。"


class TotpEnrolmentRequired(Forbidden):
    """The password is right; staff have to enrol a second factor before they may do anything."""

    code = "totp_enrolment_required"
    title = "请先绑定动态口令"
    detail = "工作人员账号必须绑定动态口令后才能登录。请按页面提示，用身份验证器应用扫码绑定。"


class PasswordRenewalRequired(Forbidden):
    """Everything is right, but a password of staff is good for a time only: sign in with a new one in the same request."""

    code = "password_renewal_required"
    title = "请更换密码"
    detail = "工作人员的密码须定期更换，您的密码已经到期。请填写新密码后重新登录，新密码不能与原密码相同。"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed to sign in; `totp` may be a recovery code, `new_password` takes the old one's place."""

    username: str
    password: str
    totp: str | None = None
    new_password: str | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """The account whose password was right, and the try that said so: a failure until something comes of it."""

    account: Account
    holder: Holder
    attempt: Attempt


def sign_in(
    typed: Credentials,
    *,
    origin: str,
    store: IdentityStore,
    lookup: LookupKey,
    sealer: Sealer,
    issuer: Issuer,
    rules: AccountRules,
    clock: Clock,
    new_id: NewId,
) -> Tokens:
    """Tokens for the right password, and second factor where one is needed; with a new password, that from now on.

    Raises AccountLocked after too many failures in a row under this name, BadCredentials, TotpRequired,
    TotpEnrolmentRequired, PasswordRenewalRequired, AccountSuspended, Invalid for a new password that may not be one. A name
    nobody has takes the same steps as a wrong password, locks included.
    AWS calls: 4, and one more to open a second factor's secret; two more where failures of long ago are to be forgotten.
    """
    now = clock()
    with password_proven(
        typed.username,
        typed.password,
        origin=origin,
        store=store,
        lookup=lookup,
        rules=rules.lock,
        now=now,
        new_id=new_id,
    ) as proven:
        proof = _second_factor(proven.account, typed.totp, sealer, lookup, issuer, now)
        proof = _with_password(proof, proven.account, typed, rules, now)
        proof = replace(proof, after_lock=proven.attempt.after_lock)
        return _opened(proven, proof, store, issuer, now, masked_origin(origin), new_id)


def _opened(
    proven: Proven, proof: Proof, store: IdentityStore, issuer: Issuer, now: datetime, origin: str, new_id: NewId
) -> Tokens:
    """The session of a proven account. Raises BadCredentials for a second factor's code that another request used first."""
    account = proven.account
    for _ in range(_LOST_RACES):
        after = replace(account, epoch=account.epoch + 1) if proof.renewed_hash else account
        session, refresh_token = issuer.open(after, now, own=proven.holder.own)
        if store.save_sign_in(
            account, session, holder=proven.holder, now=now, origin=origin, new_id=new_id, proof=proof
        ):
            return issuer.tokens(after, session, refresh_token, now)
        if (standing := _as_it_stands(account, proven.holder, store)) is None:
            break
        account = standing
    raise BadCredentials()


def _as_it_stands(account: Account, holder: Holder, store: IdentityStore) -> Account | None:
    """The account once more, where its sessions were ended since it was read and its password is still the one proven:
    whoever signs in while their change of name is applied opens a session of the new epoch. AWS calls: 1.
    """
    again, _ = store.accountant(holder)
    if again is None or again.epoch == account.epoch or again.password_hash != account.password_hash:
        return None
    again.require_active()
    return again


@contextmanager
def password_proven(
    username: str,
    password: str,
    *,
    origin: str,
    store: IdentityStore,
    lookup: LookupKey,
    rules: LockRules,
    now: datetime,
    new_id: NewId,
) -> Iterator[Proven]:
    """The account of this name, whose password this is and which is open, for what is done on the strength of that.

    The try is counted before the password is looked at. It is taken back where the password was right and what follows is
    refused for something else; what succeeds forgets every try with its own write.
    Raises AccountLocked, BadCredentials, AccountSuspended, AccountFrozen. AWS calls: 2, refused for something else 3.
    """
    names = names_of(username, lookup=lookup, today=today_in_shanghai(now))
    holder = store.holder(names)
    attempt = store.attempts.begin(holder.account_id, holder.way, now=now, rules=rules) if holder else None
    if holder is None or attempt is None:
        store.attempts.begin_for_nobody(names.limit_hash, now=now, rules=rules)
        passwords.matches(None, password)  # so that the answer takes as long
        raise BadCredentials()
    account = account_of(attempt.item)
    try:
        if not passwords.matches(account.password_hash, password):
            raise BadCredentials()
        account.require_active()
        yield Proven(account, holder, attempt)
    except BadCredentials:
        if attempt.number == rules.most_failures:
            store.note_locked(account, now=now, origin=masked_origin(origin), new_id=new_id)
        raise
    except Problem:
        store.attempts.take_back(attempt)
        raise


def _with_password(proof: Proof, account: Account, typed: Credentials, rules: AccountRules, now: datetime) -> Proof:
    """With the hash to be stored from now on, if it changes: of a new password, or of the same at today's cost."""
    if typed.new_password is None:
        if account.password_is_due(now, rules.staff_password_lasts):
            raise PasswordRenewalRequired()
        outdated = passwords.is_outdated(account.password_hash or "")
        return replace(proof, rehashed=passwords.hashed(typed.password)) if outdated else proof
    if account.role is Role.ACCOUNTANT:  # only a reset is told the numbers that a password may not contain
        text = "会计人员请用证件号码、手机号和短信验证码重设密码，这里不能修改。"
        raise Invalid(errors=[FieldProblem("new_password", "reset_by_code", text)])
    try:
        if typed.new_password == typed.password:
            raise passwords.InvalidPassword("password_unchanged")
        passwords.check_password(typed.new_password, of_staff=account.is_staff)
    except passwords.InvalidPassword as refused:
        raise Invalid(errors=[refused.at("new_password")]) from refused
    return replace(proof, renewed_hash=passwords.hashed(typed.new_password))


def sign_in_with_code(
    phone: MainlandPhone,
    otp: str,
    *,
    origin: str,
    store: IdentityStore,
    codes: CodeStore,
    lookup: LookupKey,
    issuer: Issuer,
    rules: LockRules,
    clock: Clock,
    new_id: NewId,
) -> Tokens:
    """Tokens for an accountant who holds the phone. Of two uses of one code at once exactly one succeeds.

    Raises OtpInvalid, OtpExhausted, AccountLocked, AccountSuspended; a phone nobody has is answered as a wrong code.
    AWS calls: 4.
    """
    now = clock()
    phone_hash = lookup.of("phone", phone.text)
    hashed_code = code_hash(phone_hash, Purpose.LOGIN, otp, lookup)
    holder = store.holder_by_code(phone_hash, Purpose.LOGIN, hashed_code, now)
    if holder is None:
        spend_code(phone, Purpose.LOGIN, otp, store=codes, lookup=lookup, clock=clock)
        raise OtpInvalid()
    account, failures = store.accountant(holder)
    if account is None:
        raise OtpInvalid()
    failures.require_unlocked(now, rules.most_failures)
    account.require_active()
    proof = Proof(
        code=codes.spending(phone_hash, Purpose.LOGIN, hashed_code, now),
        after_lock=failures.count >= rules.most_failures,
    )
    standing: Account | None = account
    while standing:
        session, refresh_token = issuer.open(standing, now)
        if store.save_sign_in(
            standing, session, holder=holder, now=now, origin=masked_origin(origin), new_id=new_id, proof=proof
        ):
            return issuer.tokens(standing, session, refresh_token, now)
        standing = _as_it_stands(standing, holder, store)
    raise OtpInvalid()


def names_of(typed: str, *, lookup: LookupKey, today: date) -> SignInNames:
    """Under which keys a typed name may be known: a username, an ID number of any kind, a phone."""
    username = typed.strip().casefold()
    numbers, phone = id_numbers_in(typed, today=today), _phone_in(typed)
    canonical = phone.text if phone else numbers[0].identity if numbers else username
    return SignInNames(
        username=username,
        id_hashes=tuple(lookup.of(*number) for number in numbers),
        phone_hash=lookup.of("phone", phone.text) if phone else None,
        limit_hash=lookup.of("username", canonical),
    )


def id_numbers_in(typed: str, *, today: date) -> tuple[Lookup, ...]:
    """Every ID number a text may stand for; none where it is no number at all."""
    try:
        return lookup_candidates(typed, today=today)
    except InvalidIdentityNumber:
        return ()


def _phone_in(typed: str) -> MainlandPhone | None:
    try:
        return MainlandPhone.parse(typed)
    except InvalidPhone:
        return None


def _second_factor(
    account: Account, typed: str | None, sealer: Sealer, lookup: LookupKey, issuer: Issuer, now: datetime
) -> Proof:
    """The second factor as it was proven, none where none is needed. AWS calls: 1 for a code of the app."""
    if not account.needs_second_factor:
        return Proof()
    if account.totp_cipher is None:
        raise TotpEnrolmentRequired(extra={"enrolment": enrolment(account, issuer.random)})
    if not typed:
        raise TotpRequired()
    if len(compact(typed)) != totp.DIGITS:
        recovery = recovery_hash(account, typed, lookup)
        if recovery not in account.recovery_hashes:
            raise BadCredentials()
        return Proof(recovery_hash=recovery)
    step = totp.matching_step(sealer.open(account.totp_cipher, account.account_id), compact(typed), now)
    if step is None:
        raise BadCredentials()
    return Proof(totp_step=step)


def masked_origin(address: str) -> str:
    """Where somebody signed in from, as the audit keeps it: the first half of the address."""
    separator = ":" if ":" in address else "."
    parts = address.split(separator)
    return separator.join([*parts[: len(parts) // 2], "*"])
