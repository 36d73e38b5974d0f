"""What holds of the Registry at any moment, whatever has just happened: one region, at most one unit, no work without a subject.

A test hands over every item of the table; what comes back names each place where two facts do not agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table

ENDED = frozenset(
    {"approved", "rejected", "withdrawn", "expired", "completed", "refused", "cancelled"}
)  # of submissions, appeals, declarations and transfers
Found = Mapping[tuple[str, str], Item]
_WHERE_TO_LOOK = ("SUB#", "TR#")  # under a person: what holds a lock while it is open
_LOOKED_AT_AFTERWARDS = "second_look"  # a task about something that has ended


def every_item(registry: Table) -> list[Item]:
    """The whole table, for tests on small ones."""
    items: list[Item] = []
    start: Item | None = None
    while True:
        page = registry.scan(limit=1000, start=start)
        items += page.items
        if (start := page.next_start) is None:
            return items


def violations(items: Iterable[Item]) -> list[str]:
    """Every fact that contradicts another one; empty where all is well."""
    found = {(item["pk"], item["sk"]): item for item in items}
    people = [item for (_, sk), item in found.items() if sk == keys.person_key("")["sk"]]
    tasks = [item for (_, sk), item in found.items() if sk == keys.task_key("")["sk"]]
    return [
        *(f"{one['person_id']}: {said}" for one in people for said in _of_person(one, found)),
        *(f"{one['pk']}: {said}" for one in tasks for said in _of_task(one, found)),
    ]


def unit_of(person: Item) -> str | None:
    """The code of the unit whose member a record says somebody is."""
    employment: Mapping[str, Any] = person.get("sections", {}).get("employment", {})
    return employment.get("uscc") if employment.get("status") == "employed" else None


def _of_person(person: Item, found: Found) -> Iterator[str]:
    yield from _region(person)
    yield from _unit(person, found)
    yield from _newest_version(person, found)
    yield from _locks(person, found)


def _region(person: Item) -> Iterator[str]:
    """A record that is kept is in the list of its own region; any other in none."""
    listed = person.get("gsi1pk")
    if person["status"] != "active":
        if listed is not None:
            yield f"{person['status']} and still in {listed}"
        return
    region = person.get("region_code", "")
    if listed != keys.people(region):
        yield f"kept by {region}, listed in {listed}"
    if person.get("card", {}).get("region_code") != region:
        yield f"kept by {region}, shown under {person.get('card', {}).get('region_code')}"
    if not str(person.get("gsi2sk", "")).startswith(f"{region}#"):
        yield f"kept by {region}, found by name under {person.get('gsi2sk')}"


def _unit(person: Item, found: Found) -> Iterator[str]:
    """The unit of the record, of the list of members and of the number's claim is the same one, or there is none."""
    unit = unit_of(person) if person["status"] == "active" else None
    listed = person.get("gsi3pk")
    if listed != (keys.members(unit) if unit else None):
        yield f"works for {unit}, a member in {listed}"
    shown = person.get("card", {}).get("employer_name")
    named = person.get("sections", {}).get("employment", {}).get("employer_name") if unit else None
    if person["status"] == "active" and shown != named:
        yield f"works for {named}, shown with {shown}"
    if (id_hash := person.get("id_hash")) is None:
        return
    at = keys.id_claim_key(id_hash)
    claim = found.get((at["pk"], at["sk"]))
    if claim is None:
        yield "holds a number that nobody has claimed"
    elif claim["person_id"] == person["person_id"] and person["status"] == "active" and claim.get("uscc") != unit:
        yield f"works for {unit}, claimed for {claim.get('uscc')}"


def _newest_version(person: Item, found: Found) -> Iterator[str]:
    """The last version says of region and unit what the record says."""
    at = keys.version_key(person["person_id"], person.get("version", 0))
    version = found.get((at["pk"], at["sk"]))
    if version is None:
        return
    if version["sections"].get("employment") != person.get("sections", {}).get("employment"):
        yield f"version {version['version']} has another employment than the record"
    if person["status"] == "active" and version["region_code"] != person.get("region_code"):
        yield f"version {version['version']} is of {version['region_code']}, the record of {person.get('region_code')}"
    later = keys.version_key(person["person_id"], person["version"] + 1)
    if (later["pk"], later["sk"]) in found:
        yield f"version {person['version'] + 1} is there, the record is of version {person['version']}"


def _locks(person: Item, found: Found) -> Iterator[str]:
    """Each lock names something that is open, and whatever is open holds its lock."""
    pk = person["pk"]
    open_matters: Mapping[str, str] = person.get("open", {})
    for kind, matter_id in open_matters.items():
        matter = next((one for place in _WHERE_TO_LOOK if (one := found.get((pk, place + matter_id)))), None)
        if matter is None:
            yield f"a lock of {kind} names {matter_id}, which is nowhere"
        elif matter["status"] in ENDED:
            yield f"a lock of {kind} names {matter_id}, which is {matter['status']}"
    for (at, sk), matter in found.items():
        if at != pk or not sk.startswith(_WHERE_TO_LOOK) or matter["status"] in ENDED:
            continue
        kind = "transfer" if sk.startswith("TR#") else matter["kind"]
        if open_matters.get(kind) != sk.partition("#")[2]:
            yield f"{sk} is {matter['status']} and holds no lock"


def _of_task(task: Item, found: Found) -> Iterator[str]:
    """Somebody is asked about something that is there and not over."""
    if "decision" in task or "subject" not in task:
        return
    subject = found.get((task["subject"]["pk"], task["subject"]["sk"]))
    if subject is None:
        yield f"open, and about {task['subject']['sk']}, which is nowhere"
    elif subject["status"] in ENDED and task["kind"] != _LOOKED_AT_AFTERWARDS:
        yield f"open, and about something that is {subject['status']}"
