"""What every change of a record writes alike: the lists its person is in, the version it becomes, the unit that is known by it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.successions import unit_stands
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item
from review.case_writes import ABSENT
from review.likeness import EmployerLikeness


def lists_of(
    person_id: str, region_code: str, *, confirmed_on: date, name_hash: str, uscc: str | None
) -> dict[str, str]:
    """The index members of somebody whose record a bureau keeps: in its list, under their name, among a unit's members."""
    return {
        **keys.index(1, keys.people(region_code), f"{confirmed_on.isoformat()}#{person_id}"),
        **keys.index(2, keys.by_name(name_hash), f"{region_code}#{person_id}"),
        **(keys.index(3, keys.members(uscc), person_id) if uscc else {}),
    }


def version_put(
    registry: Table,
    person_id: str,
    version: int,
    *,
    kind: str,
    region_code: str,
    name: str,
    id_type: str,
    id_masked: str,
    sections: Mapping[str, Any],
    at: datetime,
    more: Mapping[str, Any],
) -> TransactWrite:
    """The record as it is from now on: history, differences and `as_of` read these. `more` says by what it became so."""
    item: Item = {
        **keys.version_key(person_id, version),
        "v": 1,
        "person_id": person_id,
        "version": version,
        "at": iso(at),
        "kind": kind,
        "region_code": region_code,
        "name": name,
        "id_type": id_type,
        "id_masked": id_masked,
        "sections": dict(sections),
        **more,
    }
    return put_item(registry, item, condition=ABSENT)


def unit_known(registry: Table, uscc: str, name: str, name_hash: str) -> list[TransactWrite]:
    """Under which code a unit's name is on record, and under which name its code."""
    return [put_item(registry, item) for item in EmployerLikeness(uscc, name, name_hash).items()]


def unit_joined(registry: Table, uscc: str | None, name: str | None, name_hash: str) -> list[TransactWrite]:
    """What becomes known of the unit that somebody is a member of from now on, as long as it stands; without one nothing."""
    if not uscc:
        return []
    return [unit_stands(registry, uscc), *unit_known(registry, uscc, str(name), name_hash)]
