"""The tasks a workflow waits with, as its token steps open them: a bureau's, a unit's, and the applicant's after a return.

A task's id follows from subject, stage and round, so a step run twice meets the task it opened before; and a step that
comes after the decision finds it standing, and lets the outbox return the token with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, ResumeTask
from jingkuai.aws.tables import Item, Table, TransactWrite, check_item, put_item, update_item
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from review.case import Case
from review.case_writes import ABSENT, PRESENT, CaseWriter
from review.items import person_facts_of
from review.record import PersonFacts
from review.review_task import resumes_with


@dataclass(frozen=True, slots=True)
class StandingTask:
    """A task that is there already: undecided, or with the word of how it ended."""

    decision: str | None


def _word_of(task: Item) -> str | None:
    return resumes_with(task["decision"]) if "decision" in task else None


class WaitStore:
    """Opens tasks and keeps their tokens, which only the outbox reads."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)

    def standing(self, task_id: str, person_id: str) -> tuple[StandingTask | None, PersonFacts]:
        """The task of this id, if it was opened before, and the person it is about. AWS calls: 1."""
        task_at, person_at = keys.task_key(task_id), keys.person_key(person_id)
        found = self._registry.batch_get([task_at, person_at])
        task = found.get((task_at["pk"], task_at["sk"]))
        person = person_facts_of(found[person_at["pk"], person_at["sk"]])
        return None if task is None else StandingTask(_word_of(task)), person

    def open_stage_task(
        self, case: Case, task: Item, *, told: Sequence[Entry], party: str | None, at: datetime
    ) -> None:
        """Put a task into the inbox of whoever's stage is due; with it the case is with them. `party` is what its owner
        calls them, `told` who is told. Raises CaseMoved. AWS calls: 1.
        """
        opened = self._writer.advance(
            case,
            f"#status = :status, stage = :stage, due_on = :due_on, stages[{case.stage_index}].due_on = :due_on",
            {":status": SubmissionStatus.UNDER_REVIEW.value, ":stage": task["stage"], ":due_on": task["due_on"]},
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.STAGE_OPENED, "system", party)],
        )
        audit = self._writer.audit(
            case, f"{case.filing.noun}.stage_opened", at, stage=task["stage"], task_id=task["task_id"]
        )
        promised = self._writer.promises(told, at)
        self._writer.commit(put_item(self._registry, task, condition=ABSENT), opened, audit, *promised)

    def open_applicant_task(self, case: Case, task: Item) -> None:
        """Begin to wait for a resubmission, as long as the submission is as it was read. Raises CaseMoved. AWS calls: 1."""
        unchanged = check_item(self._registry, case.subject, "version = :version", values={":version": case.version})
        self._writer.commit(put_item(self._registry, task, condition=ABSENT), unchanged)

    def renew_token(self, task_id: str, token: str) -> None:
        """Let an undecided task wait with a new token. Raises CaseMoved where it has been decided meanwhile. AWS calls: 1."""
        self._writer.commit(self._tokened(task_id, token, f"{PRESENT} AND attribute_not_exists(decision)"))

    def report_again(self, task_id: str, token: str, decision: str, *, at: datetime) -> None:
        """Let the outbox return a new token with the decision that stands already. AWS calls: 1."""
        resume = self._writer.promises([ResumeTask(task_id, {"decision": decision})], at)
        self._writer.commit(self._tokened(task_id, token, PRESENT), *resume)

    def settle(self, task: Item, *, at: datetime) -> None:
        """Keep the token of a wait that was over before it was opened, and let the outbox return it. Raises CaseMoved. AWS calls: 1."""
        resume = self._writer.promises([ResumeTask(task["task_id"], {"decision": task["decision"]})], at)
        self._writer.commit(put_item(self._registry, task, condition=ABSENT), *resume)

    def _tokened(self, task_id: str, token: str, condition: str) -> TransactWrite:
        return update_item(
            self._registry,
            keys.task_key(task_id),
            "SET #token = :token",
            condition=condition,
            values={":token": token},
            names={"#token": "token"},
        )
