"""The record (信息档案) that an approval leaves behind, worked out from the submission; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.new_number import NewNumber
from jingkuai.domain.person_name import comparable
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.record_changes import sections_after
from jingkuai.domain.record_differences import SECTIONS
from jingkuai.domain.submission import EMPLOYED, SubmissionKind
from review.case import Case
from review.likeness import EMPLOYER_NAME

# What a submission of a kind changes: another change of the same section since it was filed is a conflict, one of any
# other section is none.
SECTIONS_OF: Final[Mapping[SubmissionKind, Sequence[str]]] = {
    SubmissionKind.REGISTRATION: SECTIONS,
    SubmissionKind.EMPLOYMENT_CHANGE: ("employment",),
    SubmissionKind.EDUCATION_ADDED: ("education",),
    SubmissionKind.QUALIFICATION_ADDED: ("qualifications",),
    SubmissionKind.IDENTITY_CHANGE: ("basic",),
}


ACTIVE: Final = "active"  # of a person whose record a bureau keeps


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a review needs of the person: no number, no phone in plain. No `id_hash`: no number any more.

    `birth_date` and `gender` are what the identity document says.
    """

    version: int
    name: str
    name_masked: str
    id_type: str
    id_masked: str
    id_hash: str | None
    phone_hash: str
    birth_date: date | None
    gender: str | None
    region_code: str | None = None
    id_cipher: bytes | None = None
    sections: Mapping[str, Any] = field(default_factory=dict)
    status: str = ACTIVE
    section_versions: Mapping[str, int] = field(default_factory=dict)
    name_hash: str | None = None  # of the name on record, as lists of people have it
    former_numbers: tuple[Mapping[str, Any], ...] = ()  # as they lie sealed; they go on finding the person
    left_with: str | None = None  # the number of the letter with which the record left the province

    @property
    def is_deactivated(self) -> bool:
        return self.status == "deactivated"

    @property
    def former_hashes(self) -> tuple[str, ...]:
        """Of the former numbers, each once and without the present one: older records may repeat them."""
        known = dict.fromkeys(one["id_hash"] for one in self.former_numbers if "id_hash" in one)
        return tuple(one for one in known if one != self.id_hash)

    def changed_since(self, version: int, sections: Iterable[str]) -> bool:
        """Whether one of these sections is another than in this version. Of a record from before sections had versions of
        their own, any change since counts.
        """
        return any(self.section_versions.get(one, self.version) > version for one in sections)

    def versions_after(self, version: int, sections: Iterable[str]) -> dict[str, int]:
        """The version of each section, once these are changed with this one."""
        before = {one: self.section_versions.get(one, self.version) for one in SECTIONS}
        return {**before, **dict.fromkeys(sections, version)}

    @property
    def is_closed(self) -> bool:
        """Whether an appeal has taken the number away: nothing of this person is applied any more."""
        return self.id_hash is None


@dataclass(frozen=True, slots=True)
class ApprovedRecord:
    """The record as an approval makes it: the person's next version. `changed` are the sections that are different
    from before; the others are left to whoever changes them meanwhile.
    """

    person_id: str
    kind: SubmissionKind
    before: PersonFacts
    id_hash: str
    region_code: str
    name: str
    name_hash: str
    employer_hash: str
    sections: Mapping[str, Any]
    changed: Mapping[str, Any]
    confirmed_on: date
    new_number: NewNumber | None = None
    note: str | None = None  # on the timeline, where it is otherwise than was filed

    @property
    def version(self) -> int:
        return self.before.version + 1

    @property
    def status(self) -> str:
        """A registration opens the record; a change leaves it open or closed as it is."""
        return ACTIVE if self.kind is SubmissionKind.REGISTRATION else self.before.status

    @property
    def is_kept(self) -> bool:
        """Whether a bureau keeps it, in whose lists it then is: one that left the province is in none."""
        return self.status == ACTIVE

    @property
    def name_masked(self) -> str:
        return mask_name(self.name)

    @property
    def id_masked(self) -> str:
        return self.new_number.id_masked if self.new_number else self.before.id_masked

    @property
    def id_type(self) -> str:
        return self.new_number.id_type if self.new_number else self.before.id_type

    @property
    def has_another_claim(self) -> bool:
        """Whether the new number is found otherwise than the old one: a renewed permit keeps its claim."""
        return self.new_number is not None and self.new_number.id_hash != self.before.id_hash

    def numbers_before(self, at: str) -> list[Mapping[str, Any]]:
        """The former numbers once the new one is theirs: the old one joins them, and one gone back to is former no more."""
        before = self.before
        old = {
            "id_type": before.id_type,
            "id_masked": before.id_masked,
            "id_hash": before.id_hash,
            "cipher": before.id_cipher,
            "until": at,
        }
        kept = [one for one in before.former_numbers if one.get("id_hash") not in (self.id_hash, before.id_hash)]
        return [*kept, {name: value for name, value in old.items() if value is not None}]

    @property
    def ends_sessions(self) -> bool:
        """Whoever signed in before the identity changed signs in again."""
        return self.kind is SubmissionKind.IDENTITY_CHANGE

    @property
    def uscc(self) -> str | None:
        """The unit somebody works for now; a former one, or one outside Hubei, does not count them among its members."""
        employment = self.sections["employment"]
        return employment.get("uscc") if employment["status"] == EMPLOYED and self.is_kept else None

    @property
    def employer_name(self) -> str | None:
        return self.sections["employment"].get("employer_name") if self.uscc else None

    def at_successor(self, uscc: str, name: str, lookup: LookupKey) -> ApprovedRecord:
        """The same at the unit that took the filed one's place while the case was on its way."""
        employment = {**self.sections["employment"], "uscc": uscc, "employer_name": name}
        return replace(
            self,
            employer_hash=lookup.of(EMPLOYER_NAME, name),
            sections={**self.sections, "employment": employment},
            changed={**self.changed, "employment": employment},
            note=now_called(uscc, name),
        )


def now_called(uscc: str, name: str) -> str:
    """What the timeline says where the unit that was filed is another by now."""
    return f"申请中的单位现为“{name}”（统一社会信用代码{uscc}），按此登记。"


def record_after(case: Case, person: PersonFacts, *, id_hash: str, lookup: LookupKey, today: date) -> ApprovedRecord:
    """The record once this submission is applied. A registration's name corrects the account's."""
    kind = case.filing.submission_kind
    changed = _registered(case) if kind is SubmissionKind.REGISTRATION else _changed(case, person)
    name = changed["basic"]["name"] if "basic" in changed else person.name
    sections = {**person.sections, **changed}
    return ApprovedRecord(
        person_id=case.filing.person_id,
        kind=kind,
        before=person,
        id_hash=case.new_number.id_hash if case.new_number else id_hash,
        region_code=person.region_code or case.region_code,
        name=name,
        name_hash=lookup.of("name", comparable(name)),
        employer_hash=lookup.of(EMPLOYER_NAME, sections["employment"].get("employer_name", "")),
        sections=sections,
        changed=changed,
        confirmed_on=today,
        new_number=case.new_number,
    )


def _registered(case: Case) -> dict[str, Any]:
    sections = {name: case.payload[name] for name in SECTIONS if name in case.payload}
    return {**sections, "contact": _without_phone(sections.get("contact", {}))}


def _changed(case: Case, person: PersonFacts) -> dict[str, Any]:
    return sections_after(case.filing.submission_kind, case.payload, person.sections)


def _without_phone(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The phone lies sealed with the person, and may change without a review."""
    return {name: value for name, value in contact.items() if name != "phone"}
