"""Opening accounts (开通账号), as a rule by invitation: then whoever opens one never knows its password.

Nothing is opened twice: a username stands for one account, and the same request under its Idempotency-Key gets its first
answer again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from identity.accounts import Account, NewAccount, institution_id_problems, username_problems
from identity.invitations import Invitation, new_invitation, token_of
from identity.passwords import InvalidPassword, check_password, hashed
from identity.store import IdentityStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Cancelled, Item, TransactWrite
from jingkuai.domain.principal import STAFF, Principal, Role
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.problem import FieldProblem, Invalid, Problem


@dataclass(frozen=True, slots=True)
class Opened:
    """An account and the token of the link by which its holder sets a password."""

    account_id: str
    username: str
    token: str


@dataclass(frozen=True, slots=True)
class Together:
    """A write of the same transaction, and the refusal where it does not hold."""

    write: TransactWrite
    refusal: Problem


@dataclass(frozen=True, slots=True)
class Desk:
    """All that opening an account takes beside the account: where it is kept, at which moment, by whose hand."""

    by: Principal | None
    store: IdentityStore
    sealer: Sealer
    lookup: LookupKey
    random: Callable[[int], bytes]
    clock: Clock
    new_id: NewId
    request: RequestKey | None = None


def open_by_invitation(new: NewAccount, desk: Desk, *, together: Sequence[Together] = ()) -> Opened:
    """Open the account with a link that is good for a day.

    Raises UsernameTaken, IdempotencyKeyReused, the refusals of `together`. AWS calls: 1, with an Idempotency-Key 2.
    """
    now, accounts = desk.clock(), desk.store.accounts
    if earlier := _earlier(new, desk, now):
        return earlier
    account_id, invitation = new.account_id or desk.new_id(now), new_invitation(desk.lookup, desk.random, now)
    writes = [one.write for one in together]
    writes.append(accounts.invite(invitation.hash, account_id, new.role, new.scope, invitation.expires_at))
    if desk.request:
        writes.append(accounts.remember(desk.request, _result(account_id, invitation), now=now))
    try:
        open_account(
            replace(new, account_id=account_id, invitation_hash=invitation.hash),
            by=desk.by,
            store=desk.store,
            sealer=desk.sealer,
            clock=desk.clock,
            new_id=desk.new_id,
            writes=writes,
        )
    except Cancelled as cancelled:
        if earlier := _earlier(new, desk, now):
            return earlier
        for place, one in enumerate(together):
            if cancelled.failed(place):
                raise one.refusal from cancelled
        raise
    return Opened(account_id, new.username, invitation.token)


def open_account(
    new: NewAccount,
    *,
    by: Principal | None,
    store: IdentityStore,
    sealer: Sealer,
    clock: Clock,
    new_id: NewId,
    beside: Sequence[Item] = (),
    writes: Sequence[TransactWrite] = (),
) -> str:
    """Open an account and answer its id; `beside` are Registry items (an institution, an employer) that begin with it,
    `writes` what else belongs to its transaction.

    Raises Invalid with every problem of username and password, UsernameTaken when an account of that name stands: the
    same request again opens no second one; Cancelled where one of `writes` did not hold.
    AWS calls: 1, and one more to seal a second factor's secret.
    """
    named = institution_id_problems if new.role is Role.INSTITUTION else username_problems
    if problems := [*named(new.username), *_password_problems(new)]:
        raise Invalid(errors=problems)
    now = clock()
    account_id = new.account_id or new_id(now)
    account = Account(
        account_id=account_id,
        role=new.role,
        scope=new.scope,
        name_masked=mask_name(new.name),
        username=new.username,
        password_hash=hashed(new.password) if new.password else None,
        password_set_at=now if new.password else None,
        totp_cipher=sealer.seal(new.totp_secret, account_id) if new.totp_secret else None,
        invitation_hash=new.invitation_hash,
    )
    store.accounts.add(account, new, by=by, at=now, new_id=new_id, beside=beside, writes=writes)
    return account_id


def _password_problems(new: NewAccount) -> list[FieldProblem]:
    if new.password is None:  # set later, by an invitation
        return []
    try:
        check_password(new.password, of_staff=new.role in STAFF)
    except InvalidPassword as refused:
        return [refused.at("password")]
    return []


def _earlier(new: NewAccount, desk: Desk, now: datetime) -> Opened | None:
    """What the same request opened before."""
    found = desk.store.accounts.earlier(desk.request, now=now) if desk.request else None
    if found is None:
        return None
    account_id, _, nonce = found.partition(".")
    return Opened(account_id, new.username, token_of(nonce, desk.lookup))


def _result(account_id: str, invitation: Invitation) -> str:
    return f"{account_id}.{invitation.nonce}"
