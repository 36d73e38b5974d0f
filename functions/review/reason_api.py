"""Routes of a bureau's reasons for a return."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.web.access import Scope, allow
from jingkuai.web.principal import principal
from review.reason_store import ReasonStore
from review.reason_views import ReturnReasonsRequest, ReturnReasonsView
from review.return_reasons import bureau_reasons, keep_reasons

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations


@router.get("/review/return-reasons", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def list_reasons() -> ReturnReasonsView:
    """What the caller's bureau picks from when it returns something. AWS calls: 1."""
    return ReturnReasonsView.of(bureau_reasons(by=principal(router), store=_store()))


@router.put("/review/return-reasons", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def put_reasons(body: Annotated[ReturnReasonsRequest, Body()]) -> ReturnReasonsView:
    """Keep the bureau's own reasons, beside those every bureau has. AWS calls: 1."""
    kept = keep_reasons(body.reasons, body.version, by=principal(router), store=_store(), clock=utc_now)
    return ReturnReasonsView.of(kept)


def _store() -> ReasonStore:
    return ReasonStore(Table(clients.dynamodb(), settings().registry_table), uuid7)
