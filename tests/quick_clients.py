"""boto3 without what takes the time when a client is made: each client is made once a process, and is as new for every account.

What a test registers with a client is forgotten with the account: the client's handlers are then those it was made with.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
from botocore.client import BaseClient
from botocore.hooks import HierarchicalEmitter

_make = boto3.client
_kept: dict[tuple[str, int], _Kept] = {}


@dataclass
class _Kept:
    """A client, the configuration it was made with, and its handlers before anybody registered one."""

    client: BaseClient
    config: Any
    handlers: HierarchicalEmitter
    in_use: dict[str, Any]

    def renew(self) -> None:
        """Drop every handler registered since; an emitter that has been given one has begun another cache."""
        events: Any = self.client.meta.events
        if events._emitter._lookup_cache is not self.in_use:
            events._emitter, self.in_use = _copied(self.handlers)


def _copied(handlers: HierarchicalEmitter) -> tuple[HierarchicalEmitter, dict[str, Any]]:
    fresh: Any = copy.copy(handlers)
    fresh._lookup_cache = {}
    return fresh, fresh._lookup_cache


def _client(service: str, *, config: Any = None) -> BaseClient:
    kept = _kept.get((service, id(config)))
    if kept is None:
        client = _make(service, config=config)  # type: ignore[call-overload]
        events = client.meta.events
        pristine = events._emitter
        events._emitter, in_use = _copied(pristine)
        kept = _kept[service, id(config)] = _Kept(client, config, pristine, in_use)
    return kept.client


@contextmanager
def quick_clients() -> Iterator[None]:
    """While this lasts, `boto3.client` answers with clients made before, where there are any."""
    with patch.object(boto3, "client", _client):
        try:
            yield
        finally:
            for kept in _kept.values():
                kept.renew()
