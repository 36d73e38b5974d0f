"""The morning (每日期限处理): what is past its date says so on its timeline, goes up, counts as confirmed by a unit, or expires.

Run twice on a day it changes nothing the second time; cut short, the next run goes on. `today` is an argument, so that
the same code serves the schedule, an operator and the tests.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Set
from datetime import date

from aws_lambda_powertools import Logger

from jingkuai.aws.clock import Clock
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.tables import Busy, Item, Page
from jingkuai.domain.regions import Divisions
from jingkuai.domain.submission import APPLICANT, Stage, SubmissionStatus
from jingkuai.domain.workdays import WorkdayCalendar, today_in_shanghai
from review.case_writes import CaseMoved
from review.deadlines import Due, Term
from review.late_work import reminders
from review.morning_store import EXPIRED, DueTask, MorningStore

UNFINISHED = "unfinished"
UNANSWERED = "unanswered"
logger = Logger(child=True)


def morning(
    today: date,
    *,
    store: MorningStore,
    divisions: Divisions,
    calendar: Configuration[WorkdayCalendar],
    clock: Clock,
    time_left: Callable[[], bool],
) -> dict[str, int]:
    """Go through every bureau's inbox and the waits for applicants; how many were moved, overdue, escalated, expired, and
    left unanswered by a unit, which cannot hold anybody: that counts as confirmed. On a business day each bureau with
    something late is then told how much, and the one above it.

    `unfinished` is in the answer where time ran out: the next run goes on. AWS calls: 1 for each bureau and page, 2 for
    each page that is not empty, 1 for each change; for each bureau with something late 1 a page, for each told 1.
    """
    counts: Counter[str] = Counter()
    behind: set[str] = set()
    days = calendar.current(clock())

    def change(due: DueTask) -> list[str]:
        if due.task.judged is not None:  # the case is over: lists show that it is late, and nobody waits for it
            return []
        if due.task.card.stage == APPLICANT:
            return _expired(due, store=store, clock=clock)
        if due.task.card.stage == Stage.EMPLOYER:
            return _unanswered(due, today, days, store=store, clock=clock)
        return _followed(due, today, days, store=store, divisions=divisions, clock=clock)

    for due in _late(today, store=store, divisions=divisions, time_left=time_left):
        if due is None:
            counts[UNFINISHED] = 1
            break
        if due.task.card.stage not in (APPLICANT, Stage.EMPLOYER):
            behind.add(due.task.owner)
        try:
            counts.update(change(due))
        except (CaseMoved, Busy):  # somebody works on it at this moment: the next morning looks again
            logger.info("deadline_left_for_later", extra={"task_id": due.task.task_id})
    if days.is_workday(today) and UNFINISHED not in counts:
        counts.update(_told_bureaus(behind, today, store=store, divisions=divisions, clock=clock, time_left=time_left))
    logger.info("morning", extra={"today": today.isoformat(), "changed": dict(counts)})
    return dict(counts)


def _late(
    today: date, *, store: MorningStore, divisions: Divisions, time_left: Callable[[], bool]
) -> Iterator[DueTask | None]:
    """Every task past its date, page after page; None, and no more, where time is up."""

    def pages(read: Callable[[Item | None], Page]) -> Iterator[DueTask | None]:
        start: Item | None = None
        while True:
            if not time_left():
                yield None
                return
            page = read(start)
            for due in store.with_cases(page.items) if page.items else ():
                yield due if time_left() else None
            if (start := page.next_start) is None:
                return

    yield from pages(lambda start: store.late_elsewhere(today, start=start))
    for division in divisions:
        yield from pages(lambda start, owner=division.code: store.late_in(owner, today, start=start))  # type: ignore[misc]


def _told_bureaus(
    behind: Set[str],
    today: date,
    *,
    store: MorningStore,
    divisions: Divisions,
    clock: Clock,
    time_left: Callable[[], bool],
) -> dict[str, int]:
    """Tell bureaus what is late by now, each once a day. What went up meanwhile is late at the bureau above."""
    above = {one for owner in behind if (one := divisions.bureau_above(owner))}
    late = {}
    for owner in sorted({*behind, *above}):
        if not time_left():
            return {UNFINISHED: 1}
        late[owner] = store.late_count(owner, today)
    for region, message in reminders(late, divisions):
        if not time_left():
            return {UNFINISHED: 1}
        if store.remind(region, message, today, at=clock()):
            logger.info("bureau_told_of_late_tasks", extra={"region_code": region})
    return {}


def _followed(
    due: DueTask,
    today: date,
    calendar: WorkdayCalendar,
    *,
    store: MorningStore,
    divisions: Divisions,
    clock: Clock,
) -> list[str]:
    """One step of a task that waits for its bureau, and the next one where that is due as well."""
    if not _is_here(due):
        return []
    term = _term(due, divisions)
    match what := term.due(today, calendar):
        case Due.MOVED:
            store.move(due, term.on_time(calendar), at=clock())
        case Due.OVERDUE:
            store.tell_overdue(due, today, at=clock())
        case Due.ESCALATED if term.above is not None:
            store.escalate(due, term.above, today, at=clock())
        case _:
            return []
    after = store.again(due)
    rest = [] if after is None else _followed(after, today, calendar, store=store, divisions=divisions, clock=clock)
    return [what.value, *rest]


def _term(due: DueTask, divisions: Divisions) -> Term:
    return Term(
        opened_on=today_in_shanghai(due.task.opened_at),
        due_on=date.fromisoformat(due.task.card.due_on),
        workdays=due.case.stage.workdays,
        is_told=due.is_told,
        is_escalated=due.is_escalated,
        above=divisions.bureau_above(due.task.owner),
    )


def _unanswered(
    due: DueTask, today: date, calendar: WorkdayCalendar, *, store: MorningStore, clock: Clock
) -> list[str]:
    """A unit that has not answered in its business days, a holiday that was published late among them not counted."""
    opened_on = today_in_shanghai(due.task.opened_at)
    if not _is_here(due) or calendar.add(opened_on, due.case.stage.workdays) >= today:
        return []
    store.count_silence(due, at=clock())
    return [UNANSWERED]


def _is_here(due: DueTask) -> bool:
    """Whether the case is at the stage whose task this is."""
    case, task = due.case, due.task
    here = case.status is SubmissionStatus.UNDER_REVIEW and case.round == task.round
    return here and not case.is_approved_by_all and bool(case.stages) and case.stage.stage == task.card.stage


def _expired(due: DueTask, *, store: MorningStore, clock: Clock) -> list[str]:
    """A returned submission whose applicant did not come back. Other waits of nobody's bureau have rules of their own."""
    if due.case.status is not SubmissionStatus.RETURNED or due.case.round != due.task.round:
        return []
    store.expire(due, at=clock())
    return [EXPIRED]
