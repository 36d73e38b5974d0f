"""Submissions (申报): filing one for review, and taking it back while nobody has decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from jingkuai.domain.submission import SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.workdays import today_in_shanghai
from register.filing import Filed, checked
from register.records import Content, Person, Submission

if TYPE_CHECKING:
    from register.submission_store import Desk, SubmissionStore


class NoSuchSubmission(NotFound):
    """No submission of this id is the caller's; another person's is none either."""

    title = "没有找到这份申请"
    detail = "没有找到这份申请。请返回申请列表，重新选择。"


class KindNotAvailable(Invalid):
    """A kind of submission that this version does not take yet."""

    code = "kind_not_available"
    title = "暂不能办理这类申请"
    detail = "目前只能提交首次信息采集，这类变更暂未开放，没有提交。急需变更的，请联系登记您信息的财政局。"


class OpenSubmission(Conflict):
    """Another submission of the kind is open; `submission_id` names it."""

    code = "open_submission"
    title = "已有申请正在办理"
    detail = "您已有一份同类申请正在办理，这次没有提交。请打开那份申请查看进度：被退回的请修改后重新提交，也可以先撤回再另行提交。"


class AlreadyRegistered(Conflict):
    """The person has a record: what is new about them is filed as a change."""

    code = "already_registered"
    title = "已完成信息采集"
    detail = "您的会计人员信息已登记，不需要再次采集，这次没有提交。内容有变化的，请提交相应的变更申请。"


class NotOpen(Conflict):
    """The submission has ended, or its decision is being carried out: there is nothing to take back."""

    code = "not_open"
    title = "这份申请不能撤回"
    detail = "这份申请已经办结或者正在办结，不能撤回，内容没有变化。请刷新查看办理结果。"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants reviewed, as it came in."""

    payload: Mapping[str, Any]
    attachment_ids: Sequence[str]

    def checked_at(self, desk: "Desk", *, lookup: LookupKey, clock: Clock) -> Content:
        """The content of the wish. Raises Invalid with every problem."""
        filed = Filed(self.payload, self.attachment_ids, desk.scans)
        return checked(filed, desk.person, lookup=lookup, today=today_in_shanghai(clock()))


def submit(
    kind: SubmissionKind,
    wish: Wish,
    *,
    by: Principal,
    store: "SubmissionStore",
    lookup: LookupKey,
    clock: Clock,
    new_id: NewId,
    key: RequestKey | None = None,
) -> Submission:
    """File a registration for review; the same request sent again with its key answers the first one's submission.

    Raises KindNotAvailable, AlreadyRegistered, OpenSubmission (of several at once exactly one is filed), Invalid with
    every problem, IdempotencyKeyReused. AWS calls: 2, with a key 3.
    """
    if kind is not SubmissionKind.REGISTRATION:
        raise KindNotAvailable()
    now = clock()
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    desk = store.desk(by.account_id, wish.attachment_ids, at=now)
    _refuse_unless_free(desk.person, kind)
    content = wish.checked_at(desk, lookup=lookup, clock=clock)
    submission = Submission(
        submission_id=new_id(now),
        person_id=by.account_id,
        kind=kind,
        status=SubmissionStatus.AUTO_CHECKING,
        region_code=content.region_code,
        submitted_at=iso(now),
        payload=content.payload,
        attachment_ids=content.attachment_ids,
        timeline=(TimelineEntry(iso(now), TimelineEvent.SUBMITTED, by.role.value),),
        base_version=desk.person.version,
    )
    if store.file(submission, content.scans, by=by, at=now, key=key):
        return submission
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    lost_to = store.desk(by.account_id, wish.attachment_ids, at=clock())
    _refuse_unless_free(lost_to.person, kind)
    wish.checked_at(lost_to, lookup=lookup, clock=clock)
    raise Conflict()


def own_submission(submission_id: str, *, by: Principal, store: "SubmissionStore") -> Submission:
    """The caller's submission as it stands. Raises NoSuchSubmission. AWS calls: 1."""
    submission = store.submission(by.account_id, submission_id)
    if submission is None:
        raise NoSuchSubmission()
    return submission


def withdraw(submission_id: str, *, by: Principal, store: "SubmissionStore", clock: Clock) -> Submission:
    """Take an open submission back, after which another may be filed; withdrawn already, nothing changes.

    Raises NoSuchSubmission, and NotOpen for one that has ended or whose last decision is being carried out. AWS calls: 2.
    """
    now = clock()
    before = own_submission(submission_id, by=by, store=store)
    if before.status is SubmissionStatus.WITHDRAWN:
        return before
    if not before.status.is_open:
        raise NotOpen()
    after = before.withdrawn(at=iso(now), by_role=by.role.value)
    if store.withdraw(before, after, by=by, at=now):
        return after
    stands = own_submission(submission_id, by=by, store=store)
    if stands.status is SubmissionStatus.WITHDRAWN:
        return stands
    raise NotOpen()


def _refuse_unless_free(person: Person, kind: SubmissionKind) -> None:
    if person.has_record:
        raise AlreadyRegistered()
    if open_id := person.open.get(kind):
        raise OpenSubmission(extra={"submission_id": open_id})
