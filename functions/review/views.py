"""What the review API takes and answers: the shapes of the contract, no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from jingkuai.domain.principal import Principal
from jingkuai.domain.record_differences import Difference
from jingkuai.domain.typed_line import several_lines
from jingkuai.domain.workdays import today_in_shanghai
from jingkuai.web.transfer_views import TransferCaseView
from review.colleagues import ListedColleague
from review.decisions import Decided
from review.reason_views import ReturnReasonView
from review.review_task import RECALLED, Choice, Decision, ReviewTask, TaskCard, TaskState
from review.second_look import Judged
from review.task_page import TaskPage

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(several_lines)]
TaskIdText = Annotated[str, StringConstraints(min_length=1, max_length=64)]
FieldPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,4}$", max_length=100)]


class DecisionRequest(BaseModel):
    """A bureau's decision as it is pressed."""

    model_config = ConfigDict(extra="forbid")

    decision: Choice
    reason: Reason = ""
    fields: Annotated[list[FieldPath], Field(max_length=100)] = []
    to_region: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None

    def decided_by(self, reviewer: Principal) -> Decision:
        return Decision(self.decision, self.reason, tuple(self.fields), reviewer.account_id, self.to_region)


class BatchRequest(BaseModel):
    """One decision for many tasks; fields to correct belong to a single one."""

    model_config = ConfigDict(extra="forbid")

    task_ids: Annotated[list[TaskIdText], Field(min_length=1, max_length=100)]
    decision: Literal["approve", "return", "reject"]
    reason: Reason = ""

    def decided_by(self, reviewer: Principal) -> Decision:
        return Decision(Choice(self.decision), self.reason, (), reviewer.account_id)


class BatchResultView(BaseModel):
    """What became of one task; `code` says why it was refused."""

    task_id: str
    status: Literal["decided", "refused"]
    code: str | None = None


class BatchView(BaseModel):
    """One result for each task of the batch, in its order."""

    results: list[BatchResultView]

    @classmethod
    def of(cls, decided: Iterable[Decided]) -> BatchView:
        return cls(
            results=[
                BatchResultView(task_id=one.task_id, status="refused" if one.refused else "decided", code=one.refused)
                for one in decided
            ]
        )


class DecisionView(BaseModel):
    """What stands on the task now."""

    task_id: str
    state: TaskState
    decision: str

    @classmethod
    def of(cls, task: ReviewTask, decision: Decision) -> DecisionView:
        return cls(task_id=task.task_id, state=TaskState.DONE, decision=decision.choice.value)


class AssignmentRequest(BaseModel):
    """Whom a task is handed to."""

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ColleagueView(BaseModel):
    """A reviewer of the caller's bureau; `account_id` is what a task is assigned by."""

    account_id: str
    name_masked: str
    head: bool

    @classmethod
    def of(cls, one: ListedColleague) -> ColleagueView:
        return cls(account_id=one.account_id, name_masked=one.name_masked, head=one.is_head)


class UndoneView(BaseModel):
    """An approval taken back; `reopened_as` is the task in which the same stage opens again, held by who took it back."""

    task_id: str
    state: TaskState = TaskState.DONE
    decision: str = RECALLED
    reopened_as: str


class TaskView(BaseModel):
    """A task as lists show it: masked, with its deadline and holder."""

    task_id: str
    kind: str
    subject_id: str
    submission_id: str | None
    stage: str
    region_code: str
    name_masked: str
    opened_at: str
    due_on: str
    overdue: bool
    state: TaskState
    held_by: str | None
    held_until: str | None
    decision: str | None

    @classmethod
    def of(cls, card: TaskCard, now: datetime) -> TaskView:
        return cls(**_shown(card, now))


class ScanView(BaseModel):
    """A scan with links that are good for five minutes: the file as it came, and turned upright where it lay sideways."""

    attachment_id: str
    kind: str
    filename: str
    content_type: str
    status: str
    download_url: str | None
    rendering_url: str | None = None


class DifferenceView(BaseModel):
    """One field the submission changes."""

    field: str
    before: Any
    after: Any


class FindingView(BaseModel):
    """What the automatic check found."""

    code: str
    result: str
    message: str


class EventView(BaseModel):
    """One step of the submission, as its owner reads it too."""

    at: str
    event: str
    by_role: str
    note: str | None = None


class ChangeView(BaseModel):
    """One change of the person's record or submissions, newest first."""

    at: str
    action: str
    by_role: str


class HolderView(BaseModel):
    """Who holds the number an appeal is about, masked."""

    model_config = ConfigDict(from_attributes=True)

    name_masked: str
    id_number: str
    phone: str
    status: str
    region_code: str | None
    employer_name: str | None
    registered_at: str


class LookAlikeView(BaseModel):
    """Somebody who may be the same person under another document, masked, and what was said of it."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str
    why: tuple[str, ...]
    name_masked: str
    id_number: str
    status: str
    region_code: str | None
    employer_name: str | None
    birth_date: str | None
    verdict: str | None


class JudgedView(BaseModel):
    """The approval a second look judges: which bureau or system gave it, when, and why."""

    kind: str
    region_code: str
    decision: Literal["approve"] = "approve"
    by_role: Literal["reviewer", "system"]
    account_id: str | None
    decided_at: str
    reason: str

    @classmethod
    def of(cls, judged: Judged, kind: str) -> JudgedView:
        return cls(
            kind=kind,
            region_code=judged.bureau,
            by_role="reviewer" if judged.reviewer else "system",
            account_id=judged.reviewer,
            decided_at=judged.decided_at,
            reason=judged.reason,
        )


class LookedAtView(BaseModel):
    """What a second look at this approval came to: confirmed by `approve`, contradicted by `reject`."""

    model_config = ConfigDict(from_attributes=True)

    decision: Literal["approve", "reject"]
    reason: str
    at: str


class TaskPageView(TaskView):
    """One task with the submission or appeal, the record or the number's holder, the scans, the findings and the history."""

    id_type: str
    id_number: str
    payload: dict[str, Any]
    profile: dict[str, Any] | None
    differences: list[DifferenceView]
    changed_since_return: list[DifferenceView]
    attachments: list[ScanView]
    findings: list[FindingView]
    timeline: list[EventView]
    history: list[ChangeView]
    holder: HolderView | None = None
    likenesses: list[LookAlikeView] = []
    suggested_reasons: list[ReturnReasonView] = []
    rules_version: str | None = None
    judged: JudgedView | None = None
    second_look: LookedAtView | None = None
    transfer: TransferCaseView | None = None
    release_refusals: list[str] = []

    @classmethod
    def of_page(cls, page: TaskPage, now: datetime) -> TaskPageView:
        return cls(
            **_shown(page.task.card, now),
            id_type=page.id_type,
            id_number=page.id_number,
            payload=dict(page.payload),
            profile=None if page.profile is None else dict(page.profile),
            differences=_views(page.differences),
            changed_since_return=_views(page.changed_since_return),
            attachments=[
                ScanView(
                    attachment_id=one.attachment_id,
                    kind=one.kind,
                    filename=one.filename,
                    content_type=one.content_type,
                    status=one.status,
                    download_url=one.download_url,
                    rendering_url=one.rendering_url,
                )
                for one in page.scans
            ],
            findings=[
                FindingView(**{name: one[name] for name in ("code", "result", "message")}) for one in page.findings
            ],
            timeline=[EventView(**one) for one in page.timeline],
            history=[ChangeView(at=one["at"], action=one["action"], by_role=one["by_role"]) for one in page.changes],
            holder=HolderView.model_validate(page.holder) if page.holder else None,
            suggested_reasons=[ReturnReasonView.of(one) for one in page.suggested_reasons],
            likenesses=[LookAlikeView.model_validate(one) for one in page.likenesses],
            rules_version=page.rules_version,
            judged=JudgedView.of(page.task.judged, page.task.filing.kind) if page.task.judged else None,
            second_look=LookedAtView.model_validate(page.task.looked_at) if page.task.looked_at else None,
            transfer=TransferCaseView.of(page.transfer) if page.transfer else None,
            release_refusals=list(page.release_refusals),
        )


def _shown(card: TaskCard, now: datetime) -> dict[str, Any]:
    holder = card.holder(now)
    return {
        "task_id": card.task_id,
        "kind": card.kind,
        "subject_id": card.subject_id,
        "submission_id": card.submission_id,
        "stage": card.stage,
        "region_code": card.region_code,
        "name_masked": card.name_masked,
        "opened_at": card.opened_at,
        "due_on": card.due_on,
        "overdue": card.is_overdue(today_in_shanghai(now)),
        "state": card.state(now),
        "held_by": holder,
        "held_until": card.held_until if holder else None,
        "decision": card.decision,
    }


def _views(differences: Iterable[Difference]) -> list[DifferenceView]:
    return [DifferenceView(field=one.field, before=one.before, after=one.after) for one in differences]
