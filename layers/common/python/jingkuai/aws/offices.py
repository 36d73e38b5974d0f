"""The offices of all bureaus (办公信息), as the contexts show them to people: read together, kept for a minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.clock import Clock
from jingkuai.aws.tables import Table

KEPT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Office:
    """Whom to call at a bureau."""

    name: str
    phone: str
    address: str


class OfficeBook:
    """The offices that bureaus have entered, by region; a process keeps one for its life."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry
        self._kept: dict[str, Office] = {}
        self._until: datetime | None = None

    def office(self, region_code: str | None, clock: Clock) -> Office | None:
        """The office of a region's bureau, None until it has entered one; at most 60 s old. AWS calls: 1 at most."""
        now = clock()
        if self._until is None or now >= self._until:
            items = self._registry.query_all(keys.OFFICES)
            self._kept = {one["sk"]: Office(one["name"], one["phone"], one["address"]) for one in items}
            self._until = now + KEPT
        return self._kept.get(region_code or "")
