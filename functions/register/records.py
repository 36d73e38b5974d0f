"""What the register context reads and writes, as values: the person, the draft, submissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from jingkuai.aws.new_number import NewNumber
from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import Stage, SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent

REGISTERED: Final = "registered"  # status of a person between the account and the first approval
ACTIVE: Final = "active"  # of a person whose record a bureau keeps
DEACTIVATED: Final = "deactivated"  # of one whose account is closed, at their own wish or by an appeal


@dataclass(frozen=True, slots=True)
class Person:
    """A person (会计人员) as the record stands: `sections` are empty before the first approval.

    `birth_date` and `gender` are what the identity document says, None where its kind does not say. `open` holds the
    id of the one open submission of each kind.
    """

    person_id: str
    status: str
    version: int
    id_type: str
    id_masked: str
    name: str
    name_masked: str
    phone_masked: str
    phone_hash: str
    birth_date: date | None
    gender: str | None
    open: Mapping[str, str]
    updated_at: str
    region_code: str | None = None
    sections: Mapping[str, Any] = field(default_factory=dict)
    confirmed_on: date | None = None

    @property
    def has_record(self) -> bool:
        """Whether a first registration was approved."""
        return self.status != REGISTERED


@dataclass(frozen=True, slots=True)
class Version:
    """The record as it was approved at one moment (信息版本), and by what: `by_role` decided the submission."""

    version: int
    at: str
    kind: str
    submission_id: str | None
    by_role: str
    region_code: str
    sections: Mapping[str, Any]
    id_type: str | None = None
    id_masked: str | None = None
    status: str = ACTIVE
    transfer_id: str | None = None
    decided_by: str | None = None  # the bureau with the last word, where one had it


@dataclass(frozen=True, slots=True)
class Draft:
    """The registration form as saved so far (草稿); version 0 is a form nobody has saved yet."""

    payload: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What is filed: a payload and the scans that prove it, both checked. `document` is a new one, still to be sealed."""

    payload: Mapping[str, Any]
    region_code: str
    scans: tuple[Scan, ...]
    document: IdentityDocument | None = None

    @property
    def attachment_ids(self) -> tuple[str, ...]:
        return tuple(scan.attachment_id for scan in self.scans)


@dataclass(frozen=True, slots=True)
class Return:
    """Why a submission came back, and which fields are to be corrected."""

    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission (申报) as its owner sees it. `version` changes with every write, `round` with every resubmission."""

    submission_id: str
    person_id: str
    kind: SubmissionKind
    status: SubmissionStatus
    region_code: str
    submitted_at: str
    payload: Mapping[str, Any]
    attachment_ids: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...]
    base_version: int = 0
    round: int = 1
    version: int = 1
    stage: Stage | None = None
    due_on: str | None = None
    returned: Return | None = None
    new_number: NewNumber | None = None

    def refiled(self, content: Content, *, at: str, by_role: str, new_number: NewNumber | None = None) -> Submission:
        """The returned submission with corrected content, to be checked again: a new round."""
        again = TimelineEntry(at, TimelineEvent.RESUBMITTED, by_role)
        return replace(
            self._moved(SubmissionStatus.AUTO_CHECKING, again),
            payload=content.payload,
            region_code=content.region_code,
            attachment_ids=content.attachment_ids,
            round=self.round + 1,
            new_number=new_number,
        )

    def withdrawn(self, *, at: str, by_role: str) -> Submission:
        """The submission taken back by its owner: its end."""
        return self._moved(SubmissionStatus.WITHDRAWN, TimelineEntry(at, TimelineEvent.WITHDRAWN, by_role))

    def _moved(self, status: SubmissionStatus, entry: TimelineEntry) -> Submission:
        return replace(
            self,
            status=status,
            timeline=(*self.timeline, entry),
            version=self.version + 1,
            stage=None,
            due_on=None,
            returned=None,
        )
