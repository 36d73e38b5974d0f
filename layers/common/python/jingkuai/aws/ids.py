"""Identifiers in order of time (UUIDv7, RFC 9562): a list sorted by id is a list sorted by age."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

NewId = Callable[[datetime], str]


def uuid7(now: datetime, random: Callable[[int], bytes] = os.urandom) -> str:
    """A new identifier: 48 bits of milliseconds, then 74 random bits; says nothing about a person."""
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(random(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (tail >> 64 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return str(UUID(int=value))


def moment_of(identifier: str) -> datetime:
    """When an identifier was made, to the millisecond. Raises ValueError for what is none of `uuid7`."""
    return datetime.fromtimestamp((UUID(identifier).int >> 80) / 1000, UTC)
