"""Fixtures that every suite shares."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.cloud import Cloud, furnished
from tests.house import house

__all__ = ["house"]  # the fixture of the deployed stack

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # midday in Wuhan, a Tuesday


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A fresh AWS account in memory, furnished from the template."""
    with furnished() as account:
        yield account
