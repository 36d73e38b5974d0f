"""Year summaries as items: derived, one per person and year, on the list of those short or of those done."""

import re
from datetime import datetime
from decimal import Decimal

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.counters import FIRST_EPOCH
from jingkuai.aws.ledger import entry_of
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.credit_rules import CreditEntry
from jingkuai.domain.statistics import FULFILLED, SHORT, Cell
from projections.counter_store import counted_members, counted_of, moved, replaced
from projections.counting import Counted
from projections.year_summaries import Holder, Ledger, YearSummary

_SUMMARY_OR_ENTRY = re.compile(r"CR#(\d{4})(?:$|#E#)")


class SummaryStore:
    """Entries read, summaries written, both in the Registry table; a summary is its own marker of what it counts for."""

    def __init__(self, registry: Table, epoch: int = FIRST_EPOCH) -> None:
        self._registry = registry
        self._epoch = epoch

    def holder(self, person_id: str) -> Holder | None:
        """Whose record a bureau keeps; None before the first approval and after the record was closed. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id))
        if item is None or item.get("status") != "active" or not item.get("region_code"):
            return None
        return Holder(person_id, item["name_masked"], item["region_code"])

    def years(self, person_id: str) -> set[int]:
        """The years of which a person has a summary, or credits that were told before anybody kept the record.

        AWS calls: 1 a page.
        """
        items = self._registry.query_all(keys.person_pk(person_id), prefix=keys.ALL_YEARS)
        return {int(found[1]) for item in items if (found := _SUMMARY_OR_ENTRY.match(item["sk"]))}

    def ledger(self, person_id: str, year: int) -> Ledger:
        """The year's summary and entries in one query: the summary sorts first, so the entries are never older than its
        revision and `save` can tell whether they are the newest. AWS calls: 1 a page.
        """
        summary_key, prefix = keys.year_summary_key(person_id, year), keys.entry_prefix(year)
        entries: list[CreditEntry] = []
        summary: Item | None = None
        for item in self._registry.query_all(keys.person_pk(person_id), prefix=keys.year_prefix(year)):
            if item["sk"] == summary_key["sk"]:
                summary = item
            elif item["sk"].startswith(prefix):
                entries.append(entry_of(item))
        if summary is None:
            return Ledger(entries, None, 0, Counted(self._epoch))
        return Ledger(entries, _summary(person_id, summary), summary["revision"], counted_of(summary))

    def save(self, summary: YearSummary, ledger: Ledger, *, at: datetime) -> bool:
        """Put the summary in the place of the one read, and move the counts between the two; False, and nothing done, when
        another was first. What stands there already is not written again. AWS calls: 0, or 1 with a change.
        """
        after = Counted(max(self._epoch, ledger.counted.epoch), _cells(summary))
        if (ledger.summary, ledger.counted) == (summary, after):
            return True
        item = {**_item(summary, ledger.revision + 1, at), **counted_members(after)}
        return replaced(self._registry, item, ledger.revision, moved(self._registry, ledger.counted, after))


def _cells(summary: YearSummary) -> frozenset[Cell]:
    """What a summary counts for: one person of the bureau that keeps the record."""
    if not summary.listed:
        return frozenset()
    name = FULFILLED if summary.fulfilled else SHORT
    return frozenset([Cell(str(summary.year), summary.holder.region_code, name)])


def _item(summary: YearSummary, revision: int, at: datetime) -> Item:
    holder, year = summary.holder, summary.year
    sums = {
        "earned": {"total": summary.total, "professional": summary.professional, "public": summary.public},
        "shortfall": {"total": summary.short_of_total, "professional": summary.short_of_professional},
        "fulfilled": summary.fulfilled,
    }
    shown = {"person_id": holder.person_id, "name_masked": holder.name_masked, "region_code": holder.region_code}
    listed = keys.year_list(year, holder.region_code, short=not summary.fulfilled)
    return {
        **keys.year_summary_key(holder.person_id, year),
        "v": 1,
        "year": year,
        "name_masked": holder.name_masked,
        "region_code": holder.region_code,
        **sums,
        "revision": revision,
        "updated_at": iso(at),
        **(keys.index(1, listed, holder.person_id) if summary.listed else {}),
        **keys.card(**shown, year=year, **sums),
    }


def _summary(person_id: str, item: Item) -> YearSummary:
    earned, shortfall = item["earned"], item["shortfall"]
    return YearSummary(
        Holder(person_id, item["name_masked"], item["region_code"]),
        item["year"],
        total=Decimal(earned["total"]),
        professional=Decimal(earned["professional"]),
        public=Decimal(earned["public"]),
        short_of_total=Decimal(shortfall["total"]),
        short_of_professional=Decimal(shortfall["professional"]),
        fulfilled=item["fulfilled"],
        listed="gsi1pk" in item,
    )
