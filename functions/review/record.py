"""The record (信息档案) that an approval leaves behind, worked out from the submission; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.person_name import comparable
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.record_differences import SECTIONS
from review.case import Case


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a review needs of the person: no number, no phone, nothing sealed. No `id_hash`: no number any more."""

    version: int
    name_masked: str
    id_masked: str
    id_hash: str | None
    birth_date: date | None
    gender: str | None
    region_code: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether an appeal has taken the number away: nothing of this person is applied any more."""
        return self.id_hash is None


@dataclass(frozen=True, slots=True)
class ApprovedRecord:
    """The record as a registration's approval makes it: version 1 of a person, kept by a bureau from this day on."""

    person_id: str
    id_hash: str
    id_masked: str
    base_version: int
    region_code: str
    name: str
    name_hash: str
    sections: Mapping[str, Any]
    confirmed_on: date

    @property
    def version(self) -> int:
        return self.base_version + 1

    @property
    def name_masked(self) -> str:
        return mask_name(self.name)

    @property
    def uscc(self) -> str | None:
        """The unit somebody works for now; a former one does not count the person among its members."""
        employment = self.sections["employment"]
        return employment.get("uscc") if employment["status"] == "employed" else None

    @property
    def employer_name(self) -> str | None:
        return self.sections["employment"].get("employer_name") if self.uscc else None


def record_after(case: Case, person: PersonFacts, *, id_hash: str, lookup: LookupKey, today: date) -> ApprovedRecord:
    """The record once this registration is applied. The payload's name corrects the account's."""
    sections = {name: case.payload[name] for name in SECTIONS if name in case.payload}
    name = case.payload["basic"]["name"]
    return ApprovedRecord(
        person_id=case.filing.person_id,
        id_hash=id_hash,
        id_masked=person.id_masked,
        base_version=case.base_version,
        region_code=case.region_code,
        name=name,
        name_hash=lookup.of("name", comparable(name)),
        sections={**sections, "contact": _without_phone(sections.get("contact", {}))},
        confirmed_on=today,
    )


def _without_phone(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The phone lies sealed with the person, and may change without a review."""
    return {name: value for name, value in contact.items() if name != "phone"}
