"""Signing in (登录): with a password and, for staff, a second factor; or an accountant with a code on their phone."""

from dataclasses import dataclass
from datetime import date, datetime

from identity import passwords, totp
from identity.accounts import Account
from identity.code_store import CodeStore
from identity.lockout import Failures
from identity.one_time_codes import OtpInvalid, Purpose, code_hash, spend_code
from identity.sessions import Issuer, Tokens
from identity.store import Holder, IdentityStore, SignInNames
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.identity_document import Lookup, lookup_candidates
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.problem import Forbidden, Unauthenticated
from jingkuai.domain.resident_id import InvalidIdentityNumber
from jingkuai.domain.typed_text import compact
from jingkuai.domain.workdays import today_in_shanghai


class BadCredentials(Unauthenticated):
    """Nobody has this name, or the password or second factor is wrong or used: which of these is never told."""

    code = "bad_credentials"
    title = "用户名或密码不正确"
    detail = "用户名、密码或动态口令不正确。请核对后重试；连续输错 5 次，账号将锁定 30 分钟。忘记密码的，可以通过短信验证码重设。"


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


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed to sign in."""

    username: str
    password: str
    totp: str | None = None


def sign_in(
    typed: Credentials,
    *,
    origin: str,
    store: IdentityStore,
    lookup: LookupKey,
    sealer: Sealer,
    issuer: Issuer,
    clock: Clock,
    new_id: NewId,
) -> Tokens:
    """Tokens for the right password, and second factor where one is needed.

    Raises AccountLocked after five failures in a row, BadCredentials, TotpRequired, TotpEnrolmentRequired,
    AccountSuspended. A name nobody has takes the same steps as a wrong password, locks included.
    AWS calls: 4, and one more to open a second factor's secret.
    """
    now = clock()
    names = names_of(typed.username, lookup=lookup, today=today_in_shanghai(now))
    account, person_id, failures = _whoever(store.holder(names), names, store)
    failures.require_unlocked(now)
    right = passwords.matches(account.password_hash if account else None, typed.password)
    if account is None or not right:
        store.count_failure(account, names, failures, now)
        raise BadCredentials()
    account.require_active()
    try:
        step = _second_factor(account, typed.totp, sealer, now)
    except BadCredentials:
        store.count_failure(account, names, failures, now)
        raise
    session, refresh_token = issuer.open(account, now, person_id=person_id)
    renewed = passwords.hashed(typed.password) if passwords.is_outdated(account.password_hash or "") else None
    stored = store.save_sign_in(
        account, session, now=now, origin=masked_origin(origin), new_id=new_id, totp_step=step, new_hash=renewed
    )
    if not stored:  # a second factor's code that was used before, or a lock that fell meanwhile
        raise BadCredentials()
    return issuer.tokens(account, session, refresh_token, now)


def sign_in_with_code(
    phone: MainlandPhone,
    otp: str,
    *,
    origin: str,
    store: IdentityStore,
    codes: CodeStore,
    lookup: LookupKey,
    issuer: Issuer,
    clock: Clock,
    new_id: NewId,
) -> Tokens:
    """Tokens for an accountant who holds the phone. Of two uses of one code at once exactly one succeeds.

    Raises OtpInvalid, OtpExhausted, AccountLocked, AccountSuspended; a phone nobody has is answered as a wrong code.
    AWS calls: 4.
    """
    now = clock()
    phone_hash = lookup.of("phone", phone.text)
    hashed_code = code_hash(phone, Purpose.LOGIN, otp, lookup)
    holder = store.holder_by_code(phone_hash, Purpose.LOGIN, hashed_code, now)
    if holder is None:
        spend_code(phone, Purpose.LOGIN, otp, store=codes, lookup=lookup, clock=clock)
        raise OtpInvalid()
    account, person_id = store.account(holder)
    if account is None:
        raise OtpInvalid()
    account.failures.require_unlocked(now)
    account.require_active()
    session, refresh_token = issuer.open(account, now, person_id=person_id)
    spending = codes.spending(phone_hash, Purpose.LOGIN, hashed_code, now)
    if not store.save_sign_in(account, session, now=now, origin=masked_origin(origin), new_id=new_id, code=spending):
        raise OtpInvalid()
    return issuer.tokens(account, session, refresh_token, now)


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


def _whoever(
    holder: Holder | None, names: SignInNames, store: IdentityStore
) -> tuple[Account | None, str | None, Failures]:
    """The account of a name and its failures; a name nobody has costs one read as well."""
    if holder is not None:
        account, person_id = store.account(holder)
        if account is not None:
            return account, person_id, account.failures
    return None, None, store.strangers_failures(names.limit_hash)


def _second_factor(account: Account, typed: str | None, sealer: Sealer, now: datetime) -> int | None:
    """The time step of the second factor's code, None where no factor is needed. AWS calls: 1 where one is."""
    if not account.needs_second_factor:
        return None
    if account.totp_cipher is None:
        raise TotpEnrolmentRequired()
    if not typed:
        raise TotpRequired()
    step = totp.matching_step(sealer.open(account.totp_cipher, account.account_id), compact(typed), now)
    if step is None:
        raise BadCredentials()
    return step


def masked_origin(address: str) -> str:
    """Where somebody signed in from, as the audit keeps it: the first half of the address."""
    separator = ":" if ":" in address else "."
    parts = address.split(separator)
    return separator.join([*parts[: len(parts) // 2], "*"])
