"""People on record beside the applicant of `conftest.py`, put there as an approval leaves them."""

from __future__ import annotations

from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.privacy import mask_id_number, mask_name
from review.case import Outcome
from review.likeness import EMPLOYER_NAME
from tests.conftest import NOON
from tests.unit.review.conftest import EMPLOYER, NAME, PERSON, USCC, WANG, Office


def approve(office: Office) -> None:
    """The applicant's registration is approved by 420106, and applied."""
    office.identity.put({**keys.account_key(PERSON), "v": 1, "account_id": PERSON, "epoch": 1, "name_masked": "欧**国"})
    office.decide(WANG, "approve")
    office.route()
    assert office.apply() is Outcome.APPLIED


def put_person(office: Office, number: int, id_number: str, region_code: str | None = "420106", **over: Any) -> str:
    """Somebody with a record (without a region: registered only), found by number, name and unit; the person_id."""
    person_id = f"0193f3a0-0000-7000-8000-00000000{number:04d}"
    name, id_type = over.pop("name", NAME), over.pop("id_type", "resident_id")
    family = over.pop("family", "id18")
    id_hash = office.lookup.of(family, id_number)
    shown = {"name_masked": mask_name(name), "id_masked": mask_id_number(id_number), "region_code": region_code}
    listed: Item = {}
    if region_code:
        listed = {
            **keys.index(1, keys.people(region_code), f"2026-11-24#{person_id}"),
            **keys.index(2, keys.by_name(office.lookup.of("name", name)), f"{region_code}#{person_id}"),
            **keys.index(3, keys.members(over.get("uscc", USCC)), person_id),
            **keys.card(**shown, employer_name=over.get("employer_name", EMPLOYER)),
        }
    office.registry.put(
        {
            **keys.person_key(person_id),
            "v": 1,
            "person_id": person_id,
            "status": "active" if region_code else "registered",
            "version": 1 if region_code else 0,
            **shown,
            "id_type": id_type,
            "id_hash": id_hash,
            "id_cipher": office.sealer.seal_together({"id_number": id_number, "phone": "19901332460"}, person_id),
            "name": name,
            "phone_masked": "199****2460",
            "phone_hash": office.lookup.of("phone", "19901332460"),
            "birth_date": "1965-05-31",
            "open": {},
            "created_at": iso(NOON),
            "updated_at": iso(NOON),
            **listed,
            **over.pop("item", {}),
        }
    )
    office.registry.put({**keys.id_claim_key(id_hash), "v": 1, "person_id": person_id, "approved": bool(region_code)})
    return person_id


def put_unit(office: Office, name: str, uscc: str) -> None:
    """A unit on record under this name and code."""
    at = keys.likeness_key(EMPLOYER_NAME, office.lookup.of(EMPLOYER_NAME, name), uscc)
    office.registry.put({**at, "v": 1, "uscc": uscc, "name": name})
