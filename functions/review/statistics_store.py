"""The counters that `projections` keeps, as the bureaus' API reads them."""

from jingkuai.aws import keys
from jingkuai.aws.counters import by_region, counts_of
from jingkuai.aws.tables import Table
from jingkuai.domain.statistics import NOW


class StatisticsStore:
    """Counts of bureaus in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def counts(self, year: int, scope: str) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
        """The counts of every bureau within a scope, by its region: those of the year, and those of now. AWS calls: 2."""
        return by_region(self._registry, str(year), scope), by_region(self._registry, NOW, scope)

    def open_now(self, owner: str) -> dict[str, int]:
        """What one bureau has open, as it was counted last. AWS calls: 1."""
        return counts_of(self._registry.get(keys.statistics_key(NOW, owner), consistent=False))
