"""Assigning (分派): the head of a bureau puts a task into a colleague's hands, also out of another's."""

from jingkuai.aws.clock import Clock, iso
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from review.colleagues import Colleague, Colleagues
from review.items import task_of
from review.review_task import CLAIM, AlreadyDecided, ReviewTask
from review.task_store import TaskStore


class NotHead(Forbidden):
    """Handing out a bureau's tasks is for its head."""

    code = "not_head"
    title = "只有本局负责人可以分派任务"
    detail = "分派任务由本局负责人办理，没有任何改动。您可以自己领取任务，或者请负责人分派。"


class ColleagueConcerned(Conflict):
    """Nobody is handed their own case, an appeal they filed at the counter, or their own approval to judge (回避)."""

    code = "colleague_concerned"
    title = "该审核人员应当回避"
    detail = (
        "这是该审核人员本人的申请、由其在窗口代为提交，或者被抽查的结论由其作出，按回避规定不能由其审核，没有任何改动。"
        "请分派给本局其他审核人员。"
    )


def assign(
    task_id: str, account_id: str, *, by: Principal, store: TaskStore, colleagues: Colleagues, clock: Clock
) -> ReviewTask:
    """Let a colleague hold a task for two hours and tell them; one they hold already stays as it is.

    Raises NotFound outside the caller's region, OtherBureau below it, OwnSubmission, NotHead, Invalid where the account is
    no active reviewer of the bureau, ColleagueConcerned, AlreadyDecided. AWS calls: 3.
    """
    now = clock()
    item, staff = colleagues.with_task(task_id, [by.account_id, account_id])
    if item is None or not by.covers(item.get("owner", "")):
        raise NotFound()
    task = task_of(item)
    task.refuse_unless_in_reach(by)
    if not (me := staff.get(by.account_id)) or not me.is_head:
        raise NotHead()
    colleague = _handed(staff.get(account_id), by)
    filed_by = task.disputed.filed_by if task.disputed else task.filed_by
    if filed_by == account_id:
        raise ColleagueConcerned()
    if task.judged is not None and task.judged.reviewer == account_id:
        raise ColleagueConcerned()
    if task.card.decision is not None:
        raise AlreadyDecided()
    if task.card.holder(now) == account_id:
        return task
    others = colleagues.not_the_person(colleagues.names_of(colleague), task.person_id)
    if store.hand_over(task, account_id, by=by, at=now, until=now + CLAIM, checks=others):
        return task.held(account_id, iso(now + CLAIM))
    if store.task(task_id, within=by).card.decision is not None:
        raise AlreadyDecided()
    raise ColleagueConcerned()


def _handed(colleague: Colleague | None, by: Principal) -> Colleague:
    if colleague is None or not colleague.may_be_handed_tasks_of(by.scope):
        told = "没有这个审核人员：请从本局审核人员名单（GET /review/colleagues）中选择一个 account_id 填写。"
        raise Invalid(errors=[FieldProblem("account_id", "not_a_colleague", told)])
    return colleague
