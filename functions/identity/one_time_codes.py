"""One-time codes (短信验证码): six digits that prove a phone, for one purpose, once. Numbers from handbook section 10 and issue rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sms import SmsFailed, SmsSender
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import FieldProblem, Invalid, Kind, Problem, TooManyRequests
from jingkuai.domain.typed_text import compact

if TYPE_CHECKING:
    from identity.code_store import CodeStore

RandomBytes = Callable[[int], bytes]

MOST_TRIES = 5
PER_PHONE = (  # so many within such a time
    (1, timedelta(minutes=1)),
    (5, timedelta(hours=1)),
    (10, timedelta(days=1)),
)
_LOST_RACES = 3  # of requests for one phone or from one address at the same moment, before the caller is asked to wait


class Purpose(StrEnum):
    """What a code is for; a code for one purpose opens no other."""

    REGISTER = "register"
    LOGIN = "login"
    RESET = "reset"
    CONTACT = "contact"
    APPEAL = "appeal"
    CONFIRM = "confirm"

    @property
    def lifetime(self) -> timedelta:
        """An appeal takes several calls and some scans, all with the same code."""
        return timedelta(minutes=30 if self is Purpose.APPEAL else 5)

    @property
    def in_words(self) -> str:
        return _IN_WORDS[self]


_IN_WORDS = {
    Purpose.REGISTER: "注册账号",
    Purpose.LOGIN: "登录",
    Purpose.RESET: "重设密码",
    Purpose.CONTACT: "更换联系方式",
    Purpose.APPEAL: "提交申诉",
    Purpose.CONFIRM: "确认本人操作",
}


class OtpInvalid(Invalid):
    """The code is wrong, of another purpose, used, or too old: which of these is not said."""

    code = "otp_invalid"
    title = "验证码不正确"
    detail = "验证码不正确，或者已经用过、已过期。请核对短信后重填；仍不成功的，请重新获取验证码。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("otp", self.code, type(self).detail)])


class OtpExhausted(Invalid):
    """Five wrong tries: this code opens nothing any more."""

    code = "otp_exhausted"
    title = "验证码已失效"
    detail = "验证码连续输错 5 次，已经失效。请重新获取验证码。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("otp", self.code, type(self).detail)])


class TooManyCodes(TooManyRequests):
    """More codes than one phone, or one address, may ask for."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"验证码获取过于频繁，请在{_waiting(seconds)}后重试；已收到的验证码在有效期内仍可使用。",
            retry_after=seconds,
        )


class SmsNotSent(Problem):
    """The provider did not take the message."""

    kind = Kind.UNAVAILABLE
    code = "sms_not_sent"
    title = "短信发送失败"
    detail = "短信暂时发不出去，请在一分钟后重新获取验证码；多次不成功的，请联系当地财政局。"


@dataclass(frozen=True, slots=True)
class PhoneLimit:
    """When codes were last sent to a phone, oldest first."""

    sent: tuple[datetime, ...] = ()

    def wait(self, now: datetime) -> int:
        """Seconds until the next one may be sent; 0 is now."""
        return max(self._wait(most, within, now) for most, within in PER_PHONE)

    def _wait(self, most: int, within: timedelta, now: datetime) -> int:
        recent = [at for at in self.sent if now - at < within]
        return 0 if len(recent) < most else max(1, ceil((recent[-most] + within - now).total_seconds()))

    def with_one(self, now: datetime) -> "PhoneLimit":
        """The limit once another is sent now; what no rule looks at is forgotten."""
        most, within = PER_PHONE[-1]
        return PhoneLimit((*(at for at in self.sent if now - at < within), now)[-most:])


@dataclass(frozen=True, slots=True)
class AddressLimit:
    """A token bucket for one address, kept as the moment at which it is full again: one number, moved by one addition."""

    a_minute: int
    full_at: datetime | None = None

    @property
    def interval(self) -> timedelta:
        """How long one token takes to come back."""
        return timedelta(minutes=1) / self.a_minute

    def wait(self, now: datetime) -> int:
        """Seconds until a token is there; 0 is now."""
        over = max(self.full_at or now, now) + self.interval - now - timedelta(minutes=1)
        return 0 if over <= timedelta(0) else max(1, ceil(over.total_seconds()))


@dataclass(frozen=True, slots=True)
class Sent:
    """What whoever asked for a code is told, known phone or not."""

    expires_in: int
    retry_after: int


@dataclass(frozen=True, slots=True)
class ProvenPhone:
    """A phone whose code was right and is not used up yet."""

    phone_hash: str
    purpose: Purpose
    code_hash: str


def send_code(
    phone: MainlandPhone,
    purpose: Purpose,
    *,
    address: str,
    a_minute: int,
    store: "CodeStore",
    lookup: LookupKey,
    sms: SmsSender,
    clock: Clock,
    random: RandomBytes,
) -> Sent:
    """Send a new code, which replaces the one before. Nobody looks whether the phone is known, so nothing tells.

    Raises TooManyCodes past the limits of the phone or the address (nothing is counted then), SmsNotSent.
    AWS calls: 3.
    """
    phone_hash, address_hash = lookup.of("phone", phone.text), lookup.of("address", address)
    code = _six_digits(random)
    for _ in range(_LOST_RACES):
        now = clock()
        by_phone, by_address = store.limits(phone_hash, address_hash, a_minute)
        if wait := max(by_phone.wait(now), by_address.wait(now)):
            raise TooManyCodes(wait)
        if store.save_code(
            phone_hash, address_hash, purpose, code_hash(phone, purpose, code, lookup), by_phone, by_address, now
        ):
            break
    else:
        raise TooManyCodes(1)
    try:
        sms.send(phone.text, _text(code, purpose))
    except SmsFailed as failed:
        raise SmsNotSent(retry_after=60) from failed
    return Sent(int(purpose.lifetime.total_seconds()), int(PER_PHONE[0][1].total_seconds()))


def spend_code(
    phone: MainlandPhone, purpose: Purpose, code: str, *, store: "CodeStore", lookup: LookupKey, clock: Clock
) -> None:
    """Use a code up. Of two uses at once exactly one succeeds; each wrong one counts, whatever comes at the same time.

    Raises OtpInvalid, OtpExhausted. AWS calls: 1 (a wrong code sent again, or none there to be used: up to 3).
    """
    store.spend(lookup.of("phone", phone.text), purpose, code_hash(phone, purpose, code, lookup), clock())


def verify_code(
    phone: MainlandPhone, purpose: Purpose, code: str, *, store: "CodeStore", lookup: LookupKey, clock: Clock
) -> ProvenPhone:
    """Prove a phone without using the code up: for all calls of one appeal but the last, whose transaction ends the code.

    Each wrong code counts as with `spend_code`. What was proven goes to `CodeStore.using_up`.
    Raises OtpInvalid, OtpExhausted. AWS calls: 2 (refused: up to 3).
    """
    proven = ProvenPhone(lookup.of("phone", phone.text), purpose, code_hash(phone, purpose, code, lookup))
    store.check(proven.phone_hash, purpose, proven.code_hash, clock())
    return proven


def code_hash(phone: MainlandPhone, purpose: Purpose, code: str, lookup: LookupKey) -> str:
    """What is stored of a code: a hash under a key that the table does not hold, as six digits alone are soon tried out."""
    return lookup.of("otp", f"{phone.text}\x1f{purpose.value}\x1f{compact(code)}")


def _six_digits(random: RandomBytes) -> str:
    return f"{int.from_bytes(random(8), 'big') % 10**6:06d}"  # 64 bits: no digit is more likely by more than 1 in 10^13


def _text(code: str, purpose: Purpose) -> str:
    minutes = int(purpose.lifetime.total_seconds()) // 60
    return f"验证码{code}，用于{purpose.in_words}，{minutes}分钟内有效。请勿告诉他人，工作人员不会索要。"


def _waiting(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds}秒"
    return f"{ceil(seconds / 60)}分钟" if seconds < 7200 else f"{ceil(seconds / 3600)}小时"
