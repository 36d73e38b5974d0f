"""What the routes hand to the use cases: stores, keys and senders of this deployment. The clients and keys below them are made once."""

from functools import cache
from secrets import token_bytes

from identity.code_store import CodeStore
from identity.public_data import RegionsCache
from identity.session_store import SessionStore
from identity.sessions import Issuer
from identity.store import IdentityStore
from jingkuai.aws.clients import dynamodb, kms, sns
from jingkuai.aws.ids import uuid7
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.aws.sms import SmsSender, SnsSms
from jingkuai.aws.tables import Table


def _identity() -> Table:
    return Table(dynamodb(), settings().identity_table)


def store() -> IdentityStore:
    return IdentityStore(_identity(), Table(dynamodb(), settings().registry_table))


def codes() -> CodeStore:
    return CodeStore(_identity())


def sessions() -> SessionStore:
    return SessionStore(_identity())


def sealer() -> Sealer:
    return Sealer(kms(), settings().data_key_id)


def issuer() -> Issuer:
    return Issuer(signer(settings().token_key_id), uuid7, token_bytes)


def sms() -> SmsSender:
    return SnsSms(sns(), settings().sms_signature)


@cache
def regions() -> RegionsCache:
    return RegionsCache()
