"""Submissions (申报): what a person files for review, the way it goes, and the scans it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.problem import FieldProblem


class SubmissionKind(StrEnum):
    """What is filed (申报事项)."""

    REGISTRATION = "registration"
    EMPLOYMENT_CHANGE = "employment_change"
    EDUCATION_ADDED = "education_added"
    QUALIFICATION_ADDED = "qualification_added"
    IDENTITY_CHANGE = "identity_change"


class SubmissionStatus(StrEnum):
    """Where a submission stands. One of the last four is its end; after a rejection a new one may be filed."""

    DRAFT = "draft"
    AUTO_CHECKING = "auto_checking"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act: until then no other of its kind can be filed, and it may be withdrawn."""
        return self in (self.AUTO_CHECKING, self.UNDER_REVIEW, self.RETURNED)


class Stage(StrEnum):
    """Who reviews. `county` is the bureau that keeps the record, whatever its level, `city` the bureau above it.

    Of a transfer, `release` is the bureau that is left and `acceptance` the one that is joined.
    """

    EMPLOYER = "employer"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    RELEASE = "release"
    ACCEPTANCE = "acceptance"

    @property
    def order(self) -> int:
        """Its place on the way up: stages of a route never go down."""
        return list(Stage).index(self)


APPLICANT: Final = "applicant"  # the stage of the task that waits for a resubmission: no bureau's, so no Stage


class TimelineEvent(StrEnum):
    """What can happen to a submission (办理进度)."""

    SUBMITTED = "submitted"
    CHECKED = "checked"
    STAGE_OPENED = "stage_opened"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    FORWARDED = "forwarded"
    RECALLED = "recalled"
    REOPENED = "reopened"
    CONFIRMED = "confirmed"  # by the unit
    OBJECTED = "objected"  # by the unit; the bureau that decides next reads why
    UNANSWERED = "unanswered"  # the unit said nothing in its time: that counts as confirmed
    WITHDRAWN = "withdrawn"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    EXPIRED = "expired"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a submission, as its owner reads it. `by_role` is a role or `system`, never a name."""

    at: str
    event: TimelineEvent
    by_role: str
    note: str | None = None

    def to_json(self) -> dict[str, str]:
        entry = {"at": self.at, "event": self.event.value, "by_role": self.by_role}
        return entry if self.note is None else entry | {"note": self.note}


EMPLOYED: Final = "employed"
TRANSFER: Final = "transfer"  # the name of an open transfer among a person's open matters
BARRED_BY_A_TRANSFER: Final = frozenset({SubmissionKind.EMPLOYMENT_CHANGE, SubmissionKind.IDENTITY_CHANGE})
BOTH_SIDES: Final = (AttachmentKind.ID_FRONT, AttachmentKind.ID_BACK)
TASKS: Final = UUID("6f0d8c62-3b0e-5f43-9d55-8a4c0e1b7a19")


def task_id_of(subject: Mapping[str, str], stage: str, round_no: int) -> str:
    """The id of the task of this subject (its key, `pk` and `sk`) in this stage and round: the same however often it
    is asked for, so that a workflow step run twice opens one task.
    """
    return str(uuid5(TASKS, f"{subject['pk']}|{subject['sk']}|{stage}|{round_no}"))


def required_scans(
    kind: SubmissionKind, payload: Mapping[str, Any], record: Mapping[str, Any]
) -> list[tuple[AttachmentKind, int]]:
    """The scans a submission needs, each kind with its number. Source: handbook, sections 2 (Proofs) and 5.

    Reads the payload as it was sent, so that missing scans are named beside fields that cannot be read. `record` holds
    the sections of the record that is changed: somebody who leaves a unit shows that they have left it.
    """
    match kind:
        case SubmissionKind.REGISTRATION:
            needed = _for_registration(payload)
        case SubmissionKind.EMPLOYMENT_CHANGE:
            needed = _for_employment(_section(payload, "employment"), _section(record, "employment"))
        case SubmissionKind.EDUCATION_ADDED:
            needed = _for_education([payload.get("education")])
        case SubmissionKind.QUALIFICATION_ADDED:
            needed = [(AttachmentKind.QUALIFICATION_CERTIFICATE, 1)]
        case SubmissionKind.IDENTITY_CHANGE:
            needed = [(one, 1) for one in (AttachmentKind.POLICE_CERTIFICATE, *BOTH_SIDES)]
    return [(scan, count) for scan, count in needed if count]


def _for_registration(payload: Mapping[str, Any]) -> list[tuple[AttachmentKind, int]]:
    employed = _section(payload, "employment").get("status") == EMPLOYED
    return [
        *((one, 1) for one in BOTH_SIDES),
        *_for_education(_items(payload, "education")),
        (AttachmentKind.EMPLOYMENT_PROOF, int(employed)),
        (AttachmentKind.QUALIFICATION_CERTIFICATE, len(_items(payload, "qualifications"))),
    ]


def _for_education(items: list[Any]) -> list[tuple[AttachmentKind, int]]:
    return [
        (AttachmentKind.EDUCATION_CERTIFICATE, max(1, len(items))),
        (AttachmentKind.DEGREE_CERTIFICATE, sum(map(_names_a_degree, items))),
    ]


def _for_employment(after: Mapping[str, Any], before: Mapping[str, Any]) -> list[tuple[AttachmentKind, int]]:
    """A proof of the new unit, and of having left the old one (离职证明) where there was one."""
    employed = after.get("status") == EMPLOYED
    old_unit = before.get("uscc") if before.get("status") == EMPLOYED else None
    left = old_unit is not None and not (employed and after.get("uscc") == old_unit)
    return [(AttachmentKind.EMPLOYMENT_PROOF, int(employed)), (AttachmentKind.TRANSFER_PROOF, int(left))]


def missing_scans(required: Iterable[tuple[AttachmentKind, int]], offered: Iterable[str]) -> list[FieldProblem]:
    """What is missing of the required scans among those offered, given by their kinds. More than required is fine."""
    have = Counter(offered)
    short = [(kind, count - have[kind]) for kind, count in required if have[kind] < count]
    return [
        FieldProblem(f"attachments.{kind}", "missing_scan", f"还缺{count}份{kind.label}，请拍照或扫描后上传。")
        for kind, count in short
    ]


def _section(sections: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = sections.get(name)
    return section if isinstance(section, Mapping) else {}


def _items(payload: Mapping[str, Any], name: str) -> list[Any]:
    items = payload.get(name)
    return list(items) if isinstance(items, (list, tuple)) else []


def _names_a_degree(education: object) -> bool:
    return isinstance(education, Mapping) and education.get("degree") not in (None, "", "none")
