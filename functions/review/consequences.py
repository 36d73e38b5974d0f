"""What follows a decision (审核结论): what the timeline calls it, what the workflow is told, and what the applicant reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jingkuai.aws.outbox import Entry, ResumeTask
from jingkuai.domain.submission import TimelineEvent
from review import notifications
from review.review_task import Choice, Decision, ReviewTask, resubmission_ends, resumes_with
from review.second_look import Judged

_EVENTS: Final[Mapping[Choice, TimelineEvent]] = {
    Choice.APPROVE: TimelineEvent.APPROVED,
    Choice.RETURN: TimelineEvent.RETURNED,
    Choice.REJECT: TimelineEvent.REJECTED,
    Choice.FORWARD: TimelineEvent.FORWARDED,
}


def event_of(decision: Decision) -> TimelineEvent:
    """What the timeline and the audit call it."""
    return _EVENTS[decision.choice]


def what_follows(task: ReviewTask, decision: Decision, *, at: datetime) -> list[Entry]:
    """What the outbox is to do. The workflow goes on in any case; an approval is told when it is applied."""
    resume = ResumeTask(task.task_id, {"decision": resumes_with(decision.choice.value)})
    match decision.choice:
        case Choice.RETURN:
            return [resume, *notifications.returned(task.filing, until=resubmission_ends(at))]
        case Choice.REJECT:
            return [
                resume,
                *notifications.rejected(task.filing, heard=[one for one in task.heard if one != task.owner]),
            ]
        case Choice.APPROVE:
            return [resume]
        case Choice.FORWARD:
            return [resume, *notifications.forwarded(task.filing, to_region=decision.to_region or task.owner)]


def what_follows_a_look(judged: Judged, decision: Decision) -> list[Entry]:
    """Whose approval is contradicted is told. The applicant is not: what is wrong is put right by a change of the record."""
    if decision.choice is not Choice.REJECT or judged.reviewer is None or judged.task_id is None:
        return []
    return [notifications.contradicted(judged.reviewer, judged.task_id)]
