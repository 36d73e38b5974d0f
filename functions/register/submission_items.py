"""Submissions as items of the Registry table and as the values they stand for."""

from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.tables import Item
from jingkuai.domain.submission import Stage, SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent
from register.records import Return, Submission


def subject_of(submission: Submission) -> dict[str, str]:
    """The key of a submission: what workflow and tasks know it by."""
    key = keys.submission_key(submission.person_id, submission.submission_id)
    return {"pk": key["pk"], "sk": key["sk"]}


def item_of(submission: Submission) -> Item:
    """A new submission as stored; what its review adds (stages, findings, return) is the review's to write."""
    return {
        **subject_of(submission),
        "v": 1,
        "submission_id": submission.submission_id,
        "person_id": submission.person_id,
        "kind": submission.kind.value,
        "status": submission.status.value,
        "region_code": submission.region_code,
        "submitted_at": submission.submitted_at,
        "payload": dict(submission.payload),
        "attachment_ids": list(submission.attachment_ids),
        "timeline": [entry.to_json() for entry in submission.timeline],
        "base_version": submission.base_version,
        "round": submission.round,
        "version": submission.version,
        "stage_index": 0,
        "attempt": 1,
        "findings": [],
        **new_number_member(submission),
    }


def new_number_member(submission: Submission) -> Item:
    """The new number of an identity change as the submission's item holds it, sealed."""
    return submission.new_number.to_item() if submission.new_number else {}


def submission_of(item: Item) -> Submission:
    """The submission of an item."""
    returned = item.get("returned")
    return Submission(
        submission_id=item["submission_id"],
        person_id=item["person_id"],
        kind=SubmissionKind(item["kind"]),
        status=SubmissionStatus(item["status"]),
        region_code=item["region_code"],
        submitted_at=item["submitted_at"],
        payload=item["payload"],
        attachment_ids=tuple(item["attachment_ids"]),
        timeline=tuple(_entry(one) for one in item["timeline"]),
        base_version=item["base_version"],
        round=item["round"],
        version=item["version"],
        stage=Stage(item["stage"]) if item.get("stage") else None,
        due_on=item.get("due_on"),
        returned=Return(returned["reason"], tuple(returned["fields"])) if returned else None,
        new_number=NewNumber.on(item),
    )


def _entry(item: Any) -> TimelineEntry:
    return TimelineEntry(item["at"], TimelineEvent(item["event"]), item["by_role"], item.get("note"))
