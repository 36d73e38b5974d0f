"""Requests and answers of the routes of the record: as it stands, its history, its confirmation, its contact data."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import Field

from jingkuai.aws.keys import NEWEST_VERSION
from jingkuai.aws.offices import Office
from jingkuai.domain.record_differences import Difference, sections_changed
from jingkuai.domain.regions import bureau_name
from register.confirmation import Confirmed
from register.contact import Contact, ContactForm
from register.records import Person, Version
from register.views import Answer, Request

VersionNumber = Annotated[int, Field(ge=1, le=NEWEST_VERSION)]


class ManagedBy(Answer):
    """The bureau that keeps the record; `phone` is null until the bureau has entered one."""

    region_code: str
    name: str
    phone: str | None = None


class ProfileView(Answer):
    """The record as approved: number and phone masked."""

    person_id: str
    status: str
    version: int
    id_type: str
    id_number: str
    basic: dict[str, Any]
    contact: dict[str, Any]
    education: list[dict[str, Any]]
    employment: dict[str, Any]
    qualifications: list[dict[str, Any]]
    region_code: str
    managed_by: ManagedBy
    updated_at: str
    confirmed_on: str | None = None

    @classmethod
    def of(cls, person: Person, office: Office | None = None) -> Self:
        return cls(
            **_sections(person.sections, {"phone": person.phone_masked}),
            **_kept_by(person.region_code or "", office),
            person_id=person.person_id,
            status=person.status,
            version=person.version,
            id_type=person.id_type,
            id_number=person.id_masked,
            updated_at=person.updated_at,
            confirmed_on=person.confirmed_on.isoformat() if person.confirmed_on else None,
        )

    @classmethod
    def as_it_was(cls, person: Person, version: Version) -> Self:
        """An earlier version; the phone is the account's and was never part of one."""
        return cls(
            **_sections(version.sections, {}),
            **_kept_by(version.region_code),
            person_id=person.person_id,
            status=person.status if version.version == person.version else version.status,
            version=version.version,
            id_type=version.id_type or person.id_type,
            id_number=version.id_masked or person.id_masked,
            updated_at=version.at,
        )


def _sections(sections: Mapping[str, Any], beside: Mapping[str, str]) -> dict[str, Any]:
    return {
        "basic": sections.get("basic", {}),
        "contact": {**beside, **sections.get("contact", {})},
        "education": sections.get("education", []),
        "employment": sections.get("employment", {}),
        "qualifications": sections.get("qualifications", []),
    }


def _kept_by(region_code: str, office: Office | None = None) -> dict[str, Any]:
    phone = office.phone if office else None
    return {
        "region_code": region_code,
        "managed_by": ManagedBy(region_code=region_code, name=bureau_name(region_code), phone=phone),
    }


class RecordVersionView(Answer):
    """One version of the record: who decided it, when, by which submission or transfer, and what it changed.

    `region_code` is the bureau that keeps the record since then, `bureau` the one that decided.
    """

    version: int
    at: str
    kind: str
    submission_id: str | None
    transfer_id: str | None
    by_role: str
    region_code: str
    bureau: str
    sections_changed: list[str]

    @classmethod
    def of(cls, version: Version, before: Version | None) -> Self:
        return cls(
            version=version.version,
            at=version.at,
            kind=version.kind,
            submission_id=version.submission_id,
            transfer_id=version.transfer_id,
            by_role=version.by_role,
            region_code=version.region_code,
            bureau=bureau_name(_decider(version)),
            sections_changed=_changed_by(version, before),
        )


def _decider(version: Version) -> str:
    """The bureau that decided; of what no bureau decided, the one that keeps the record."""
    return version.decided_by if version.decided_by and version.decided_by.isdecimal() else version.region_code


def _changed_by(version: Version, before: Version | None) -> list[str]:
    """What its submission changed, `region_code` where another bureau keeps the record since. Contact data change without one: a
    later version only shows them.
    """
    if before is None:
        return list(sections_changed({}, version.sections))
    changed = [one for one in sections_changed(before.sections, version.sections) if one != "contact"]
    return [*changed, "region_code"] if version.region_code != before.region_code else changed


class ChangedFieldView(Answer):
    """One field that two versions do not have in common; `before` or `after` is null where there is nothing."""

    field: str
    before: Any
    after: Any


class DifferencesView(Answer):
    """What changed from one version to another."""

    from_version: Annotated[int, Field(serialization_alias="from")]
    to_version: Annotated[int, Field(serialization_alias="to")]
    differences: list[ChangedFieldView]

    @classmethod
    def of(cls, earlier: int, later: int, found: Iterable[Difference]) -> Self:
        return cls(
            from_version=earlier,
            to_version=later,
            differences=[ChangedFieldView.model_validate(one) for one in found],
        )


class ConfirmationRequest(Request):
    """The record is still true, as this version shows it."""

    version: VersionNumber


class ConfirmedView(Answer):
    """Which version was confirmed, and on which day."""

    version: int
    confirmed_on: str

    @classmethod
    def of(cls, confirmed: Confirmed) -> Self:
        return cls(version=confirmed.version, confirmed_on=confirmed.confirmed_on.isoformat())


class ContactRequest(Request):
    """What is to change; a blank or null e-mail or address is removed, and what is not sent stays."""

    phone: Annotated[str | None, Field(max_length=200)] = None
    otp: Annotated[str | None, Field(max_length=200)] = None
    email: Annotated[str | None, Field(max_length=1000)] = None
    address: Annotated[str | None, Field(max_length=1000)] = None

    def form(self) -> ContactForm:
        return ContactForm(self.phone, self.otp, self._or_removed("email"), self._or_removed("address"))

    def _or_removed(self, name: str) -> str | None:
        sent: str | None = getattr(self, name)
        return "" if sent is None and name in self.model_fields_set else sent


class ContactView(Answer):
    """How somebody is reached: the phone masked, the others null where there is none."""

    phone: str
    email: str | None = None
    address: str | None = None

    @classmethod
    def of(cls, contact: Contact) -> Self:
        return cls.model_validate(contact)
