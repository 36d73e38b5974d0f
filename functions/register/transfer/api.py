"""Routes of transfers: the way beforehand, filing, the list, papers, cancelling."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.aws.transfer_letters import links
from jingkuai.domain.principal import Role
from jingkuai.domain.regions import hubei
from jingkuai.domain.transfer import Transfer
from jingkuai.domain.transfer_rules import TransferRules
from jingkuai.web.access import allow
from jingkuai.web.idempotency import request_key
from jingkuai.web.links import public_address
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from register.transfer import transfers
from register.transfer.store import TransferStore
from register.transfer.views import PapersRequest, PreviewView, TransferRequest, TransferView

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
Id = Annotated[str, Path(max_length=64)]
ToRegion = Annotated[str, Query(max_length=20, description="要调往的地区：省内六位区划代码，省外的省或市代码")]
ToEmployer = Annotated[
    str | None, Query(max_length=18, description="新单位的统一社会信用代码；对路线没有影响，可以不填")
]


@router.get("/me/transfers/preview", middlewares=[allow(Role.ACCOUNTANT)])
def preview(to_region: ToRegion, to_employer: ToEmployer = None) -> PreviewView:
    """Which way a transfer there would go: steps, papers, usual time. AWS calls: 1, of somebody with a unit 2."""
    planned = transfers.preview(
        to_region,
        by=principal(router),
        store=transfer_store(),
        rules=rules().current(utc_now()),
        divisions=hubei(),
        clock=utc_now,
    )
    return PreviewView.of(planned)


@router.post("/me/transfers", middlewares=[allow(Role.ACCOUNTANT)], status_code=201)
def start(body: Annotated[TransferRequest, Body()]) -> TransferView:
    """File a transfer. AWS calls: 2, of somebody with a unit 3, with an Idempotency-Key 3."""
    transfer = transfers.start(
        body.wanted(),
        by=principal(router),
        store=transfer_store(),
        rules=rules().current(utc_now()),
        divisions=hubei(),
        clock=utc_now,
        new_id=uuid7,
        key=request_key(router),
    )
    return shown(transfer)


@router.get("/me/transfers", middlewares=[allow(Role.ACCOUNTANT)])
def list_transfers(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[TransferView]:
    """My transfers, newest first. AWS calls: 1."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/me/transfers")
    page = transfer_store().page(me.account_id, limit=limit, start=cursors.read(cursor))
    return cursors.page([shown(one) for one in page.transfers], page.next_start)


@router.get("/me/transfers/<transfer_id>", middlewares=[allow(Role.ACCOUNTANT)])
def show_transfer(transfer_id: Id) -> TransferView:
    """One of my transfers with every party, date and reason. AWS calls: 1."""
    return shown(transfers.own_transfer(transfer_id, by=principal(router), store=transfer_store()))


@router.post("/me/transfers/<transfer_id>/cancel", middlewares=[allow(Role.ACCOUNTANT)])
def cancel(transfer_id: Id) -> TransferView:
    """Take a transfer back at any step; everything is as before. AWS calls: 2."""
    return shown(transfers.cancel(transfer_id, by=principal(router), store=transfer_store(), clock=utc_now))


@router.post("/me/transfers/<transfer_id>/papers", middlewares=[allow(Role.ACCOUNTANT)])
def add_papers(transfer_id: Id, body: Annotated[PapersRequest, Body()]) -> TransferView:
    """Send the papers that a bureau asked for. AWS calls: 2."""
    added = transfers.add_papers(
        transfer_id, body.attachment_ids, by=principal(router), store=transfer_store(), clock=utc_now
    )
    return shown(added)


def shown(transfer: Transfer) -> TransferView:
    """The answer about a transfer, with its letter where there is one."""
    if not transfer.letter:
        return TransferView.of(transfer)
    letter = links(
        transfer.letter,
        files=Files(clients.s3()),
        bucket=settings().records_bucket,
        address_of=lambda path: public_address(router, path),
    )
    return TransferView.of(transfer, letter)


def transfer_store() -> TransferStore:
    """The store of a request."""
    return TransferStore(Table(clients.dynamodb(), settings().registry_table), uuid7)


@cache
def rules() -> Configuration[TransferRules]:
    """The rules in force, kept for the life of the process."""
    return live("transfer_rules", TransferRules.from_policy)
