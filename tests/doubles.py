"""Stand-ins for what a use case takes as an argument, and a counter of calls to AWS. Nothing of ours is replaced by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jingkuai.aws import clients
from jingkuai.aws.sms import SmsFailed


class Now:
    """A clock that goes only when told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Texts:
    """An SMS provider that keeps what it was given, or takes nothing."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, phone: str, text: str) -> None:
        if self.broken:
            raise SmsFailed("down")
        self.sent.append((phone, text))


@contextmanager
def costing(calls: int) -> Iterator[None]:
    """The AWS calls a piece of code makes, warm: no more and no fewer."""
    made: list[str] = []

    def note(event_name: str, **_: Any) -> None:
        made.append(event_name.removeprefix("before-send."))

    services = (clients.dynamodb(), clients.s3(), clients.kms())
    for service in services:
        service.meta.events.register("before-send.*.*", note)
    try:
        yield
    finally:
        for service in services:
            service.meta.events.unregister("before-send.*.*", note)
    assert len(made) == calls, made
