"""The route of a bureau's transfers; what it decides of them are tasks in its inbox."""

from functools import cache
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jingkuai.aws import clients
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.regions import hubei
from jingkuai.web.access import Scope, allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.transfer_views import TransferCaseView, members_of
from review.transfer.listing import Direction, ListedTransfer, TransferLists, list_transfers

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
Region = Annotated[str | None, Query(pattern=r"^\d{6}$", description="查看下级财政局的调转：六位区划代码")]
Way = Annotated[Direction, Query(description="incoming 调入，outgoing 调出")]


class BureauTransferView(TransferCaseView):
    """A transfer as the bureaus list it: whose it is masked."""

    person_id: str
    name_masked: str
    id_number: str

    @classmethod
    def listed(cls, one: ListedTransfer) -> Self:
        return cls(
            **members_of(one.transfer),
            person_id=one.transfer.person_id,
            name_masked=one.name_masked,
            id_number=one.id_masked,
        )


@router.get("/review/transfers", middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)])
def show_transfers(
    direction: Way = Direction.INCOMING, region: Region = None, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> ListOf[BureauTransferView]:
    """Who comes to the caller's bureau, or goes, newest first. AWS calls: 2."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query=f"/review/transfers {direction} {region}")
    page = list_transfers(
        direction, region, by=me, lists=lists(), divisions=hubei(), limit=limit, start=cursors.read(cursor)
    )
    return cursors.page([BureauTransferView.listed(one) for one in page.transfers], page.next_start)


@cache
def lists() -> TransferLists:
    """The lists of this process."""
    return TransferLists(Table(clients.dynamodb(), settings().registry_table))
