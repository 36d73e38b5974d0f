"""What integrity records look like to bureaus, and what entering one takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jingkuai.domain.integrity import IntegrityKind, IntegrityRecord, IntegrityState, Objection
from review.integrity.entering import RecordForm
from review.scan_links import ScanLink
from review.views import ScanView

NO_SCANS: Mapping[str, ScanLink] = MappingProxyType({})
# Told as missing together with everything else that is wrong, hence no requirement of pydantic's own.
Typed = Annotated[str, Field(default="", max_length=4000)]


class IntegrityRecordRequest(BaseModel):
    """A reward, a penalty or untruthful material, as the bureau's document says."""

    model_config = ConfigDict(
        extra="ignore",
        hide_input_in_errors=True,
        json_schema_extra={"required": ["kind", "title", "facts", "decided_on"]},
    )

    kind: IntegrityKind
    title: Typed
    facts: Typed
    decided_on: Typed
    document_no: Typed
    effective_until: Typed

    def form(self) -> RecordForm:
        return RecordForm(self.kind, self.title, self.facts, self.decided_on, self.document_no, self.effective_until)


class AnswerRequest(BaseModel):
    """Why a record is taken back, or stands in spite of an objection; its person reads it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": ["reason"]})

    reason: Typed


class AnsweredView(BaseModel):
    """What the bureau said to the person, and when."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    at: str


class ObjectionView(BaseModel):
    """What the person says against a record, and the scans they have sent with it."""

    statement: str
    attachment_ids: list[str]
    at: str
    answered: AnsweredView | None = None
    scans: list[ScanView] = []

    @classmethod
    def of(cls, objection: Objection, scans: Mapping[str, ScanLink]) -> ObjectionView:
        ids = list(objection.attachment_ids)
        links = [ScanView(**asdict(scans[one])) for one in ids if one in scans]
        answered = AnsweredView.model_validate(objection.answered) if objection.answered else None
        return cls(statement=objection.statement, attachment_ids=ids, at=objection.at, answered=answered, scans=links)


class IntegrityRecordView(BaseModel):
    """An integrity record."""

    record_id: str
    kind: IntegrityKind
    title: str
    facts: str
    document_no: str | None = None
    decided_on: str
    effective_until: str | None = None
    state: IntegrityState
    objection: ObjectionView | None = None
    revocation: AnsweredView | None = None

    @classmethod
    def of(cls, record: IntegrityRecord, scans: Mapping[str, ScanLink] = NO_SCANS) -> IntegrityRecordView:
        return cls(
            record_id=record.record_id,
            kind=IntegrityKind(record.kind),
            title=record.title,
            facts=record.facts,
            document_no=record.document_no,
            decided_on=record.decided_on,
            effective_until=record.effective_until,
            state=record.state,
            objection=ObjectionView.of(record.objection, scans) if record.objection else None,
            revocation=AnsweredView.model_validate(record.revocation) if record.revocation else None,
        )
