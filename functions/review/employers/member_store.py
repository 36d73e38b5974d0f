"""The members of units, read from the index of units alone."""

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table
from review.employers.members import Member, MemberPage


class MemberStore:
    """The records in the Registry table, by unit."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def page(self, uscc: str, *, limit: int, start: Item | None) -> MemberPage:
        """Some of a unit's members, oldest registration first. AWS calls: 1."""
        page = self._registry.query(keys.members(uscc), index="gsi3", limit=limit, start=start)
        return MemberPage(tuple(map(_member, page.items)), page.next_start)


def _member(entry: Item) -> Member:
    card = entry["card"]
    return Member(
        person_id=entry["gsi3sk"],
        name_masked=card["name_masked"],
        id_masked=card["id_masked"],
        region_code=card["region_code"],
        employer_name=card.get("employer_name", ""),
    )
