"""Matters (在办事项) of a person as items under them: read with what they are checked against, written all or nothing.

Submissions and transfers are both: filed with scans, one of a kind at a time, newest first in their owner's list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, outbox_item
from jingkuai.aws.scan_store import scan_of
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, put_item, transact
from jingkuai.domain.scan import Scan
from register.records import Person
from register.store import person_of


@dataclass(frozen=True, slots=True)
class Papers:
    """What lies before somebody who files: the person, the scans that are their own, and the matter it belongs to."""

    person: Person
    scans: Mapping[str, Scan]
    matter: Item | None


def papers(
    registry: Table, person_id: str, attachment_ids: Sequence[str], *, matter_at: keys.Key | None, at: datetime
) -> Papers:
    """Everything a filing is checked against, at one moment. AWS calls: 1."""
    scans_at = {one: keys.attachment_key(one) for one in attachment_ids}
    person_at = keys.person_key(person_id)
    found = registry.batch_get([person_at, *([matter_at] if matter_at else []), *scans_at.values()])
    scans = {one: scan_of(found.get((key["pk"], key["sk"])), owner=person_id, at=at) for one, key in scans_at.items()}
    return Papers(
        person=person_of(found[person_at["pk"], person_at["sk"]]),
        scans={one: scan for one, scan in scans.items() if scan},
        matter=found.get((matter_at["pk"], matter_at["sk"])) if matter_at else None,
    )


def newest_first(
    registry: Table, person_id: str, prefix: str, *, limit: int, start: Item | None
) -> tuple[Sequence[Item], Item | None]:
    """A page of a person's matters of one sort, and where the next one begins. AWS calls: 1."""
    pk = keys.person_pk(person_id)
    after = {"pk": pk, "sk": start["after"]} if start else None
    found = registry.query(pk, prefix=prefix, descending=True, limit=limit, start=after)
    return found.items, {"after": found.next_start["sk"]} if found.next_start else None


def written(registry: Table, *writes: TransactWrite) -> bool:
    """Whether all of it was written; nothing was where something is not as it was read. AWS calls: 1."""
    try:
        transact(registry.client, writes)
    except Cancelled:
        return False
    return True


def promised(registry: Table, entries: Sequence[Entry], new_id: NewId, *, at: datetime) -> list[TransactWrite]:
    """What the outbox is to deliver, for the transaction that promises it."""
    return [put_item(registry, outbox_item(one, at=at, new_id=new_id)) for one in entries]
