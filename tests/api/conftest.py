"""One registry for each module: its tests bring people of their own, so that none stands in another's way."""

from collections.abc import Iterator

import pytest

from tests.api.registry import Registry, opened
from tests.api.who import Cast


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """A registry that is empty when the module begins."""
    with opened() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def cast(registry: Registry) -> Cast:
    """One caller of each role."""
    return Cast(registry)
