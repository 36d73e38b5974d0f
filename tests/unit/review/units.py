"""Units, whose administrators report on members; and members put there as an approval leaves them."""

from __future__ import annotations

from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal, Role
from tests.conftest import NOON
from tests.invariants import every_item, violations
from tests.unit.review.conftest import EMPLOYER, USCC, Office, payload

OTHER_USCC, OTHER_NAME = "91420106MA4KABCD9R", "湖北示例汉江实业有限公司"
ADMIN = Principal("admin", Role.ADMIN, "42", None, "管*员", "session")


def administrator(uscc: str = USCC) -> Principal:
    """Who acts for a unit."""
    return Principal(f"unit.{uscc}", Role.EMPLOYER, uscc, None, "单*员", "session")


def put_account(office: Office, uscc: str = USCC, name: str = EMPLOYER) -> None:
    """A unit with an account here."""
    shown = {"uscc": uscc, "name": name, "region_code": "420106"}
    at = keys.index(1, keys.EMPLOYERS, f"420106#{uscc}")
    office.registry.put({**keys.employer_key(uscc), "v": 1, **shown, **keys.card(**shown), **at})


def put_member(office: Office, number: int, *, uscc: str = USCC, name: str = EMPLOYER, **over: Any) -> str:
    """Somebody whose record says that they work for a unit; the person_id."""
    person_id = f"0193f3a0-0000-7000-8000-00000001{number:04d}"
    id_hash = office.lookup.of("id18", f"member {number}")
    employment = {**payload()["employment"], "uscc": uscc, "employer_name": name}
    item: Item = {
        **keys.person_key(person_id),
        "v": 1,
        "person_id": person_id,
        "status": "active",
        "version": 1,
        "region_code": "420106",
        "id_type": "resident_id",
        "id_masked": "420***********0011",
        "id_hash": id_hash,
        "name": "王清雅",
        "name_masked": "王*雅",
        "phone_hash": office.lookup.of("phone", f"member {number}"),
        "sections": {**payload(), "employment": employment},
        "open": {},
        "created_at": iso(NOON),
        "updated_at": iso(NOON),
        **keys.index(1, keys.people("420106"), f"2026-11-24#{person_id}"),
        **keys.index(2, keys.by_name("k1.wang"), f"420106#{person_id}"),
        **keys.index(3, keys.members(uscc), person_id),
        **keys.card(name_masked="王*雅", id_masked="420***********0011", region_code="420106", employer_name=name),
        **over,
    }
    office.registry.put(item)
    claim = {"person_id": person_id, "name_hmac": "k1.wang", "approved": True, "uscc": uscc}
    office.registry.put({**keys.id_claim_key(id_hash), "v": 1, **claim})
    return person_id


def person(office: Office, person_id: str) -> Item:
    return office.item(keys.person_key(person_id))


def wrong(office: Office) -> list[str]:
    """Every fact of the table that contradicts another one."""
    return violations(every_item(office.registry))
