"""Review tasks as the bureaus' API reads and changes them: one item per task, its inbox and its holder in the indexes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item, look_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, ResumeTask, outbox_item
from jingkuai.aws.tables import (
    Cancelled,
    ConditionFailed,
    Item,
    Page,
    Table,
    TransactWrite,
    put_item,
    transact,
    update_item,
)
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.workdays import today_in_shanghai
from review import letters, look_alikes
from review.case_writes import unlock
from review.disputes import Disputes
from review.items import task_of
from review.look_alikes import LookAlike
from review.reason_store import own_reasons
from review.task import AlreadyDecided, Choice, Decision, ReviewTask, bureau_of

RESUBMISSION = timedelta(days=30)  # how long a returned submission waits for its applicant
_HOLD = (
    "SET held_by = :me, held_until = :until, card.held_by = :me, card.held_until = :until, "
    "gsi3pk = :held, gsi3sk = due_on"
)
_MAY_HOLD = (
    "#owner = :bureau AND person_id <> :person AND attribute_not_exists(decision) "
    "AND (attribute_not_exists(held_by) OR held_by = :me OR held_until <= :now)"
)
HISTORY = 50  # changes of a record that a task page shows


@dataclass(frozen=True, slots=True)
class Dossier:
    """What lies beside a task: the submission, the person's record, the scans, what happened to the record before, whoever
    is alike, and the bureau's own reasons for a return.
    """

    submission: Item
    person: Item
    scans: tuple[Item, ...]
    changes: tuple[Item, ...]
    alike: tuple[LookAlike, ...] = ()
    own_reasons: tuple[str, ...] = ()


class TaskStore:
    """The tasks of all bureaus; a task outside the caller's scope is not found."""

    def __init__(self, registry: Table, identity: Table, new_id: NewId) -> None:
        self._registry = registry
        self._disputes = Disputes(registry, identity)
        self._new_id = new_id

    def task(self, task_id: str, *, within: Principal) -> ReviewTask:
        """The task as it stands. Raises NotFound, also outside the caller's scope. AWS calls: 1."""
        item = self._registry.get(keys.task_key(task_id))
        if item is None or not within.covers(item.get("owner", "")):
            raise NotFound()  # an applicant's wait has no bureau, and is not found either
        return task_of(item)

    def undecided(self, owner: str, kind: str | None, *, before: str | None, limit: int, start: Item | None) -> Page:
        """A bureau's inbox, oldest deadline first; with `before`, what was due before that date. AWS calls: 1."""
        index, partition = ("gsi1", keys.inbox(owner)) if kind is None else ("gsi2", keys.inbox(f"{owner}#{kind}"))
        between = None if before is None else ("0", before)
        return self._registry.query(partition, index=index, between=between, limit=limit, start=start)

    def decided(self, owner: str, kind: str | None, *, limit: int, start: Item | None) -> Page:
        """What a bureau has decided, newest first. AWS calls: 1."""
        index, partition = ("gsi1", keys.done(owner)) if kind is None else ("gsi2", keys.done(f"{owner}#{kind}"))
        return self._registry.query(partition, index=index, descending=True, limit=limit, start=start)

    def held(self, account_id: str, *, limit: int, start: Item | None) -> Page:
        """What a reviewer has claimed, oldest deadline first, claims that have run out among it. AWS calls: 1."""
        return self._registry.query(keys.held(account_id), index="gsi3", limit=limit, start=start)

    def hold(self, task_id: str, *, by: Principal, at: datetime, until: datetime) -> ReviewTask | None:
        """Claim an undecided task of the caller's own bureau that nobody else holds; None where it is no such.

        An appeal's is none: see `hold_disputed`. AWS calls: 1.
        """
        try:
            item = self._registry.update(
                keys.task_key(task_id),
                _HOLD,
                condition=f"{_MAY_HOLD} AND attribute_not_exists(disputed)",
                values=_holding(by, at, until),
                names={"#owner": "owner"},
            )
        except ConditionFailed:
            return None
        return task_of(item)

    def hold_disputed(self, task: ReviewTask, *, by: Principal, at: datetime, until: datetime) -> ReviewTask | None:
        """Claim the task of an appeal and freeze the account it is about, together; None where it cannot be. AWS calls: 1."""
        hold = update_item(
            self._registry,
            keys.task_key(task.task_id),
            _HOLD,
            condition=_MAY_HOLD,
            values=_holding(by, at, until),
            names={"#owner": "owner"},
        )
        audit = put_item(self._registry, self._audit(task, "taken_up", by, at))
        try:
            transact(self._registry.client, [hold, self._disputes.freeze(task), audit])
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return None
            raise
        return task.held(by.account_id, iso(until))

    def free(self, task_id: str, *, by: Principal) -> ReviewTask | None:
        """End the caller's claim; None where the caller holds nothing here. AWS calls: 1."""
        try:
            item = self._registry.update(
                keys.task_key(task_id),
                "REMOVE held_by, held_until, card.held_by, card.held_until, gsi3pk, gsi3sk",
                condition="held_by = :me AND attribute_not_exists(decision)",
                values={":me": by.account_id},
            )
        except ConditionFailed:
            return None
        return task_of(item)

    def save_decision(self, task: ReviewTask, decision: Decision, *, by: Principal, at: datetime) -> None:
        """Close the task, move the submission, audit it and queue what follows, together or not at all.

        Raises AlreadyDecided when the task is decided or held by another, or the submission has moved on. AWS calls: 1.
        """
        writes = [
            self._close(task, decision, at),
            self._move_submission(task, decision, by, at),
            put_item(self._registry, self._audit(task, _move_after(task, decision, at).event.value, by, at)),
            *(self._promise(entry, at) for entry in _what_follows(task, decision, at)),
            *self._ends_or_freezes(task, decision),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(0) or cancelled.failed(1):
                raise AlreadyDecided() from cancelled
            raise

    def dossier(self, task: ReviewTask) -> Dossier:
        """The submission, the person and the scans of a task, with the last changes of the record. AWS calls: 2."""
        person_at = keys.person_key(task.person_id)
        scans_at = [keys.attachment_key(one) for one in task.attachment_ids]
        alike_at = look_alikes.keys_of(task)
        reasons_at = keys.reasons_key(task.owner)
        found = self._registry.batch_get([task.subject, person_at, *scans_at, *alike_at, reasons_at])
        changes = self._registry.query(
            keys.audit_pk(task.person_id), prefix=keys.change_key("", "")["sk"], descending=True, limit=HISTORY
        )
        return Dossier(
            submission=found[task.subject["pk"], task.subject["sk"]],
            person=found[person_at["pk"], person_at["sk"]],
            scans=tuple(found[at["pk"], at["sk"]] for at in scans_at if (at["pk"], at["sk"]) in found),
            changes=changes.items,
            alike=look_alikes.of(task, found),
            own_reasons=own_reasons(found.get((reasons_at["pk"], reasons_at["sk"]))),
        )

    def record_look(self, task: ReviewTask, *, purpose: str, by: Principal, at: datetime) -> None:
        """Write into the person's access log who saw the record, and what for. AWS calls: 1."""
        look = look_item(task.person_id, purpose=purpose, by=by, at=at, new_id=self._new_id, region_code=task.owner)
        self._registry.put(look)

    def _promise(self, entry: Entry, at: datetime) -> TransactWrite:
        return put_item(self._registry, outbox_item(entry, at=at, new_id=self._new_id))

    def _close(self, task: ReviewTask, decision: Decision, at: datetime) -> TransactWrite:
        return update_item(
            self._registry,
            keys.task_key(task.task_id),
            "SET decision = :decision, reason = :reason, #fields = :fields, decided_by = :by, decided_at = :at, "
            "card.decision = :decision, gsi1pk = :done, gsi1sk = :by_time, gsi2pk = :done_kind, gsi2sk = :by_time "
            "REMOVE held_by, held_until, card.held_by, card.held_until, gsi3pk, gsi3sk",  # from the inbox to what is done
            condition="attribute_exists(pk) AND attribute_not_exists(decision) "
            "AND (attribute_not_exists(held_by) OR held_by = :by OR held_until <= :at)",
            values={
                ":decision": decision.choice.value,
                ":reason": decision.reason,
                ":fields": list(decision.fields),
                ":by": decision.by,
                ":at": iso(at),
                ":by_time": f"{iso(at)}#{task.task_id}",
                ":done": keys.done(task.owner),
                ":done_kind": keys.done(f"{task.owner}#{task.card.kind}"),
            },
            names={"#fields": "fields"},
        )

    def _move_submission(self, task: ReviewTask, decision: Decision, by: Principal, at: datetime) -> TransactWrite:
        move = _move_after(task, decision, at)
        explained = decision.choice is not Choice.APPROVE
        entry = TimelineEntry(iso(at), move.event, by.role.value, decision.reason if explained else None)
        return update_item(
            self._registry,
            task.subject,
            f"SET {move.changes}, version = version + :one, timeline = list_append(timeline, :entry) {move.removed}",
            condition="#status = :under_review AND stage = :stage AND #round = :round",
            values={
                **move.values,
                ":one": 1,
                ":entry": [entry.to_json()],
                ":under_review": SubmissionStatus.UNDER_REVIEW.value,
                ":stage": task.card.stage,
                ":round": task.round,
            },
            names={"#status": "status", "#round": "round"},
        )

    def _ends_or_freezes(self, task: ReviewTask, decision: Decision) -> list[TransactWrite]:
        """After a rejection another of its kind may be filed. An appeal approved unclaimed is taken up all the same."""
        if task.disputed is None:
            return [unlock(self._registry, task.filing)] if decision.choice is Choice.REJECT else []
        if decision.choice is Choice.REJECT:
            return [self._disputes.thaw(task), self._disputes.release_number(task, task.disputed)]
        return [self._disputes.freeze(task)]

    def _audit(self, task: ReviewTask, what: str, by: Principal, at: datetime) -> Item:
        return change_item(
            task.person_id,
            action=f"{task.filing.noun}.{what}",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=task.owner,
            details={**task.filing.named, "task_id": task.task_id, "stage": task.card.stage},
        )


def _holding(by: Principal, at: datetime, until: datetime) -> Item:
    return {
        ":me": by.account_id,
        ":person": by.person_id or "-",
        ":bureau": bureau_of(by),
        ":until": iso(until),
        ":now": iso(at),
        ":held": keys.held(by.account_id),
    }


@dataclass(frozen=True, slots=True)
class _Move:
    """What a decision changes of the submission, as parts of an update expression."""

    event: TimelineEvent
    changes: str
    values: Item
    removed: str = ""


def _move_after(task: ReviewTask, decision: Decision, at: datetime) -> _Move:
    match decision.choice:
        case Choice.APPROVE:  # the workflow finds out whether a stage follows; approved is what is applied
            return _Move(TimelineEvent.APPROVED, "stage_index = stage_index + :one", {})
        case Choice.RETURN:
            told = {
                ":status": SubmissionStatus.RETURNED.value,
                ":returned": {"reason": decision.reason, "fields": list(decision.fields)},
                ":reviewer": {"account_id": decision.by, "bureau": task.owner},
                ":until": resubmission_ends(at).isoformat(),
            }
            changes = "#status = :status, returned = :returned, returned_by = :reviewer, due_on = :until"
            return _Move(TimelineEvent.RETURNED, changes, told, "REMOVE stage")
        case Choice.REJECT:
            rejected = {":status": SubmissionStatus.REJECTED.value}
            return _Move(TimelineEvent.REJECTED, "#status = :status", rejected, "REMOVE stage, due_on")


def _what_follows(task: ReviewTask, decision: Decision, at: datetime) -> list[Entry]:
    """The workflow goes on in any case; an approval is told when it is applied."""
    resume = ResumeTask(task.task_id, {"decision": decision.choice.value})
    match decision.choice:
        case Choice.RETURN:
            return [resume, *letters.returned(task.filing, until=resubmission_ends(at))]
        case Choice.REJECT:
            return [resume, *letters.rejected(task.filing)]
        case Choice.APPROVE:
            return [resume]


def resubmission_ends(at: datetime) -> date:
    """The last day on which something returned now can be resubmitted."""
    return today_in_shanghai(at) + RESUBMISSION
