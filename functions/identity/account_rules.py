"""What administrators may set about accounts (账号规则): sessions, locks, passwords, codes. Source: GB/T 22239-2019 level 3.

Rules are data, `infra/policies/account_rules.json`. What is a promise to clients stays code: an access token's half hour,
a code's five minutes and five tries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from jingkuai.domain.principal import STAFF, Role

_STAFF = "staff"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long sessions last; idle means that no authorised request came.

    A session carries what holds for it, so that whoever checks one needs no rules; each refresh renews that.
    """

    lifetime: timedelta
    idle_by_role: Mapping[Role, timedelta]
    noted_every: timedelta

    def idle_of(self, role: Role) -> timedelta:
        return self.idle_by_role[role]


@dataclass(frozen=True, slots=True)
class LockRules:
    """So many failures in a row under one name lock it for so long."""

    most_failures: int
    locked_for: timedelta


@dataclass(frozen=True, slots=True)
class CodeLimit:
    """So many one-time codes for one phone within such a time."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The rule set `account_rules`."""

    sessions: SessionRules
    lock: LockRules
    staff_password_lasts: timedelta
    codes_per_phone: Sequence[CodeLimit]

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """The rules of an `account_rules` rule set. Raises KeyError, TypeError or ValueError where it is not one."""
        limits = [CodeLimit(int(one["codes"]), timedelta(minutes=one["minutes"])) for one in policy["codes_per_phone"]]
        if not limits or sorted(limits, key=lambda one: one.within) != limits:
            raise ValueError("codes_per_phone: the shortest time first")
        return cls(
            sessions=_sessions(policy["sessions"]),
            lock=LockRules(int(policy["lock"]["failures"]), timedelta(minutes=policy["lock"]["minutes"])),
            staff_password_lasts=timedelta(days=policy["staff_password_days"]),
            codes_per_phone=tuple(limits),
        )


def _sessions(told: Mapping[str, Any]) -> SessionRules:
    noted_every = timedelta(minutes=told["noted_every_minutes"])
    idle = {role: timedelta(minutes=told["idle_minutes"][_STAFF if role in STAFF else role.value]) for role in Role}
    if any(one <= noted_every for one in idle.values()):
        raise ValueError("idle_minutes: a session in use would end before its use is noted")
    return SessionRules(timedelta(hours=told["hours"]), idle, noted_every)
