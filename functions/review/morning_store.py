"""What the morning reads and writes: tasks past their date, and waits for applicants that have ended.

Every write is one conditional transaction in the name of the system: the task as it was read, the submission as it was
read, audit and outbox. Where somebody was first, CaseMoved is raised and nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import ResumeTask, SendMessage
from jingkuai.aws.tables import Item, Page, Table, TransactWrite, put_item, update_item
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.transfer import Answer
from review import notifications
from review.case import Case
from review.case_writes import ABSENT, CaseMoved, CaseWriter, unlock
from review.employers.answer_store import AnswerStore
from review.items import case_of, task_of
from review.review_task import ReviewTask

SYSTEM = "system"
EXPIRED = "expired"
PAGE = 100
REMINDED_KEPT = timedelta(days=30)  # that a bureau was told on a day


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task past its date with its case. `is_told`: the applicant reads that it is late; `is_escalated`: it went up."""

    task: ReviewTask
    case: Case
    is_told: bool
    is_escalated: bool


class MorningStore:
    """The tasks of all bureaus, by date."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)
        self._answers = AnswerStore(registry, new_id)

    def late_in(self, owner: str, today: date, *, start: Item | None) -> Page:
        """A bureau's tasks that were due before today, longest first. AWS calls: 1."""
        return self._due(keys.inbox(owner), "gsi1", today, start)

    def late_count(self, owner: str, today: date) -> int:
        """How many of a bureau's tasks were due before today. AWS calls: 1 for 100 of them."""
        between = ("0", today.isoformat())
        return sum(1 for _ in self._registry.query_all(keys.inbox(owner), index="gsi1", between=between))

    def remind(self, region: str, message: SendMessage, today: date, *, at: datetime) -> bool:
        """Let a bureau be told something of this morning; False, and nothing done, where it was told. AWS calls: 1."""
        told = {**keys.reminded_key(region, today), "v": 1, "at": iso(at), "ttl": int((at + REMINDED_KEPT).timestamp())}
        try:
            self._writer.commit(put_item(self._registry, told, condition=ABSENT), *self._writer.promises([message], at))
        except CaseMoved:
            return False
        return True

    def late_elsewhere(self, today: date, *, start: Item | None) -> Page:
        """What waited until before today for somebody who is no bureau. AWS calls: 1."""
        return self._due(keys.WAITING, "gsi3", today, start)

    def with_cases(self, listed: Sequence[Item]) -> list[DueTask]:
        """Listed tasks as they stand now, with their cases; without those that have been decided. AWS calls: 2."""
        found = self._registry.batch_get([{"pk": one["pk"], "sk": one["sk"]} for one in listed])
        tasks = [found[one["pk"], one["sk"]] for one in listed if (one["pk"], one["sk"]) in found]
        open_tasks = [one for one in tasks if "decision" not in one and "subject" in one]
        cases = self._registry.batch_get([one["subject"] for one in open_tasks])
        return [
            DueTask(task_of(one), case_of(cases[at]), "overdue_on" in one, "escalated_on" in one)
            for one in open_tasks
            if (at := (one["subject"]["pk"], one["subject"]["sk"])) in cases
        ]

    def again(self, due: DueTask) -> DueTask | None:
        """The same task after a change; None where it has been decided meanwhile. AWS calls: 2."""
        return next(iter(self.with_cases([dict(keys.task_key(due.task.task_id))])), None)

    def move(self, due: DueTask, due_on: date, *, at: datetime) -> None:
        """Give the bureau the days that a holiday published late takes from it. Raises CaseMoved. AWS calls: 1."""
        day = due_on.isoformat()
        by_deadline = f"{day}#{due.task.task_id}"
        moved = self._task(
            due,
            "SET due_on = :day, card.due_on = :day, gsi1sk = :by_deadline, gsi2sk = :by_deadline",
            {":day": day, ":by_deadline": by_deadline},
        )
        self._commit(due, moved, "due_on = :day", {":day": day}, "deadline_moved", at, due_on=day)

    def tell_overdue(self, due: DueTask, today: date, *, at: datetime) -> None:
        """Say once that the date has passed. Raises CaseMoved. AWS calls: 1."""
        told = self._task(due, "SET overdue_on = :today", {":today": today.isoformat()})
        entry = TimelineEntry(iso(at), TimelineEvent.OVERDUE, SYSTEM)
        self._commit(due, told, "due_on = :due", {":due": due.task.card.due_on}, "overdue", at, entry)

    def escalate(self, due: DueTask, above: str, today: date, *, at: datetime) -> None:
        """Put the task into the inbox of the bureau above, the same task with the same token; the case remembers it.

        Raises CaseMoved, also while somebody holds it. AWS calls: 1.
        """
        task = due.task
        raised = update_item(
            self._registry,
            keys.task_key(task.task_id),
            "SET #owner = :above, region_code = :above, card.region_code = :above, gsi1pk = :inbox, gsi2pk = :kind, "
            "escalated_on = :today REMOVE held_by, held_until, card.held_by, card.held_until, gsi3pk, gsi3sk",
            condition="attribute_not_exists(decision) AND attribute_not_exists(escalated_on) AND #owner = :owner "
            "AND (attribute_not_exists(held_by) OR held_until <= :at)",
            values={
                ":above": above,
                ":owner": task.owner,
                ":inbox": keys.inbox(above),
                ":kind": keys.inbox(f"{above}#{task.card.kind}"),
                ":today": today.isoformat(),
                ":at": iso(at),
            },
            names={"#owner": "owner"},
        )
        self._commit(
            due,
            raised,
            f"stages[{due.case.stage_index}].#owner = :above",
            {":above": above},
            "escalated",
            at,
            TimelineEntry(iso(at), TimelineEvent.ESCALATED, SYSTEM),
            names={"#owner": "owner"},
            to=above,
        )

    def expire(self, due: DueTask, *, at: datetime) -> None:
        """End a returned submission nobody has corrected in time: lock released, applicant and workflow told. Raises
        CaseMoved. AWS calls: 1.
        """
        ended = self._task(
            due,
            "SET decision = :expired, decided_by = :system, decided_at = :at REMOVE gsi3pk, gsi3sk",
            {":expired": EXPIRED, ":system": SYSTEM, ":at": iso(at)},
        )
        submission = self._writer.advance(
            due.case,
            "#status = :status",
            {":status": SubmissionStatus.EXPIRED.value},
            removed="REMOVE due_on, returned",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.EXPIRED, SYSTEM)],
        )
        resume = ResumeTask(due.task.task_id, {"decision": EXPIRED})
        self._writer.commit(
            ended,
            submission,
            unlock(self._registry, due.case.filing),
            self._writer.audit(due.case, f"{due.case.filing.noun}.expired", at, task_id=due.task.task_id),
            *self._writer.promises([resume, *notifications.expired(due.case)], at),
        )

    def count_silence(self, due: DueTask, *, at: datetime) -> None:
        """Let a unit's silence count as its confirmation. Raises CaseMoved. AWS calls: 1."""
        self._answers.save(due.task, Answer.SILENCE, "", by=None, at=at)

    def _due(self, partition: str, index: str, today: date, start: Item | None) -> Page:
        # a key begins with its date: one of today sorts after the bare date
        between = ("0", today.isoformat())
        return self._registry.query(partition, index=index, between=between, limit=PAGE, start=start)

    def _task(self, due: DueTask, changes: str, values: Item) -> TransactWrite:
        """The task, as long as it is undecided and has the date that was read."""
        return update_item(
            self._registry,
            keys.task_key(due.task.task_id),
            changes,
            condition="attribute_not_exists(decision) AND due_on = :read",
            values={**values, ":read": due.task.card.due_on},
        )

    def _commit(
        self,
        due: DueTask,
        task: TransactWrite,
        changes: str,
        values: Item,
        what: str,
        at: datetime,
        *told: TimelineEntry,
        names: dict[str, str] | None = None,
        **details: str,
    ) -> None:
        case = self._writer.advance(due.case, changes, values, told=told, names=names)
        action = f"{due.case.filing.noun}.{what}"
        self._writer.commit(task, case, self._writer.audit(due.case, action, at, task_id=due.task.task_id, **details))
