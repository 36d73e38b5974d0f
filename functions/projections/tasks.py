"""Entry point of the projections: entries of ledgers from the table's stream, in, year summaries, out."""

import re
from collections.abc import Collection, Iterable
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
from projections.store import SummaryStore
from projections.year_summaries import recompute

_ENTRY = re.compile(r"CR#(\d{4})#E#")

logger = Logger()
metrics = Metrics(namespace="Jingkuai")


@dataclass(frozen=True, slots=True)
class Changed:
    """One person's year that has to be summed again, and the first record that says so."""

    person_id: str
    year: int
    sequence_number: str


@logger.inject_lambda_context
@metrics.log_metrics
def run(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sum up the years whose entries changed, each once. Never raises: a raising consumer would hold back all behind it.

    What fails is named to the stream, which sends it again, and counted; a summary can be recomputed at any time.
    """
    store, rules = SummaryStore(Table(clients.dynamodb(), settings().registry_table)), rule_book()
    years, failed = _years(event["Records"]), []
    for changed in years:
        try:
            recompute(changed.person_id, changed.year, store=store, rules=rules.current(utc_now()), at=utc_now())
        except Exception as fault:
            logger.error("summary_failed", extra={"year": changed.year, "fault": type(fault).__name__})
            failed.append({"itemIdentifier": changed.sequence_number})
    metrics.add_metric(name="SummarySaved", unit=MetricUnit.Count, value=len(years) - len(failed))
    metrics.add_metric(name="SummaryFailed", unit=MetricUnit.Count, value=len(failed))
    return {"batchItemFailures": failed}


def _years(records: Iterable[dict[str, Any]]) -> Collection[Changed]:
    """The person and year of each entry among the records, once, in the order of the stream."""
    found: dict[tuple[str, int], Changed] = {}
    for record in records:
        change = record["dynamodb"]
        pk, sk = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
        if entry := _ENTRY.match(sk):
            person_id, year = pk.removeprefix(keys.person_pk("")), int(entry[1])
            found.setdefault((person_id, year), Changed(person_id, year, change["SequenceNumber"]))
    return found.values()


@cache
def rule_book() -> Configuration[RuleBook]:
    """The credit rules in force, kept for the life of the process."""
    return live("credit_rules", RuleBook.from_policy)
