"""The staff of a bureau as far as handing out its tasks needs it: who heads it, and who may be handed one."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table, TransactWrite, batch_get
from jingkuai.domain.principal import OwnNames, Role
from jingkuai.domain.privacy import mask_name
from review.own_case import not_their_own


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff, read from the account. `is_head`: whether they hand out the tasks of their bureau."""

    account_id: str
    username: str
    role: Role
    scope: str
    is_active: bool
    is_head: bool

    def may_be_handed_tasks_of(self, scope: str) -> bool:
        """Whether they are an active reviewer of exactly this bureau."""
        return self.is_active and self.role is Role.REVIEWER and self.scope == scope


@dataclass(frozen=True, slots=True)
class ListedColleague:
    """A reviewer as the bureau's list shows them, masked."""

    account_id: str
    name_masked: str
    is_head: bool


class Colleagues:
    """Reads staff accounts, as the one place where the bureaus' API reads the Identity table."""

    def __init__(self, registry: Table, identity: Table) -> None:
        self._registry = registry
        self._identity = identity

    def of_bureau(self, scope: str) -> list[ListedColleague]:
        """The active reviewers of exactly this bureau, by username; a bureau's staff fit into one answer. AWS calls: 1."""
        listed = self._identity.query_all(keys.accounts_list(Role.REVIEWER), index="gsi1", prefix=f"{scope}#")
        cards = [item["card"] for item in listed]
        return [_listed(one) for one in cards if one["role"] == Role.REVIEWER and not one["suspended"]]

    def with_task(self, task_id: str, account_ids: Sequence[str]) -> tuple[Item | None, dict[str, Colleague]]:
        """A task's item, and those of these accounts that are staff, at one moment. AWS calls: 1."""
        task_at = keys.task_key(task_id)
        accounts_at = [keys.account_key(one) for one in dict.fromkeys(account_ids)]
        found = batch_get(self._registry.client, {self._registry.name: [task_at], self._identity.name: accounts_at})
        task = found[self._registry.name].get((task_at["pk"], task_at["sk"]))
        staff = [_colleague_of(item) for item in found[self._identity.name].values() if "username" in item]
        return task, {one.account_id: one for one in staff}

    def names_of(self, colleague: Colleague) -> OwnNames:
        """By which hashes they are found in the registry. AWS calls: 1."""
        pointer = self._identity.get(keys.username_key(colleague.username)) or {}
        return OwnNames(tuple(pointer.get("id_hashes", ())), pointer.get("phone_hash"))

    def not_the_person(self, names: OwnNames, person_id: str) -> list[TransactWrite]:
        """The transaction holds only if none of these names is this person's."""
        return not_their_own(self._registry, names, person_id)


def _colleague_of(item: Item) -> Colleague:
    return Colleague(
        account_id=item["account_id"],
        username=item["username"],
        role=Role(item["role"]),
        scope=item["scope"],
        is_active=not item["suspended"],
        is_head=bool(item.get("card", {}).get("head", False)),
    )


def _listed(card: Item) -> ListedColleague:
    return ListedColleague(card["account_id"], mask_name(card["name"]), bool(card.get("head", False)))
