"""The case (案件) as its workflow sees it, be it a submission, an appeal, a transfer or an integrity record: where it stands,
and what therefore comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from jingkuai.aws.new_number import NewNumber
from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.statistics import SECOND_LOOK
from jingkuai.domain.submission import TRANSFER, Stage, SubmissionKind, SubmissionStatus
from jingkuai.domain.transfer import Route
from review.checks import Finding, Result
from review.likeness import Alike
from review.routes import RoutedStage

KIND_LABELS: Final[Mapping[str, str]] = {
    SubmissionKind.REGISTRATION: "会计人员信息采集",
    SubmissionKind.EMPLOYMENT_CHANGE: "工作单位变更",
    SubmissionKind.EDUCATION_ADDED: "增加学历",
    SubmissionKind.QUALIFICATION_ADDED: "增加专业技术资格",
    SubmissionKind.IDENTITY_CHANGE: "身份信息变更",
    APPEAL: "申诉",
    INTEGRITY_RECORD: "诚信记录",
    TRANSFER: "调转",
}
_NOUNS: Final[Mapping[str, str]] = {
    APPEAL: "appeal",
    TRANSFER: "transfer",
    INTEGRITY_RECORD: "integrity_record",
}  # every other kind is a submission's


class TaskKind(StrEnum):
    """What a bureau's tasks are called (待办的类别): the kind of the case, or what of it is to be done."""

    REGISTRATION = SubmissionKind.REGISTRATION.value
    EMPLOYMENT_CHANGE = SubmissionKind.EMPLOYMENT_CHANGE.value
    EDUCATION_ADDED = SubmissionKind.EDUCATION_ADDED.value
    QUALIFICATION_ADDED = SubmissionKind.QUALIFICATION_ADDED.value
    IDENTITY_CHANGE = SubmissionKind.IDENTITY_CHANGE.value
    APPEAL = APPEAL
    INTEGRITY_RECORD = INTEGRITY_RECORD
    TRANSFER_RELEASE = "transfer_release"
    TRANSFER_ACCEPTANCE = "transfer_acceptance"
    SECOND_LOOK = SECOND_LOOK


_TASK_KINDS: Final[Mapping[tuple[str, Stage], str]] = {
    (TRANSFER, Stage.EMPLOYER): "leaving",
    (TRANSFER, Stage.RELEASE): TaskKind.TRANSFER_RELEASE.value,
    (TRANSFER, Stage.ACCEPTANCE): TaskKind.TRANSFER_ACCEPTANCE.value,
    (SubmissionKind.EMPLOYMENT_CHANGE, Stage.EMPLOYER): "joining",
}


class Outcome(StrEnum):
    """What a step of the workflow answers. The definition branches on these words."""

    REVIEW = "review"
    RETURNED = "returned"
    APPLY = "apply"
    APPLIED = "applied"
    CONFLICT = "conflict"
    LETTER = "letter"
    ENDED = "ended"


def task_kind(kind: str, stage: Stage) -> str:
    """What the task of a case of this kind is called at this stage: its own kind, where no other word says more."""
    return _TASK_KINDS.get((kind, stage), kind)


@dataclass(frozen=True, slots=True)
class Filing:
    """What was filed, about whom, and of which kind: enough to tell people about it.

    The person of an appeal is who holds the number it is about, not who filed it.
    """

    subject_id: str
    person_id: str
    kind: str

    @property
    def submission_kind(self) -> SubmissionKind:
        """Which kind of submission it is. Raises ValueError for what is none."""
        return SubmissionKind(self.kind)

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]

    @property
    def noun(self) -> str:
        """What the audit calls it."""
        return _NOUNS.get(self.kind, "submission")

    @property
    def submission_id(self) -> str | None:
        return self.subject_id if self.noun == "submission" else None

    @property
    def holds_lock(self) -> bool:
        """Whether another of its kind cannot be filed before this one ends."""
        return self.kind not in (APPEAL, INTEGRITY_RECORD)

    @property
    def link(self) -> str:
        """Where its owner reads how it stands."""
        return f"/me/{self.noun}s/{self.subject_id}"

    @property
    def named(self) -> dict[str, str]:
        """Its id as the audit names it."""
        return {f"{self.noun}_id": self.subject_id}


@dataclass(frozen=True, slots=True)
class Disputed:
    """What only an appeal has: the claim of the number it is about, and who filed it at the counter, if anybody did.

    `name_agrees`: whether it was filed under the name with which the number is registered.
    """

    id_hash: str
    filed_by: str | None = None
    name_agrees: bool = True
    phone_hash: str | None = None  # of whoever appeals: no account has it yet


@dataclass(frozen=True, slots=True)
class Relocation:
    """What only a transfer has: from where to where the record moves, and whether its letter is still to be printed."""

    route: Route
    from_region: str
    to_region: str
    release_refusals: tuple[str, ...] = ()
    asked_for_papers: bool = False  # a bureau has sent it back once
    lacks_letter: bool = False


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who returned a submission or took an approval back, and for which bureau: they come first when it opens there again."""

    account_id: str
    bureau: str


@dataclass(frozen=True, slots=True)
class Case:
    """What bureaus, and units, decide. `version` changes with every step; a step whose reading is stale writes nothing.

    `stages` are resolved once and kept, so that a running case keeps the rules it began with; `stage_index` counts
    those approved. `checked_round` is the round the automatic check has seen, `alike` whom it found alike,
    `approved_at` when a bureau last approved. `is_automatic`: the system approved it, no person did.
    """

    subject: Mapping[str, str]
    filing: Filing
    status: SubmissionStatus
    version: int
    round: int
    region_code: str
    payload: Mapping[str, Any]
    attachment_ids: tuple[str, ...]
    base_version: int
    stages: tuple[RoutedStage, ...] = ()
    stage_index: int = 0
    checked_round: int = 0
    findings: tuple[Finding, ...] = ()
    due_on: str | None = None
    returned_by: Reviewer | None = None
    disputed: Disputed | None = None
    new_number: NewNumber | None = None
    alike: tuple[Alike, ...] = ()
    approved_at: str | None = None
    is_automatic: bool = False
    relocation: Relocation | None = None
    ruled_by: str = ""  # which of the rules' routes it takes, where not that of its kind
    filed_by: str | None = None  # who entered it for the bureau, and therefore does not decide it

    @property
    def next_outcome(self) -> Outcome:
        """Where a workflow goes on that knows nothing but where the submission stands."""
        if self.status is SubmissionStatus.RETURNED:
            return Outcome.RETURNED
        if self.relocation and self.relocation.lacks_letter:
            return Outcome.LETTER
        if not self.status.is_open:
            return Outcome.ENDED
        return Outcome.APPLY if self.is_approved_by_all else Outcome.REVIEW

    @property
    def is_approved_by_all(self) -> bool:
        """Whether every stage has approved and only the record is left to change."""
        return bool(self.stages) and self.stage_index >= len(self.stages)

    @property
    def heard(self) -> tuple[str, ...]:
        """Of a transfer: whoever has a say up to the stage that is due, once each; of a release that went to the bureau above for
        being late, the one that keeps the record as well.
        """
        if self.relocation is None:
            return ()
        asked = self.stages[: self.stage_index + 1]
        late = [self.relocation.from_region] if any(one.stage is Stage.RELEASE for one in asked) else []
        return tuple(dict.fromkeys([*late, *(one.owner for one in asked)]))

    @property
    def stage(self) -> RoutedStage:
        """The stage that is due. Raises IndexError where there is none."""
        return self.stages[self.stage_index]

    @property
    def stage_after(self) -> RoutedStage | None:
        """The stage that follows when the one that is due approves."""
        return next(iter(self.stages[self.stage_index + 1 :]), None)

    @property
    def was_checked(self) -> bool:
        return self.checked_round >= self.round

    @property
    def is_in_order(self) -> bool:
        """Whether the automatic check of this round found nothing that a person should look at."""
        passed = bool(self.findings) and all(one.result is Result.PASSED for one in self.findings)
        return self.was_checked and passed and not self.alike

    @property
    def bureaus(self) -> tuple[str, ...]:
        """Which bureaus decide it, each once, in order; the unit that confirms is none."""
        return tuple(dict.fromkeys(one.owner for one in self.stages if one.is_a_bureaus))
