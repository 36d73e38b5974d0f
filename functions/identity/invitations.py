"""Invitations (邀请链接): the one-time link by which an account gets its first password, or another after a reset."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from identity.account_store import AccountStore
from identity.accounts import Account
from identity.passwords import InvalidPassword, check_password, hashed
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Invalid, Kind, Problem

LIFETIME = timedelta(hours=24)
_NONCE_BYTES = 32


class InvitationInvalid(Problem):
    """No such link, or it was used, replaced by a newer one or is older than a day: which of these is not told."""

    kind = Kind.NOT_FOUND
    code = "invitation_invalid"
    title = "邀请链接无效"
    detail = "邀请链接无效，可能已经用过、已被新的链接代替，或者超过了 24 小时。请联系为您开通账号的管理员重新发送。"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that was just made. Its token follows from `nonce` under the deployment's key, so that a repeated request
    is answered with the same link although no table holds it.
    """

    nonce: str
    token: str
    expires_at: datetime

    @property
    def hash(self) -> str:
        return _hash(self.token)


def new_invitation(lookup: LookupKey, random: Callable[[int], bytes], now: datetime) -> Invitation:
    """A link that nobody can guess."""
    nonce = random(_NONCE_BYTES).hex()
    return Invitation(nonce, token_of(nonce, lookup), now + LIFETIME)


def token_of(nonce: str, lookup: LookupKey) -> str:
    """What stands in the link."""
    mac = bytes.fromhex(lookup.of("invitation", nonce).rpartition(".")[2])
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def accept(token: str, password: str, *, origin: str, accounts: AccountStore, clock: Clock, new_id: NewId) -> None:
    """Set the first password of the account a link was made for; the link is used up with it, whatever the race.

    Raises InvitationInvalid; Invalid for a password that may not be one, which leaves the link usable; AccountSuspended.
    AWS calls: 2, where the account was changed since it was invited 4.
    """
    now, invitation_hash = clock(), _hash(token)
    account = _invited(accounts.invitation(invitation_hash), now)
    try:
        check_password(password, of_staff=account.is_staff)
    except InvalidPassword as refused:
        raise Invalid(errors=[refused.at("password")]) from refused
    password_hash = hashed(password)

    def set_for(account: Account) -> bool:
        return accounts.accept_invitation(account, invitation_hash, password_hash, at=now, new_id=new_id, origin=origin)

    if not set_for(account) and not set_for(_as_it_stands(account, invitation_hash, accounts)):
        raise InvitationInvalid()


def _invited(found: Item | None, now: datetime) -> Account:
    """The account of a link, as it was when the link was made."""
    if found is None or datetime.fromtimestamp(found["expires_at"], UTC) <= now:
        raise InvitationInvalid()
    return Account(found["account_id"], Role(found["role"]), found["scope"], name_masked="")


def _as_it_stands(invited: Account, invitation_hash: str, accounts: AccountStore) -> Account:
    """The account that has been changed since, where the link is still its own."""
    account = accounts.account(invited.account_id)
    if account is None or account.invitation_hash != invitation_hash:
        raise InvitationInvalid()
    account.require_active()
    return account


def _hash(token: str) -> str:
    # 256 random bits need no key and no slow hash
    return hashlib.sha256(token.encode()).hexdigest()
