"""Passwords (密码): what may be one, and its argon2id hash. Source: handbook section 10, GB/T 22239-2019 level 3."""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from identity.common_passwords import is_common
from jingkuai.domain.problem import InvalidValue

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST = 10
LEAST_OF_STAFF = 12
LEAST_CLASSES_OF_STAFF = 3
MOST = 128
_TELLING = 6  # digits in a row of an ID number or phone that make a password guessable (a birth date has six)


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one hash costs: about 40 ms of one core and 19 MiB (OWASP's least), a small part of a function's memory."""

    passes: int = 2
    kibibytes: int = 19 * 1024
    lanes: int = 1


COST = Argon2Cost()

# The hash of a password nobody has, at `COST`: an unknown user is checked against it, so that the answer takes as long.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$+Qd5ItOaTE1Wl9HUqMPOsg$27RiNBYAUJuouib//t87tMVbSC0FlF8WaLUoRxgmgcI"


class InvalidPassword(InvalidValue):
    """A password that may not be one."""

    messages = MappingProxyType(
        {
            "missing": "请填写密码。",
            "password_too_short": f"密码至少 {LEAST} 个字符。请加长后重试，建议用几个不相关的词组成。",
            "password_too_long": f"密码最多 {MOST} 个字符。请缩短后重试。",
            "password_too_common": "这个密码太常见，容易被猜中。请换一个，建议用几个不相关的词组成。",
            "password_contains_personal_data": "密码里不能有您的证件号码或手机号（包括其中连续几位）。请换一个。",
            "password_unchanged": "新密码不能与原密码相同。请换一个。",
            "password_too_simple": (
                f"工作人员的密码至少 {LEAST_OF_STAFF} 个字符，并包含大写字母、小写字母、数字、符号中的三种。请修改后重试。"
            ),
        }
    )


def check_password(password: str, *, personal: Sequence[str] = (), of_staff: bool = False) -> None:
    """Raises InvalidPassword where this may not be a password of somebody with these personal numbers."""
    if not password:
        raise InvalidPassword("missing")
    if len(password) < LEAST:
        raise InvalidPassword("password_too_short")
    if len(password) > MOST:
        raise InvalidPassword("password_too_long")
    if of_staff and (len(password) < LEAST_OF_STAFF or character_classes(password) < LEAST_CLASSES_OF_STAFF):
        raise InvalidPassword("password_too_simple")
    if is_common(password):
        raise InvalidPassword("password_too_common")
    if any(_contains_part(password.casefold(), number.casefold()) for number in personal):
        raise InvalidPassword("password_contains_personal_data")


def _contains_part(password: str, number: str) -> bool:
    """Whether the password contains the number, its birth date or its last six: what somebody who knows it would try."""
    parts = {number, number[-_TELLING:]}
    if len(number) == 18:
        parts |= {number[6:14], number[8:14]}
    return any(len(part) >= _TELLING and part in password for part in parts)


def character_classes(password: str) -> int:
    """How many of upper case, lower case, digits and everything else occur."""
    known = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    return sum(any(one in some for one in password) for some in known) + any(
        one not in "".join(known) for one in password
    )


def hashed(password: str) -> str:
    """The hash as stored; it names its own cost."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one behind this hash; without a hash (nobody's, or none set yet) it takes as long and is False."""
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(stored or NOBODYS, password[:MOST]) and stored is not None
    except VerifyMismatchError:
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made at another cost: the next sign-in then renews it."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # imported late: only the calls with a password pay for it

    return PasswordHasher(time_cost=COST.passes, memory_cost=COST.kibibytes, parallelism=COST.lanes)
