"""The integrity records about a person as they themselves may know them: what a bureau has confirmed, revoked or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.integrity_items import record_of
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.integrity import IntegrityRecord
from register import held_items


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
        return IntegrityPage([record_of(item) for item in found.items if held_items.is_told(item)], next_start)
