"""Entry points beside the API: files arriving in the bucket, and the steps of the `credit_import` state machine."""

from collections.abc import Callable
from typing import Any, Literal

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from credits import intake as arrivals
from credits.intake import Arrival
from credits.ledger_store import LedgerStore
from credits.loading import load_chunk
from credits.places import Places
from credits.preparing import prepare
from credits.reporting import report
from credits.rule_book import rule_book
from credits.store import ImportStore
from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.metrics import count
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table

logger = Logger()


class CreatedObject(BaseModel):
    """What EventBridge tells of an object that was created."""

    key: str
    size: int
    sequencer: str = ""


class Created(BaseModel):
    """The detail of the event."""

    object: CreatedObject


class ObjectCreated(BaseModel):
    """An S3 event from EventBridge. A file's name may be anybody's: an error about the event does not repeat it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    detail: Created


class Subject(BaseModel):
    """The key of the batch's item."""

    pk: str
    sk: str

    @property
    def import_id(self) -> str:
        return self.pk.partition("#")[2]


class Step(BaseModel):
    """A step the state machine asks for: ids and keys only, never what is in the file."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["prepare", "load", "report", "park"]
    subject: Subject | None = None
    execution: str = ""
    import_id: str = ""
    chunk: str = ""
    failure: str = ""


def places() -> Places:
    return Places(Files(clients.s3()), settings().uploads_bucket, settings().records_bucket)


def import_store() -> ImportStore:
    return ImportStore(Table(clients.dynamodb(), settings().registry_table), uuid7)


@logger.inject_lambda_context
def intake(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take in a file that arrived under `incoming/`; delivered twice it is one import."""
    arrived = ObjectCreated.model_validate(event).detail.object
    arrival = Arrival(arrived.key, arrived.size, arrived.sequencer)
    started = arrivals.take_in(
        arrival, imports=import_store(), files=Files(clients.s3()), bucket=settings().uploads_bucket, clock=utc_now
    )
    logger.info("file_arrived", extra={"import_id": started, "size": arrival.size})
    return {"import_id": started}


@logger.inject_lambda_context
def run(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One step of an import. What it decided is in the answer, for the state machine to branch on."""
    step = Step.model_validate(event)
    return _STEPS[step.do](step)


def _prepare(step: Step) -> dict[str, Any]:
    import_id, attempt = _import_of(step), int(step.execution.rpartition(".")[2])
    chunks = prepare(import_id, attempt=attempt, imports=import_store(), places=places(), clock=utc_now)
    loads = [{"do": "load", "import_id": import_id, "chunk": chunk} for chunk in chunks]
    return {"outcome": "load" if loads else "ended", "loads": loads}


def _load(step: Step) -> dict[str, Any]:
    now = utc_now()
    load_chunk(
        step.import_id,
        step.chunk,
        imports=import_store(),
        ledger=LedgerStore(Table(clients.dynamodb(), settings().registry_table)),
        places=places(),
        rules=rule_book().current(now),
        lookup=lookup_key(),
        clock=utc_now,
    )
    return {}  # what came of it stands in the table; a map of many chunks keeps its answer small


def _report(step: Step) -> dict[str, Any]:
    counts = report(_import_of(step), imports=import_store(), places=places(), clock=utc_now)
    for name, value in (
        ("ImportRowsAccepted", counts.accepted),
        ("ImportRowsRejected", counts.rejected),
        ("ImportRowsUnchanged", counts.unchanged),
    ):
        count(name, value)
    return {"outcome": "ended"}


def _park(step: Step) -> dict[str, Any]:
    batch = import_store().batch(_import_of(step))
    if batch:
        import_store().park(batch, execution=step.execution, failure=step.failure, at=utc_now())
    logger.error("execution_parked", extra={"execution": step.execution, "failure": step.failure})
    count("Parked")
    return {"outcome": "parked"}


def _import_of(step: Step) -> str:
    """The import an execution is about. Raises ValueError for a step that does not say."""
    if step.subject is None:
        raise ValueError("a step needs its subject")
    return step.subject.import_id


_STEPS: dict[str, Callable[[Step], dict[str, Any]]] = {
    "prepare": _prepare,
    "load": _load,
    "report": _report,
    "park": _park,
}
