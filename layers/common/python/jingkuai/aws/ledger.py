"""Entries of the ledger (学分记录) as every context reads them: credits to answer, projections to sum up."""

from datetime import date
from decimal import Decimal

from jingkuai.aws.clock import parse_iso
from jingkuai.aws.tables import Item
from jingkuai.domain.credit_rules import Category, CreditEntry, CreditVersion, Source


def entry_of(item: Item) -> CreditEntry:
    """An entry of any source, as a person's year counts it."""
    return CreditEntry(
        entry_id=item["entry_id"],
        source=Source(item["source"]),
        source_name=item["source_name"],
        category=Category(item["category"]),
        course=item["course"],
        course_no=item.get("course_no"),
        credits=Decimal(item["credits"]),
        completed_on=date.fromisoformat(item["completed_on"]),
        recorded_at=parse_iso(item["recorded_at"]),
        row=item.get("row", 0),
        taken_back=bool(item.get("taken_back")),
        history=tuple(map(version_of, item.get("history") or ())),
    )


def version_of(item: Item) -> CreditVersion:
    """A value an entry had, and who gave it."""
    return CreditVersion(
        Decimal(item["credits"]),
        item["course"],
        date.fromisoformat(item["completed_on"]),
        parse_iso(item["at"]),
        item.get("import_id"),
        bool(item.get("taken_back")),
    )
