"""How many one-time codes one phone and one address may ask for, as values; who keeps them is `code_store`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from identity.account_rules import CodeLimit


@dataclass(frozen=True, slots=True)
class PhoneLimit:
    """How many codes a phone may be sent, and when it was, oldest first."""

    allowed: Sequence[CodeLimit]
    sent: tuple[datetime, ...] = ()

    def wait(self, now: datetime) -> int:
        """Seconds until the next one may be sent; 0 is now."""
        return max(self._wait(one.most, one.within, now) for one in self.allowed)

    def _wait(self, most: int, within: timedelta, now: datetime) -> int:
        recent = [at for at in self.sent if now - at < within]
        return 0 if len(recent) < most else max(1, ceil((recent[-most] + within - now).total_seconds()))

    def with_one(self, now: datetime) -> "PhoneLimit":
        """The limit once another is sent now; what no rule looks at is forgotten."""
        recent = (at for at in self.sent if now - at < self.allowed[-1].within)
        return replace(self, sent=(*recent, now)[-max(one.most for one in self.allowed) :])


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
