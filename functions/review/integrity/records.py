"""Integrity records (诚信记录) as values, and as the items that their review works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import StartExecution
from jingkuai.aws.tables import Item
from jingkuai.domain.integrity import (
    INTEGRITY_RECORD,
    REPORTED_BY_UNIT,
    IntegrityKind,
    IntegrityRecord,
    IntegrityState,
)
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record about to be entered. `reported_by` is the code of the unit whose statement it is; else a bureau enters it,
    and whoever did so does not confirm it.
    """

    record_id: str
    person_id: str
    region_code: str
    kind: IntegrityKind
    title: str
    facts: str
    decided_on: str
    by: Principal
    document_no: str | None = None
    effective_until: str | None = None
    reported_by: str | None = None
    employment: Mapping[str, Any] | None = None  # of a unit's statement, what stood on record until then

    @property
    def payload(self) -> dict[str, Any]:
        """What the reviewer reads."""
        told = {
            "kind": self.kind.value,
            "title": self.title,
            "facts": self.facts,
            "document_no": self.document_no,
            "decided_on": self.decided_on,
            "effective_until": self.effective_until,
            "reported_by_uscc": self.reported_by,
            "employment": self.employment,
        }
        return {name: value for name, value in told.items() if value is not None}

    def as_entered(self) -> IntegrityRecord:
        """The record as it stands the moment it is entered."""
        return IntegrityRecord(
            self.record_id,
            self.kind.value,
            self.title,
            self.facts,
            self.decided_on,
            IntegrityState.PENDING,
            self.document_no,
            self.effective_until,
        )


def record_item(new: NewRecord, at: datetime) -> Item:
    """A new record, a case of the review workflow: it runs through the same states as a submission."""
    submitted = TimelineEntry(iso(at), TimelineEvent.SUBMITTED, new.by.role.value)
    return {
        **keys.integrity_key(new.person_id, new.record_id),
        "v": 1,
        "record_id": new.record_id,
        "person_id": new.person_id,
        "kind": INTEGRITY_RECORD,
        "ruled_by": REPORTED_BY_UNIT if new.reported_by else INTEGRITY_RECORD,
        "state": IntegrityState.PENDING.value,
        "status": SubmissionStatus.AUTO_CHECKING.value,
        "region_code": new.region_code,
        "submitted_at": iso(at),
        "payload": new.payload,
        "filed_by": None if new.reported_by else new.by.account_id,
        "attachment_ids": [],
        "timeline": [submitted.to_json()],
        "base_version": 0,
        "round": 1,
        "version": 1,
        "stage_index": 0,
        "attempt": 1,
        "findings": [],
    }


def its_review(new: NewRecord) -> StartExecution:
    """What confirms it, or not."""
    at = keys.integrity_key(new.person_id, new.record_id)
    return StartExecution("review", f"{new.record_id}.1", {"pk": at["pk"], "sk": at["sk"]})
