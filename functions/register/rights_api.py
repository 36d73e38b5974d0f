"""Routes of what a person may ask of the registry about themselves (个人信息权利): see in full, see who looked, a copy, leave."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.one_time_codes import SentCodes
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.workdays import WorkdayCalendar
from jingkuai.web.access import allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.responses import no_content
from register import deactivation, exports, objections, revealing
from register.deactivation_store import DeactivationStore
from register.export_store import ExportStore
from register.integrity_store import IntegrityStore
from register.objection_store import ObjectionStore
from register.record_views import ProfileView
from register.rights_store import RightsStore
from register.rights_views import (
    ConfirmRequest,
    ExportView,
    LookView,
    ObjectionRequest,
    OwnIntegrityRecordView,
    revealed_view,
)

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations


@router.post("/me/profile/reveal", middlewares=[allow(Role.ACCOUNTANT)])
def reveal_profile(body: Annotated[ConfirmRequest, Body()]) -> ProfileView:
    """My record with ID number and phone in full. AWS calls: 4, after a change of the phone 5."""
    revealed = revealing.reveal(
        body.otp,
        by=principal(router),
        store=RightsStore(_registry(), uuid7),
        codes=_codes(),
        sealer=Sealer(clients.kms(), settings().data_key_id),
        lookup=lookup_key(),
        clock=utc_now,
    )
    return revealed_view(revealed)


@router.get("/me/access-log", middlewares=[allow(Role.ACCOUNTANT)])
def list_looks(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[LookView]:
    """Who looked at my record, when and what for, newest first. AWS calls: 1."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/me/access-log")
    page = RightsStore(_registry(), uuid7).looks(me.account_id, limit=limit, start=cursors.read(cursor))
    return cursors.page([LookView.of(one) for one in page.looks], page.next_start)


@router.get("/me/integrity-records", middlewares=[allow(Role.ACCOUNTANT)])
def list_integrity_records(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[OwnIntegrityRecordView]:
    """The integrity records about me that were confirmed, newest first. AWS calls: 1."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/me/integrity-records")
    page = IntegrityStore(_registry()).page(me.account_id, limit=limit, start=cursors.read(cursor))
    return cursors.page([OwnIntegrityRecordView.model_validate(one) for one in page.records], page.next_start)


@router.post("/me/integrity-records/<id>/objection", middlewares=[allow(Role.ACCOUNTANT)])
def object_to_record(
    id: Annotated[str, Path(min_length=1, max_length=64, description="诚信记录编号（record_id）")],
    body: Annotated[ObjectionRequest, Body()],
) -> OwnIntegrityRecordView:
    """Object to a record about me, within ten business days of its confirmation. AWS calls: 2, where I have already 1."""
    record = objections.object_to(
        id,
        body.statement,
        body.attachment_ids,
        by=principal(router),
        store=ObjectionStore(_registry(), uuid7),
        calendar=calendar().current(utc_now()),
        clock=utc_now,
    )
    return OwnIntegrityRecordView.model_validate(record)


@router.post("/me/export", middlewares=[allow(Role.ACCOUNTANT)], status_code=202)
def request_export() -> ExportView:
    """Ask for a copy of everything held on me; once a day. AWS calls: 1, where another stands 2."""
    return ExportView.of(exports.request(by=principal(router), store=_exports(), clock=utc_now, new_id=uuid7))


@router.get("/me/export", middlewares=[allow(Role.ACCOUNTANT)])
def show_export() -> ExportView:
    """How far the copy is, and where to get it. AWS calls: 1."""
    export = exports.own_export(by=principal(router), store=_exports(), clock=utc_now)
    link = (
        exports.download_link(export, files=Files(clients.s3()), bucket=settings().records_bucket) if export else None
    )
    return ExportView.of(export, link)


@router.post("/me/deactivate", middlewares=[allow(Role.ACCOUNTANT)], status_code=204)
def deactivate(body: Annotated[ConfirmRequest, Body()]) -> Response[Any]:
    """Close my account; the record stays, and an appeal leads back. AWS calls: 3."""
    deactivation.deactivate(
        body.otp,
        by=principal(router),
        store=DeactivationStore(_registry(), _identity(), uuid7),
        codes=_codes(),
        lookup=lookup_key(),
        clock=utc_now,
    )
    return no_content()


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


def _identity() -> Table:
    return Table(clients.dynamodb(), settings().identity_table)


def _codes() -> SentCodes:
    return SentCodes(_identity())


def _exports() -> ExportStore:
    return ExportStore(_registry(), uuid7)


@cache
def calendar() -> Configuration[WorkdayCalendar]:
    """The business days in force, kept for the life of the process."""
    return live("calendar", WorkdayCalendar.from_policy)
