"""Locking after failures (连续失败锁定): a few in a row close the door for a while. Source: GB/T 22239-2019 level 3.

A try counts as a failure before its password is looked at, and is taken back where that was right: whatever comes at the
same moment, no more passwords are checked under a name than the rule allows.

An account counts by the way that leads to it. Whoever locks an ID number learns nothing about any phone: the phone of that
account stays open, and opens the account. A name nobody has counts the same way, on an item of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any

from jingkuai.aws.clock import iso, parse_iso
from jingkuai.domain.problem import Locked
from jingkuai.domain.workdays import SHANGHAI


class AccountLocked(Locked):
    """Too many failures in a row. An unknown username is locked the same way, so that this tells nothing."""

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        clock = opens_at.astimezone(SHANGHAI).strftime("%H:%M")
        super().__init__(
            f"连续多次登录失败，账号已暂时锁定，{clock}（北京时间）自动解锁。忘记密码的，可以通过短信验证码重设密码。",
            extra={"opens_at": iso(opens_at)},
            retry_after=max(1, ceil((opens_at - now).total_seconds())),
        )


class Way(StrEnum):
    """By what kind of name somebody comes to an account."""

    USERNAME = "username"
    NUMBER = "number"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Tally:
    """The members of an item in which the failures under one name are counted: how many, and until when they hold.

    `before` keeps for a moment until when the earlier ones held.
    """

    count: str
    until: str
    before: str

    @property
    def members(self) -> tuple[str, ...]:
        return (self.count, self.until, self.before)

    def failures(self, item: Mapping[str, Any] | None) -> "Failures":
        """The failures noted on an item."""
        if item is None or self.until not in item:
            return Failures()
        return Failures(item[self.count], parse_iso(item[self.until]))


def tally_of(way: Way) -> Tally:
    """Where an account counts the failures of those who come this way."""
    return Tally(f"failures_by_{way}", f"failures_by_{way}_until", f"failures_by_{way}_before")


NOBODYS = Tally("failures", "failures_until", "failures_before")  # of a name that leads to no account
ALL_TALLIES = ", ".join(member for way in Way for member in tally_of(way).members)  # what a reset removes


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins in a row; each one starts the waiting anew, and with the last that is allowed it is a lock."""

    count: int = 0
    until: datetime | None = None

    def require_unlocked(self, now: datetime, most: int) -> None:
        """Raises AccountLocked."""
        if self.until is not None and self.until > now and self.count >= most:
            raise AccountLocked(self.until, now)
