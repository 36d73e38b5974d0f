"""Entry points of the outbox: new entries from the table's stream, what is due each minute, and three commands."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.files import Files
from jingkuai.aws.metrics import count
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.sms_provider import sms_sender
from jingkuai.aws.tables import Table
from outbox import delivery
from outbox.delivery import Couriers, Outcome, due_entries
from outbox.executions import Executions
from outbox.redelivery import redeliver
from outbox.redrive import redrive
from outbox.store import OutboxStore
from outbox.tokens import TaskTokens

RESERVE_MS = 10_000  # what is begun must be able to end

logger = Logger()


@logger.inject_lambda_context
def run(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Deliver: stream records, `{"command": "deliver_due"}` or the schedule's event. For operators: `{"command": "redrive"}`,
    and `{"command": "redeliver"}`, which may say a `kind` or `ids` of entries.
    """

    def time_left() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE_MS

    if "Records" in event:
        _deliver(_new_entries(event["Records"]), time_left)
        return {"batchItemFailures": []}  # a failure is recorded on its entry, see delivery.py
    if event.get("command") == "redrive":
        started = redrive(executions=couriers().executions, store=couriers().store, time_left=time_left)
        return {"started": started}
    if event.get("command") == "redeliver":
        asked = {"kind": event.get("kind"), "ids": event.get("ids")}
        due = redeliver(store=couriers().store, clock=utc_now, time_left=time_left, **asked)
        logger.info("outbox_entries_redelivered", extra={"entry_ids": due})
        return {"due": due}
    return {"outcomes": _deliver(due_entries(couriers().store, clock=utc_now), time_left)}


def _deliver(entry_ids: Iterable[str], time_left: Callable[[], bool]) -> dict[str, int]:
    outcomes = delivery.deliver_all(entry_ids, couriers=couriers(), clock=utc_now, time_left=time_left)
    if parked := outcomes.count(Outcome.PARKED):
        count("Parked", parked)
    return dict(Counter(one.name.lower() for one in outcomes))


def _new_entries(records: Iterable[dict[str, Any]]) -> Iterable[str]:
    for record in records:
        if record["eventName"] == "INSERT" and "entry_id" in (image := record["dynamodb"].get("NewImage", {})):
            yield image["entry_id"]["S"]


@cache
def couriers() -> Couriers:
    """Everything deliveries need, made once per process."""
    told, stepfunctions = settings(), clients.stepfunctions()
    store = OutboxStore(Table(clients.dynamodb(), told.registry_table))
    arns = {
        "review": told.review_machine_arn,
        "transfer": told.transfer_machine_arn,
        "credit_import": told.credit_import_machine_arn,
        "bulk": told.bulk_machine_arn,
    }
    return Couriers(
        store=store,
        executions=Executions(stepfunctions, arns),  # type: ignore[arg-type]
        tokens=TaskTokens(stepfunctions, store),
        sealer=Sealer(clients.kms(), told.data_key_id),
        sender=sms_sender(),
        files=Files(clients.s3()),
        records_bucket=told.records_bucket,
    )
