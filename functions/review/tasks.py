"""Entry point of the Lambda states of `review` and `transfer`: one step each, named by `do`, told where it goes by its answer.

The morning's deadlines come in here as well, by schedule or command, and the bulk state machine's steps over a unit's members.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from secrets import token_bytes
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.metrics import count
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.aws.tables import Table
from jingkuai.domain.regions import hubei
from jingkuai.domain.workdays import WorkdayCalendar, today_in_shanghai
from review.appeal_ruling_store import RulingStore
from review.applying import apply_case
from review.case_store import CaseStore
from review.checking import check_case
from review.employers.succession_member_store import MovingStore
from review.employers.succession_steps import move_members
from review.likeness_store import LikenessStore
from review.morning import morning
from review.morning_store import MorningStore
from review.opening import await_resubmission, open_task
from review.record_store import RecordStore
from review.routes import ReviewRoutes
from review.routing import route_case
from review.sampling import Drawing
from review.transfer.applying import Movers
from review.transfer.letter_store import TransferLetterStore
from review.transfer.letter_writing import write_letter
from review.transfer.move_store import MoveStore
from review.wait_store import WaitStore

RESERVE_MS = 10_000  # of the morning: what is begun must be able to end
logger = Logger()
Rules = TypeVar("Rules")


class StepModel(BaseModel):
    """What a state hands over."""

    model_config = ConfigDict(frozen=True)


class Subject(StepModel):
    """The key of the submission, appeal or transfer."""

    pk: str
    sk: str

    def key(self) -> dict[str, str]:
        return {"pk": self.pk, "sk": self.sk}


class Check(StepModel):
    """The automatic check."""

    do: Literal["check"]
    subject: Subject

    def run(self) -> dict[str, str]:
        return {
            "outcome": check_case(
                self.subject.key(), store=cases(), likenesses=likenesses(), lookup=lookup_key(), clock=utc_now
            )
        }


class Route(StepModel):
    """Which stage is due."""

    do: Literal["route"]
    subject: Subject

    def run(self) -> dict[str, str]:
        outcome, stage = route_case(
            self.subject.key(),
            store=cases(),
            routes=routes(),
            divisions=hubei(),
            likenesses=likenesses(),
            lookup=lookup_key(),
            clock=utc_now,
        )
        return {"outcome": outcome, "stage": stage}


class OpenTask(StepModel):
    """A bureau's or a unit's task, waited for with a token."""

    do: Literal["open_task"]
    subject: Subject
    stage: str
    token: str

    def run(self) -> dict[str, str]:
        open_task(
            self.subject.key(), self.stage, self.token, cases=cases(), waits=waits(), calendar=calendar(), clock=utc_now
        )
        return {}


class AwaitResubmission(StepModel):
    """The applicant's turn, waited for with a token."""

    do: Literal["await_resubmission"]
    subject: Subject
    token: str

    def run(self) -> dict[str, str]:
        await_resubmission(self.subject.key(), self.token, cases=cases(), waits=waits(), clock=utc_now)
        return {}


class Apply(StepModel):
    """What was approved takes effect."""

    do: Literal["apply"]
    subject: Subject

    def run(self) -> dict[str, str]:
        return {
            "outcome": apply_case(
                self.subject.key(),
                store=cases(),
                records=records(),
                rulings=rulings(),
                movers=Movers(moves(), likenesses(), hubei(), token_bytes),
                lookup=lookup_key(),
                drawing=drawing(),
                clock=utc_now,
            )
        }


class WriteLetter(StepModel):
    """The page of the letter that somebody takes along out of the province; `subject` is the key of the transfer."""

    do: Literal["write_letter"]
    subject: Subject

    def run(self) -> dict[str, str]:
        write_letter(
            self.subject.key(),
            store=letters(),
            files=Files(clients.s3()),
            bucket=settings().records_bucket,
            signer=signer(settings().certificate_key_id),
            address_of=lambda path: settings().public_base_url + path,
            clock=utc_now,
        )
        return {}


class MoveMembers(StepModel):
    """The next members of a unit that was merged or renamed: a step of the bulk state machine."""

    do: Literal["move_members"]
    subject: Subject
    execution: str

    def run_while(self, time_left: Callable[[], bool]) -> dict[str, str]:
        """Move a page of members. AWS calls: see `review.employers.succession_steps`."""
        progress = move_members(self.subject.key(), self.execution, store=moving(), clock=utc_now, time_left=time_left)
        return {"outcome": progress}


class StopSuccession(StepModel):
    """An operator's command: no further member of this unit moves until the succession is asked for again."""

    do: Literal["stop_succession"]
    uscc: str

    def run(self) -> dict[str, str]:
        return {"outcome": "stopped" if moving().stop(self.uscc, at=utc_now()) else "not_running"}


class Park(StepModel):
    """An execution that cannot go on: an item for the operator, a metric for the alarm."""

    do: Literal["park"]
    subject: Subject
    execution: str
    failure: str

    def run(self) -> dict[str, str]:
        logger.error("execution_parked", extra={"execution": self.execution, "failure": self.failure})
        cases().park(self.subject.key(), execution=self.execution, failure=self.failure, at=utc_now())
        count("Parked")
        return {}


class Morning(StepModel):
    """The morning's deadlines: by schedule, or by command with the day that is to be `today`."""

    do: Literal["morning"]
    today: date | None = None

    def run_while(self, time_left: Callable[[], bool]) -> dict[str, int]:
        """Go through what is late. AWS calls: see `review.morning`."""
        return morning(
            self.today or today_in_shanghai(utc_now()),
            store=mornings(),
            divisions=hubei(),
            calendar=calendar(),
            clock=utc_now,
            time_left=time_left,
        )


Step: TypeAlias = Annotated[
    Check | Route | OpenTask | AwaitResubmission | Apply | WriteLetter | Park | StopSuccession,
    Field(discriminator="do"),
]
# an error about a step does not repeat it: it may hold a token
_STEP: TypeAdapter[Step] = TypeAdapter(Step, config=ConfigDict(hide_input_in_errors=True))


@logger.inject_lambda_context
def run(event: dict[str, Any], context: LambdaContext) -> Mapping[str, str | int]:
    """Do one step of a review or of a succession, or the morning's deadlines. A step that fails raises, and the workflow tries again."""
    if event.get("do") == "morning":
        return Morning.model_validate(event).run_while(lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
    if event.get("do") == "move_members":
        return MoveMembers.model_validate(event).run_while(lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
    try:
        return _STEP.validate_python(event).run()
    except Exception as failed:  # reported, then raised again
        if "token" in event:
            _report_failure(event["token"], failed)
        raise


def _report_failure(token: str, failed: Exception) -> None:
    """Tell a waiting state that its step failed.

    On AWS a raising handler says so by itself, and this comes first to the same effect; the local emulator goes on
    waiting for a token whose step has raised. The only call with a token outside the outbox: it carries no decision.
    """
    stepfunctions = clients.stepfunctions()
    gone = stepfunctions.exceptions
    try:
        stepfunctions.send_task_failure(
            taskToken=token, error=type(failed).__name__, cause="See the log of review-tasks for this execution."
        )
    except (gone.TaskTimedOut, gone.InvalidToken, gone.TaskDoesNotExist):
        logger.warning("token_gone")


@cache
def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


@cache
def _identity() -> Table:
    return Table(clients.dynamodb(), settings().identity_table)


@cache
def cases() -> CaseStore:
    return CaseStore(_registry(), uuid7)


@cache
def records() -> RecordStore:
    return RecordStore(_registry(), _identity(), uuid7)


@cache
def moving() -> MovingStore:
    return MovingStore(_registry(), uuid7)


@cache
def likenesses() -> LikenessStore:
    return LikenessStore(_registry())


@cache
def rulings() -> RulingStore:
    return RulingStore(_registry(), _identity(), uuid7)


@cache
def moves() -> MoveStore:
    return MoveStore(_registry(), uuid7)


@cache
def letters() -> TransferLetterStore:
    return TransferLetterStore(_registry())


@cache
def waits() -> WaitStore:
    return WaitStore(_registry(), uuid7)


@cache
def mornings() -> MorningStore:
    return MorningStore(_registry(), uuid7)


@cache
def routes() -> Configuration[ReviewRoutes]:
    return live("review_routes", ReviewRoutes.from_policy)


@cache
def drawing() -> Drawing:
    return Drawing(routes(), calendar(), hubei(), lookup_key())


@cache
def calendar() -> Configuration[WorkdayCalendar]:
    return live("calendar", WorkdayCalendar.from_policy)
