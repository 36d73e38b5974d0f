"""Accounts of staff and organisations as items: what is stored, what lists show of it, and where it stands in its list."""

from datetime import datetime

from identity.accounts import Account, NewAccount
from identity.session_store import account_item
from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Role


def place_in_list(role: Role, scope: str, region_code: str | None, username: str) -> str:
    """Where an account stands in its list: a bureau's accounts by scope, the others by region, so that each bureau's
    part of a list is one query.
    """
    if role is Role.EMPLOYER:
        return f"{region_code}#{scope}#{username}"
    return f"{region_code if role is Role.INSTITUTION else scope}#{username}"


def region_of(account: Account, new: NewAccount) -> str | None:
    """The region under which a new account is audited."""
    return account.region_code or new.region_code


def username_pointer(account: Account, new: NewAccount) -> Item:
    """Whose a username is, and by which hashes its holder is found in the registry."""
    return {
        **keys.username_key(new.username),
        "v": 1,
        "account_id": account.account_id,
        "id_hashes": list(new.id_hashes) or None,
        "phone_hash": new.phone_hash,
    }


def opened_account(account: Account, new: NewAccount, at: datetime) -> Item:
    """A new account with its place in its list."""
    shown = {
        "account_id": account.account_id,
        "username": new.username,
        "name": new.name,
        "role": account.role.value,
        "scope": account.scope,
        "region_code": new.region_code,
        "suspended": account.suspended,
        **new.shown,
    }
    place = place_in_list(account.role, account.scope, new.region_code, new.username)
    return {
        **account_item(account),
        "name": new.name,
        "opened_at": iso(at),
        **keys.card(**shown),
        **keys.index(1, keys.accounts_list(account.role), place),
    }
