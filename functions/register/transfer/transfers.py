"""Transfers (调转): told beforehand, filed, given the papers that were asked for, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, NotFound
from jingkuai.domain.regions import Divisions
from jingkuai.domain.scan import scan_problems
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent, missing_scans
from jingkuai.domain.transfer import AnotherTransfer, NotATransfer, Route, Transfer, refuse_while_open
from jingkuai.domain.transfer_form import TransferForm, read_form
from jingkuai.domain.transfer_rules import TransferRules
from jingkuai.domain.workdays import today_in_shanghai
from register.records import Person
from register.transfer.planning import Plan, plan

if TYPE_CHECKING:
    from register.transfer.store import TransferDesk, TransferStore

_LOST_RACES = 3  # of a cancel and whoever moves the case at the same moment


class NoSuchTransfer(NotFound):
    """No transfer of this id is the caller's; another person's is none either."""

    title = "没有找到这项调转"
    detail = "没有找到这项调转。请返回调转列表，重新选择。"


class TransferEnded(Conflict):
    """The transfer has ended, or everybody has agreed and the record is being moved."""

    code = "transfer_ended"
    title = "这项调转不能取消"
    detail = "这项调转已经办结或者正在办结，不能取消，登记信息以办理结果为准。请刷新查看。"


class NoPapersWanted(Conflict):
    """Papers are sent while a bureau has asked for them; nothing of these was saved."""

    code = "no_papers_wanted"
    title = "目前不需要补充材料"
    detail = "这项调转目前没有要求补充材料，或者补充材料的期限已过，这次没有保存。请刷新查看办理进度。"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants, as it came in."""

    form: Mapping[str, Any]
    attachment_ids: Sequence[str]

    @property
    def to_region(self) -> str:
        return str(self.form.get("to_region", "")).strip()


def preview(
    to_region: str,
    *,
    by: Principal,
    store: "TransferStore",
    rules: TransferRules,
    divisions: Divisions,
    clock: Clock,
) -> Plan:
    """Which way a transfer would go. Inside the county it has no step: that is a change of employment.

    Raises NothingToChange, RecordClosed, UnknownRegion, AlreadyElsewhere. AWS calls: 1; where a unit is left 2.
    """
    desk = store.desk(by.account_id, (), at=clock())
    return _planned(desk, to_region.strip(), rules=rules, divisions=divisions, today=today_in_shanghai(clock()))


def start(
    wanted: Wanted,
    *,
    by: Principal,
    store: "TransferStore",
    rules: TransferRules,
    divisions: Divisions,
    clock: Clock,
    new_id: NewId,
    key: RequestKey | None = None,
) -> Transfer:
    """File a transfer and begin its workflow; the same request sent again with its key answers the first one's.

    Raises NothingToChange, RecordClosed, UnknownRegion, AlreadyElsewhere, NotATransfer inside the county, OpenMatter and
    AnotherTransfer (of several at once exactly one is filed), Invalid with every problem, IdempotencyKeyReused.
    AWS calls: 2, where a unit is left 3, with a key one more.
    """
    now = clock()
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    desk = store.desk(by.account_id, wanted.attachment_ids, at=now)
    try:
        planned, form = _checked(wanted, desk, rules=rules, divisions=divisions, today=today_in_shanghai(now))
    except AnotherTransfer:
        if key and (earlier := store.earlier(key, by.account_id, at=now)):  # filed by this very request, a moment ago
            return earlier
        raise
    transfer = Transfer(
        transfer_id=new_id(now),
        person_id=by.account_id,
        route=planned.route,
        case=SubmissionStatus.UNDER_REVIEW,
        from_region=planned.from_region,
        to_region=planned.to_region,
        from_employer=planned.from_employer,
        form=form.to_json(),
        attachment_ids=tuple(dict.fromkeys(wanted.attachment_ids)),
        steps=planned.steps,
        submitted_at=iso(now),
        timeline=(TimelineEntry(iso(now), TimelineEvent.SUBMITTED, by.role.value),),
        rules_version=planned.rules_version,
        release_refusals=planned.release_refusals,
    )
    scans = [desk.scans[one] for one in transfer.attachment_ids]
    if store.file(transfer, scans, while_status=desk.person.status, by=by, at=now, key=key):
        return transfer
    if key and (earlier := store.earlier(key, by.account_id, at=now)):
        return earlier
    lost_to = store.desk(by.account_id, wanted.attachment_ids, at=clock())
    _checked(wanted, lost_to, rules=rules, divisions=divisions, today=today_in_shanghai(now))
    raise Conflict()


def own_transfer(transfer_id: str, *, by: Principal, store: "TransferStore") -> Transfer:
    """The caller's transfer as it stands. Raises NoSuchTransfer. AWS calls: 1."""
    transfer = store.transfer(by.account_id, transfer_id)
    if transfer is None:
        raise NoSuchTransfer()
    return transfer


def cancel(transfer_id: str, *, by: Principal, store: "TransferStore", clock: Clock) -> Transfer:
    """Take an open transfer back, at whichever step it is; everything is as before. Cancelled already, nothing changes.

    Raises NoSuchTransfer, TransferEnded. AWS calls: 2; 2 more for each time somebody moved it at the same moment.
    """
    for _ in range(_LOST_RACES):
        before = own_transfer(transfer_id, by=by, store=store)
        if before.case is SubmissionStatus.WITHDRAWN:
            return before
        if not before.case.is_open or before.is_agreed:
            raise TransferEnded()
        now = clock()
        entry = TimelineEntry(iso(now), TimelineEvent.WITHDRAWN, by.role.value)
        after = _moved(before, SubmissionStatus.WITHDRAWN, entry)
        if store.cancel(before, after, by=by, at=now):
            return after
    raise Conflict()


def add_papers(
    transfer_id: str, attachment_ids: Sequence[str], *, by: Principal, store: "TransferStore", clock: Clock
) -> Transfer:
    """Send the papers a bureau asked for; the same step opens again, for whoever asked first.

    Raises NoSuchTransfer, NoPapersWanted (of two at once one is taken), Invalid for scans that cannot be used. AWS calls: 2.
    """
    now = clock()
    desk = store.desk(by.account_id, attachment_ids, at=now, transfer_id=transfer_id)
    before = desk.transfer
    if before is None:
        raise NoSuchTransfer()
    late = before.due_on is not None and today_in_shanghai(now).isoformat() > before.due_on
    if before.case is not SubmissionStatus.RETURNED or late:
        raise NoPapersWanted()
    new = [one for one in dict.fromkeys(attachment_ids) if one not in before.attachment_ids]
    problems = scan_problems(new, desk.scans)
    if not new:
        text = "请上传财政局要求补充的材料，再提交；已经提交过的不算。"
        problems.append(FieldProblem("attachment_ids", "required", text))
    if problems:
        raise Invalid(errors=problems)
    entry = TimelineEntry(iso(now), TimelineEvent.RESUBMITTED, by.role.value)
    after = replace(
        _moved(before, SubmissionStatus.UNDER_REVIEW, entry),
        attachment_ids=(*before.attachment_ids, *new),
        round=before.round + 1,
    )
    if not store.save_papers(before, after, [desk.scans[one] for one in new], by=by, at=now):
        raise NoPapersWanted()
    return after


def _moved(before: Transfer, case: SubmissionStatus, entry: TimelineEntry) -> Transfer:
    return replace(
        before,
        case=case,
        timeline=(*before.timeline, entry),
        version=before.version + 1,
        stage=None,
        due_on=None,
        returned_for=None,
    )


def _planned(desk: "TransferDesk", to_region: str, *, rules: TransferRules, divisions: Divisions, today: date) -> Plan:
    return plan(desk.person, to_region, unit_is_here=desk.unit_is_here, rules=rules, divisions=divisions, today=today)


def _checked(
    wanted: Wanted, desk: "TransferDesk", *, rules: TransferRules, divisions: Divisions, today: date
) -> tuple[Plan, TransferForm]:
    """The way and the form of what is wanted, everything that is wrong with form and scans said at once."""
    planned = _planned(desk, wanted.to_region, rules=rules, divisions=divisions, today=today)
    if planned.route is Route.SAME_COUNTY:
        raise NotATransfer()
    refuse_while_open(desk.person.open)
    form, problems = read_form(wanted.form, route=planned.route, born=_born(desk.person), today=today)
    problems += scan_problems(wanted.attachment_ids, desk.scans)
    problems += missing_scans([(kind, 1) for kind in planned.papers], (one.kind for one in desk.scans.values()))
    if problems or form is None:
        raise Invalid(errors=problems)
    return planned, form


def _born(person: Person) -> date | None:
    if person.birth_date:
        return person.birth_date
    text = person.sections.get("basic", {}).get("birth_date")
    return date.fromisoformat(text) if text else None
