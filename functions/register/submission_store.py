"""Submissions as items under their person, and the transactions that file, refile and withdraw them.

The person's `open` map is the lock: one open submission of a kind. The workflow is told through the outbox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys, open_lock
from jingkuai.aws.audit import change_item
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, KeepScans, ResumeTask, StartExecution
from jingkuai.aws.scan_store import keeping
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import BARRED_BY_A_TRANSFER, TRANSFER, SubmissionKind, SubmissionStatus
from register import matters, waits
from register.records import ACTIVE, REGISTERED, Person, Submission
from register.submission_items import item_of, new_number_member, subject_of, submission_of


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies before somebody who files: the person, the submission to be refiled, and the scans that are their own."""

    person: Person
    scans: Mapping[str, Scan]
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """One page of a person's submissions, newest first."""

    submissions: Sequence[Submission]
    next_start: Item | None


class SubmissionStore:
    """The submissions in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def submission(self, person_id: str, submission_id: str) -> Submission | None:
        """The person's submission; another's is none. AWS calls: 1."""
        item = self._registry.get(keys.submission_key(person_id, submission_id))
        return submission_of(item) if item else None

    def page(self, person_id: str, *, limit: int, start: Item | None) -> SubmissionPage:
        """The person's submissions, newest first. AWS calls: 1."""
        items, next_start = matters.newest_first(self._registry, person_id, keys.SUBMISSIONS, limit=limit, start=start)
        return SubmissionPage([submission_of(item) for item in items], next_start)

    def desk(
        self, person_id: str, attachment_ids: Sequence[str], *, at: datetime, submission_id: str | None = None
    ) -> Desk:
        """Everything a filing is checked against, at one moment. AWS calls: 1."""
        submission_at = keys.submission_key(person_id, submission_id) if submission_id else None
        lies = matters.papers(self._registry, person_id, attachment_ids, matter_at=submission_at, at=at)
        submission = submission_of(lies.matter) if lies.matter else None
        return Desk(person=lies.person, scans=lies.scans, submission=submission)

    def file(
        self, submission: Submission, scans: Sequence[Scan], *, by: Principal, at: datetime, key: RequestKey | None
    ) -> bool:
        """Store a new submission, take the person's lock and start its review, together. False, and nothing done, where
        another submission of the kind is open, a scan is gone, or the request's key was used meanwhile. AWS calls: 1.
        """
        start = StartExecution("review", f"{submission.submission_id}.1", subject_of(submission))
        return self._written(
            open_lock.taken(
                self._registry,
                submission.person_id,
                kind=submission.kind.value,
                submission_id=submission.submission_id,
                while_status=REGISTERED if submission.kind is SubmissionKind.REGISTRATION else ACTIVE,
                while_closed=(TRANSFER,) if submission.kind in BARRED_BY_A_TRANSFER else (),
            ),
            put_item(self._registry, item_of(submission), condition="attribute_not_exists(pk)"),
            *keeping(self._registry, scans, at=at),
            *self._promised([start, KeepScans([key for scan in scans for key in scan.kept_keys])], at),
            self._audited(submission, "submission.submitted", by, at),
            *([key.record(self._registry, submission.submission_id, now=at)] if key else []),
        )

    def refile(
        self, before: Submission, after: Submission, scans: Sequence[Scan], *, by: Principal, at: datetime
    ) -> bool:
        """Put the corrected submission in the place of the returned one and let the review go on, together. False, and
        nothing done, where the submission is not as it was read or a scan is gone.

        The wait for the applicant is decided even where the workflow has not opened it yet: it finds the decision then.
        AWS calls: 1.
        """
        task_id, ended = self._end_of_own_wait(before, "resubmitted", by, at)
        kept = KeepScans([key for scan in scans for key in scan.kept_keys])
        return self._written(
            self._refiled(before, after),
            ended,
            *keeping(self._registry, scans, at=at),
            *self._promised([ResumeTask(task_id, {"decision": "resubmitted"}), kept], at),
            self._audited(after, "submission.resubmitted", by, at),
        )

    def withdraw(self, before: Submission, after: Submission, *, by: Principal, at: datetime) -> bool:
        """End an open submission and give the lock back, together; the workflow is told where it waits for somebody.
        False, and nothing done, where the submission is not as it was read or its task is decided. AWS calls: 1.
        """
        ended_waits, resumed = self._withdrawn_waits(before, by, at)
        return self._written(
            self._moved(before, after),
            open_lock.released(
                self._registry, before.person_id, kind=before.kind.value, submission_id=before.submission_id
            ),
            *ended_waits,
            *self._promised(resumed, at),
            self._audited(after, "submission.withdrawn", by, at),
        )

    def earlier(self, key: RequestKey, person_id: str, *, at: datetime) -> Submission | None:
        """What the first request with this key filed, or None. Raises IdempotencyKeyReused. AWS calls: 1, or 2 with a find."""
        submission_id = key.earlier_result(self._registry, now=at)
        return self.submission(person_id, submission_id) if submission_id else None

    def _written(self, *writes: TransactWrite) -> bool:
        return matters.written(self._registry, *writes)

    def _refiled(self, before: Submission, after: Submission) -> TransactWrite:
        sets = {
            "payload": dict(after.payload),
            "payload_before": dict(before.payload),  # the reviewer sees changes outside the fields asked for
            "attachment_ids": list(after.attachment_ids),
            "region_code": after.region_code,
            "round": after.round,
            **new_number_member(after),
        }
        gone = ("new_number",) if before.new_number and not after.new_number else ()
        if after.region_code == before.region_code and not _names_another_unit(before, after):
            return self._moved(before, after, sets, removed=gone)
        # another bureau has another route, and another unit is to be asked: it is resolved anew
        return self._moved(before, after, {**sets, "stage_index": 0}, removed=("stages", *gone))

    def _moved(
        self, before: Submission, after: Submission, sets: Item | None = None, removed: Sequence[str] = ()
    ) -> TransactWrite:
        """The submission in its next status, if it is as it was read; no stage is due until its review opens one."""
        written = {"status": after.status.value, "version": after.version, **(sets or {})}
        names = {f"#{name}": name for name in written}
        expression = ", ".join(f"#{name} = :{name}" for name in written)
        return update_item(
            self._registry,
            subject_of(before),
            f"SET {expression}, timeline = list_append(timeline, :entry) REMOVE {', '.join(('stage', 'due_on', 'returned', *removed))}",
            condition="#version = :read",
            values={
                **{f":{name}": value for name, value in written.items()},
                ":entry": [after.timeline[-1].to_json()],
                ":read": before.version,
            },
            names=names,
        )

    def _withdrawn_waits(
        self, before: Submission, by: Principal, at: datetime
    ) -> tuple[list[TransactWrite], list[Entry]]:
        """The wait a withdrawal ends, and the word to its workflow: none while the automatic check runs."""
        if before.status is SubmissionStatus.RETURNED:
            task_id, ended = self._end_of_own_wait(before, "withdrawn", by, at)
        elif before.stage is not None:
            task_id, ended = waits.end_of_review(
                self._registry, subject_of(before), before.stage, before.round, by=by, at=at
            )
        else:
            return [], []
        return [ended], [ResumeTask(task_id, {"decision": "withdrawn"})]

    def _end_of_own_wait(
        self, before: Submission, decision: str, by: Principal, at: datetime
    ) -> tuple[str, TransactWrite]:
        return waits.end_of_own(
            self._registry, subject_of(before), before.person_id, before.round, decision, by=by, at=at
        )

    def _promised(self, entries: Sequence[Entry], at: datetime) -> list[TransactWrite]:
        return matters.promised(self._registry, entries, self._new_id, at=at)

    def _audited(self, submission: Submission, action: str, by: Principal, at: datetime) -> TransactWrite:
        entry = change_item(
            submission.person_id,
            action=action,
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=submission.region_code,
            details={"submission_id": submission.submission_id, "kind": submission.kind.value},
        )
        return put_item(self._registry, entry)


def _names_another_unit(before: Submission, after: Submission) -> bool:
    """Whether a change of employment is to another unit now than the one that was, or was to be, asked about it."""
    if after.kind is not SubmissionKind.EMPLOYMENT_CHANGE:
        return False
    units = [one.payload.get("employment") or {} for one in (before, after)]
    return units[0].get("uscc") != units[1].get("uscc") or units[0].get("status") != units[1].get("status")
