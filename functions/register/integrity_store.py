"""The integrity records about a person as they themselves may know them: what a bureau has confirmed, revoked or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table
from register import held_items


@dataclass(frozen=True, slots=True)
class IntegrityRecord:
    """A record (诚信记录) that stands, is objected to, or was revoked."""

    record_id: str
    kind: str
    title: str
    facts: str
    decided_on: str
    state: str
    document_no: str | None = None
    effective_until: str | None = None


@dataclass(frozen=True, slots=True)
class IntegrityPage:
    """Some of them, newest first; fewer than asked for where some are not confirmed."""

    records: Sequence[IntegrityRecord]
    next_start: Item | None


class IntegrityStore:
    """Reads over the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def page(self, person_id: str, *, limit: int, start: Item | None) -> IntegrityPage:
        """A page of the person's records. AWS calls: 1."""
        pk = keys.person_pk(person_id)
        after = {"pk": pk, "sk": start["after"]} if start else None
        found = self._registry.query(pk, prefix=keys.INTEGRITY, descending=True, limit=limit, start=after)
        next_start = {"after": found.next_start["sk"]} if found.next_start else None
        return IntegrityPage([_record(item) for item in found.items if held_items.is_told(item)], next_start)


def _record(item: Item) -> IntegrityRecord:
    told = item["payload"]
    return IntegrityRecord(
        record_id=item["record_id"],
        kind=told["kind"],
        title=told["title"],
        facts=told["facts"],
        decided_on=told["decided_on"],
        state=item["state"],
        document_no=told.get("document_no"),
        effective_until=told.get("effective_until"),
    )
