"""Objections (异议): somebody says that an integrity record about them is wrong, within ten business days of its confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock, iso, parse_iso
from jingkuai.domain.integrity import IntegrityRecord, IntegrityState, Objection
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from jingkuai.domain.scan import scan_problems
from jingkuai.domain.typed_line import line_problems, one_line
from jingkuai.domain.workdays import WorkdayCalendar, today_in_shanghai

if TYPE_CHECKING:
    from register.objection_store import ObjectionStore

IN_TIME: Final = 10  # business days; source: handbook, section 9
STATEMENT: Final = (2, 1000)


class NoSuchRecord(NotFound):
    """There is no such record, or nobody has confirmed it: until then it is none."""

    title = "没有找到这条诚信记录"
    detail = "没有找到这条诚信记录。请返回诚信记录列表，重新选择。"


class ObjectedAlready(Conflict):
    """An objection waits for its answer, or was answered; what was sent now was not kept."""

    code = "objected_already"
    title = "已经提出过异议"
    detail = (
        "您已对这条诚信记录提出过异议，这次的内容没有保存。财政局的答复会显示在该记录里；有补充材料的，或者对答复不服的，"
        "请联系登记您信息的财政局。"
    )


class RecordRevoked(Conflict):
    """There is nothing to object to any more."""

    code = "record_revoked"
    title = "该诚信记录已经撤销"
    detail = "这条诚信记录已经撤销，不需要提出异议，这次的内容没有保存。"


class ObjectionLate(Conflict):
    """The ten business days are over."""

    code = "objection_late"
    title = "已超过提出异议的期限"
    detail = (
        "提出异议的期限（10个工作日）已过，这次的内容没有保存。仍有异议的，请携带证明材料到登记您信息的财政局办理。"
    )


def object_to(
    record_id: str,
    statement: str,
    attachment_ids: Sequence[str],
    *,
    by: Principal,
    store: ObjectionStore,
    calendar: WorkdayCalendar,
    clock: Clock,
) -> IntegrityRecord:
    """Say what is wrong with a record about the caller; the bureau is told. The same again changes nothing.

    Raises NoSuchRecord, ObjectedAlready, RecordRevoked, ObjectionLate, Invalid with every problem at once, Conflict where
    the record changes at the same moment. AWS calls: 2, where it was said already 1.
    """
    now, said = clock(), one_line(statement)
    desk = store.desk(by.account_id, record_id, attachment_ids, at=now)
    if desk is None:
        raise NoSuchRecord()
    objection = Objection(said, tuple(dict.fromkeys(attachment_ids)), iso(now))
    if _stands(desk.record, objection):
        return desk.record
    _refuse_unless_possible(desk.record, calendar, today_in_shanghai(now))
    problems = line_problems("statement", said, shortest=STATEMENT[0], longest=STATEMENT[1])
    problems += scan_problems(objection.attachment_ids, desk.scans)
    if problems:
        raise Invalid(errors=problems)
    if not store.save(desk, objection, [desk.scans[one] for one in objection.attachment_ids], by=by, at=now):
        raise Conflict()
    return replace(desk.record, state=IntegrityState.OBJECTED, objection=objection)


def _stands(record: IntegrityRecord, objection: Objection) -> bool:
    standing = record.objection
    if standing is None or record.state is IntegrityState.REVOKED:
        return False
    return (standing.statement, standing.attachment_ids) == (objection.statement, objection.attachment_ids)


def _refuse_unless_possible(record: IntegrityRecord, calendar: WorkdayCalendar, today: date) -> None:
    if record.state is IntegrityState.REVOKED:
        raise RecordRevoked()
    if record.objection is not None:
        raise ObjectedAlready()
    if record.effective_at is None:
        raise NoSuchRecord()
    if today > calendar.deadline(today_in_shanghai(parse_iso(record.effective_at)), IN_TIME).on:
        raise ObjectionLate()
