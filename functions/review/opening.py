"""The workflow's waits: for a bureau's decision, a unit's answer, and the applicant after a return.

Each step is idempotent. It may come a first time, again with a new token, or after the wait has ended; in every case
the token ends up on the task, and a decision that stands is returned through the outbox.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from aws_lambda_powertools import Logger

from jingkuai.aws.clock import Clock
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.tables import Item
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.submission import APPLICANT, SubmissionStatus, task_id_of
from jingkuai.domain.workdays import WorkdayCalendar, today_in_shanghai
from review.case import Case, Outcome
from review.case_store import CaseStore
from review.items import applicant_task_item, held_by, settled_task_item, stage_task_item
from review.record import PersonFacts
from review.review_task import CLAIM, RECALLED, resubmission_ends
from review.transfer import notifications as transfer_notifications
from review.wait_store import StandingTask, WaitStore

logger = Logger(child=True)

# How a wait reads that was over before it was opened. Any other end is told by the step after it, which looks again.
_ENDED_AS: Final[Mapping[SubmissionStatus, str]] = {
    SubmissionStatus.RETURNED: "return",
    SubmissionStatus.REJECTED: "reject",
    SubmissionStatus.WITHDRAWN: "withdrawn",
    SubmissionStatus.EXPIRED: "expired",
}


def open_task(
    subject: Mapping[str, str],
    stage: str,
    token: str,
    *,
    cases: CaseStore,
    waits: WaitStore,
    calendar: Configuration[WorkdayCalendar],
    clock: Clock,
) -> None:
    """Put one task into the inbox of the bureau or unit whose stage is due and wait for a person. Raises CaseMoved.

    AWS calls: 3, tried again late 4.
    """
    case, now = cases.case(subject), clock()
    task_id = task_id_of(case.subject, stage, case.round)
    standing, person = waits.standing(task_id, case.filing.person_id)
    if standing is not None:
        _wait_on(standing, task_id, token, waits=waits, at=now)
    elif case.next_outcome is Outcome.REVIEW and case.stages and case.stage.stage == stage:
        due_on = _due_on(case, calendar.current(now), now)
        names = {"name_masked": _name_of(case, person), "id_masked": person.id_masked}
        task = stage_task_item(case, task_id, **names, at=now, due_on=due_on, token=token)
        waits.open_stage_task(
            case,
            _kept_for_the_same_reviewer(task, case, now),
            told=transfer_notifications.asked(case, due_on=task["due_on"]),
            party=transfer_notifications.name_of(case.stage) if case.relocation else None,
            at=now,
        )
    elif moved := _moved_on(case, stage, waits):
        _wait_on(moved, task_id_of(case.subject, stage, case.round - 1), token, waits=waits, at=now)
    else:
        ended = _ENDED_AS.get(case.status, "approve")
        waits.settle(settled_task_item(case, task_id, stage, decision=ended, at=now, token=token), at=now)


def await_resubmission(
    subject: Mapping[str, str], token: str, *, cases: CaseStore, waits: WaitStore, clock: Clock
) -> None:
    """Wait for the applicant to resubmit or withdraw. Raises CaseMoved. AWS calls: 3.

    The wait belongs to the round that was returned. A resubmission made meanwhile has begun the next round.
    """
    case, now = cases.case(subject), clock()
    resubmitted = case.status in (SubmissionStatus.AUTO_CHECKING, SubmissionStatus.UNDER_REVIEW)
    case = replace(case, round=case.round - 1) if resubmitted else case
    task_id = task_id_of(case.subject, APPLICANT, case.round)
    standing, _ = waits.standing(task_id, case.filing.person_id)
    if standing is not None:
        _wait_on(standing, task_id, token, waits=waits, at=now)
    elif case.status is SubmissionStatus.RETURNED:
        due_on = case.due_on or resubmission_ends(now).isoformat()
        waits.open_applicant_task(case, applicant_task_item(case, task_id, at=now, due_on=due_on, token=token))
    else:
        ended = _ENDED_AS.get(case.status, "resubmitted")
        waits.settle(settled_task_item(case, task_id, APPLICANT, decision=ended, at=now, token=token), at=now)


def _moved_on(case: Case, stage: str, waits: WaitStore) -> StandingTask | None:
    """The task of the round before, where a forward or an undo ended it and began this round: a step that is tried
    again late finds it there. A task of its own would stand in the way when the stage is due in this round.
    """
    if case.round == 1 or not case.status.is_open:
        return None
    standing, _ = waits.standing(task_id_of(case.subject, stage, case.round - 1), case.filing.person_id)
    return standing if standing and standing.decision in ("forwarded", RECALLED) else None


def _wait_on(standing: StandingTask, task_id: str, token: str, *, waits: WaitStore, at: datetime) -> None:
    if standing.decision is None:
        waits.renew_token(task_id, token)
    else:
        waits.report_again(task_id, token, standing.decision, at=at)


def _name_of(case: Case, person: PersonFacts) -> str:
    """Whom the inbox shows: who filed, which in an appeal is not the one who holds the number."""
    return mask_name(case.payload["name"]) if case.disputed else person.name_masked


def _due_on(case: Case, calendar: WorkdayCalendar, now: datetime) -> str:
    deadline = calendar.deadline(today_in_shanghai(now), case.stage.workdays)
    if deadline.provisional:  # operators enter the year's notice, the morning's job moves the date
        logger.warning("deadline_without_published_holidays", extra={"year": deadline.on.year})
    return deadline.on.isoformat()


def _kept_for_the_same_reviewer(task: Item, case: Case, now: datetime) -> Item:
    """After a resubmission the one who returned it comes first, for as long as a claim lasts."""
    reviewer = case.returned_by
    if reviewer is None or reviewer.bureau != task["owner"]:
        return task
    return held_by(task, reviewer.account_id, until=now + CLAIM)
