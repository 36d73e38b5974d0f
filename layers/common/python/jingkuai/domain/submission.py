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

    def may_become(self, later: SubmissionStatus) -> bool:
        """Whether a submission of this status may go over to `later` in one step."""
        return later in NEXT[self]


NEXT: Final[Mapping[SubmissionStatus, frozenset[SubmissionStatus]]] = {
    SubmissionStatus.DRAFT: frozenset({SubmissionStatus.AUTO_CHECKING}),
    SubmissionStatus.AUTO_CHECKING: frozenset(
        {SubmissionStatus.UNDER_REVIEW, SubmissionStatus.RETURNED, SubmissionStatus.WITHDRAWN}
    ),
    SubmissionStatus.UNDER_REVIEW: frozenset(
        {
            SubmissionStatus.UNDER_REVIEW,  # the next stage, or another bureau
            SubmissionStatus.RETURNED,
            SubmissionStatus.APPROVED,
            SubmissionStatus.REJECTED,
            SubmissionStatus.WITHDRAWN,
        }
    ),
    SubmissionStatus.RETURNED: frozenset(
        {
            SubmissionStatus.AUTO_CHECKING,
            SubmissionStatus.UNDER_REVIEW,
            SubmissionStatus.WITHDRAWN,
            SubmissionStatus.EXPIRED,
        }
    ),
    SubmissionStatus.APPROVED: frozenset(),
    SubmissionStatus.REJECTED: frozenset(),
    SubmissionStatus.WITHDRAWN: frozenset(),
    SubmissionStatus.EXPIRED: frozenset(),
}


class Stage(StrEnum):
    """Who reviews. `county` is the bureau that keeps the record, whatever its level, `city` the bureau above it."""

    EMPLOYER = "employer"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"

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


TASKS: Final = UUID("6f0d8c62-3b0e-5f43-9d55-8a4c0e1b7a19")


def task_id_of(subject: Mapping[str, str], stage: str, round_no: int) -> str:
    """The id of the task of this subject (its key, `pk` and `sk`) in this stage and round: the same however often it
    is asked for, so that a workflow step run twice opens one task.
    """
    return str(uuid5(TASKS, f"{subject['pk']}|{subject['sk']}|{stage}|{round_no}"))


def required_scans(payload: Mapping[str, Any]) -> list[tuple[AttachmentKind, int]]:
    """The scans a registration needs, each kind with its number. Source: handbook, section 2, Proofs.
    Reads the payload as it was sent, so that missing scans are named beside fields that cannot be read.
    """
    education, qualifications = _items(payload, "education"), _items(payload, "qualifications")
    employment = payload.get("employment")
    employed = isinstance(employment, Mapping) and employment.get("status") == "employed"
    needed = [
        (AttachmentKind.ID_FRONT, 1),
        (AttachmentKind.ID_BACK, 1),
        (AttachmentKind.EDUCATION_CERTIFICATE, max(1, len(education))),
        (AttachmentKind.DEGREE_CERTIFICATE, sum(_names_a_degree(item) for item in education)),
        (AttachmentKind.EMPLOYMENT_PROOF, int(employed)),
        (AttachmentKind.QUALIFICATION_CERTIFICATE, len(qualifications)),
    ]
    return [(kind, count) for kind, count in needed if count]


def missing_scans(required: Iterable[tuple[AttachmentKind, int]], offered: Iterable[str]) -> list[FieldProblem]:
    """What is missing of the required scans among those offered, given by their kinds. More than required is fine."""
    have = Counter(offered)
    short = [(kind, count - have[kind]) for kind, count in required if have[kind] < count]
    return [
        FieldProblem(f"attachments.{kind}", "missing_scan", f"还缺{count}份{kind.label}，请拍照或扫描后上传。")
        for kind, count in short
    ]


def _items(payload: Mapping[str, Any], name: str) -> list[Any]:
    items = payload.get(name)
    return list(items) if isinstance(items, (list, tuple)) else []


def _names_a_degree(education: object) -> bool:
    return isinstance(education, Mapping) and education.get("degree") not in (None, "", "none")
