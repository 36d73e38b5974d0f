"""Credits carried from elsewhere (转入前学分): what the bureau accepted by its proof, as entries of the ledger marked so."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.credit_rules import Category, Source
from jingkuai.domain.workdays import today_in_shanghai

COURSE: Final = "转入前已取得的继续教育学分"


def carried_entries(person_id: str, transfer_id: str, form: Mapping[str, Any], *, at: datetime) -> Iterator[Item]:
    """The ledger's entries for the earlier years that a transfer into the province names; none of zero credits.

    The key follows from transfer, year and category: applied twice it is one entry, and what is brought along at a second
    return stands beside the first.
    """
    letter = form.get("letter", {})
    where = " ".join(letter[name] for name in ("from_region", "number") if name in letter)
    for one in form.get("earlier_credits", ()):
        professional = Decimal(one["professional"])
        parts = {Category.PROFESSIONAL: professional, Category.PUBLIC: Decimal(one["total"]) - professional}
        for category, credits in parts.items():
            if credits:
                yield _entry(person_id, transfer_id, one["year"], category, credits, where, at)


def _entry(
    person_id: str, transfer_id: str, year: int, category: Category, credits: Decimal, where: str, at: datetime
) -> Item:
    digest = hashlib.sha256(f"{category.value}\x1f{transfer_id}".encode()).hexdigest()[:32]
    source = Source.CARRIED.value
    last_day = min(f"{year}-12-31", today_in_shanghai(at).isoformat())
    return {
        **keys.entry_key(person_id, year, source, digest),
        "v": 1,
        "entry_id": f"{year}-{source}-{digest}",
        "person_id": person_id,
        "year": year,
        "source": source,
        "source_id": transfer_id,
        "source_name": f"外省转入（{where}）" if where else "外省转入",
        "category": category.value,
        # a course counts once a year: what two letters vouch for are two
        "course": f"{COURSE}（{where or transfer_id}）",
        "credits": credits,
        "completed_on": last_day,
        "recorded_at": iso(at),
        "row": 0,
        "history": [],
    }
