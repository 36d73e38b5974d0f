"""Entering and revoking integrity records (诚信记录录入与撤销): a bureau enters, the one above confirms, a city revokes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.domain.integrity import Answered, IntegrityKind, IntegrityRecord, IntegrityState
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import Conflict, FieldProblem, Forbidden, Invalid, InvalidValue, NotFound
from jingkuai.domain.profile_fields import is_blank, read_day
from jingkuai.domain.typed_line import line_problems, one_line
from jingkuai.domain.workdays import today_in_shanghai
from review.integrity.records import NewRecord
from review.review_task import OwnSubmission

if TYPE_CHECKING:
    from review.integrity.store import IntegrityStore

TITLE: Final = (2, 100)
FACTS: Final = (2, 1000)
DOCUMENT_NO: Final = (2, 60)
REASON: Final = (2, 500)
CITY: Final = 4  # leading digits of a scope
_STANDING: Final = (IntegrityState.EFFECTIVE, IntegrityState.OBJECTED)


class NotInForce(Conflict):
    """A record that nobody has confirmed yet is decided, not revoked."""

    code = "record_pending"
    title = "该诚信记录尚未确认"
    detail = "该诚信记录还在等待确认，没有撤销。不应记录的，请由承办的财政局在待办任务中不予确认。"


class NothingObjected(Conflict):
    """Nobody waits for an answer."""

    code = "nothing_objected"
    title = "该诚信记录没有待答复的异议"
    detail = "本人没有对该诚信记录提出异议，或者记录已经撤销，没有需要答复的，没有任何改动。"


class CityRevokes(Forbidden):
    """No county takes back, or lets stand, what the bureau above it has confirmed."""

    title = "由市级以上财政局撤销或者维持"
    detail = "诚信记录由市、州财政局或者省财政厅撤销或者答复维持，这次没有任何改动。请写明原因，报上一级财政局办理。"


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A record as typed; what is not known is blank."""

    kind: IntegrityKind
    title: str
    facts: str
    decided_on: str
    document_no: str
    effective_until: str


def enter(
    person_id: str,
    form: RecordForm,
    *,
    by: Principal,
    store: IntegrityStore,
    clock: Clock,
    new_id: NewId,
    key: RequestKey | None = None,
) -> IntegrityRecord:
    """Enter a record about somebody of the caller's region; it stands once the bureau above has confirmed it.

    The same request sent again with its key gets the first answer. Raises Invalid with every problem at once; NotFound
    outside the caller's region; OwnSubmission for the caller's own record (回避). AWS calls: 2, with a key 3.
    """
    now = clock()
    told = _read(form, today_in_shanghai(now))
    if by.is_person(person_id):
        raise OwnSubmission()
    if key and (earlier := store.earlier(key, person_id, now=now)):
        return earlier
    new = NewRecord(
        record_id=new_id(now),
        person_id=person_id,
        region_code=store.region_of(person_id, within=by),
        kind=form.kind,
        by=by,
        **told,
    )
    if store.add(new, key=key, at=now):
        return new.as_entered()
    if key and (earlier := store.earlier(key, person_id, now=now)):
        return earlier
    raise Conflict()


def revoke(
    person_id: str, record_id: str, reason: str, *, by: Principal, store: IntegrityStore, clock: Clock
) -> IntegrityRecord:
    """Take back a record that stands; it stays to be seen, as revoked, with the reason. Revoked already, nothing changes.

    Raises CityRevokes for a county, OwnSubmission for the caller's own record (回避), Invalid without a reason, NotFound where
    neither the bureau that entered it nor the one that keeps the person's record now lies in the caller's region,
    NotInForce for a record that waits for its confirmation. AWS calls: 2, revoked already 1.
    """
    why, (record, region_code) = _said_of(person_id, record_id, reason, by=by, store=store, clock=clock)
    if record.state is IntegrityState.REVOKED:
        return record
    if record.state not in _STANDING:
        raise NotInForce()
    if not store.revoke(person_id, record_id, why, region_code, by=by, at=clock()):
        return _as_it_stands(person_id, record_id, IntegrityState.REVOKED, store)
    return record.revoked(why)


def uphold(
    person_id: str, record_id: str, reason: str, *, by: Principal, store: IntegrityStore, clock: Clock
) -> IntegrityRecord:
    """Let a record stand in spite of an objection, which is answered with the reason. Answered so already, nothing changes.

    Raises CityRevokes for a county, OwnSubmission for the caller's own record (回避), Invalid without a reason, NotFound as
    `revoke` does, NothingObjected where no objection waits. AWS calls: 2, answered already 1.
    """
    why, (record, region_code) = _said_of(person_id, record_id, reason, by=by, store=store, clock=clock)
    if record.objection and record.objection.answered and record.state is IntegrityState.EFFECTIVE:
        return record
    if record.state is not IntegrityState.OBJECTED:
        raise NothingObjected()
    if not store.uphold(person_id, record_id, why, region_code, by=by, at=clock()):
        return _as_it_stands(person_id, record_id, IntegrityState.EFFECTIVE, store)
    return record.upheld(why)


def _said_of(
    person_id: str, record_id: str, reason: str, *, by: Principal, store: IntegrityStore, clock: Clock
) -> tuple[Answered, tuple[IntegrityRecord, str]]:
    """What a city or the province says of a record, and the record with the bureau that entered it. AWS calls: 1."""
    if by.role is not Role.ADMIN and len(by.scope) > CITY:
        raise CityRevokes()
    if by.is_person(person_id):
        raise OwnSubmission()
    why = one_line(reason)
    if problems := line_problems("reason", why, shortest=REASON[0], longest=REASON[1]):
        raise Invalid(errors=problems)
    record, region_code, kept_by = store.record_and_place(person_id, record_id)
    if record is None or not (by.covers(region_code) or by.covers(kept_by)):
        raise NotFound()
    return Answered(why, iso(clock())), (record, region_code)


def _as_it_stands(person_id: str, record_id: str, wanted: IntegrityState, store: IntegrityStore) -> IntegrityRecord:
    """The same press twice, at once. Raises Conflict where something else was said meanwhile."""
    record, _ = store.record(person_id, record_id)
    if record is None or record.state is not wanted:
        raise Conflict()
    return record


def _read(form: RecordForm, today: date) -> dict[str, Any]:
    """The members of a record in their normal form. Raises Invalid with every problem at once."""
    problems: list[FieldProblem] = []

    def line(field: str, typed: str, bounds: tuple[int, int]) -> str:
        text = one_line(typed)
        problems.extend(line_problems(field, text, shortest=bounds[0], longest=bounds[1]))
        return text

    def day(field: str, typed: str) -> date | None:
        try:
            return read_day(typed)
        except InvalidValue as refused:
            problems.append(FieldProblem(field, refused.code, "请填写有效日期，例如 2026-06-30。"))
            return None

    title, facts = line("title", form.title, TITLE), line("facts", form.facts, FACTS)
    document_no = None if is_blank(form.document_no) else line("document_no", form.document_no, DOCUMENT_NO)
    decided = day("decided_on", form.decided_on)
    until = None if is_blank(form.effective_until) else day("effective_until", form.effective_until)
    if decided and decided > today:
        problems.append(FieldProblem("decided_on", "in_future", "作出决定的日期不能晚于今天，请核对文件。"))
    if decided and until and until < decided:
        problems.append(FieldProblem("effective_until", "too_early", "有效期不能早于作出决定的日期，请核对文件。"))
    if problems or decided is None:
        raise Invalid(errors=problems)
    return {
        "title": title,
        "facts": facts,
        "decided_on": decided.isoformat(),
        "document_no": document_no,
        "effective_until": until.isoformat() if until else None,
    }
