"""Submissions (申报): filing one for review, and taking it back while nobody has decided it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, NotFound
from jingkuai.domain.submission import (
    BARRED_BY_A_TRANSFER,
    TRANSFER,
    SubmissionKind,
    SubmissionStatus,
    TimelineEntry,
    TimelineEvent,
)
from jingkuai.domain.workdays import today_in_shanghai
from register.filing import Filed, checked
from register.records import ACTIVE, Content, Person, Submission

if TYPE_CHECKING:
    from register.submission_store import Desk, SubmissionStore


class NoSuchSubmission(NotFound):
    """No submission of this id is the caller's; another person's is none either."""

    title = "没有找到这份申请"
    detail = "没有找到这份申请。请返回申请列表，重新选择。"


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


class OpenTransfer(Conflict):
    """A transfer is under way; until it ends, unit and identity stay as they are (handbook, section 6)."""

    code = "open_transfer"
    title = "有正在办理的调转"
    detail = (
        "您有一项调转正在办理，办结之前不能提交单位变更或身份信息变更，这次没有提交。请先等待调转办结，或者取消调转。"
    )


class NothingToChange(Conflict):
    """Changes are made to a record, and there is none yet."""

    code = "no_record_to_change"
    title = "还没有登记信息"
    detail = "您的会计人员信息还没有登记通过，不能提交变更，这次没有提交。请先完成首次信息采集，已提交的请等待审核。"


class RecordClosed(Conflict):
    """The record is closed: kept and readable, and no longer changed here."""

    code = "record_closed"
    title = "登记信息已转出或注销"
    detail = "您的登记信息已经转出本省或者注销，不能在这里变更，这次没有提交。已转入其他省份的，请在当地办理。"


class NotOpen(Conflict):
    """The submission has ended, or its decision is being carried out: there is nothing to take back."""

    code = "not_open"
    title = "这份申请不能撤回"
    detail = "这份申请已经办结或者正在办结，不能撤回，内容没有变化。请刷新查看办理结果。"


class AlreadyWithdrawn(NotOpen):
    """It was taken back before: pressed twice, or in another window. A client may take it for done."""

    code = "already_withdrawn"
    title = "这份申请已经撤回"
    detail = "这份申请此前已经撤回，无需再次操作，内容没有变化。需要办理的，请重新提交一份申请。"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants reviewed, as it came in."""

    payload: Mapping[str, Any]
    attachment_ids: Sequence[str]

    def checked_at(self, desk: "Desk", kind: SubmissionKind, *, lookup: LookupKey, clock: Clock) -> Content:
        """The content of the wish. Raises Invalid with every problem."""
        waiting = desk.submission.new_number if desk.submission else None
        filed = Filed(kind, self.payload, self.attachment_ids, desk.scans, waiting)
        return checked(filed, desk.person, lookup=lookup, today=today_in_shanghai(clock()))


def submit(
    kind: SubmissionKind,
    wish: Wish,
    *,
    by: Principal,
    store: "SubmissionStore",
    lookup: LookupKey,
    sealer: Sealer,
    clock: Clock,
    new_id: NewId,
    key: RequestKey | None = None,
) -> Submission:
    """File a registration or a change for review; the same request sent again with its key answers the first one's.

    Raises AlreadyRegistered for a second registration, NothingToChange and RecordClosed for a change without a record
    to make it to, OpenTransfer, OpenSubmission (of several at once exactly one is filed), Invalid with every problem,
    IdempotencyKeyReused. AWS calls: 2, with a key 3; with a new ID number 1 more.
    """
    now = clock()
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    desk = store.desk(by.account_id, wish.attachment_ids, at=now)
    _refuse_unless_free(desk.person, kind)
    content = wish.checked_at(desk, kind, lookup=lookup, clock=clock)
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
        new_number=sealed(content.document, by.account_id, lookup=lookup, sealer=sealer),
    )
    if store.file(submission, content.scans, by=by, at=now, key=key):
        return submission
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    lost_to = store.desk(by.account_id, wish.attachment_ids, at=clock())
    _refuse_unless_free(lost_to.person, kind)
    wish.checked_at(lost_to, kind, lookup=lookup, clock=clock)
    raise Conflict()


def sealed(document: IdentityDocument | None, person_id: str, *, lookup: LookupKey, sealer: Sealer) -> NewNumber | None:
    """A new number as a submission keeps it until its review is over. AWS calls: 1 where there is one."""
    if document is None:
        return None
    return NewNumber(
        id_type=document.id_type.value,
        id_hash=lookup.of(*document.lookup),
        id_masked=document.masked,
        cipher=sealer.seal_together({"id_number": document.number}, person_id),
        birth_date=document.birth_date,
        gender=document.gender,
    )


def own_submission(submission_id: str, *, by: Principal, store: "SubmissionStore") -> Submission:
    """The caller's submission as it stands. Raises NoSuchSubmission. AWS calls: 1."""
    submission = store.submission(by.account_id, submission_id)
    if submission is None:
        raise NoSuchSubmission()
    return submission


def withdraw(submission_id: str, *, by: Principal, store: "SubmissionStore", clock: Clock) -> Submission:
    """Take an open submission back, after which another may be filed.

    Raises NoSuchSubmission, AlreadyWithdrawn, and NotOpen for one that has ended or whose last decision is being carried out. AWS calls: 2.
    """
    now = clock()
    before = own_submission(submission_id, by=by, store=store)
    if not before.status.is_open:
        raise _not_open(before)
    after = before.withdrawn(at=iso(now), by_role=by.role.value)
    if store.withdraw(before, after, by=by, at=now):
        return after
    raise _not_open(own_submission(submission_id, by=by, store=store))


def _not_open(submission: Submission) -> NotOpen:
    return AlreadyWithdrawn() if submission.status is SubmissionStatus.WITHDRAWN else NotOpen()


def _refuse_unless_free(person: Person, kind: SubmissionKind) -> None:
    if kind is SubmissionKind.REGISTRATION:
        if person.has_record:
            raise AlreadyRegistered()
    elif not person.has_record:
        raise NothingToChange()
    elif person.status != ACTIVE:
        raise RecordClosed()
    if kind in BARRED_BY_A_TRANSFER and (transfer_id := person.open.get(TRANSFER)):
        raise OpenTransfer(extra={"transfer_id": transfer_id})
    if open_id := person.open.get(kind):
        raise OpenSubmission(extra={"submission_id": open_id})
