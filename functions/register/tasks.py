"""Entry point of events: an object arrived under uploads/, its scan is inspected."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.scan_store import ScanStore
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.attachment import AttachmentRules
from jingkuai.domain.scan import UPLOADS
from register import inspection
from register.inspection import Shelves

logger = Logger()
metrics = Metrics(namespace="Jingkuai")


@logger.inject_lambda_context
@metrics.log_metrics
def inspect(event: dict[str, Any], context: LambdaContext) -> dict[str, str | None]:
    """S3 Object Created (EventBridge) → the scan accepted, or rejected with the reason. A failure is tried again by Lambda."""
    told, arrived = settings(), event["detail"]["object"]
    attachment_id = str(arrived["key"]).removeprefix(UPLOADS)
    status = inspection.inspect(
        attachment_id,
        arrived.get("size"),
        store=ScanStore(Table(clients.dynamodb(), told.registry_table)),
        shelves=Shelves(Files(clients.s3()), told.uploads_bucket, told.records_bucket),
        rules=attachment_rules().current(utc_now()),
        clock=utc_now,
    )
    logger.info("inspected", extra={"attachment_id": attachment_id, "status": status})
    became = status.value.title() if status else "PassedOver"
    metrics.add_metric(name=f"Scan{became}", unit=MetricUnit.Count, value=1)
    return {"status": status}


@cache
def attachment_rules() -> Configuration[AttachmentRules]:
    """The limits in force, kept for the life of the process."""
    return live("attachment_rules", AttachmentRules.from_policy)
