"""Entry points beside the API: a scan arrived and is inspected, a morning has come, and steps of the bulk state machine."""

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.metrics import count
from jingkuai.aws.scan_store import ScanStore
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.attachment import AttachmentRules
from jingkuai.domain.record_rules import RecordRules
from jingkuai.domain.regions import hubei
from jingkuai.domain.scan import UPLOADS
from jingkuai.domain.workdays import today_in_shanghai
from register import export_making, inspection
from register.draft_store import DraftStore
from register.export_store import ExportStore
from register.held_store import HeldStore
from register.inspection import Shelves
from register.reminder_store import ReminderStore
from register.reminders import remind_all

REMINDERS_RESERVE_MS = 20_000  # for the region that is being worked on to leave its place behind

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


class Subject(BaseModel):
    """The key of the item that is worked on."""

    pk: str
    sk: str

    def key(self) -> dict[str, str]:
        return {"pk": self.pk, "sk": self.sk}


class StepModel(BaseModel):
    """What a state hands over: whose item, and for which execution."""

    model_config = ConfigDict(frozen=True)

    subject: Subject
    execution: str


class MakeExport(StepModel):
    """The copy of everything held on a person."""

    do: Literal["export"]

    def run(self) -> dict[str, str]:
        sealer = Sealer(clients.kms(), settings().data_key_id)
        made = export_making.make(
            export_making.person_of(self.subject.key()),
            self.execution,
            exports=exports(),
            held=HeldStore(registry(), DraftStore(registry(), sealer)),
            files=Files(clients.s3()),
            bucket=settings().records_bucket,
            sealer=sealer,
            clock=utc_now,
        )
        logger.info("export_made", extra={"export_id": made.export_id, "size": made.size, "scans": made.scans})
        return {}


class Park(StepModel):
    """An execution that cannot go on: an item for the operator, a metric for the alarm, and the export reads failed."""

    do: Literal["park"]
    failure: str

    def run(self) -> dict[str, str]:
        logger.error("execution_parked", extra={"execution": self.execution, "failure": self.failure})
        export_making.park(
            self.subject.key(),
            execution=self.execution,
            failure=self.failure,
            exports=exports(),
            clock=utc_now,
        )
        count("Parked")
        return {}


Step: TypeAlias = Annotated[MakeExport | Park, Field(discriminator="do")]
_STEP: TypeAdapter[Step] = TypeAdapter(Step, config=ConfigDict(hide_input_in_errors=True))


@logger.inject_lambda_context
def run(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Do one step of a bulk execution. A step that fails raises, and the workflow tries again."""
    return _STEP.validate_python(event).run()


def registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


def exports() -> ExportStore:
    return ExportStore(registry(), uuid7)


@logger.inject_lambda_context
def remind(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """The schedule's event, or `{"today": "2027-05-31", "regions": ["420106"]}` (either may be left out) → whoever has a
    record to confirm by that day is reminded, once.
    """
    now = utc_now()
    every = [one.code for one in hubei()]
    morning = remind_all(
        date.fromisoformat(event["today"]) if "today" in event else today_in_shanghai(now),
        [one for one in event.get("regions", every) if one in every],
        store=ReminderStore(Table(clients.dynamodb(), settings().registry_table), uuid7),
        rules=record_rules().current(now),
        clock=utc_now,
        time_left=lambda: context.get_remaining_time_in_millis() > REMINDERS_RESERVE_MS,
    )
    logger.info("reminded", extra={"reminded": morning.reminded, "regions_left": morning.regions_left})
    count("Reminded", morning.reminded)
    return {"reminded": morning.reminded, "regions_left": morning.regions_left}


@cache
def record_rules() -> Configuration[RecordRules]:
    """The half-yearly check's rules, kept for the life of the process."""
    return live("record_rules", RecordRules.from_policy)


@cache
def attachment_rules() -> Configuration[AttachmentRules]:
    """The limits in force, kept for the life of the process."""
    return live("attachment_rules", AttachmentRules.from_policy)
