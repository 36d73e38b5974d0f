"""Time as an argument: use cases take a `Clock`, only entry points name this one."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """A moment as stored and answered: ISO 8601, UTC, milliseconds; text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_iso(text: str) -> datetime:
    """The moment that `iso` wrote. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
