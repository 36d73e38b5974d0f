"""How many admins can act (可用管理员): enrolled and not suspended. The last of them stays, whatever the race."""

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table, TransactWrite, check_item, put_item, update_item


class AdminCount:
    """The count, as writes of the transactions that move it."""

    def __init__(self, identity: Table) -> None:
        self._identity = identity

    def moved(self, more: int) -> TransactWrite:
        """One more admin who can act, or one less; fails where nobody would be left."""
        condition = "active > :least" if more < 0 else None
        values: Item = {":one": 1, ":more": more} | ({":least": -more} if more < 0 else {})
        return update_item(
            self._identity, keys.admins_key(), "SET v = :one ADD active :more", condition=condition, values=values
        )

    def another_acts(self) -> TransactWrite:
        """Holds only where a second admin can act."""
        return check_item(self._identity, keys.admins_key(), "active > :one", values={":one": 1})

    def first(self, account_id: str) -> TransactWrite:
        """Holds only on a deployment that never had an admin, and only once."""
        return put_item(
            self._identity,
            {**keys.admins_key(), "v": 1, "active": 0, "first": account_id},
            condition="attribute_not_exists(pk)",
        )

    def nobody_acts(self) -> TransactWrite:
        """Holds only where nobody has taken up an admin's account yet."""
        return check_item(self._identity, keys.admins_key(), "active = :none", values={":none": 0})

    def first_id(self) -> str | None:
        """Whose account the first admin's is, where one was opened by command. AWS calls: 1."""
        item = self._identity.get(keys.admins_key())
        return item.get("first") if item else None
