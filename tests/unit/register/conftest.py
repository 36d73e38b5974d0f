"""Fixtures of the register tests."""

import pytest

from tests.cloud import Cloud
from tests.unit.register import people
from tests.unit.register.desk import Desk


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    """The register context, with one person between account and record."""
    people.register(cloud.registry)
    return Desk(cloud)
