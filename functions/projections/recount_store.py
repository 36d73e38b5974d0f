"""How far a recount has come, the table page by page, and the counters brought from one epoch to the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.counters import FIRST_EPOCH, attribute
from jingkuai.aws.tables import ConditionFailed, Item, Page, Table

_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """Under which epoch counts are kept, and where a recount goes on; `counters` are those it has met."""

    epoch: int = FIRST_EPOCH
    running: bool = False
    start: Item | None = None
    counters: frozenset[str] = frozenset()


class RecountStore:
    """The recount of the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def progress(self) -> Progress:
        """How it stands: read at the beginning of every run, never kept. AWS calls: 1."""
        item = self._registry.get(keys.recount_key()) or {}
        return Progress(
            epoch=item.get("epoch", FIRST_EPOCH),
            running=item.get("running", False),
            start=item.get("start"),
            counters=frozenset(item.get("counters", ())),
        )

    def save(self, progress: Progress) -> None:
        """Note it. AWS calls: 1."""
        self._registry.put(
            {
                **keys.recount_key(),
                "v": 1,
                "epoch": progress.epoch,
                "running": progress.running,
                **({"start": progress.start} if progress.start else {}),
                "counters": sorted(progress.counters),
            }
        )

    def page(self, start: Item | None) -> Page:
        """The next items of the table. AWS calls: 1."""
        return self._registry.scan(limit=_PER_PAGE, start=start)

    def show(self, counter: str, epoch: int) -> None:
        """Show what a counter holds of this epoch, and drop what it holds of others. AWS calls: 2."""
        period, _, region_code = counter.partition("|")
        key = keys.statistics_key(period, region_code)
        item = self._registry.get(key)
        if item is None:
            return
        gone = [name for name in item if _is_count(name) and not name.startswith(attribute(epoch, ""))]
        names = {f"#n{number}": name for number, name in enumerate(gone)}
        removed = f" REMOVE {', '.join(names)}" if names else ""
        self._registry.update(key, f"SET live = :epoch{removed}", values={":epoch": epoch}, names=names or None)

    def forget_zeros(self, counters: Iterable[keys.Key]) -> None:
        """Drop counts that came to nothing, unless they moved meanwhile: a deadline that is over is never counted again.

        AWS calls: 1 a counter, 2 where there are such.
        """
        for key in counters:
            item = self._registry.get(key) or {}
            zero = [name for name, count in item.items() if _is_count(name) and count == 0]
            if not zero:
                continue
            names = {f"#n{number}": name for number, name in enumerate(zero)}
            try:
                self._registry.update(
                    key,
                    f"REMOVE {', '.join(names)}",
                    condition=" AND ".join(f"{name} = :zero" for name in names),
                    values={":zero": 0},
                    names=names,
                )
            except ConditionFailed:
                continue  # counted again meanwhile: the next run looks again


def _is_count(name: str) -> bool:
    return name.partition(".")[0].isdecimal()
