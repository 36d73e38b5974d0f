"""The workflows' last step: what was approved comes about, in one transaction. A submission becomes the record here; an appeal,
an integrity record and a transfer have modules of their own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.submission import SubmissionStatus
from jingkuai.domain.workdays import today_in_shanghai
from review import checks, notifications
from review.appeal_applying import apply_appeal
from review.appeal_ruling_store import RulingStore
from review.case import Case, Outcome
from review.case_store import CaseStore
from review.checks import Finding, Result
from review.integrity.applying import confirm
from review.likeness_store import LikenessStore
from review.record import SECTIONS_OF, ApprovedRecord, record_after
from review.record_store import NumberDisputed, NumberNotFree, RecordStore
from review.sampling import Drawing
from review.transfer.applying import Movers, apply_transfer

RECORD_CHANGED = Finding(
    "record_changed_meanwhile",
    Result.DOUBTFUL,
    "提交之后该人员的信息档案又有变动，请核对“差异”一栏后重新作出结论。",
)
NUMBER_NOT_FREE = Finding("id_number_free", Result.DOUBTFUL, checks.NUMBER_TAKEN, ("id_number",))
NUMBER_DISPUTED = Finding(
    "open_appeal", Result.DOUBTFUL, "该证件号码有正在审理的申诉，申诉办结之前不能变更。请在申诉办结后重新作出结论。"
)
# what the applicant reads of it: not who else may hold a number
_NOTES: Final[Mapping[str, str]] = {
    RECORD_CHANGED.code: "各级财政局通过之后，您的信息档案又有变动，这次变更没有生效，由最后一级财政局重新核对。",
    NUMBER_NOT_FREE.code: "生效前核对新的证件号码时发现问题，这次变更没有生效，由最后一级财政局重新核对。",
    NUMBER_DISPUTED.code: "该证件号码有正在审理的申诉，申诉办结之前不能变更，由最后一级财政局重新核对。",
}
CLOSED = "该账号因证件号码申诉已经关闭，申请随之终止。"


def apply_case(
    subject: Mapping[str, str],
    *,
    store: CaseStore,
    records: RecordStore,
    rulings: RulingStore,
    movers: Movers,
    lookup: LookupKey,
    drawing: Drawing,
    clock: Clock,
) -> Outcome:
    """Change the record, or the disputed account, as every stage approved it; applied twice it changes nothing. Changes of
    a record are drawn for second looks; an appeal has been decided by two bureaus.

    Answers `conflict` where the section that would change was changed since the submission was made from it, or its new
    number is not to be had: the last stage then opens again, told why. Of a transfer out of the province answers `letter`.
    Raises CaseMoved. AWS calls: 3, drawn for a second look 4, where a unit is joined 1 more, of a transfer up to 5; 1 where
    it is applied already.
    """
    case, now = store.case(subject), clock()
    if case.next_outcome is Outcome.ENDED and case.status is SubmissionStatus.APPROVED:
        return Outcome.APPLIED
    if case.next_outcome is not Outcome.APPLY:
        return case.next_outcome
    if case.relocation:
        return apply_transfer(case, case.relocation, store=store, movers=movers, lookup=lookup, clock=clock)
    if case.disputed:
        return apply_appeal(case, case.disputed, store=store, rulings=rulings, clock=clock)
    if case.filing.kind == INTEGRITY_RECORD:
        confirm(case, writer=store.writer, at=now)
        return Outcome.APPLIED
    person = store.person(case)
    if person.id_hash is None:
        store.end_without(case, note=CLOSED, at=now)
        return Outcome.ENDED
    if person.changed_since(case.base_version, SECTIONS_OF[case.filing.submission_kind]):
        return _reopened(case, person.version, RECORD_CHANGED, store=store, at=now)
    record = record_after(case, person, id_hash=person.id_hash, lookup=lookup, today=today_in_shanghai(now))
    record = _at_a_unit_that_stands(record, movers.units, lookup)
    try:
        look = drawing.drawn(case, person, store=store, at=now)
        records.apply(case, record, notifications=notifications.approved(case.filing), second_look=look, at=now)
    except (NumberNotFree, NumberDisputed) as refused:
        finding = NUMBER_NOT_FREE if isinstance(refused, NumberNotFree) else NUMBER_DISPUTED
        return _reopened(case, person.version, finding, store=store, at=now)
    return Outcome.APPLIED


def _at_a_unit_that_stands(record: ApprovedRecord, units: LikenessStore, lookup: LookupKey) -> ApprovedRecord:
    """Who joins a unit whose place another has taken since the check becomes that one's member, like everybody of it."""
    if record.uscc is None or "employment" not in record.changed:
        return record
    successor = units.successor(record.uscc, str(record.employer_name))
    return record.at_successor(*successor, lookup) if successor else record


def _reopened(case: Case, base_version: int, finding: Finding, *, store: CaseStore, at: datetime) -> Outcome:
    store.reopen_last_stage(case, base_version=base_version, finding=finding, note=_NOTES[finding.code], at=at)
    return Outcome.CONFLICT
