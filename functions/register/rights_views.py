"""Requests and answers of the routes for a person's rights, as clients see them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from jingkuai.aws.clock import iso
from jingkuai.domain.regions import bureau_name
from register.access_log import Look
from register.exports import Export, ExportStatus
from register.record_views import ProfileView
from register.revealing import Revealed
from register.views import Answer, AttachmentIds, Request


class ConfirmRequest(Request):
    """A code that was sent to the account's own phone, with purpose `confirm`."""

    otp: Annotated[str, Field(max_length=200)]


def revealed_view(revealed: Revealed) -> ProfileView:
    """The record with number and phone in full."""
    masked = ProfileView.of(revealed.person)
    numbers = {"id_number": revealed.numbers.id_number, "contact": {**masked.contact, "phone": revealed.numbers.phone}}
    return masked.model_copy(update=numbers)


class BureauView(Answer):
    """A finance bureau."""

    region_code: str
    name: str


class LookView(Answer):
    """One look at the record in full; `bureau` is null for the person's own."""

    at: str
    by_role: str
    bureau: BureauView | None = None
    purpose: str

    @classmethod
    def of(cls, look: Look) -> Self:
        region_code = look.region_code
        bureau = BureauView(region_code=region_code, name=bureau_name(region_code)) if region_code else None
        return cls(at=look.at, by_role=look.by_role, bureau=bureau, purpose=look.purpose)


class OwnAnswerView(Answer):
    """What the bureau said to me, and when."""

    reason: str
    at: str


class OwnObjectionView(Answer):
    """What I have said against a record, and what the bureau answered."""

    statement: str
    attachment_ids: list[str]
    at: str
    answered: OwnAnswerView | None = None


class OwnIntegrityRecordView(Answer):
    """A confirmed integrity record about me; revoked, it stays to be seen."""

    record_id: str
    kind: str
    title: str
    facts: str
    document_no: str | None = None
    decided_on: str
    effective_until: str | None = None
    state: str
    objection: OwnObjectionView | None = None
    revocation: OwnAnswerView | None = None


class ObjectionRequest(Request):
    """What I say against a record, and scans that prove it."""

    statement: Annotated[str, Field(max_length=4000)]
    attachment_ids: Annotated[AttachmentIds, Field(default_factory=list)]


class ExportView(Answer):
    """How far a copy is; `next_at` is from when another may be asked for, `download_url` is good for five minutes."""

    status: ExportStatus
    requested_at: str | None = None
    ready_at: str | None = None
    expires_at: str | None = None
    next_at: str | None = None
    download_url: str | None = None

    @classmethod
    def of(cls, export: Export | None, download_url: str | None = None) -> Self:
        if export is None:
            return cls(status=ExportStatus.NONE)
        return cls(
            status=export.status,
            requested_at=iso(export.requested_at),
            ready_at=iso(export.ready_at) if export.ready_at else None,
            expires_at=iso(export.expires_at) if export.expires_at else None,
            next_at=iso(export.next_at),
            download_url=download_url,
        )
