"""Counters of statistics as items: `ST#now` and `ST#<year>`, one item for each bureau; `projections` writes, others read.

A recount writes beside the counts that are shown, under the next epoch, and is shown when it is whole. So the name of a
count inside its item begins with its epoch, and `live` says which epoch is shown.
"""

from collections.abc import Iterable

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.statistics import Cell

FIRST_EPOCH = 1


def attribute(epoch: int, name: str) -> str:
    """What a count is called inside its item."""
    return f"{epoch}.{name}"


def key_of(cell: Cell) -> keys.Key:
    """The item that a count stands in."""
    return keys.statistics_key(cell.period, cell.region_code)


def counts_of(item: Item | None) -> dict[str, int]:
    """The counts of an item that are shown, those at zero left out; none where there is no item."""
    if item is None:
        return {}
    prefix = attribute(item["live"], "")
    return {name.removeprefix(prefix): count for name, count in item.items() if name.startswith(prefix) and count}


def by_region(registry: Table, period: str, scope: str) -> dict[str, dict[str, int]]:
    """The counts of every bureau within a scope, by its region; at most 117 small items. AWS calls: 1."""
    items: Iterable[Item] = registry.query_all(keys.statistics_pk(period), prefix=scope)
    return {item["sk"]: counts_of(item) for item in items}
