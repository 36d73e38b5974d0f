"""Year summaries as items: derived, one per person and year, on the list of those short or of those done."""

from datetime import datetime
from decimal import Decimal

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ledger import entry_of
from jingkuai.aws.tables import ConditionFailed, Item, Table
from jingkuai.domain.credit_rules import CreditEntry
from projections.year_summaries import Holder, Ledger, YearSummary


class SummaryStore:
    """Entries read, summaries written, both in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def holder(self, person_id: str) -> Holder | None:
        """Whose record it is, or None before the first approval and after the account was closed. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id))
        if item is None or not item.get("region_code") or item["status"] == "deactivated":
            return None
        return Holder(person_id, item["name_masked"], item["region_code"])

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
        return Ledger(entries, _summary(person_id, summary) if summary else None, summary["revision"] if summary else 0)

    def save(self, summary: YearSummary, *, after: int, at: datetime) -> bool:
        """Put the summary in the place of the revision read; False when another was first. AWS calls: 1."""
        try:
            self._registry.put(
                _item(summary, after + 1, at),
                condition="attribute_not_exists(pk) OR revision = :after",
                values={":after": after},
            )
        except ConditionFailed:
            return False
        return True


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
        **keys.index(1, listed, holder.person_id),
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
    )
