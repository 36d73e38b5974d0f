"""A unit's answer as one transaction: the task out of its list, the case one stage on, audit, whoever is told.

A unit cannot hold anybody: its objection moves the case on like its confirmation, and stands where the bureau that decides
next reads it (handbook, section 6).
"""

from datetime import datetime
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import ResumeTask
from jingkuai.aws.tables import Item, Page, Table, TransactWrite, put_item, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import Stage, SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.transfer import Answer
from review.case_writes import CaseWriter
from review.checks import Finding, Result
from review.items import finding_item, task_of
from review.review_task import ReviewTask, resumes_with
from review.transfer import notifications as transfer_notifications

_EVENTS: Final = {
    Answer.CONFIRM: TimelineEvent.CONFIRMED,
    Answer.REFUSE: TimelineEvent.OBJECTED,
    Answer.SILENCE: TimelineEvent.UNANSWERED,
}
SYSTEM: Final = "system"


class AnswerStore:
    """What units are asked, in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)
        self._new_id = new_id

    def task(self, task_id: str, *, owner: str) -> tuple[ReviewTask, Item] | None:
        """What this unit was asked, and how its item stands; another's is none. AWS calls: 1."""
        item = self._registry.get(keys.task_key(task_id))
        if item is None or item.get("owner") != owner or "card" not in item:
            return None
        return task_of(item), item

    def waiting(self, owner: str, *, limit: int, start: Item | None) -> Page:
        """What waits for this unit's answer, oldest deadline first. AWS calls: 1."""
        return self._registry.query(keys.inbox(owner), index="gsi1", limit=limit, start=start)

    def save(self, task: ReviewTask, answer: Answer, reason: str, *, by: Principal | None, at: datetime) -> None:
        """Record an answer, or with SILENCE that none came. Raises CaseMoved where the task is decided or the case has moved
        on. AWS calls: 1.
        """
        role = by.role.value if by else SYSTEM
        entry = TimelineEntry(iso(at), _EVENTS[answer], role, reason or None)
        action = f"{task.filing.noun}.{_EVENTS[answer].value}"
        audit = change_item(
            task.person_id,
            action=action,
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=task.card.region_code,
            details={**task.filing.named, "task_id": task.task_id},
        )
        resume = ResumeTask(task.task_id, {"decision": resumes_with(answer.value)})
        self._writer.commit(
            self._close(task, answer, reason, by, at),
            self._moved(task, answer, reason, entry),
            put_item(self._registry, audit),
            *self._writer.promises([resume, *transfer_notifications.answered(task.filing, answer)], at),
        )

    def _close(
        self, task: ReviewTask, answer: Answer, reason: str, by: Principal | None, at: datetime
    ) -> TransactWrite:
        owner = task.unit or ""
        return update_item(
            self._registry,
            keys.task_key(task.task_id),
            "SET decision = :answer, reason = :reason, decided_by = :by, decided_at = :at, card.decision = :answer, "
            "gsi1pk = :done, gsi1sk = :by_time, gsi2pk = :done_kind, gsi2sk = :by_time REMOVE gsi3pk, gsi3sk",
            condition="#owner = :owner AND attribute_not_exists(decision)",
            values={
                ":owner": owner,
                ":answer": answer.value,
                ":reason": reason,
                ":by": by.account_id if by else SYSTEM,
                ":at": iso(at),
                ":by_time": f"{iso(at)}#{task.task_id}",
                ":done": keys.done(owner),
                ":done_kind": keys.done(f"{owner}#{task.card.kind}"),
            },
            names={"#owner": "owner"},
        )

    def _moved(self, task: ReviewTask, answer: Answer, reason: str, entry: TimelineEntry) -> TransactWrite:
        """The case at its next stage, as long as this stage of this round is the one it is in."""
        said = {"at": entry.at, "decision": answer.value, **({"reason": reason} if reason else {})}
        found = [finding_item(_objection(reason))] if answer is Answer.REFUSE else []
        return update_item(
            self._registry,
            task.subject,
            f"SET stage_index = stage_index + :one, stages[{task.stage_index}].decided = :said, version = version + :one, "
            "timeline = list_append(timeline, :entry), findings = list_append(findings, :found)",
            condition="#status = :under_review AND stage = :stage AND #round = :round",
            values={
                ":one": 1,
                ":said": said,
                ":entry": [entry.to_json()],
                ":found": found,
                ":under_review": SubmissionStatus.UNDER_REVIEW.value,
                ":stage": Stage.EMPLOYER.value,
                ":round": task.round,
            },
            names={"#status": "status", "#round": "round"},
        )


def _objection(reason: str) -> Finding:
    """By which a bureau reads that a unit objected."""
    text = f"单位不同意：{reason}。请结合本人提交的离职或者任职证明核实；单位的意见不影响您依材料作出结论。"
    return Finding("employer_objected", Result.DOUBTFUL, text)
