"""Routes of somebody's own record: as it stands and as it was, its history, its confirmation, its contact data."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.ids import uuid7
from jingkuai.aws.keys import NEWEST_VERSION
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.offices import OfficeBook
from jingkuai.aws.one_time_codes import SentCodes
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Invalid
from jingkuai.domain.record_rules import RecordRules
from jingkuai.web.access import allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from register import confirmation, contact, history, profile
from register.confirmation_store import ConfirmationStore
from register.contact_store import ContactStore
from register.record_views import (
    ConfirmationRequest,
    ConfirmedView,
    ContactRequest,
    ContactView,
    DifferencesView,
    ProfileView,
    RecordVersionView,
)
from register.store import RegisterStore
from register.version_store import VersionStore

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
AsOf = Annotated[str | None, Query(max_length=40, description="日期（当天结束时），或者带时区的时间")]
Earlier = Annotated[int, Query(alias="from", ge=1, le=NEWEST_VERSION, description="较早的版本号")]
Later = Annotated[int, Query(alias="to", ge=1, le=NEWEST_VERSION, description="较晚的版本号")]


@router.get("/me/profile", middlewares=[allow(Role.ACCOUNTANT)])
def show_profile(as_of: AsOf = None) -> ProfileView:
    """My record as approved, number and phone masked; or as it stood at the end of a day.

    AWS calls: 1, where the offices are read again 2, with as_of 2.
    """
    me, people = principal(router), RegisterStore(_registry())
    if not as_of:
        person = profile.own_record(by=me, store=people)
        return ProfileView.of(person, offices().office(person.region_code, utc_now))
    try:
        moment = history.moment_of(as_of)
    except history.InvalidMoment as refused:
        raise Invalid(errors=[refused.at("as_of")]) from refused
    return ProfileView.as_it_was(*profile.record_at(moment, by=me, store=people, versions=_versions()))


@router.get("/me/profile/history", middlewares=[allow(Role.ACCOUNTANT)])
def list_versions(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[RecordVersionView]:
    """The versions of my record, newest first: who, when, why, and what changed. AWS calls: 1."""
    me = principal(router)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/me/profile/history")
    page = _versions().page(me.account_id, limit=limit, start=cursors.read(cursor))
    return cursors.page([RecordVersionView.of(one, before) for one, before in page.versions], page.next_start)


@router.get("/me/profile/differences", middlewares=[allow(Role.ACCOUNTANT)])
def show_differences(earlier: Earlier, later: Later) -> DifferencesView:
    """What changed in my record from one version to another, field by field. AWS calls: 1."""
    found = history.changes_between(earlier, later, by=principal(router), store=_versions())
    return DifferencesView.of(earlier, later, found)


@router.post("/me/profile/confirmed", middlewares=[allow(Role.ACCOUNTANT)])
def confirm_record(body: Annotated[ConfirmationRequest, Body()]) -> ConfirmedView:
    """Say that my record is still true. AWS calls: 1, confirmed today already 2."""
    confirmed = confirmation.confirm(
        body.version,
        by=principal(router),
        store=ConfirmationStore(_registry(), uuid7),
        people=RegisterStore(_registry()),
        clock=utc_now,
    )
    return ConfirmedView.of(confirmed)


@router.patch("/me/contact", middlewares=[allow(Role.ACCOUNTANT)])
def change_contact(body: Annotated[ContactRequest, Body()]) -> ContactView:
    """Change my phone, e-mail or address at once; the old phone is told. AWS calls: 4, without a new phone 2."""
    desk = contact.Desk(
        store=ContactStore(_registry(), uuid7),
        codes=SentCodes(Table(clients.dynamodb(), settings().identity_table)),
        lookup=lookup_key(),
        sealer=Sealer(clients.kms(), settings().data_key_id),
        clock=utc_now,
    )
    return ContactView.of(contact.change_contact(body.form(), by=principal(router), desk=desk))


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


def _versions() -> VersionStore:
    return VersionStore(_registry())


@cache
def offices() -> OfficeBook:
    """The bureaus' offices, kept for a minute."""
    return OfficeBook(_registry())


@cache
def record_rules() -> Configuration[RecordRules]:
    """The rules in force, kept for the life of the process."""
    return live("record_rules", RecordRules.from_policy)
