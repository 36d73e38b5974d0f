"""The desk of the credits tests."""

import pytest

from tests.cloud import Cloud
from tests.unit.credits.desk import CreditsDesk


@pytest.fixture
def desk(cloud: Cloud) -> CreditsDesk:
    """An account with one training institution, open for 2026 and 2025."""
    return CreditsDesk(cloud)
