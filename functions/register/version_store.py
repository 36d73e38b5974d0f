"""Versions of a record as items under their person: written by whatever changes one, only read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import parse_iso
from jingkuai.aws.tables import Item, Table
from register.records import ACTIVE, Version

_APPROVED_BY = "reviewer"  # of a version that names nobody else: a bureau's approval made it


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Versions, newest first, each with the one before it (None before the first)."""

    versions: Sequence[tuple[Version, Version | None]]
    next_start: Item | None


class VersionStore:
    """The versions in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def page(self, person_id: str, *, limit: int, start: Item | None) -> VersionPage:
        """A page of versions, newest first. One more is read than is shown, to compare the last one with. AWS calls: 1."""
        pk = keys.person_pk(person_id)
        after = {"pk": pk, "sk": start["after"]} if start else None
        found = self._registry.query(pk, prefix=keys.VERSIONS, descending=True, limit=limit + 1, start=after)
        read = [version_of(item) for item in found.items]
        cut_short = found.next_start is not None and len(read) <= limit  # a page of DynamoDB ends at 1 MB
        shown = read[:-1] if cut_short else read[:limit]
        more = cut_short or len(read) > limit
        last = keys.version_key(person_id, shown[-1].version)["sk"] if more else None
        return VersionPage(
            [(one, read[place + 1] if place + 1 < len(read) else None) for place, one in enumerate(shown)],
            {"after": last} if last else None,
        )

    def some(self, person_id: str, numbers: Sequence[int]) -> dict[int, Version]:
        """Those of these versions that there are. AWS calls: 1."""
        found = self._registry.batch_get([keys.version_key(person_id, one) for one in dict.fromkeys(numbers)])
        return {one.version: one for one in map(version_of, found.values())}

    def as_of(self, person_id: str, moment: datetime) -> Version | None:
        """The version that stood at this moment. AWS calls: 1."""
        newest_first = self._registry.query_all(keys.person_pk(person_id), prefix=keys.VERSIONS, descending=True)
        return next((version_of(one) for one in newest_first if parse_iso(one["at"]) <= moment), None)


def version_of(item: Item) -> Version:
    """The version of an item."""
    return Version(
        version=item["version"],
        at=item["at"],
        kind=item["kind"],
        submission_id=item.get("submission_id"),
        transfer_id=item.get("transfer_id"),
        decided_by=item.get("decided_by"),
        by_role=item.get("by_role", _APPROVED_BY),
        region_code=item["region_code"],
        sections=item["sections"],
        id_type=item.get("id_type"),
        id_masked=item.get("id_masked"),
        status=item.get("status", ACTIVE),
    )
