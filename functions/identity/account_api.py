"""Routes of accounts that somebody opens for others: administration, invitations, second factors."""

from functools import partial
from secrets import token_bytes
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from identity import invitations, second_factor, wiring
from identity.account_changes import change_account
from identity.account_list import list_accounts
from identity.account_schemas import (
    ChangedAnswer,
    ChangeRequest,
    EmployerRequest,
    EmployerView,
    InstitutionRequest,
    InstitutionView,
    InvitationRequest,
    OpenedAnswer,
    RecoveryCodesAnswer,
    StaffRequest,
    StaffView,
    TotpRequest,
)
from identity.account_store import AccountStore
from identity.accounts import LONGEST_INSTITUTION_ID
from identity.opening import Desk, Opened
from identity.organisations import open_employer, open_institution
from identity.sign_in import password_proven
from identity.staff import open_staff
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.domain.principal import STAFF, Principal, Role
from jingkuai.web.access import Scope, allow, public
from jingkuai.web.idempotency import request_key
from jingkuai.web.links import public_address
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.responses import created, no_content

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
AccountId = Annotated[str, Path(min_length=1, max_length=64, description="账号编号（account_id）")]
Token = Annotated[str, Path(min_length=1, max_length=128, description="邀请链接中的一次性口令")]
administrators = partial(allow, Role.ADMIN, Role.REVIEWER, within=Scope.REGION)  # of reviewers a city's


@router.post("/auth/invitations/<token>", middlewares=[public()], status_code=204)
def accept_invitation(token: Token, body: Annotated[InvitationRequest, Body()]) -> Response[Any]:
    """Set the first password by a one-time link, good for 24 hours. AWS calls: 2."""
    invitations.accept(
        token,
        body.password,
        origin=wiring.source_address(router),
        accounts=wiring.store().accounts,
        clock=utc_now,
        new_id=uuid7,
    )
    return no_content()


@router.post("/auth/totp", middlewares=[public()])
def enrol_totp(body: Annotated[TotpRequest, Body()]) -> RecoveryCodesAnswer:
    """Enrol a second factor: staff with the secret that signing in handed out, others with one of their own. AWS calls: 4."""
    origin = wiring.source_address(router)
    with password_proven(
        body.username,
        body.password,
        origin=origin,
        store=wiring.store(),
        lookup=lookup_key(),
        rules=wiring.rules().lock,
        now=utc_now(),
        new_id=uuid7,
    ) as proven:
        codes = second_factor.enrol(
            proven.account,
            body.secret,
            body.totp,
            origin=origin,
            accounts=wiring.store().accounts,
            sealer=wiring.sealer(),
            lookup=lookup_key(),
            random=token_bytes,
            clock=utc_now,
            new_id=uuid7,
        )
    return RecoveryCodesAnswer(recovery_codes=codes)


@router.post("/admin/staff", middlewares=[administrators()], status_code=201)
def add_staff(body: Annotated[StaffRequest, Body()]) -> Response[OpenedAnswer]:
    """Open an account of a bureau's staff; answers its one-time link. AWS calls: 1, with an Idempotency-Key 2."""
    return _opened(open_staff(body.form(), _desk(principal(router))))


@router.get("/admin/staff", middlewares=[administrators()])
def list_staff(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[StaffView]:
    """Staff of the caller's region, by scope and username. AWS calls: 1."""
    cursors = _cursors("/admin/staff")
    page = list_accounts(
        Role.REVIEWER, by=principal(router), limit=limit, start=cursors.read(cursor), accounts=_accounts()
    )
    return cursors.page([StaffView.of(item["card"]) for item in page.items], page.next_start)


@router.patch("/admin/staff/<id>", middlewares=[administrators()])
def change_staff(id: AccountId, body: Annotated[ChangeRequest, Body()]) -> ChangedAnswer:
    """Suspend, reopen, re-scope or reset an account of staff; its sessions end. AWS calls: 2."""
    return _changed(id, STAFF, body)


@router.post("/admin/institutions", middlewares=[administrators()], status_code=201)
def add_institution(body: Annotated[InstitutionRequest, Body()]) -> Response[OpenedAnswer]:
    """Open a training institution with its account. AWS calls: 1, with an Idempotency-Key 2."""
    return _opened(open_institution(body.form(), _desk(principal(router))))


@router.get("/admin/institutions", middlewares=[administrators()])
def list_institutions(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[InstitutionView]:
    """Training institutions of the caller's region. AWS calls: 1."""
    cursors = _cursors("/admin/institutions")
    page = list_accounts(
        Role.INSTITUTION, by=principal(router), limit=limit, start=cursors.read(cursor), accounts=_accounts()
    )
    return cursors.page([InstitutionView.of(item["card"]) for item in page.items], page.next_start)


@router.patch("/admin/institutions/<id>", middlewares=[administrators()])
def change_institution(id: AccountId, body: Annotated[ChangeRequest, Body()]) -> ChangedAnswer:
    """Suspend, reopen or reset an institution's account; its sessions end. AWS calls: 2, by its institution_id 3."""
    account_id = id if len(id) > LONGEST_INSTITUTION_ID else _accounts().account_id_of(id) or id
    return _changed(account_id, frozenset({Role.INSTITUTION}), body)


@router.post("/admin/employers", middlewares=[administrators()], status_code=201)
def add_employer(body: Annotated[EmployerRequest, Body()]) -> Response[OpenedAnswer]:
    """Open an employer with an administrator, or another administrator of it. AWS calls: 1, with an Idempotency-Key 2."""
    return _opened(open_employer(body.form(), _desk(principal(router))))


@router.get("/admin/employers", middlewares=[administrators()])
def list_employers(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[EmployerView]:
    """Employers' administrators of the caller's region, by region and unit. AWS calls: 2."""
    cursors = _cursors("/admin/employers")
    page = list_accounts(
        Role.EMPLOYER, by=principal(router), limit=limit, start=cursors.read(cursor), accounts=_accounts()
    )
    cards = [item["card"] for item in page.items]
    names = _accounts().organisations.employer_names(card["scope"] for card in cards)
    return cursors.page([EmployerView.of(one, names.get(one["scope"])) for one in cards], page.next_start)


@router.patch("/admin/employers/<id>", middlewares=[administrators()])
def change_employer(id: AccountId, body: Annotated[ChangeRequest, Body()]) -> ChangedAnswer:
    """Suspend, reopen or reset an administrator's account, or give it another unit; its sessions end. AWS calls: 2, with another unit 3."""
    return _changed(id, frozenset({Role.EMPLOYER}), body)


def _accounts() -> AccountStore:
    return wiring.store().accounts


def _cursors(query: str) -> Cursors:
    return Cursors(lookup_key(), account_id=principal(router).account_id, query=query)


def _desk(by: Principal | None) -> Desk:
    return wiring.desk(by, request_key(router))


def _opened(opened: Opened) -> Response[OpenedAnswer]:
    return created(OpenedAnswer.of(opened, _link(opened.token)))


def _changed(account_id: str, kind: frozenset[Role], body: ChangeRequest) -> ChangedAnswer:
    me = principal(router)
    changed = change_account(account_id, kind, body.change(), wiring.desk(me, None), by=me)
    return ChangedAnswer.of(changed, _link(changed.token) if changed.token else None)


def _link(token: str) -> str:
    return public_address(router, f"/auth/invitations/{token}")
