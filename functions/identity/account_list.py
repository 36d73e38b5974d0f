"""Lists of accounts (账号列表): each administrator sees those of their own region."""

from identity.account_rights import require_administrator
from identity.account_store import AccountStore
from jingkuai.aws.tables import Item, Page
from jingkuai.domain.principal import Principal, Role


def list_accounts(kind: Role, *, by: Principal, limit: int, start: Item | None, accounts: AccountStore) -> Page:
    """One page of the accounts of this kind (any staff is one kind), by region. Raises Forbidden. AWS calls: 1."""
    require_administrator(by)
    return accounts.page(kind, by.scope, limit=limit, start=start)
