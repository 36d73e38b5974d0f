"""A decision as writes of its transaction: the task leaves the inbox, the submission moves on."""

from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table, TransactWrite, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry
from review.consequences import event_of
from review.task import Choice, Decision, ReviewTask, resubmission_ends


def close_task(registry: Table, task: ReviewTask, decision: Decision, *, at: datetime) -> TransactWrite:
    """The task with the decision on it, as long as it has none and no colleague holds it: from the inbox to what is done."""
    return update_item(
        registry,
        keys.task_key(task.task_id),
        "SET decision = :decision, reason = :reason, #fields = :fields, decided_by = :by, decided_at = :at, "
        "card.decision = :decision, gsi1pk = :done, gsi1sk = :by_time, gsi2pk = :done_kind, gsi2sk = :by_time "
        "REMOVE held_by, held_until, card.held_by, card.held_until, gsi3pk, gsi3sk",
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


def move_submission(
    registry: Table, task: ReviewTask, decision: Decision, *, by: Principal, at: datetime
) -> TransactWrite:
    """The submission as the decision leaves it, as long as this stage of this round is the one it is in."""
    move = _move_after(task, decision, at)
    explained = decision.choice is not Choice.APPROVE
    entry = TimelineEntry(iso(at), event_of(decision), by.role.value, decision.reason if explained else None)
    return update_item(
        registry,
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


@dataclass(frozen=True, slots=True)
class _Move:
    """What a decision changes of the submission, as parts of an update expression."""

    changes: str
    values: Item
    removed: str = ""


def _move_after(task: ReviewTask, decision: Decision, at: datetime) -> _Move:
    match decision.choice:
        case Choice.APPROVE:  # the workflow finds out whether a stage follows; approved is what is applied
            return _Move("stage_index = stage_index + :one", {})
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
