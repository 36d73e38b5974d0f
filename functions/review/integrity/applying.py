"""The last step of a confirmed integrity record: it stands, and its person is told, in one transaction."""

from datetime import datetime

from jingkuai.aws.clock import iso
from jingkuai.domain.integrity import IntegrityState
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from review.case import Case
from review.case_writes import CaseWriter
from review.integrity import notifications


def confirm(case: Case, *, writer: CaseWriter, at: datetime) -> None:
    """Let a record stand that every stage has confirmed. Raises CaseMoved. AWS calls: 1."""
    stands = writer.advance(
        case,
        "#status = :status, #state = :state, effective_at = :at",
        {":status": SubmissionStatus.APPROVED.value, ":state": IntegrityState.EFFECTIVE.value, ":at": iso(at)},
        removed="REMOVE stage, due_on",
        names={"#status": "status", "#state": "state"},
        told=[TimelineEntry(iso(at), TimelineEvent.APPLIED, "system")],
    )
    audit = writer.audit(case, "integrity_record.effective", at)
    writer.commit(stands, audit, *writer.promises(notifications.confirmed(case.filing), at))
