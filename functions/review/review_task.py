"""The review task (审核任务): one stage of one case in one bureau's inbox, and who may do what with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from jingkuai.aws.clock import parse_iso
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.principal import Principal, region_of
from jingkuai.domain.problem import Conflict, Forbidden, Invalid
from jingkuai.domain.submission import task_id_of
from jingkuai.domain.transfer import Answer
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Disputed, Filing
from review.likeness import Alike
from review.second_look import Judged, LookedAt, NotForSecondLooks

CLAIM: Final = timedelta(hours=2)  # how long a reviewer holds a task without deciding it
RESUBMISSION: Final = timedelta(days=30)  # how long a returned submission waits for its applicant


class OwnSubmission(Conflict):
    """Nobody decides their own case (回避)."""

    code = "own_submission"
    title = "不能审核本人的材料"
    detail = "这是您本人的申请，按回避规定不能由您审核，没有保存任何意见。请由本局其他审核人员办理。"


class FiledByYou(OwnSubmission):
    """Who filed an appeal at the counter leaves the decision to another."""

    title = "不能审核本人代为提交的申诉"
    detail = "该申诉由您在窗口代为提交，按回避规定不能由您审核，没有保存任何意见。请由本局其他审核人员办理。"


class EnteredByYou(OwnSubmission):
    """Who entered an integrity record leaves its confirmation to another."""

    title = "不能确认本人录入的诚信记录"
    detail = "该诚信记录由您录入，须由其他审核人员确认，没有保存任何意见。"


class ApprovedByYou(OwnSubmission):
    """Whose approval was drawn leaves the second look at it to another."""

    title = "不能抽查本人作出的结论"
    detail = "被抽查的结论由您本人作出，按回避规定不能由您复核，没有保存任何意见。请由本局其他审核人员办理。"


class NotForAppeals(Invalid):
    """An appeal is approved or rejected: whoever filed it has no account in which to correct it."""

    code = "not_for_appeals"
    title = "申诉不能退回"
    detail = "申诉只能通过或者不予通过，没有保存任何意见。材料看不清的，请写明原因、不予通过，申诉人可以重新提交。"


class NotForIntegrityRecords(Invalid):
    """An integrity record is confirmed or not: its person is not the one to correct it."""

    code = "not_for_integrity_records"
    title = "诚信记录不能退回"
    detail = (
        "诚信记录只能确认或者不予确认，没有保存任何意见。内容有误的，请写明原因、不予确认，由录入的财政局重新录入。"
    )


class PapersAsked(Conflict):
    """A release is sent back for papers once: the bureau that is left cannot hold anybody (handbook, section 6)."""

    code = "papers_asked"
    title = "已经要求补充过材料"
    detail = "转出环节只能要求本人补充一次材料，这次没有保存任何意见。请依现有材料准予转出，或者按所列原因不予转出。"


class HeldByAnother(Conflict):
    """A colleague has claimed the task; the claim ends by itself."""

    code = "held_by_another"
    title = "该任务正由他人办理"
    detail = "该任务已由本局其他审核人员领取，您的操作没有保存。请先办理别的任务，或者请对方释放后再试；领取满 2 小时会自动失效。"


class AlreadyDecided(Conflict):
    """Another decision (审核结论) on this task stands, or the applicant withdrew; nothing of this one was saved."""

    code = "already_decided"
    title = "该任务已有审核结论"
    detail = (
        "该任务已经审结或者已被申请人撤回，您这次提交的意见没有保存。请刷新待办列表，打开任务查看结论。"
        "如需更正：还有下一级审核的，作出结论的人5分钟内可以撤销通过；已经生效的，请通知本人重新申请或者办理变更。"
    )


class OtherBureau(Forbidden):
    """A bureau above may look at the task, its own bureau decides it."""

    code = "other_bureau"
    title = "该任务由下级财政局办理"
    detail = "该任务由下级财政局办理，您只能查看，操作没有保存。如需督办，请联系该财政局。"


def resubmission_ends(at: datetime) -> date:
    """The last day on which something returned now can be resubmitted."""
    return today_in_shanghai(at) + RESUBMISSION


def bureau_of(staff: Principal) -> str:
    """The region code of somebody's own bureau: scope 4201 is the bureau of 420100."""
    return region_of(staff.scope)


class TaskState(StrEnum):
    """What a list shows of a task. A claim that has run out reads as open."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"


class Choice(StrEnum):
    """What a bureau may decide (审核结论). The workflow branches on these words."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    FORWARD = "forward"


RECALLED: Final = "recalled"  # how the task of the next stage ends when the decision before it is taken back
_RESUMES_WITH: Final = {
    Choice.FORWARD.value: "forwarded",
    # whatever a unit says, the case goes on: it cannot hold anybody
    **dict.fromkeys((one.value for one in Answer), Choice.APPROVE.value),
}


def resumes_with(decision: str) -> str:
    """The word a workflow hears for what stands on its task."""
    return _RESUMES_WITH.get(decision, decision)


@dataclass(frozen=True, slots=True)
class Decision:
    """A bureau's decision as it was pressed: two presses are the same when all of this agrees."""

    choice: Choice
    reason: str
    fields: tuple[str, ...]
    by: str
    to_region: str | None = None


@dataclass(frozen=True, slots=True)
class TaskCard:
    """What an inbox shows of a task: the part that its indexes carry.

    `region_code` is the bureau's whose task it is; of a unit's task, the bureau's that keeps the record.
    """

    task_id: str
    kind: str
    subject_id: str
    stage: str
    region_code: str
    name_masked: str
    opened_at: str
    due_on: str
    submission_id: str | None = None
    held_by: str | None = None
    held_until: str | None = None
    decision: str | None = None
    id_masked: str | None = None  # of a unit's task

    def state(self, at: datetime) -> TaskState:
        if self.decision is not None:
            return TaskState.DONE
        return TaskState.OPEN if self.holder(at) is None else TaskState.CLAIMED

    def holder(self, at: datetime) -> str | None:
        """The account that holds the task at this moment."""
        if self.held_by is None or self.held_until is None or parse_iso(self.held_until) <= at:
            return None
        return self.held_by

    def is_overdue(self, today: date) -> bool:
        """Past its deadline and undecided. Overdue never means approved."""
        return self.decision is None and date.fromisoformat(self.due_on) < today


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """One task, read for a page or for a decision."""

    card: TaskCard
    subject: dict[str, str]
    person_id: str
    round: int
    attachment_ids: tuple[str, ...] = ()
    alike: tuple[Alike, ...] = ()
    disputed: Disputed | None = None
    filed_by: str | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None
    next_stage: str | None = None  # which stage follows an approval; None after the last one
    recalled: bool = False  # whether its approval was taken back
    judged: Judged | None = None  # of a second look: the approval it judges
    looked_at: LookedAt | None = None  # of an approval: what a second look at it came to
    case_kind: str | None = None  # of what is decided, where the task is called otherwise
    stage_index: int | None = None  # which of the case's stages it is
    unit: str | None = None  # of a unit's: its owner, `E:` and a credit code
    release_refusals: tuple[str, ...] = ()  # of a release: the only reasons for which it may be refused
    asked_for_papers: bool = False  # of a release: it was sent back before
    heard: tuple[str, ...] = ()  # of a transfer: whoever had a say when it was opened, and is told how it ends

    @property
    def task_id(self) -> str:
        return self.card.task_id

    @property
    def filing(self) -> Filing:
        return Filing(self.card.subject_id, self.person_id, self.case_kind or self.card.kind)

    @property
    def opened_at(self) -> datetime:
        return parse_iso(self.card.opened_at)

    @property
    def owner(self) -> str:
        return self.card.region_code

    @property
    def may_be_returned(self) -> bool:
        """Whether its applicant can be asked to correct it: undecided, filed by an applicant, and not over."""
        filed = self.disputed is None and self.card.kind != INTEGRITY_RECORD
        return filed and self.card.decision is None and self.judged is None

    @property
    def task_id_after(self) -> str:
        """The task of the stage that follows an approval. Raises ValueError after the last one."""
        if self.next_stage is None:
            raise ValueError("no stage follows")
        return task_id_of(self.subject, self.next_stage, self.round)

    @property
    def task_id_again(self) -> str:
        """The task of the same stage in the next round."""
        return task_id_of(self.subject, self.card.stage, self.round + 1)

    def is_of_bureau(self, by: Principal) -> bool:
        """Whether this is the caller's own bureau, not one below it."""
        return bureau_of(by) == self.owner

    def refuse_unless_in_reach(self, by: Principal) -> None:
        """The rules for touching a task at all.

        Raises OtherBureau below the caller's bureau, OwnSubmission for their own case, what they filed for another or an
        approval they gave (回避).
        """
        if not self.is_of_bureau(by):
            raise OtherBureau()
        if by.is_person(self.person_id) or self._is_appeal_of(by):
            raise OwnSubmission()
        if self.disputed is not None and self.disputed.filed_by == by.account_id:
            raise FiledByYou()
        if self.filed_by == by.account_id:
            raise EnteredByYou()
        if self.judged is not None and self.judged.reviewer == by.account_id:
            raise ApprovedByYou()

    def _is_appeal_of(self, by: Principal) -> bool:
        """Whether the caller's own phone is the one an appeal was filed with; its person is the number's holder."""
        phone = self.disputed.phone_hash if self.disputed else None
        return phone is not None and phone == by.own.phone_hash

    def refuse_unless_decidable_as(self, decision: Decision) -> None:
        """Raises NotForAppeals, NotForIntegrityRecords, NotForSecondLooks, PapersAsked."""
        if self.disputed and decision.choice is Choice.RETURN:
            raise NotForAppeals()
        if self.card.kind == INTEGRITY_RECORD and decision.choice is Choice.RETURN:
            raise NotForIntegrityRecords()
        if self.judged and decision.choice in (Choice.RETURN, Choice.FORWARD):
            raise NotForSecondLooks()
        if self.asked_for_papers and decision.choice is Choice.RETURN:
            raise PapersAsked()

    def refuse_unless_free(self, by: Principal, *, at: datetime) -> None:
        """Raises AlreadyDecided, HeldByAnother."""
        if self.card.decision is not None:
            raise AlreadyDecided()
        if self.card.holder(at) not in (None, by.account_id):
            raise HeldByAnother()

    def held(self, account_id: str, until: str) -> ReviewTask:
        """The task in somebody's hands."""
        return replace(self, card=replace(self.card, held_by=account_id, held_until=until))

    def decided(self, decision: Decision) -> ReviewTask:
        """The task with this decision standing on it."""
        card = replace(self.card, decision=decision.choice.value, held_by=None, held_until=None)
        return replace(self, card=card, decision=decision)
