"""What a person's rights read: the record with its sealed numbers, and the looks at it, which are written here as well."""

from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import look_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.principal import STAFF, Principal, region_of
from register.access_log import Look, LookPage
from register.records import Person
from register.sealed_numbers import SealedNumbers
from register.store import person_of


@dataclass(frozen=True, slots=True)
class PersonWithNumbers:
    """A record and its sealed numbers."""

    person: Person
    sealed: SealedNumbers


class RightsStore:
    """People and looks at them in the Registry table; `new_id` is for audit entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def with_numbers(self, person_id: str) -> PersonWithNumbers | None:
        """The record as it stands with its sealed numbers. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id))
        return PersonWithNumbers(person_of(item), sealed_of(item)) if item else None

    def record_look(self, person: Person, *, purpose: str, by: Principal, at: datetime) -> None:
        """Write down that somebody saw the record in full, and what for. AWS calls: 1."""
        look = look_item(
            person.person_id, purpose=purpose, by=by, at=at, new_id=self._new_id, region_code=person.region_code
        )
        self._registry.put(look)

    def looks(self, person_id: str, *, limit: int, start: Item | None) -> LookPage:
        """Looks at this person's record, newest first. AWS calls: 1."""
        pk = keys.audit_pk(person_id)
        after = {"pk": pk, "sk": start["after"]} if start else None
        found = self._registry.query(pk, prefix=keys.LOOKS, descending=True, limit=limit, start=after)
        next_start = {"after": found.next_start["sk"]} if found.next_start else None
        return LookPage([look_of(item) for item in found.items], next_start)


def sealed_of(item: Item) -> SealedNumbers:
    """The sealed numbers of a person's item."""
    return SealedNumbers(item["person_id"], item.get("id_cipher"), item.get("phone_cipher"))


def look_of(item: Item) -> Look:
    """A look as its person may know it."""
    return Look(item["at"], item["by_role"], bureau_of(item), item["purpose"])


def bureau_of(entry: Item) -> str | None:
    """The region of the bureau that an audit entry's account belongs to; None for the person and the system."""
    return region_of(entry["by_scope"]) if entry["by_role"] in STAFF and entry.get("by_scope") else None
