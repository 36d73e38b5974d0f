"""Routes of the employer's side: its members, who has left, who joins; and the province's word on what becomes of a unit."""

from enum import StrEnum
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.workdays import today_in_shanghai
from jingkuai.web.access import Scope, allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit
from jingkuai.web.principal import principal
from jingkuai.web.responses import created
from review.employers import departure_reports, invitations, member_sheet, members, succession
from review.employers.departure_report_store import LeavingStore
from review.employers.invitation_store import InvitationStore
from review.employers.member_store import MemberStore
from review.employers.rules import EmployerRules
from review.employers.succession_store import SuccessionStore
from review.employers.views import (
    DepartureRequest,
    DepartureView,
    JoiningRequest,
    JoiningView,
    MemberListView,
    MemberView,
    SuccessionView,
    SuccessorRequest,
)

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
PersonId = Annotated[str, Path(min_length=1, max_length=64, description="人员编号（person_id）")]
UnitCode = Annotated[str, Path(min_length=1, max_length=64, description="原单位的统一社会信用代码")]


def _succession(description: str) -> OpenAPIResponse:
    """What the documentation says of one of the two statuses a succession is answered with."""
    return {"description": description, "content": {"application/json": {"model": SuccessionView}}}


class ListFormat(StrEnum):
    """How a list is wanted."""

    JSON = "json"
    XLSX = "xlsx"


@router.get("/employer/members", middlewares=[allow(Role.EMPLOYER, within=Scope.EMPLOYER)])
def list_members(
    format: Annotated[ListFormat, Query(description="xlsx：全部人员做成工作簿，回答中给出下载地址")] = ListFormat.JSON,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> MemberListView:
    """The members of the caller's unit, masked; a megabyte of them more is a call more. AWS calls: 1, as a workbook 2."""
    me = principal(router)
    if format is ListFormat.XLSX:
        return _workbook(me)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query=f"/employer/members {me.scope}")
    page = members.own_members(by=me, limit=limit, start=cursors.read(cursor), store=_members())
    shown = cursors.page([MemberView.of(one) for one in page.members], page.next_start)
    return MemberListView(items=shown.items, next_cursor=shown.next_cursor)


@router.post("/employer/members/<id>/left", middlewares=[allow(Role.EMPLOYER, within=Scope.EMPLOYER)])
def report_departure(id: PersonId, body: Annotated[DepartureRequest, Body()]) -> DepartureView:
    """Say that a member has left, or never worked here; the person is told. AWS calls: 2, where it was said already 1."""
    store = LeavingStore(_registry(), uuid7)
    said = departure_reports.report_departure(
        id, body.form(), by=principal(router), store=store, clock=utc_now, new_id=uuid7
    )
    return DepartureView.of(said)


@router.post("/employer/invitations", middlewares=[allow(Role.EMPLOYER, within=Scope.EMPLOYER)], status_code=201)
def invite(body: Annotated[JoiningRequest, Body()]) -> Response[JoiningView]:
    """Expect somebody at the caller's unit, and tell them by short message. AWS calls: 3."""
    invitation = invitations.invite(
        body.name,
        body.phone,
        by=principal(router),
        rules=rules().current(utc_now()),
        store=InvitationStore(_registry(), uuid7),
        lookup=lookup_key(),
        sealer=Sealer(clients.kms(), settings().data_key_id),
        clock=utc_now,
    )
    return created(JoiningView.of(invitation))


# The path's parameter is called as in `/admin/employers/{id}`: API Gateway takes one name for one place. Here it is the code.
@router.post(
    "/admin/employers/<id>/successor",
    middlewares=[allow(Role.ADMIN, within=Scope.REGION)],
    status_code=202,
    responses={200: _succession("How far it is, or how many would move"), 202: _succession("Members begin to move")},
)
def succeed(id: UnitCode, body: Annotated[SuccessorRequest, Body()]) -> Response[SuccessionView]:
    """Give all members of a unit its successor, or the unit a new name. AWS calls: 3, a preview 2, while it runs 1."""
    found, begun = succession.succeed(
        id,
        body.successor(),
        preview=body.preview,
        by=principal(router),
        store=SuccessionStore(_registry(), lookup_key(), uuid7),
        clock=utc_now,
        new_id=uuid7,
    )
    return Response(202 if begun else 200, "application/json", SuccessionView.of(found))


def _workbook(me: Principal) -> MemberListView:
    """The whole list as a file for five minutes' link: a binary answer would make the gateway encode every request."""
    most, now = rules().current(utc_now()).members_in_a_sheet, utc_now()
    found = members.all_members(by=me, most=most, store=_members())
    complete = found.next_start is None
    note = None if complete else f"仅列出前{most}人，其余人员请在系统中翻页查看。"
    files, bucket, key = Files(clients.s3()), settings().records_bucket, f"exports/{uuid7(now)}.xlsx"
    files.put(bucket, key, member_sheet.workbook(found.members, note=note), content_type=member_sheet.XLSX)
    link = files.download_link(bucket, key, f"单位人员名单_{today_in_shanghai(now)}.xlsx")
    return MemberListView(download_url=link, members=len(found.members), complete=complete)


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


def _members() -> MemberStore:
    return MemberStore(_registry())


@cache
def rules() -> Configuration[EmployerRules]:
    """What holds for units, kept for the life of the process."""
    return live("employer_rules", EmployerRules.from_policy)
