"""Entry point of the projections: what changed, from the table's stream, in; year summaries and counts, out.

And one command, `{"command": "recount"}`, which counts everything again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.credit_rules import RuleBook
from jingkuai.domain.workdays import WorkdayCalendar
from projections.counter_store import CounterStore
from projections.counting import count_person, count_task
from projections.recount import Subject, recount, subject_of
from projections.recount_store import RecountStore
from projections.store import SummaryStore
from projections.year_summaries import recompute

RESERVE_MS = 15_000  # a page of a recount that is begun must be able to end
_ENTRY = re.compile(r"CR#(\d{4})#E#")

logger = Logger()
metrics = Metrics(namespace="Jingkuai")


@dataclass(frozen=True, slots=True)
class Counters:
    """The stores of one run, under the epoch that was in force when it began."""

    tasks_and_people: CounterStore
    summaries: SummaryStore

    @classmethod
    def of(cls, registry: Table, epoch: int) -> "Counters":
        return cls(CounterStore(registry, epoch), SummaryStore(registry, epoch))


@logger.inject_lambda_context
@metrics.log_metrics
def run(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Count what the stream's records tell of, each subject once; or go on with a recount, by command.

    Never raises for a record: a raising consumer would hold back all behind it. What fails is named to the stream, which
    sends it again, logged and counted; a recount finds it in any case.
    """
    if event.get("command") == "recount":
        return _recount(lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
    registry = _registry()
    recounts = RecountStore(registry)
    counters = Counters.of(registry, recounts.progress().epoch)
    subjects = _subjects(event["Records"])
    failed = [number for subject, number in subjects.items() if not _count(subject, counters)]
    _tidy(counters, recounts)
    _measure(len(subjects) - len(failed), len(failed))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _recount(time_left: Callable[[], bool]) -> dict[str, Any]:
    registry = _registry()

    def count(subject: Subject, epoch: int) -> bool:
        return _count(subject, Counters.of(registry, epoch))

    done = recount(store=RecountStore(registry), count=count, time_left=time_left)
    _measure(done.counted, done.failed)
    return {"done": done.done, "counted": done.counted, "failed": done.failed}


def _tidy(counters: Counters, recounts: RecountStore) -> None:
    """What is left of counts at zero does no harm: the next run drops it."""
    try:
        recounts.forget_zeros(counters.tasks_and_people.lowered)
    except Exception as fault:
        logger.warning("zeros_kept", extra={"fault": type(fault).__name__})


def _measure(counted: int, failed: int) -> None:
    metrics.add_metric(name="Counted", unit=MetricUnit.Count, value=counted)
    metrics.add_metric(name="CountFailed", unit=MetricUnit.Count, value=failed)


def _count(subject: Subject, counters: Counters) -> bool:
    """Whether it could be counted."""
    try:
        _count_one(subject, counters)
    except Exception as fault:
        logger.error(
            "count_failed",
            extra={"kind": subject.kind, "id": subject.subject_id, "year": subject.year, "fault": type(fault).__name__},
        )
        return False
    return True


def _count_one(subject: Subject, counters: Counters) -> None:
    now = utc_now()
    rules = rule_book().current(now)
    if subject.year is not None:
        recompute(subject.subject_id, subject.year, store=counters.summaries, rules=rules, at=now)
    elif subject.kind == "person":
        count_person(
            subject.subject_id, store=counters.tasks_and_people, summaries=counters.summaries, rules=rules, at=now
        )
    else:
        count_task(subject.subject_id, store=counters.tasks_and_people, calendar=calendar().current(now), at=now)


def _subjects(records: Iterable[dict[str, Any]]) -> dict[Subject, str]:
    """What the records tell of, once each in the order of the stream, and the first record that does."""
    found: dict[Subject, str] = {}
    for record in records:
        change = record["dynamodb"]
        subject = _told_of(change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"])
        if subject is not None:
            found.setdefault(subject, change["SequenceNumber"])
    return found


def _told_of(pk: str, sk: str) -> Subject | None:
    """An entry tells of its year; a summary of nothing, since it is written here."""
    if entry := _ENTRY.match(sk):
        return Subject("year", pk.removeprefix(keys.person_pk("")), int(entry[1]))
    subject = subject_of(pk, sk)
    return subject if subject and subject.year is None else None


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


@cache
def rule_book() -> Configuration[RuleBook]:
    """The credit rules in force, kept for the life of the process."""
    return live("credit_rules", RuleBook.from_policy)


@cache
def calendar() -> Configuration[WorkdayCalendar]:
    """The business days, kept for the life of the process."""
    return live("calendar", WorkdayCalendar.from_policy)
