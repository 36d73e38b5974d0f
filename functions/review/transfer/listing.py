"""The transfers of a bureau (调入、调出列表): who comes and who goes, newest first."""

from dataclasses import dataclass
from enum import StrEnum

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Page, Table
from jingkuai.aws.transfers import transfer_of
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from jingkuai.domain.regions import Divisions
from jingkuai.domain.transfer import Transfer
from review.review_task import bureau_of


class Direction(StrEnum):
    """Whether records come to the bureau or go."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class ListedTransfer:
    """A transfer with whose it is, masked."""

    transfer: Transfer
    name_masked: str
    id_masked: str


@dataclass(frozen=True, slots=True)
class TransferList:
    """One page of a bureau's transfers."""

    transfers: tuple[ListedTransfer, ...]
    next_start: Item | None


class TransferLists:
    """The transfers of all bureaus, in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def page(self, owner: str, direction: Direction, *, limit: int, start: Item | None) -> TransferList:
        """A bureau's transfers as they stand, newest first. AWS calls: 2, with none of them 1."""
        page = self._listed(owner, direction, limit, start)
        people_at = {one["pk"]: keys.person_key(one["pk"].removeprefix(keys.person_pk(""))) for one in page.items}
        transfers_at = [{"pk": one["pk"], "sk": one["sk"]} for one in page.items]
        found = self._registry.batch_get([*transfers_at, *people_at.values()]) if page.items else {}
        listed = [
            ListedTransfer(transfer_of(item), person["name_masked"], person["id_masked"])
            for at in transfers_at
            if (item := found.get((at["pk"], at["sk"])))
            and (person := found.get((people_at[at["pk"]]["pk"], people_at[at["pk"]]["sk"])))
        ]
        return TransferList(tuple(listed), page.next_start)

    def _listed(self, owner: str, direction: Direction, limit: int, start: Item | None) -> Page:
        if direction is Direction.INCOMING:
            partition, index = keys.transfers_to(owner), "gsi1"
        else:
            partition, index = keys.transfers_from(owner), "gsi2"
        return self._registry.query(partition, index=index, descending=True, limit=limit, start=start)


def list_transfers(
    direction: Direction,
    region: str | None,
    *,
    by: Principal,
    lists: TransferLists,
    divisions: Divisions,
    limit: int,
    start: Item | None,
) -> TransferList:
    """A page of the transfers of the caller's bureau, or of one below it.

    Raises NotFound for a region outside the caller's scope or without a bureau. AWS calls: 2.
    """
    owner = region or bureau_of(by)
    if not by.covers(owner) or not divisions.is_authority(owner):
        raise NotFound()
    return lists.page(owner, direction, limit=limit, start=start)
