"""Requests and answers of the register routes, as clients see them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jingkuai.aws.offices import Office
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.regions import bureau_name
from jingkuai.domain.submission import SubmissionKind
from register.account_page import AccountPage
from register.records import Person, Submission
from register.submissions import Wish


class InvalidInput(InvalidValue):
    """A member of a request that cannot be what it says."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_characters": "内容含有无法保存的字符，请删除乱码后重新填写。",
    }


def _storable(payload: dict[str, Any]) -> dict[str, Any]:
    """JSON may hold halves of characters (lone surrogates) that no table takes."""
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError as half:
        raise InvalidInput("bad_characters") from half
    return payload


Form = Annotated[dict[str, Any], AfterValidator(_storable)]
AttachmentIds = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=60)]


class Request(BaseModel):
    """A body; values are never repeated in errors."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class DraftRequest(Request):
    """Sections to save, made from this version of the draft."""

    payload: Form
    version: Annotated[int, Field(ge=0, le=10**9)]


class ResubmissionRequest(Request):
    """The whole form again, with its scans."""

    payload: Form
    attachment_ids: AttachmentIds

    def wish(self) -> Wish:
        return Wish(self.payload, self.attachment_ids)


class SubmissionRequest(ResubmissionRequest):
    """A form for review."""

    kind: SubmissionKind


class Answer(BaseModel):
    """An answer built from values of the use cases."""

    model_config = ConfigDict(from_attributes=True)


class MyAccountView(Answer):
    """The account behind the token, as in the answer to a sign-in."""

    account_id: str
    role: str
    scope: str
    name_masked: str


class TodoView(Answer):
    """One thing to do next."""

    code: str
    message: str
    link: str


class MeView(Answer):
    """The account page."""

    account: MyAccountView
    role: str
    scope: str
    unread_messages: int
    todo: list[TodoView]

    @classmethod
    def of(cls, me: Principal, page: AccountPage) -> Self:
        return cls(
            account=MyAccountView.model_validate(me),
            role=me.role,
            scope=me.scope,
            unread_messages=page.unread_messages,
            todo=[TodoView.model_validate(one) for one in page.todo],
        )


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

    @classmethod
    def of(cls, person: Person, office: Office | None = None) -> Self:
        sections, region_code = person.sections, person.region_code or ""
        return cls(
            person_id=person.person_id,
            status=person.status,
            version=person.version,
            id_type=person.id_type,
            id_number=person.id_masked,
            basic=sections.get("basic", {}),
            contact={"phone": person.phone_masked, **sections.get("contact", {})},
            education=sections.get("education", []),
            employment=sections.get("employment", {}),
            qualifications=sections.get("qualifications", []),
            region_code=region_code,
            managed_by=ManagedBy(
                region_code=region_code, name=bureau_name(region_code), phone=office.phone if office else None
            ),
            updated_at=person.updated_at,
        )


class MissingView(Answer):
    """A required field of the form that is still empty."""

    section: str
    field: str
    message: str


class DraftView(Answer):
    """The form as saved so far."""

    payload: dict[str, Any]
    version: int
    missing: list[MissingView]
    complete_percent: int


class ReturnView(Answer):
    """Why a submission came back, and which fields to correct."""

    reason: str
    fields: list[str]


class TimelineView(Answer):
    """One thing that happened to a submission."""

    at: str
    event: str
    by_role: str
    note: str | None = None


class SubmissionView(Answer):
    """A submission as its owner sees it; the phone in its payload is masked."""

    submission_id: str
    kind: str
    status: str
    stage: str | None = None
    due_on: str | None = None
    region_code: str
    submitted_at: str
    payload: dict[str, Any]
    attachment_ids: list[str]
    returned: ReturnView | None = None
    timeline: list[TimelineView]

    @classmethod
    def of(cls, submission: Submission) -> Self:
        returned = submission.returned
        return cls(
            submission_id=submission.submission_id,
            kind=submission.kind,
            status=submission.status,
            stage=submission.stage,
            due_on=submission.due_on,
            region_code=submission.region_code,
            submitted_at=submission.submitted_at,
            payload=dict(submission.payload),
            attachment_ids=list(submission.attachment_ids),
            returned=ReturnView.model_validate(returned) if returned else None,
            timeline=[TimelineView.model_validate(one) for one in submission.timeline],
        )
