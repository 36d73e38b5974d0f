"""The members of a unit (单位人员): those whose record says that they work there, masked, as the unit itself sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal

if TYPE_CHECKING:
    from review.employers.member_store import MemberStore


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a unit, masked: what the list's index shows."""

    person_id: str
    name_masked: str
    id_masked: str
    region_code: str
    employer_name: str


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of a unit's members; `next_start` names where the next ones begin."""

    members: tuple[Member, ...]
    next_start: Item | None


def own_members(*, by: Principal, limit: int, start: Item | None, store: MemberStore) -> MemberPage:
    """A page of the members of the caller's unit. AWS calls: 1."""
    return store.page(by.scope, limit=limit, start=start)


def all_members(*, by: Principal, most: int, store: MemberStore) -> MemberPage:
    """Every member of the caller's unit up to so many; `next_start` is set where there are more.

    AWS calls: 1, and 1 more each megabyte.
    """
    found: list[Member] = []
    start: Item | None = None
    while len(found) < most:
        page = store.page(by.scope, limit=most - len(found), start=start)
        found += page.members
        if (start := page.next_start) is None:
            break
    return MemberPage(tuple(found), start)
