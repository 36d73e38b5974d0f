"""People as a bureau looks them up: through the claims of their numbers and the indexes of names and units.

Whoever is outside the caller's region is not there: no count and no cursor tells otherwise.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item, look_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.integrity_items import record_of
from jingkuai.aws.tables import Item, Table, put_item, transact
from jingkuai.domain.integrity import IntegrityRecord
from jingkuai.domain.principal import Principal, region_of, scope_of
from jingkuai.domain.problem import NotFound
from review.likeness import EMPLOYER_NAME
from review.people import FormerNumber, FoundPerson, PeoplePage, PersonRecord, Search, SearchBy
from review.same_person import JudgedPair
from review.same_person_store import pair_of

_CODES = 10  # under which one name of a unit may be on record; more would be no name


class PeopleStore:
    """The records in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def by_number(self, hashes: Sequence[str], *, within: Principal) -> tuple[FoundPerson, ...]:
        """Whose a number is, or was before it changed. AWS calls: 2, so that how long it takes tells nothing either."""
        claims = self._registry.batch_get([keys.id_claim_key(one) for one in hashes])
        people_at = [keys.person_key(one) for one in dict.fromkeys(claim["person_id"] for claim in claims.values())]
        found = self._registry.batch_get(people_at or [keys.person_key("nobody")]).values()
        return tuple(_found(one) for one in found if within.covers(one.get("region_code", "")))

    def by_name(self, name_hash: str, *, within: Principal, limit: int, start: Item | None) -> PeoplePage:
        """People of one name, by region. AWS calls: 1."""
        page = self._registry.query(
            keys.by_name(name_hash), index="gsi2", prefix=scope_of(within.scope), limit=limit, start=start
        )
        return PeoplePage(tuple(map(_listed, page.items)), page.next_start)

    def codes_of_unit(self, name_hash: str) -> Sequence[str]:
        """Under which codes a unit of this full name is on record. AWS calls: 1."""
        known = self._registry.query(keys.likeness_pk(EMPLOYER_NAME, name_hash), limit=_CODES)
        return sorted({one["uscc"] for one in known.items})

    def by_units(self, codes: Sequence[str], *, within: Principal, limit: int, start: Item | None) -> PeoplePage:
        """People of these units. AWS calls: 1 a unit; of one with thousands of people elsewhere 1 more a megabyte."""
        found: list[Item] = []
        for member in self._members(codes, start):
            if within.covers(member["card"]["region_code"]):
                found.append(member)
            if len(found) > limit:
                break
        shown = found[:limit]
        more = _place_of(shown[-1]) if len(found) > limit else None
        return PeoplePage(tuple(map(_listed, shown)), more)

    def _members(self, codes: Sequence[str], start: Item | None) -> Iterator[Item]:
        begun = str(start["gsi3pk"]) if start else ""
        for partition in map(keys.members, codes):
            if partition < begun:
                continue
            at = start if partition == begun else None
            while True:
                page = self._registry.query(partition, index="gsi3", start=at)
                yield from page.items
                at = page.next_start
                if at is None:
                    break

    def record_search(self, search: Search, found: Sequence[FoundPerson], *, by: Principal, at: datetime) -> None:
        """Audit a search under whoever made it; of one by number, in the access log of whom it found. AWS calls: 1."""
        searched = change_item(
            by.account_id,
            action="people.searched",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=region_of(by.scope),
            details={"by": search.by.value, "purpose": search.purpose, "found": len(found)},
        )
        looked_at = found if search.by is SearchBy.ID_NUMBER else ()
        looks = [self._look(one.person_id, one.region_code, search.purpose, by, at) for one in looked_at]
        transact(self._registry.client, [put_item(self._registry, one) for one in (searched, *looks)])

    def record(self, person_id: str, *, within: Principal) -> PersonRecord:
        """Somebody's record, with what was said of it and others.

        Raises NotFound, also outside the caller's region and before the first approval. AWS calls: 1.
        """
        first, last = keys.record_and_verdicts()
        found = {one["sk"]: one for one in self._registry.query_all(keys.person_pk(person_id), between=(first, last))}
        item = found.pop(keys.person_key("")["sk"], None)
        if item is None or not within.covers(item.get("region_code", "")):
            raise NotFound()
        judged = tuple(pair_of(one) for at, one in found.items() if at.startswith(keys.SAME))
        integrity = tuple(record_of(one) for at, one in found.items() if at.startswith(keys.INTEGRITY))
        return _record(item, judged, integrity)

    def scans(self, ids: Sequence[str]) -> Iterator[Item]:
        """These scans, in this order, those that are gone left out. AWS calls: 0 without any, else 1."""
        at = [keys.attachment_key(one) for one in ids]
        found = self._registry.batch_get(at) if at else {}
        return (found[one["pk"], one["sk"]] for one in at if (one["pk"], one["sk"]) in found)

    def record_look(self, record: PersonRecord, *, purpose: str, by: Principal, at: datetime) -> None:
        """Write into the person's access log who saw the record, and what for. AWS calls: 1."""
        self._registry.put(self._look(record.person_id, record.region_code, purpose, by, at))

    def _look(self, person_id: str, region_code: str, purpose: str, by: Principal, at: datetime) -> Item:
        return look_item(person_id, purpose=purpose, by=by, at=at, new_id=self._new_id, region_code=region_code)


def _place_of(item: Item) -> Item:
    """Where a page of a unit's people that ends with this one goes on."""
    return {name: item[name] for name in ("pk", "sk", "gsi3pk", "gsi3sk")}


def _found(item: Item) -> FoundPerson:
    return FoundPerson(
        person_id=item["person_id"],
        name_masked=item["name_masked"],
        id_masked=item["id_masked"],
        region_code=item["region_code"],
        status=item["status"],
        employer_name=item.get("card", {}).get("employer_name"),
    )


def _listed(entry: Item) -> FoundPerson:
    """Somebody of an index: only records that a bureau keeps are in one."""
    return FoundPerson(person_id=entry["pk"].removeprefix(keys.person_pk("")), status="active", **_shown(entry["card"]))


def _shown(card: Item) -> Item:
    return {name: card[name] for name in ("name_masked", "id_masked", "region_code", "employer_name") if name in card}


def _record(item: Item, judged: tuple[JudgedPair, ...], integrity: tuple[IntegrityRecord, ...]) -> PersonRecord:
    return PersonRecord(
        person_id=item["person_id"],
        status=item["status"],
        version=item["version"],
        name=item["name"],
        id_type=item["id_type"],
        id_masked=item["id_masked"],
        id_cipher=item.get("id_cipher"),
        phone_masked=item["phone_masked"],
        region_code=item["region_code"],
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        confirmed_on=item.get("confirmed_on"),
        open=item.get("open", {}),
        former_numbers=tuple(
            FormerNumber(one["id_type"], one["id_masked"], one["until"]) for one in item.get("former_numbers", ())
        ),
        sections=item.get("sections", {}),
        judged=judged,
        integrity=integrity,
    )
