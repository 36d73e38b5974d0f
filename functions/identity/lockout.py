"""Locking after failures (连续失败锁定): five in a row close the door for half an hour. Source: GB/T 22239-2019 level 3."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from jingkuai.aws.clock import iso, parse_iso
from jingkuai.domain.problem import Locked
from jingkuai.domain.workdays import SHANGHAI

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)


class AccountLocked(Locked):
    """Too many failures in a row. An unknown username is locked the same way, so that this tells nothing."""

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        clock = opens_at.astimezone(SHANGHAI).strftime("%H:%M")
        super().__init__(
            f"连续多次登录失败，账号已暂时锁定，{clock}（北京时间）自动解锁。忘记密码的，可以通过短信验证码重设密码。",
            extra={"opens_at": iso(opens_at)},
            retry_after=max(1, ceil((opens_at - now).total_seconds())),
        )


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins in a row; each one starts the half hour anew, and with the fifth it is a lock."""

    count: int = 0
    until: datetime | None = None

    def are_over(self, now: datetime) -> bool:
        """Whether there are none, or all of them are forgotten."""
        return self.until is None or self.until <= now

    def require_unlocked(self, now: datetime) -> None:
        """Raises AccountLocked."""
        if self.until is not None and self.until > now and self.count >= MOST_FAILURES:
            raise AccountLocked(self.until, now)


def failures_of(item: Mapping[str, Any] | None) -> Failures:
    """The failures noted on an account, or on the limit item of an unknown username."""
    if item is None or "failures_until" not in item:
        return Failures()
    return Failures(item["failures"], parse_iso(item["failures_until"]))
