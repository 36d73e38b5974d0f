"""A bureau's decision (审核结论): approve, return for correction or reject."""

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import FieldProblem, Invalid
from review.store import TaskStore
from review.task import AlreadyDecided, Choice, Decision, NotForAppeals, ReviewTask

_EXPLAINED = (Choice.RETURN, Choice.REJECT)  # the applicant reads why


def decide(task_id: str, decision: Decision, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    """Record a bureau's decision on a task; the same decision sent again by the same reviewer changes nothing.

    Raises Invalid for a return or rejection without a reason, NotForAppeals for the return of an appeal, NotFound outside
    the caller's region, OtherBureau below it, OwnSubmission for the caller's own case or an appeal they filed (回避),
    HeldByAnother while a colleague holds it, AlreadyDecided when another decision stands. AWS calls: 2.
    """
    if decision.choice in _EXPLAINED and not decision.reason:
        raise Invalid(errors=[FieldProblem("reason", "required", "退回或者不予通过时必须写明原因，申请人会看到它。")])
    task = store.task(task_id, within=by)
    task.refuse_unless_in_reach(by)
    if task.disputed and decision.choice is Choice.RETURN:
        raise NotForAppeals()
    if task.decision == decision:
        return task
    task.refuse_unless_free(by, at=clock())
    return _save(task, decision, by=by, store=store, clock=clock)


def _save(task: ReviewTask, decision: Decision, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    try:
        store.save_decision(
            task, decision, by=by, at=clock()
        )  # the outbox resumes the workflow: a crash here loses nothing
    except AlreadyDecided:
        standing = store.task(task.task_id, within=by)
        if standing.decision == decision:
            return standing  # the same press twice, at once
        standing.refuse_unless_free(by, at=clock())
        raise
    return task.decided(decision)
