"""Routes of integrity records: a bureau enters one, a city or the province takes one back."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.web.access import Scope, allow
from jingkuai.web.idempotency import request_key
from jingkuai.web.principal import principal
from jingkuai.web.responses import created
from review.integrity import entering
from review.integrity.store import IntegrityStore
from review.integrity.views import AnswerRequest, IntegrityRecordRequest, IntegrityRecordView

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
PersonId = Annotated[str, Path(min_length=1, max_length=64, description="人员编号（person_id）")]
RecordId = Annotated[str, Path(min_length=1, max_length=64, description="诚信记录编号（record_id）")]


@router.post(
    "/review/people/<id>/integrity-records",
    middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)],
    status_code=201,
)
def enter_record(id: PersonId, body: Annotated[IntegrityRecordRequest, Body()]) -> Response[IntegrityRecordView]:
    """Enter a record; the bureau above confirms it. AWS calls: 2, with an Idempotency-Key 3."""
    record = entering.enter(
        id,
        body.form(),
        by=principal(router),
        store=_store(),
        clock=utc_now,
        new_id=uuid7,
        key=request_key(router),
    )
    return created(IntegrityRecordView.of(record))


@router.post(
    "/review/people/<id>/integrity-records/<record_id>/revoke",
    middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)],
)
def revoke_record(id: PersonId, record_id: RecordId, body: Annotated[AnswerRequest, Body()]) -> IntegrityRecordView:
    """Take back a record that stands, as a city or the province. AWS calls: 2, where it is revoked already 1."""
    record = entering.revoke(id, record_id, body.reason, by=principal(router), store=_store(), clock=utc_now)
    return IntegrityRecordView.of(record)


@router.post(
    "/review/people/<id>/integrity-records/<record_id>/uphold",
    middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)],
)
def uphold_record(id: PersonId, record_id: RecordId, body: Annotated[AnswerRequest, Body()]) -> IntegrityRecordView:
    """Answer an objection: the record stands, as a city or the province says. AWS calls: 2, where it is answered already 1."""
    record = entering.uphold(id, record_id, body.reason, by=principal(router), store=_store(), clock=utc_now)
    return IntegrityRecordView.of(record)


def _store() -> IntegrityStore:
    return IntegrityStore(Table(clients.dynamodb(), settings().registry_table), uuid7)
