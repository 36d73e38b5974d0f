"""A bureau's decision (审核结论): approve, return for correction, reject or forward; of one task, or of many at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from jingkuai.aws.clock import Clock
from jingkuai.aws.tables import Busy
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import FieldProblem, Invalid, NotFound, Problem
from jingkuai.domain.typed_line import is_blank, lines_problems
from review import forwarding
from review.review_task import AlreadyDecided, Choice, Decision, ReviewTask
from review.task_store import TaskStore

_EXPLAINED = (Choice.RETURN, Choice.REJECT)  # the applicant reads why
TRY_AGAIN = "try_again"  # of a batch: too many wrote at once, and nothing was saved of this one


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one task of a batch; `refused` is the code of the refusal a single decision would have met."""

    task_id: str
    refused: str | None = None


def decide(task_id: str, decision: Decision, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    """Record a bureau's decision on a task; the same decision sent again by the same reviewer changes nothing.

    Raises Invalid for a return or rejection without a reason or for an unreadable one, NotForAppeals for the return of an appeal,
    NotForIntegrityRecords, NotForSecondLooks where the case is over, PapersAsked for a release sent back before, NotFound outside
    the caller's region, OtherBureau below it, OwnSubmission for the caller's own case, what they filed for another or an approval
    they gave (回避), HeldByAnother while a colleague holds it, AlreadyDecided when another decision stands; for a case to be
    forwarded Invalid without a bureau to forward it to, NotForwardable; Invalid for the refusal of a release for no listed reason.
    AWS calls: 2, where another was first 3.
    """
    _refuse_unexplained(decision)
    return _decide(store.task(task_id, within=by), decision, by=by, store=store, clock=clock)


def decide_all(
    task_ids: Iterable[str], decision: Decision, *, by: Principal, store: TaskStore, clock: Clock
) -> list[Decided]:
    """The same decision on many tasks, each for itself and by the rules of a single one; a task named twice is decided once.

    A batch sent again finds its own decisions standing and answers as the first time. Raises Invalid for a return or
    rejection without a reason or for an unreadable one. AWS calls: 1 + one a task; 1 more where another was first.
    """
    _refuse_unexplained(decision)
    wanted = list(dict.fromkeys(task_ids))
    found = store.tasks(wanted, within=by)
    return [_decided(one, found.get(one), decision, by=by, store=store, clock=clock) for one in wanted]


def _decided(
    task_id: str, task: ReviewTask | None, decision: Decision, *, by: Principal, store: TaskStore, clock: Clock
) -> Decided:
    try:
        if task is None:
            raise NotFound()
        _decide(task, decision, by=by, store=store, clock=clock)
    except Problem as refused:
        return Decided(task_id, refused.code)
    except Busy:
        return Decided(task_id, TRY_AGAIN)
    return Decided(task_id)


def _refuse_unexplained(decision: Decision) -> None:
    """Raises Invalid where the reason is missing, or has characters that nobody can read."""
    if decision.choice in _EXPLAINED and is_blank(decision.reason):
        told = "退回或者不予通过时必须写明原因：申请人会看到它，抽查的由原审核人员看到。"
        raise Invalid(errors=[FieldProblem("reason", "required", told)])
    if problems := lines_problems("reason", decision.reason):
        raise Invalid(errors=problems)


def _refuse_unlisted(task: ReviewTask, decision: Decision) -> None:
    """A release is refused for a listed reason only; what comes behind it explains (handbook, section 6)."""
    listed = task.release_refusals
    if decision.choice is not Choice.REJECT or not listed or decision.reason.startswith(listed):
        return
    text = f"只能因以下原因不予转出，请选择其一，可以在后面补充说明：{'；'.join(listed)}。其他情况请准予转出。"
    raise Invalid(errors=[FieldProblem("reason", "reason_not_listed", text)])


def _decide(task: ReviewTask, decision: Decision, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    task.refuse_unless_in_reach(by)
    task.refuse_unless_decidable_as(decision)
    if task.decision == decision:
        return task
    forwarding.refuse_unless_possible(task, decision, at=clock())
    _refuse_unlisted(task, decision)
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
        standing.refuse_unless_in_reach(by)  # the bureau above may have got it meanwhile
        standing.refuse_unless_free(by, at=clock())
        raise
    return task.decided(decision)
