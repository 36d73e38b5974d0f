"""What the routes hand to the use cases: stores, keys and senders of this deployment. The clients and keys below them are made once."""

from functools import cache
from secrets import token_bytes
from typing import Any

from identity.account_rules import AccountRules
from identity.code_store import CodeStore
from identity.office_store import OfficeStore
from identity.opening import Desk
from identity.public_data import RegionsCache
from identity.session_store import SessionStore
from identity.sessions import Issuer
from identity.store import IdentityStore
from jingkuai.aws.clients import dynamodb, kms
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.aws.sms import SmsSender
from jingkuai.aws.sms_provider import sms_sender
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Principal


def _registry() -> Table:
    return Table(dynamodb(), settings().registry_table)


def _identity() -> Table:
    return Table(dynamodb(), settings().identity_table)


def store() -> IdentityStore:
    return IdentityStore(_identity(), _registry())


def codes() -> CodeStore:
    return CodeStore(_identity())


def sessions() -> SessionStore:
    return SessionStore(_identity(), _registry())


def offices() -> OfficeStore:
    return OfficeStore(_registry(), uuid7)


def sealer() -> Sealer:
    return Sealer(kms(), settings().data_key_id)


def issuer() -> Issuer:
    return Issuer(signer(settings().token_key_id), uuid7, token_bytes, rules().sessions)


def rules() -> AccountRules:
    """The account rules in force, at most a minute old."""
    return _account_rules().current(utc_now())


@cache
def _account_rules() -> Configuration[AccountRules]:
    return live("account_rules", AccountRules.from_policy)


def sms() -> SmsSender:
    return sms_sender()


def desk(by: Principal | None, request: RequestKey | None) -> Desk:
    return Desk(
        by=by,
        store=store(),
        sealer=sealer(),
        lookup=lookup_key(),
        random=token_bytes,
        clock=utc_now,
        new_id=uuid7,
        request=request,
    )


def source_address(app: Any) -> str:
    """Where a request comes from, as the gateway saw it."""
    return app.current_event.request_context.identity.source_ip or "unknown"


@cache
def regions() -> RegionsCache:
    return RegionsCache()
