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

    Raises InvitationInvalid; AccountSuspended; Invalid for a password that may not be one, which leaves the link usable.
    AWS calls: 3.
    """
    now, invitation_hash = clock(), _hash(token)
    account = _invited(invitation_hash, accounts, now)
    account.require_active()
    try:
        check_password(password, of_staff=account.is_staff)
    except InvalidPassword as refused:
        raise Invalid(errors=[refused.at("password")]) from refused
    accepted = accounts.accept_invitation(
        account, invitation_hash, hashed(password), at=now, new_id=new_id, origin=origin
    )
    if not accepted:
        raise InvitationInvalid()


def _invited(invitation_hash: str, accounts: AccountStore, now: datetime) -> Account:
    found = accounts.invitation(invitation_hash)
    if found is None or datetime.fromtimestamp(found["expires_at"], UTC) <= now:
        raise InvitationInvalid()
    account = accounts.account(found["account_id"])
    if account is None or account.invitation_hash != invitation_hash:
        raise InvitationInvalid()
    return account


def _hash(token: str) -> str:
    # 256 random bits need no key and no slow hash
    return hashlib.sha256(token.encode()).hexdigest()
