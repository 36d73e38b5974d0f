"""What looking people up takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool

from jingkuai.domain.regions import bureau_name
from review.integrity.views import IntegrityRecordView
from review.people import FoundPerson, OpenedRecord, SearchForm
from review.purpose import LONGEST, SHORTEST
from review.same_person import LONGEST_REASON, JudgedPair, Verdict

# Told as missing together with everything else that is wrong, hence no requirement of pydantic's own.
Typed = Annotated[str, Field(default="", max_length=400)]
# What a purpose may be, for the description only: too short or too long is told together with everything else.
PURPOSE_LENGTH: Final[dict[str, JsonValue]] = {"minLength": SHORTEST, "maxLength": LONGEST}


class SearchRequest(BaseModel):
    """One of ID number, name or employer (code or full name), and what the search is for."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": ["purpose"]})

    id_number: Typed
    name: Typed
    employer: Typed
    purpose: Annotated[str, Field(default="", max_length=400, json_schema_extra=PURPOSE_LENGTH)]

    def form(self) -> SearchForm:
        return SearchForm(**self.model_dump())


class FoundPersonView(BaseModel):
    """Somebody found, masked."""

    person_id: str
    name_masked: str
    id_number: str
    region_code: str
    status: str
    employer_name: str | None

    @classmethod
    def of(cls, found: FoundPerson) -> FoundPersonView:
        return cls(
            person_id=found.person_id,
            name_masked=found.name_masked,
            id_number=found.id_masked,
            region_code=found.region_code,
            status=found.status,
            employer_name=found.employer_name,
        )


class KeepingBureauView(BaseModel):
    """The bureau that keeps the record, or kept it last."""

    region_code: str
    name: str


class OpenMatterView(BaseModel):
    """A matter under way."""

    kind: str
    subject_id: str


class FormerNumberView(BaseModel):
    """A number the person had before, masked."""

    id_type: str
    id_number: str
    until: str


class SamePersonRequest(BaseModel):
    """Whether this record and another are one person."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    other_person_id: Annotated[str, Field(min_length=1, max_length=64)]
    same: StrictBool
    reason: Annotated[str, Field(default="", max_length=LONGEST_REASON)]


class VerdictView(BaseModel):
    """Whether two records are one person, by which bureau, when and why."""

    same: bool
    reason: str
    region_code: str
    decided_at: str

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> VerdictView:
        return cls(same=verdict.same, reason=verdict.reason, region_code=verdict.bureau, decided_at=verdict.at)


class VerdictAnswer(VerdictView):
    """What stands of two records now."""

    person_id: str
    other_person_id: str

    @classmethod
    def of(cls, pair: JudgedPair) -> VerdictAnswer:
        return cls(
            **dict(VerdictView.of_verdict(pair.standing)),
            person_id=pair.person_id,
            other_person_id=pair.other_person_id,
        )


class JudgedPairView(VerdictAnswer):
    """What stands of two records; `earlier` is what was said before, oldest first."""

    earlier: list[VerdictView]

    @classmethod
    def of_pair(cls, pair: JudgedPair) -> JudgedPairView:
        return cls(**dict(VerdictAnswer.of(pair)), earlier=[VerdictView.of_verdict(one) for one in pair.verdicts[:-1]])


class PersonView(BaseModel):
    """A record in full; the phone stays masked."""

    person_id: str
    status: str
    version: int
    name: str
    id_type: str
    id_number: str
    basic: dict[str, Any]
    contact: dict[str, Any]
    education: list[dict[str, Any]]
    employment: dict[str, Any]
    qualifications: list[dict[str, Any]]
    region_code: str
    managed_by: KeepingBureauView
    open: list[OpenMatterView]
    former_numbers: list[FormerNumberView]
    same_person: list[JudgedPairView]
    integrity_records: list[IntegrityRecordView]
    registered_at: str
    confirmed_on: str | None
    updated_at: str

    @classmethod
    def of(cls, opened: OpenedRecord) -> PersonView:
        record, sections = opened.record, opened.record.sections
        return cls(
            person_id=record.person_id,
            status=record.status,
            version=record.version,
            name=record.name,
            id_type=record.id_type,
            id_number=opened.id_number,
            basic=sections.get("basic", {}),
            contact={**sections.get("contact", {}), "phone": record.phone_masked},
            education=sections.get("education", []),
            employment=sections.get("employment", {}),
            qualifications=sections.get("qualifications", []),
            region_code=record.region_code,
            managed_by=KeepingBureauView(region_code=record.region_code, name=bureau_name(record.region_code)),
            open=[OpenMatterView(kind=kind, subject_id=one) for kind, one in sorted(record.open.items())],
            former_numbers=[
                FormerNumberView(id_type=one.id_type, id_number=one.id_masked, until=one.until)
                for one in record.former_numbers
            ],
            same_person=[JudgedPairView.of_pair(one) for one in record.judged],
            integrity_records=[IntegrityRecordView.of(one, opened.scans) for one in record.integrity],
            registered_at=record.created_at,
            confirmed_on=record.confirmed_on,
            updated_at=record.updated_at,
        )
