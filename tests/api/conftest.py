"""One registry for each module: its tests bring people of their own, so that none stands in another's way."""

from collections.abc import Iterator

import pytest

from tests.api.registry import Registry, opened


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """A registry that is empty when the module begins."""
    with opened() as fresh:
        yield fresh
