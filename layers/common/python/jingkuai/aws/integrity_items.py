"""Integrity records as items: written and decided by `review`, read by their person through `register`."""

from jingkuai.aws.tables import Item
from jingkuai.domain.integrity import Answered, IntegrityRecord, IntegrityState, Objection
from jingkuai.domain.submission import SubmissionStatus


def record_of(item: Item) -> IntegrityRecord:
    """The record of an item; one that was not confirmed reads as revoked."""
    told = item["payload"]
    refused = item["status"] == SubmissionStatus.REJECTED
    return IntegrityRecord(
        record_id=item["record_id"],
        kind=told["kind"],
        title=told["title"],
        facts=told["facts"],
        decided_on=told["decided_on"],
        state=IntegrityState.REVOKED if refused else IntegrityState(item["state"]),
        document_no=told.get("document_no"),
        effective_until=told.get("effective_until"),
        effective_at=item.get("effective_at"),
        objection=_objection(item),
        revocation=Answered(item["revoked_reason"], item["revoked_at"]) if "revoked_reason" in item else None,
    )


def _objection(item: Item) -> Objection | None:
    told = item.get("objection")
    if told is None:
        return None
    answered = told.get("answered")
    said = Answered(answered["reason"], answered["at"]) if answered else None
    return Objection(told["statement"], tuple(told["attachment_ids"]), told["at"], said)
