"""A decision as writes of its transaction: the task leaves the inbox, the submission moves on."""

from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table, TransactWrite, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent
from review.consequences import event_of
from review.review_task import RECALLED, Choice, Decision, ReviewTask, resubmission_ends
from review.second_look import Judged, LookedAt


def close_task(registry: Table, task: ReviewTask, decision: Decision, *, at: datetime) -> TransactWrite:
    """The task with the decision on it, from the inbox to what is done, as long as it is undecided, this bureau's still and
    in no colleague's hands.
    """
    told = "" if decision.to_region is None else "to_region = :to_region, "
    return update_item(
        registry,
        keys.task_key(task.task_id),
        "SET decision = :decision, reason = :reason, #fields = :fields, decided_by = :by, decided_at = :at, "
        f"{told}card.decision = :decision, gsi1pk = :done, gsi1sk = :by_time, gsi2pk = :done_kind, gsi2sk = :by_time "
        "REMOVE held_by, held_until, card.held_by, card.held_until, gsi3pk, gsi3sk",
        condition="#owner = :owner AND attribute_not_exists(decision) "
        "AND (attribute_not_exists(held_by) OR held_by = :by OR held_until <= :at)",
        values={
            ":owner": task.owner,
            ":decision": decision.choice.value,
            ":reason": decision.reason,
            ":fields": list(decision.fields),
            ":by": decision.by,
            ":at": iso(at),
            ":by_time": f"{iso(at)}#{task.task_id}",
            ":done": keys.done(task.owner),
            ":done_kind": keys.done(f"{task.owner}#{task.card.kind}"),
            **({} if decision.to_region is None else {":to_region": decision.to_region}),
        },
        names={"#fields": "fields", "#owner": "owner"},
    )


def move_submission(
    registry: Table, task: ReviewTask, decision: Decision, *, by: Principal, at: datetime
) -> TransactWrite:
    """The submission as the decision leaves it, as long as this stage of this round is the one it is in."""
    move, said = _move_after(task, decision, at), _said(task, decision, at)
    explained = decision.choice is not Choice.APPROVE
    entry = TimelineEntry(iso(at), event_of(decision), by.role.value, (decision.reason or None) if explained else None)
    return update_item(
        registry,
        task.subject,
        f"SET {move.changes}, {said.changes}version = version + :one, timeline = list_append(timeline, :entry) "
        f"{move.removed}",
        condition="#status = :under_review AND stage = :stage AND #round = :round",
        values={
            **move.values,
            **said.values,
            ":one": 1,
            ":entry": [entry.to_json()],
            ":under_review": SubmissionStatus.UNDER_REVIEW.value,
            ":stage": task.card.stage,
            ":round": task.round,
        },
        names={"#status": "status", "#round": "round"},
    )


def tell_approval(registry: Table, judged: Judged, decision: Decision, *, at: datetime) -> list[TransactWrite]:
    """What a second look came to, onto the task of the approval, whose bureau cannot open the look itself. The system's
    approvals have no task.
    """
    if judged.task_id is None:
        return []
    told = LookedAt(decision.choice.value, decision.reason, iso(at))
    return [
        update_item(
            registry,
            keys.task_key(judged.task_id),
            "SET looked_at = :told",
            condition="attribute_exists(pk)",
            values={":told": told.to_item()},
        )
    ]


def recall_task(registry: Table, task: ReviewTask, *, by: Principal, at: datetime, since: datetime) -> TransactWrite:
    """The approval marked as taken back by who gave it, once, as long as it is not older than `since`."""
    return update_item(
        registry,
        keys.task_key(task.task_id),
        "SET recalled_at = :at",
        condition="decision = :approved AND decided_by = :me AND decided_at >= :since AND attribute_not_exists(recalled_at)",
        values={":at": iso(at), ":approved": Choice.APPROVE.value, ":me": by.account_id, ":since": iso(since)},
    )


def end_next_task(registry: Table, next_task_id: str, *, by: Principal, at: datetime) -> TransactWrite:
    """The next stage's task out of its inbox, as long as nobody there has begun."""
    return update_item(
        registry,
        keys.task_key(next_task_id),
        "SET decision = :recalled, card.decision = :recalled, decided_by = :me, decided_at = :at "
        "REMOVE gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk, held_by, held_until, card.held_by, card.held_until",
        condition="attribute_exists(pk) AND attribute_not_exists(decision) "
        "AND (attribute_not_exists(held_by) OR held_until <= :at)",
        values={":recalled": RECALLED, ":me": by.account_id, ":at": iso(at)},
    )


def step_back(registry: Table, task: ReviewTask, *, by: Principal, at: datetime) -> TransactWrite:
    """The submission at the stage before, in a new round that its workflow opens for who took the approval back."""
    entry = TimelineEntry(iso(at), TimelineEvent.RECALLED, by.role.value)
    return update_item(
        registry,
        task.subject,
        "SET stage_index = stage_index - :one, #round = :next_round, checked_round = :next_round, returned_by = :reviewer, "
        "version = version + :one, timeline = list_append(timeline, :entry) REMOVE stage, due_on"
        + ("" if task.stage_index is None else f", stages[{task.stage_index}].decided"),
        condition="#status = :under_review AND stage = :next_stage AND #round = :round",
        values={
            ":one": 1,
            ":round": task.round,
            ":next_round": task.round + 1,
            ":reviewer": {"account_id": by.account_id, "bureau": task.owner},
            ":entry": [entry.to_json()],
            ":under_review": SubmissionStatus.UNDER_REVIEW.value,
            ":next_stage": task.next_stage,
        },
        names={"#status": "status", "#round": "round"},
    )


def _said(task: ReviewTask, decision: Decision, at: datetime) -> "_Move":
    """What stands on the stage for good: how it ended, when, and why."""
    if task.stage_index is None or decision.choice not in (Choice.APPROVE, Choice.REJECT):
        return _Move("", {})
    told = {
        "at": iso(at),
        "decision": decision.choice.value,
        **({"reason": decision.reason} if decision.reason else {}),
    }
    return _Move(f"stages[{task.stage_index}].decided = :said, ", {":said": told})


@dataclass(frozen=True, slots=True)
class _Move:
    """What a decision changes of the submission, as parts of an update expression."""

    changes: str
    values: Item
    removed: str = ""


def _move_after(task: ReviewTask, decision: Decision, at: datetime) -> _Move:
    match decision.choice:
        case Choice.APPROVE:  # the workflow finds out whether a stage follows; approved is what is applied
            return _Move("stage_index = stage_index + :one, approved_at = :at", {":at": iso(at)})
        case Choice.RETURN:
            told = {
                ":status": SubmissionStatus.RETURNED.value,
                ":returned": {"reason": decision.reason, "fields": list(decision.fields)},
                ":reviewer": {"account_id": decision.by, "bureau": task.owner},
                ":until": resubmission_ends(at).isoformat(),
            }
            changes = "#status = :status, returned = :returned, returned_by = :reviewer, due_on = :until"
            return _Move(changes, told, "REMOVE stage")
        case Choice.REJECT:
            return _Move("#status = :status", {":status": SubmissionStatus.REJECTED.value}, "REMOVE stage, due_on")
        case Choice.FORWARD:  # to be routed anew, in a round of its own: the task of this stage stands already
            moved = {":to": decision.to_region, ":zero": 0, ":next_round": task.round + 1}
            changes = "region_code = :to, stage_index = :zero, #round = :next_round, checked_round = :next_round"
            if task.card.kind == SubmissionKind.REGISTRATION:
                changes += ", payload.region_code = :to"
            return _Move(changes, moved, "REMOVE stages, stage, due_on, returned_by")
