"""Leaving (离职报告): a unit says that one of its members has left, or never worked there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from jingkuai.domain.integrity import IntegrityKind
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from jingkuai.domain.submission import TRANSFER, SubmissionKind
from jingkuai.domain.typed_line import line_problems, one_line
from jingkuai.domain.workdays import today_in_shanghai
from review.employers.employment import Employed
from review.integrity.records import NewRecord

if TYPE_CHECKING:
    from review.employers.departure_report_store import LeavingStore

SHORTEST_REASON: Final = 2
LONGEST_REASON: Final = 500
_LOOKS: Final = 2  # of two who change a record at once the slower one looks again


class DepartureKind(StrEnum):
    """What a unit says: that somebody has left (已离职), or never worked there (从未在本单位任职)."""

    LEFT = "left"
    NEVER_WORKED = "never_worked"

    @property
    def version_kind(self) -> str:
        """How the history calls it."""
        return {"left": "employer_left", "never_worked": "employer_never_worked"}[self.value]


# A change of unit on its way takes the person off the list by itself, and a second look at it would only hold them up.
# Against a unit that is named falsely nobody may stand in the way with a change of their own; a transfer is decided by
# bureaus who hear the unit first.
BARRED_BY: Final = {
    DepartureKind.LEFT: (TRANSFER, SubmissionKind.EMPLOYMENT_CHANGE.value),
    DepartureKind.NEVER_WORKED: (TRANSFER,),
}


class ChangeUnderWay(Conflict):
    """The member has filed a change of unit themselves; the record stays as it is until that is decided."""

    code = "open_submission"
    title = "该人员的单位变更正在办理"
    detail = (
        "该人员已自行提交工作单位变更，正在审核，您这次提交的没有保存。变更通过后，该人员将自动不再列入贵单位名单；"
        "变更没有通过而该人员确已离职的，请届时再提交。"
    )


class TransferUnderWay(Conflict):
    """The member is being transferred; the unit is heard there."""

    code = "open_transfer"
    title = "该人员正在办理调转"
    detail = (
        "该人员正在办理调转，您这次提交的没有保存。贵单位有异议的，请在“待确认事项”中写明原因，由财政局一并核实；"
        "调转完成后，该人员将自动不再列入贵单位名单。"
    )


@dataclass(frozen=True, slots=True)
class DepartureForm:
    """What a unit says of a member, as typed."""

    kind: DepartureKind
    reason: str


@dataclass(frozen=True, slots=True)
class Departure:
    """What a unit has said of somebody, and when."""

    person_id: str
    kind: DepartureKind
    at: str
    uscc: str

    def noted(self) -> dict[str, str]:
        """As it stands on the person: what tells the same request sent again from a stranger's."""
        return {"uscc": self.uscc, "kind": self.kind.value, "at": self.at}


def report_departure(
    person_id: str, form: DepartureForm, *, by: Principal, store: LeavingStore, clock: Clock, new_id: NewId
) -> Departure:
    """Take a member off the caller's unit: their record says that they look for work, and they are told what to do.

    Somebody who never worked there is looked into besides: an integrity record begins its review at the bureau that
    keeps the record. The same request again gets the first answer. Raises Invalid; NotFound for anybody but an own
    member; ChangeUnderWay, TransferUnderWay; Conflict where the record changes at the same moment. AWS calls: 2.
    """
    reason = one_line(form.reason)
    if problems := line_problems("reason", reason, shortest=SHORTEST_REASON, longest=LONGEST_REASON):
        raise Invalid(errors=problems)
    for _ in range(_LOOKS):
        member, now = store.record(person_id), clock()
        if member is None:
            raise NotFound()
        if member.uscc != by.scope:
            return _said_before(member, form.kind, by)
        refuse_while_under_way(member, form.kind)
        departure = Departure(person_id, form.kind, iso(now), by.scope)
        check = _check(member, reason, by, now, new_id) if form.kind is DepartureKind.NEVER_WORKED else None
        if store.save(member, departure, check, notifications(member, form.kind), by=by, at=now):
            return departure
    raise Conflict()


def _said_before(member: Employed, kind: DepartureKind, by: Principal) -> Departure:
    """The answer to the same request sent again. Raises NotFound for whoever is no member and was none."""
    said = member.departure
    if said.get("uscc") != by.scope or said.get("kind") != kind:
        raise NotFound()
    return Departure(member.person_id, kind, said["at"], by.scope)


def refuse_while_under_way(member: Employed, kind: DepartureKind) -> None:
    """Raises TransferUnderWay, ChangeUnderWay."""
    barring = [one for one in BARRED_BY[kind] if one in member.open]
    if TRANSFER in barring:
        raise TransferUnderWay(extra={"transfer_id": member.open[TRANSFER]})
    if barring:
        raise ChangeUnderWay(extra={"submission_id": member.open[barring[0]]})


def _check(member: Employed, statement: str, by: Principal, now: datetime, new_id: NewId) -> NewRecord:
    return NewRecord(
        record_id=new_id(now),
        person_id=member.person_id,
        region_code=member.region_code,
        kind=IntegrityKind.UNTRUTHFUL,
        title="登记的工作单位报告其从未任职",
        facts=statement,
        decided_on=today_in_shanghai(now).isoformat(),
        by=by,
        reported_by=by.scope,
        employment=dict(member.employment),
    )


def notifications(member: Employed, kind: DepartureKind) -> list[Entry]:
    """What the person is told, and what they can do about it."""
    unit = f"您登记的工作单位“{member.employer_name}”"
    if kind is DepartureKind.LEFT:
        title = "工作单位报告您已离职"
        text = (
            f"{unit}报告您已不在该单位工作，您的就业状态已改为待业。到新单位工作的，请提交工作单位变更；"
            "与事实不符的，也请提交工作单位变更并附在职证明，或者联系登记您信息的财政局。"
        )
    else:
        title = "工作单位报告您从未任职"
        text = (
            f"{unit}报告您从未在该单位工作，您的就业状态已改为待业，财政局将核实此事并告知结果。"
            "与事实不符的，请提交工作单位变更并附劳动合同或者在职证明，或者联系登记您信息的财政局。"
        )
    return [SendMessage(member.person_id, title, text, "/me/profile"), SendSms(member.person_id, text)]
