"""The second factor of an account (第二重验证): enrolled once, with recovery codes (备用码) for a lost phone."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from identity import totp
from identity.account_store import AccountStore
from identity.accounts import Account
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Conflict, FieldProblem, Forbidden, Invalid
from jingkuai.domain.typed_text import compact

RECOVERY_CODES = 10
ISSUER = "荆会"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 of them, none that reads like another
_LENGTH = 10  # 50 bits, each account's hashed under a key of ours
_LEAST_SECRET = 16  # bytes; RFC 4226 section 4


class SecondFactorEnrolled(Conflict):
    """The account has a second factor. Told only to somebody who knows the password."""

    code = "totp_enrolled"
    title = "已绑定动态口令"
    detail = "该账号已经绑定动态口令，没有重新绑定。更换手机或遗失备用码的，请联系为您开通账号的管理员重置后再绑定。"


class EnrolmentLost(Conflict):
    """The account was changed at the same moment; nothing was enrolled."""

    code = "totp_enrolment_lost"
    title = "绑定没有成功"
    detail = "账号刚刚发生了变化，动态口令没有绑定。请重新登录后再试。"


def enrolment(account: Account, random: Callable[[int], bytes]) -> dict[str, str]:
    """A fresh secret, and the address that authenticator apps read from a QR code; nothing is stored yet."""
    secret = totp.new_secret(random(totp.SECRET_BYTES))
    label = quote(f"{ISSUER}:{account.username}")
    uri = f"otpauth://totp/{label}?secret={secret}&issuer={quote(ISSUER)}&algorithm=SHA1&digits=6&period=30"
    return {"secret": secret, "otpauth_uri": uri}


def enrol(
    account: Account,
    secret: str,
    code: str,
    *,
    origin: str,
    accounts: AccountStore,
    sealer: Sealer,
    lookup: LookupKey,
    random: Callable[[int], bytes],
    clock: Clock,
    new_id: NewId,
) -> tuple[str, ...]:
    """Enrol a secret that the app of this account's holder proves to know; answers the recovery codes, told this once.

    The account's password was proven before. Raises Forbidden for an accountant, SecondFactorEnrolled, Invalid for a
    secret that is none or another's code, EnrolmentLost. AWS calls: 2.
    """
    now = clock()
    if account.role is Role.ACCOUNTANT:
        raise Forbidden()
    if account.totp_cipher is not None:
        raise SecondFactorEnrolled()
    step = _proven_step(secret, code, now)
    codes = tuple(_recovery_code(random) for _ in range(RECOVERY_CODES))
    enrolled = accounts.enrol(
        account,
        sealer.seal(secret, account.account_id),
        step,
        [recovery_hash(account, one, lookup) for one in codes],
        at=now,
        new_id=new_id,
        origin=origin,
    )
    if not enrolled:
        raise EnrolmentLost()
    return codes


def recovery_hash(account: Account, typed: str, lookup: LookupKey) -> str:
    """What is stored of a recovery code, however it is written."""
    return lookup.of("recovery", f"{account.account_id}\x1f{compact(typed).replace('-', '').upper()}")


def _proven_step(secret: str, code: str, now: datetime) -> int:
    try:
        long_enough = len(base64.b32decode(secret + "=" * (-len(secret) % 8))) >= _LEAST_SECRET
    except (binascii.Error, ValueError):
        long_enough = False
    if not long_enough:
        text = "动态口令密钥不正确，请使用登录时返回的密钥重新绑定。"
        raise Invalid(errors=[FieldProblem("secret", "bad_secret", text)])
    step = totp.matching_step(secret, compact(code), now)
    if step is None:
        text = "动态口令不正确。请核对手机时间是否准确，输入应用当前显示的 6 位数字后重试。"
        raise Invalid(errors=[FieldProblem("totp", "bad_totp", text)])
    return step


def _recovery_code(random: Callable[[int], bytes]) -> str:
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in random(_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"
