"""Claiming (领取) and releasing (释放) a task: one holder at a time, for two hours."""

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from review.review_task import CLAIM, HeldByAnother, ReviewTask
from review.task_store import TaskStore


def claim(task_id: str, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    """Hold a task for two hours, or hold it longer where it is the caller's already.

    The claim of an appeal freezes the account it is about: what is looked into stays as it is. Raises NotFound outside
    the caller's region, OtherBureau below it, OwnSubmission for the caller's own case, an appeal they filed or
    an approval they gave (回避), HeldByAnother, AlreadyDecided. AWS calls: 1; 2 where it is refused, 3 for an appeal.
    """
    now = clock()
    held = store.hold(task_id, by=by, at=now, until=now + CLAIM)
    if held is not None:
        return held
    task = store.task(task_id, within=by)
    task.refuse_unless_in_reach(by)
    task.refuse_unless_free(by, at=now)
    if task.disputed:
        if held := store.hold_disputed(task, by=by, at=now, until=now + CLAIM):
            return held
        store.task(task_id, within=by).refuse_unless_free(by, at=now)
    raise HeldByAnother()  # given back between the refusal and the look: the next try will hold it


def release(task_id: str, *, by: Principal, store: TaskStore, clock: Clock) -> ReviewTask:
    """Give a task back; one nobody holds stays as it is.

    Raises NotFound, OtherBureau, OwnSubmission, HeldByAnother, AlreadyDecided. AWS calls: 1; 2 where nothing changes.
    """
    freed = store.free(task_id, by=by)
    if freed is not None:
        return freed
    task = store.task(task_id, within=by)
    task.refuse_unless_in_reach(by)
    task.refuse_unless_free(by, at=clock())
    return task
