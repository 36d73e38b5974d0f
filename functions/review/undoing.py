"""Undo (撤销结论): an approval just given is taken back, as long as the next bureau has not begun.

The next stage's task ends as `recalled`, and the workflow opens the stage before again, as a new round held by who took
the approval back. The last approval is applied at once: it is corrected by a change of the record, not taken back.
"""

from datetime import timedelta
from typing import Final

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from review.review_task import Choice, ReviewTask
from review.task_store import TaskStore

UNDO: Final = timedelta(minutes=5)


class NothingToUndo(Conflict):
    """Only an approval after which another bureau decides can be taken back."""

    code = "nothing_to_undo"
    title = "没有可以撤销的结论"
    detail = (
        "只有通过之后还要由另一级财政局审核的，才能撤销。"
        "未审结的任务请直接办理；退回、不予通过、转交和最后一级的通过当场生效，不能撤销。"
    )


class NotYourDecision(Conflict):
    """Who decided takes it back, nobody else."""

    code = "not_your_decision"
    title = "该结论由他人作出"
    detail = "该结论由本局其他审核人员作出，只能由作出结论的人在5分钟内撤销。没有任何改动。"


class UndoTooLate(Conflict):
    """Five minutes are over."""

    code = "undo_too_late"
    title = "已超过撤销的时限"
    detail = "结论作出已满5分钟，不能再撤销。如需更正，请联系下一级财政局，由其退回或者不予通过。"


class NextStageTaken(Conflict):
    """The next bureau has claimed or decided it."""

    code = "next_stage_taken"
    title = "下一级财政局已经开始办理"
    detail = "下一级财政局已经领取或者办结该任务，不能再撤销。如需更正，请联系该财政局，由其退回或者不予通过。"


class NextStageNotOpen(Conflict):
    """The workflow is about to open the next stage: a moment later the undo will find it."""

    code = "next_stage_not_open"
    title = "下一级的任务正在生成"
    detail = "结论刚刚提交，下一级的任务正在生成，暂时不能撤销。请过几秒再试。"


def undo(task_id: str, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    """Take back the caller's approval; pressed twice it is taken back once.

    Raises NotFound outside the caller's region, OtherBureau below it, OwnSubmission, NothingToUndo, NotYourDecision,
    UndoTooLate, NextStageTaken, NextStageNotOpen. AWS calls: 2; 4 where it comes too late or too early.
    """
    task, now = store.task(task_id, within=by), clock()
    task.refuse_unless_in_reach(by)
    if _was_undone(task, by):
        return task
    if task.decision is None or task.decision.choice is not Choice.APPROVE or task.next_stage is None:
        raise NothingToUndo()
    if task.decision.by != by.account_id:
        raise NotYourDecision()
    if task.decided_at is None or now - task.decided_at > UNDO:
        raise UndoTooLate()
    if store.recall(task, by=by, at=now, since=now - UNDO):
        return task
    if _was_undone(store.task(task_id, within=by), by):
        return task  # the same press twice, at once
    raise NextStageTaken() if store.is_open(task.task_id_after) else NextStageNotOpen()


def _was_undone(task: ReviewTask, by: Principal) -> bool:
    return task.recalled and task.decision is not None and task.decision.by == by.account_id
