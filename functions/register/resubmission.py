"""Resubmission (重新提交): the corrected form of a returned submission, whole, checked like the first one."""

from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from jingkuai.domain.submission import SubmissionStatus
from jingkuai.domain.workdays import today_in_shanghai
from register.records import Content, Submission
from register.submissions import NoSuchSubmission, Wish, sealed

if TYPE_CHECKING:
    from register.submission_store import SubmissionStore


class NotReturned(Conflict):
    """Only a returned submission waits for its owner; nothing of this one was saved."""

    code = "not_returned"
    title = "这份申请没有被退回"
    detail = "只有被退回的申请才能修改后重新提交，这次的内容没有保存。请刷新查看申请目前的状态。"


class ReturnedTooLongAgo(Conflict):
    """A returned submission waits 30 days for its owner (handbook, section 5); nothing of this one was saved."""

    code = "resubmission_late"
    title = "已超过重新提交的期限"
    detail = "这份申请退回已满30天，不能再重新提交，这次的内容没有保存。请撤回这份申请，再提交一份新的。"


def resubmit(
    submission_id: str,
    wish: Wish,
    *,
    by: Principal,
    store: "SubmissionStore",
    lookup: LookupKey,
    sealer: Sealer,
    clock: Clock,
) -> Submission:
    """Send the corrected form; the same stage opens again, for whoever returned it first.

    Raises NoSuchSubmission, NotReturned (of two at once one is taken), ReturnedTooLongAgo, Invalid with every problem.
    AWS calls: 2; with another new ID number than before 3.
    """
    now = clock()
    desk = store.desk(by.account_id, wish.attachment_ids, at=now, submission_id=submission_id)
    before = desk.submission
    if before is None:
        raise NoSuchSubmission()
    if before.status is not SubmissionStatus.RETURNED:
        raise NotReturned()
    if before.due_on and today_in_shanghai(now).isoformat() > before.due_on:
        raise ReturnedTooLongAgo()
    content = wish.checked_at(desk, before.kind, lookup=lookup, clock=clock)
    number = sealed(content.document, by.account_id, lookup=lookup, sealer=sealer) or _number_kept(before, content)
    after = before.refiled(content, at=iso(now), by_role=by.role.value, new_number=number)
    if not store.refile(before, after, content.scans, by=by, at=now):
        raise NotReturned()
    return after


def _number_kept(before: Submission, content: Content) -> NewNumber | None:
    """The new number that was filed before, where the corrected form still names it."""
    return before.new_number if "id_number" in content.payload else None
