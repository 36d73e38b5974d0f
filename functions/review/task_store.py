"""Review tasks as the bureaus' API reads and changes them: one item per task, its inbox and its holder in the indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

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
from jingkuai.domain.submission import TimelineEvent
from review import look_alikes, notifications
from review.appeal_freeze import Disputes
from review.case_writes import unlock
from review.consequences import event_of, what_follows, what_follows_a_look
from review.decision_writes import close_task, end_next_task, move_submission, recall_task, step_back, tell_approval
from review.dossier import Dossier
from review.items import task_of
from review.own_case import not_their_own
from review.reason_store import own_reasons
from review.review_task import RECALLED, AlreadyDecided, Choice, Decision, OwnSubmission, ReviewTask, bureau_of
from review.second_look import Judged

_HOLD = (
    "SET held_by = :me, held_until = :until, card.held_by = :me, card.held_until = :until, "
    "gsi3pk = :held, gsi3sk = due_on"
)
_MAY_HOLD = (
    "#owner = :bureau AND attribute_not_exists(decision) "
    "AND (attribute_not_exists(reviewed_by) OR reviewed_by <> :me) "
    "AND (attribute_not_exists(held_by) OR held_by = :me OR held_until <= :now) "
    "AND (attribute_not_exists(filed_by) OR filed_by <> :me)"
)
HISTORY = 50  # changes of a record that a task page shows


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

    def tasks(self, task_ids: Sequence[str], *, within: Principal) -> Mapping[str, ReviewTask]:
        """Those of these tasks that lie within the caller's scope, by id. AWS calls: 1 per 100."""
        found = self._registry.batch_get([keys.task_key(one) for one in task_ids]).values()
        return {item["task_id"]: task_of(item) for item in found if within.covers(item.get("owner", ""))}

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
                condition=f"{_may_hold(by)} AND attribute_not_exists(disputed)",
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
            condition=_may_hold(by),
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

    def hand_over(
        self,
        task: ReviewTask,
        account_id: str,
        *,
        by: Principal,
        at: datetime,
        until: datetime,
        checks: Sequence[TransactWrite],
    ) -> bool:
        """Let a colleague hold a task, whoever holds it now, and tell them; an appeal's account is frozen with it. False,
        and nothing done, where it is decided or one of the checks does not hold. AWS calls: 1.
        """
        hold = update_item(
            self._registry,
            keys.task_key(task.task_id),
            _HOLD,
            condition="#owner = :bureau AND attribute_not_exists(decision)",
            values={
                ":me": account_id,
                ":bureau": task.owner,
                ":until": iso(until),
                ":held": keys.held(account_id),
            },
            names={"#owner": "owner"},
        )
        writes = [
            hold,
            *checks,
            *([self._disputes.freeze(task)] if task.disputed else []),
            put_item(self._registry, self._audit(task, "assigned", by, at, to=account_id)),
            self._promise(notifications.assigned(account_id, task), at),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if "ConditionalCheckFailed" in cancelled.reasons:
                return False
            raise
        return True

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
        """Close the task, move the submission, audit it and queue what follows, together or not at all. Of a second look the
        submission stays as it is: the approval's task tells what the look came to.

        Raises AlreadyDecided when the task is decided or held by another, or the submission has moved on, OwnSubmission for
        whoever has become its person a moment ago. AWS calls: 1.
        """
        close = close_task(self._registry, task, decision, at=at)
        writes = [
            close,
            *(
                self._after_a_look(task, task.judged, decision, by, at)
                if task.judged
                else self._after_a_decision(task, decision, by, at)
            ),
        ]
        checks = not_their_own(self._registry, by.own, task.person_id)
        try:
            transact(self._registry.client, [*writes, *checks])
        except Cancelled as cancelled:
            if cancelled.failed(0, 1):
                raise AlreadyDecided() from cancelled
            if cancelled.failed(*range(len(writes), len(writes) + len(checks))):
                raise OwnSubmission() from cancelled
            raise

    def _after_a_decision(
        self, task: ReviewTask, decision: Decision, by: Principal, at: datetime
    ) -> list[TransactWrite]:
        return [
            move_submission(self._registry, task, decision, by=by, at=at),
            put_item(self._registry, self._audit(task, event_of(decision).value, by, at)),
            *(self._promise(entry, at) for entry in what_follows(task, decision, at=at)),
            *self._ends_or_freezes(task, decision),
        ]

    def _after_a_look(
        self, task: ReviewTask, judged: Judged, decision: Decision, by: Principal, at: datetime
    ) -> list[TransactWrite]:
        what = "second_look_confirmed" if decision.choice is Choice.APPROVE else "second_look_contradicted"
        return [
            *tell_approval(self._registry, judged, decision, at=at),
            put_item(self._registry, self._audit(task, what, by, at)),
            *(self._promise(entry, at) for entry in what_follows_a_look(judged, decision)),
        ]

    def recall(self, task: ReviewTask, *, by: Principal, at: datetime, since: datetime) -> bool:
        """Take an approval back and the case out of the next inbox, together. False, and nothing done, where the approval
        is no longer fresh or the next bureau has begun. AWS calls: 1.
        """
        next_task_id = task.task_id_after
        writes = [
            recall_task(self._registry, task, by=by, at=at, since=since),
            end_next_task(self._registry, next_task_id, by=by, at=at),
            step_back(self._registry, task, by=by, at=at),
            put_item(self._registry, self._audit(task, TimelineEvent.RECALLED.value, by, at)),
            self._promise(ResumeTask(next_task_id, {"decision": RECALLED}), at),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if "ConditionalCheckFailed" in cancelled.reasons:
                return False
            raise
        return True

    def is_open(self, task_id: str) -> bool:
        """Whether a task, of whichever bureau, was opened already. AWS calls: 1."""
        return self._registry.get(keys.task_key(task_id)) is not None

    def dossier(self, task: ReviewTask) -> Dossier:
        """The submission, the person and the scans of a task, with the last changes of the record. AWS calls: 2."""
        person_at = keys.person_key(task.person_id)
        scans_at = [keys.attachment_key(one) for one in task.attachment_ids]
        alike_at = look_alikes.keys_of(task)
        reasons_at = keys.reasons_key(task.owner)
        before_at = keys.version_key(task.person_id, task.judged.version_before) if task.judged else None
        found = self._registry.batch_get(
            [task.subject, person_at, *scans_at, *alike_at, reasons_at, *([before_at] if before_at else [])]
        )
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
            before=found.get((before_at["pk"], before_at["sk"])) if before_at else None,
        )

    def record_look(self, task: ReviewTask, *, purpose: str, by: Principal, at: datetime) -> None:
        """Write into the person's access log who saw the record, and what for. AWS calls: 1."""
        look = look_item(task.person_id, purpose=purpose, by=by, at=at, new_id=self._new_id, region_code=task.owner)
        self._registry.put(look)

    def _promise(self, entry: Entry, at: datetime) -> TransactWrite:
        return put_item(self._registry, outbox_item(entry, at=at, new_id=self._new_id))

    def _ends_or_freezes(self, task: ReviewTask, decision: Decision) -> list[TransactWrite]:
        """After a rejection another of its kind may be filed. An appeal approved or forwarded unclaimed is taken up all the
        same, and whom its account has to ask is the bureau that has it then.
        """
        if task.disputed is None:
            ends = decision.choice is Choice.REJECT and task.filing.holds_lock
            return [unlock(self._registry, task.filing)] if ends else []
        if decision.choice is Choice.REJECT:
            return [self._disputes.thaw(task), self._disputes.release_number(task, task.disputed)]
        return [self._disputes.freeze(task, bureau=decision.to_region)]

    def _audit(self, task: ReviewTask, what: str, by: Principal, at: datetime, **more: str) -> Item:
        return change_item(
            task.person_id,
            action=f"{task.filing.noun}.{what}",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=task.owner,
            details={**task.filing.named, "task_id": task.task_id, "stage": task.card.stage, **more},
        )


def _may_hold(by: Principal) -> str:
    return " AND ".join([_MAY_HOLD, *(f"person_id <> {name}" for name in _people(by))])


def _people(by: Principal) -> dict[str, str]:
    return {f":p{number}": person_id for number, person_id in enumerate(by.people)}


def _holding(by: Principal, at: datetime, until: datetime) -> Item:
    return {
        ":me": by.account_id,
        **_people(by),
        ":bureau": bureau_of(by),
        ":until": iso(until),
        ":now": iso(at),
        ":held": keys.held(by.account_id),
    }
