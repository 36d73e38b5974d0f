"""Changing accounts (账号调整): suspension, another scope, a reset. Each ends every session of the account.

It bites at the very next refresh, and on access tokens within a minute: the authorizer compares epochs.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from identity.account_forms import FormReader
from identity.account_rights import OwnAccount, require_administrator, require_may_change, require_may_open
from identity.account_store import AccountStore, ListedAccount
from identity.accounts import Account
from identity.invitations import new_invitation
from identity.opening import Desk
from identity.organisations import succeeded
from jingkuai.aws.tables import Cancelled, Item, TransactWrite
from jingkuai.domain.principal import Principal, Role, region_of
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, NotFound
from jingkuai.domain.workdays import today_in_shanghai


class LastAdmin(Conflict):
    """Nobody would be left who administers the accounts of the province."""

    code = "last_admin"
    title = "不能停用最后一位管理员"
    detail = "这是最后一位可用的管理员，停用或重置后将无人管理账号，没有改动。请先开通另一位管理员，并等其完成首次登录后再试。"


class AccountChanged(Conflict):
    """The account was changed by another request meanwhile; nothing of this one was saved."""

    code = "account_changed"
    title = "账号刚刚被改动"
    detail = "这个账号刚刚有了变化，您这次的调整没有保存。请刷新账号列表，核对后重新提交。"


class Reset(StrEnum):
    """What an administrator takes back, so that the holder sets it anew."""

    PASSWORD = "password"  # noqa: S105 — what is reset, not one
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What shall be different; what is None stays."""

    suspended: bool | None = None
    scope: str | None = None
    reset: Reset | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The account as it stands now, with the token of a new link where its password was reset."""

    account: Account
    card: Item
    token: str | None = None


def change_account(
    account_id: str, kind: frozenset[Role], wanted: AccountChange, desk: Desk, *, by: Principal
) -> Changed:
    """Suspend or reopen an account, give it another scope, or reset its password or second factor, all in one.

    What is so already changes nothing. Raises NotFound for no account of this kind in the caller's region, Forbidden,
    OwnAccount, Invalid, LastAdmin, AccountChanged; UnitSucceeded for a unit that was merged. AWS calls: 2, to another unit 3.
    """
    require_administrator(by)
    accounts, now = desk.store.accounts, desk.clock()
    listed = accounts.listed(account_id)
    if listed is None or listed.account.role not in kind:
        raise NotFound()
    require_may_change(by, listed)
    after, card = _after(listed, wanted, accounts, by, today_in_shanghai(now))
    actions = _actions(listed.account, after, wanted)
    if not actions:
        return Changed(listed.account, listed.card)
    if listed.account.account_id == by.account_id and actions != ["suspended"]:
        raise OwnAccount()
    invitation = new_invitation(desk.lookup, desk.random, now) if wanted.reset is Reset.PASSWORD else None
    acting, units = _admin_writes(listed.account, after, accounts), _unit_writes(listed.account, after, accounts)
    writes = [*acting, *units]
    if invitation:
        after = replace(after, invitation_hash=invitation.hash)
        writes.append(accounts.invite(invitation.hash, account_id, after.role, after.scope, invitation.expires_at))
    try:
        done = accounts.change(listed, after, card, by=by, at=now, new_id=desk.new_id, actions=actions, writes=writes)
    except Cancelled as cancelled:
        if cancelled.failed(*range(len(acting))):
            raise LastAdmin() from cancelled
        if units and cancelled.failed(len(acting)):
            raise succeeded(after.scope, accounts.organisations) from cancelled
        raise
    if not done:
        raise AccountChanged()
    return Changed(after, card, invitation.token if invitation else None)


def _after(
    listed: ListedAccount, wanted: AccountChange, accounts: AccountStore, by: Principal, today: date
) -> tuple[Account, Item]:
    after = listed.account
    if wanted.suspended is not None:
        after = replace(after, suspended=wanted.suspended)
    if wanted.reset is Reset.PASSWORD:
        after = replace(after, password_hash=None, password_set_at=None)
    if wanted.reset is Reset.TOTP:
        after = replace(after, totp_cipher=None, recovery_hashes=frozenset())
    card = {**listed.card, "suspended": after.suspended}
    if wanted.scope is None or wanted.scope == after.scope:
        return after, card
    scope, more = _new_scope(after, wanted.scope, accounts, by, today)
    return replace(after, scope=scope), {**card, "scope": scope, **more}


def _new_scope(account: Account, typed: str, accounts: AccountStore, by: Principal, today: date) -> tuple[str, Item]:
    """Another scope, and what lists show because of it: a bureau for staff, a unit that is here for an administrator."""
    reader = FormReader(today)
    if account.role is Role.INSTITUTION:
        text = "培训机构的账号不能改为另一家机构，请为那家机构另行开通账号。"
        raise Invalid(errors=[FieldProblem("scope", "scope_is_fixed", text)])
    if account.role is not Role.EMPLOYER:
        scope = reader.scope("scope", account.role, typed)
        reader.done()
        require_may_open(by, account.role, region_of(scope))
        return scope, {}
    uscc = reader.uscc("scope", typed)
    reader.done()
    unit = accounts.organisations.employer(uscc)
    if unit is None or not by.covers(unit["region_code"]):
        text = "没有这个单位的档案，请核对统一社会信用代码，或者先为该单位开通账号。"
        raise Invalid(errors=[FieldProblem("scope", "unknown_employer", text)])
    return uscc, {"unit_name": unit["name"], "region_code": unit["region_code"]}


def _actions(before: Account, after: Account, wanted: AccountChange) -> list[str]:
    """What changes, in the audit's words."""
    actions = []
    if before.suspended != after.suspended:
        actions.append("suspended" if after.suspended else "reopened")
    if before.scope != after.scope:
        actions.append("scope_changed")
    if wanted.reset is Reset.PASSWORD:
        actions.append("password_reset_by_administrator")
    if wanted.reset is Reset.TOTP and before.totp_cipher is not None:
        actions.append("second_factor_reset")
    return actions


def _unit_writes(before: Account, after: Account, accounts: AccountStore) -> list[TransactWrite]:
    """What makes another unit one with an account, as long as it stands."""
    if before.role is not Role.EMPLOYER or before.scope == after.scope:
        return []
    units = accounts.organisations
    return [units.stands(after.scope), units.attended(after.scope)]


def _admin_writes(before: Account, after: Account, accounts: AccountStore) -> list[TransactWrite]:
    """What keeps one admin able to act: a count of those enrolled and not suspended, moved in the same transaction."""
    if before.role is not Role.ADMIN:
        return []
    could, can = _can_act(before), _can_act(after)
    if could == can:
        gone = could and before.password_hash is not None and after.password_hash is None
        return [accounts.admins.another_acts()] if gone else []
    return [accounts.admins.moved(1 if can else -1)]


def _can_act(account: Account) -> bool:
    return account.totp_cipher is not None and not account.suspended
