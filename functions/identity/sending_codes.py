"""Sending one-time codes: how many one phone and one address may ask for, and what the message says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from identity.account_rules import CodeLimit
from identity.code_store import CodeStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import code_hash
from jingkuai.aws.sms import SmsFailed, SmsSender
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import Kind, Problem, TooManyRequests

RandomBytes = Callable[[int], bytes]

_LOST_RACES = 3  # of requests for one phone or from one address at the same moment, before the caller is asked to wait


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
class Sent:
    """What whoever asked for a code is told, known phone or not."""

    expires_in: int
    retry_after: int


def send_code(
    phone: MainlandPhone,
    purpose: Purpose,
    *,
    address: str,
    a_minute: int,
    per_phone: Sequence[CodeLimit],
    store: CodeStore,
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
        by_phone, by_address = store.limits(phone_hash, address_hash, per_phone, a_minute)
        if wait := max(by_phone.wait(now), by_address.wait(now)):
            raise TooManyCodes(wait)
        if store.save_code(
            phone_hash, address_hash, purpose, code_hash(phone_hash, purpose, code, lookup), by_phone, by_address, now
        ):
            break
    else:
        raise TooManyCodes(1)
    try:
        sms.send(phone.text, _text(code, purpose))
    except SmsFailed as failed:
        raise SmsNotSent(retry_after=60) from failed
    return Sent(int(purpose.lifetime.total_seconds()), int(per_phone[0].within.total_seconds()))


def _six_digits(random: RandomBytes) -> str:
    return f"{int.from_bytes(random(8), 'big') % 10**6:06d}"  # 64 bits: no digit is more likely by more than 1 in 10^13


def _text(code: str, purpose: Purpose) -> str:
    minutes = int(purpose.lifetime.total_seconds()) // 60
    return f"验证码{code}，用于{purpose.in_words}，{minutes}分钟内有效。请勿告诉他人，工作人员不会索要。"


def _waiting(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds}秒"
    return f"{ceil(seconds / 60)}分钟" if seconds < 7200 else f"{ceil(seconds / 3600)}小时"
