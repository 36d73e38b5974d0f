"""Routes of a unit's confirmations: who leaves or joins it."""

from functools import cache
from typing import Annotated, Literal, Self

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.transfer import Answer
from jingkuai.domain.typed_line import several_lines
from jingkuai.web.access import Scope, allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from review.employers import confirmations
from review.employers.answer_store import AnswerStore
from review.employers.confirmations import Confirmation

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
ConfirmationId = Annotated[str, Path(min_length=1, max_length=64, description="待确认事项编号")]


class ConfirmationAnswer(BaseModel):
    """What the unit says."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["confirm", "refuse"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(several_lines)] = ""


class ConfirmationView(BaseModel):
    """One thing the unit is asked."""

    confirmation_id: str
    kind: str
    name_masked: str
    id_number: str | None
    opened_at: str
    due_on: str
    decision: str | None = None

    @classmethod
    def of(cls, one: Confirmation) -> Self:
        return cls(
            confirmation_id=one.confirmation_id,
            kind=one.kind,
            name_masked=one.name_masked,
            id_number=one.id_masked,
            opened_at=one.opened_at,
            due_on=one.due_on.isoformat(),
            decision=one.answer,
        )


@router.get("/employer/confirmations", middlewares=[allow(Role.EMPLOYER, within=Scope.EMPLOYER)])
def list_confirmations(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[ConfirmationView]:
    """Who leaves or joins, as far as the unit has not said; oldest deadline first. AWS calls: 1."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/employer/confirmations")
    page = confirmations.waiting(by=me, store=answers(), limit=limit, start=cursors.read(cursor))
    return cursors.page([ConfirmationView.of(one) for one in page.confirmations], page.next_start)


@router.post("/employer/confirmations/<confirmation_id>", middlewares=[allow(Role.EMPLOYER, within=Scope.EMPLOYER)])
def answer(confirmation_id: ConfirmationId, body: Annotated[ConfirmationAnswer, Body()]) -> ConfirmationView:
    """Confirm, or object with a reason. AWS calls: 2."""
    answered = confirmations.answer(
        confirmation_id,
        Answer(body.decision),
        body.reason,
        by=principal(router),
        store=answers(),
        clock=utc_now,
    )
    return ConfirmationView.of(answered)


@cache
def answers() -> AnswerStore:
    """The store of this process."""
    return AnswerStore(Table(clients.dynamodb(), settings().registry_table), uuid7)
