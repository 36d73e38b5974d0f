"""Requests and answers of the register routes, as clients see them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jingkuai.aws.files import UploadForm
from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import InvalidValue
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import SubmissionKind
from register.account_page import AccountPage
from register.attachments import Announcement
from register.records import Person, Scan, Submission
from register.submissions import Wish


class InvalidInput(InvalidValue):
    """A member of a request that cannot be what it says."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_sha256": "文件校验值应为64位小写十六进制的SHA-256，请由程序对所选文件重新计算。",
        "bad_characters": "内容含有无法保存的字符，请删除乱码后重新填写。",
    }


def _storable(payload: dict[str, Any]) -> dict[str, Any]:
    """JSON may hold halves of characters (lone surrogates) that no table takes."""
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError as half:
        raise InvalidInput("bad_characters") from half
    return payload


def _digest(text: str) -> str:
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise InvalidInput("bad_sha256")
    return text


Form = Annotated[dict[str, Any], AfterValidator(_storable)]
AttachmentIds = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=60)]


class Request(BaseModel):
    """A body; values are never repeated in errors."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class DraftRequest(Request):
    """Sections to save, made from this version of the draft."""

    payload: Form
    version: Annotated[int, Field(ge=0, le=10**9)]


class AttachmentRequest(Request):
    """A file about to be uploaded."""

    kind: AttachmentKind
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    content_type: Annotated[str, Field(max_length=100)]
    size: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, AfterValidator(_digest)]

    def announced(self) -> Announcement:
        return Announcement(self.kind, self.filename, self.content_type, self.size, self.sha256)


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
    def of(cls, person: Person) -> Self:
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
            managed_by=ManagedBy(region_code=region_code, name=bureau_name(region_code)),
            updated_at=person.updated_at,
        )


def bureau_name(region_code: str) -> str:
    """What people call the finance bureau of a division."""
    return f"{hubei().name_of(region_code)}财政局"


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


class ScanUploadView(Answer):
    """A form to upload the file with: send `fields` as they are, then the file."""

    url: str
    fields: dict[str, str]


class ScanProblemView(Answer):
    """What is wrong with a scan, and what to do."""

    code: str
    message: str


class AttachmentView(Answer):
    """A scan as its owner sees it."""

    attachment_id: str
    kind: str
    filename: str
    status: str
    problems: list[ScanProblemView]
    download_url: str | None = None

    @classmethod
    def of(cls, scan: Scan, download_url: str | None) -> Self:
        return cls(
            attachment_id=scan.attachment_id,
            kind=scan.kind,
            filename=scan.filename,
            status=scan.status,
            problems=[ScanProblemView.model_validate(dict(one)) for one in scan.problems],
            download_url=download_url,
        )


class AnnouncedScanView(AttachmentView):
    """A newly announced scan, with the form to upload it."""

    upload: ScanUploadView

    @classmethod
    def of_new(cls, scan: Scan, form: UploadForm) -> Self:
        seen = AttachmentView.of(scan, None)
        return cls(**seen.model_dump(), upload=ScanUploadView.model_validate(form))


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
