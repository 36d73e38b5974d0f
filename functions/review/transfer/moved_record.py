"""What a transfer makes of the record (调转后的信息档案), worked out from what was agreed; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.person_name import comparable
from jingkuai.domain.regions import Divisions
from jingkuai.domain.submission import EMPLOYED
from jingkuai.domain.transfer import TRANSFERRED_OUT, Route
from review.case import Case, Relocation
from review.likeness import EMPLOYER_NAME
from review.record import ACTIVE, PersonFacts, now_called

ABOLISHED: Final = "申请调往的地区已经撤销，调转终止，登记信息没有变化。请按现在的区划重新申请。"
CLOSED: Final = "该账号因证件号码申诉已经关闭，调转随之终止。"


def has_destination(relocation: Relocation, divisions: Divisions, today: date) -> bool:
    """Whether the bureau that would keep the record still exists; of a place elsewhere Hubei decides nothing."""
    if relocation.route is Route.OUT_OF_PROVINCE:
        return True
    return divisions.is_authority(relocation.to_region, on=today)


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """The record once it has moved: the person's next version, kept by another bureau, or closed as transferred out."""

    person: PersonFacts
    status: str
    region_code: str
    employment: Mapping[str, Any]
    name_hash: str
    employer_hash: str
    confirmed_on: date
    note: str | None = None  # on the timeline, where the unit is another than was filed

    @property
    def version(self) -> int:
        return self.person.version + 1

    @property
    def is_kept(self) -> bool:
        """Whether a bureau of Hubei keeps it: then it is in that bureau's lists, and its unit's."""
        return self.status != TRANSFERRED_OUT

    @property
    def uscc(self) -> str | None:
        """The unit whose member the person is; one outside Hubei has no list here."""
        employed = self.employment.get("status") == EMPLOYED
        return self.employment.get("uscc") if employed and self.is_kept else None

    @property
    def employer_name(self) -> str | None:
        return self.employment.get("employer_name") if self.uscc else None

    @property
    def sections(self) -> dict[str, Any]:
        return {**self.person.sections, "employment": dict(self.employment)}


def moved_record(
    case: Case,
    relocation: Relocation,
    person: PersonFacts,
    *,
    successor: tuple[str, str] | None,
    lookup: LookupKey,
    today: date,
) -> MovedRecord:
    """The record as the transfer leaves it. Who left the province keeps the bureau that kept the record last; `successor` is
    code and name of the unit that took the joined one's place.
    """
    out = relocation.route is Route.OUT_OF_PROVINCE
    employment = employment_after(case.payload, person.sections.get("employment", {}), relocation.to_region)
    note = None
    if successor:
        employment = {**employment, "uscc": successor[0], "employer_name": successor[1]}
        note = now_called(*successor)
    return MovedRecord(
        person=person,
        status=TRANSFERRED_OUT if out else ACTIVE,
        region_code=relocation.from_region if out else relocation.to_region,
        employment=employment,
        name_hash=lookup.of("name", comparable(person.name)),
        employer_hash=lookup.of(EMPLOYER_NAME, employment.get("employer_name", "")),
        confirmed_on=today,
        note=note,
    )


def employment_after(form: Mapping[str, Any], before: Mapping[str, Any], to_region: str) -> dict[str, Any]:
    """Where somebody works after a transfer, by what they filed; the post stays where no other is named."""
    since = before.get("accounting_since")  # another unit does not change it
    after = {"status": form["employment_status"], **({"accounting_since": since} if since else {})}
    unit = form.get("to_employer")
    if unit is None:
        return {**after, "region_code": to_region, "since": form["start_date"]}
    position = form.get("position") or before.get("position")
    return {
        **after,
        "employer_name": unit["name"],
        "uscc": unit["uscc"],
        "region_code": to_region,
        **({"position": position} if position else {}),
        "since": form["start_date"],
    }
