"""Institutions and employers in the Registry, as they begin with the account that is opened for them."""

from collections.abc import Iterable

from jingkuai.aws import keys
from jingkuai.aws.successions import unit_stands
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item, update_item


class OrganisationStore:
    """Who reports credits, and units with an account."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def begin_employer(self, uscc: str, name: str, region_code: str, *, attended: bool = True) -> TransactWrite:
        """The unit of a first administrator, or one that has none yet; fails where it stands under another name or in another
        region.
        """
        shown = {"uscc": uscc, "name": name, "region_code": region_code}
        card, place = keys.card(**shown)["card"], f"{region_code}#{uscc}"
        return update_item(
            self._registry,
            keys.employer_key(uscc),
            "SET v = :one, uscc = :uscc, #name = :name, region_code = :region, #card = :card, "
            f"gsi1pk = :employers, gsi1sk = :place{' REMOVE unattended' if attended else ', unattended = :true'}",
            condition="attribute_not_exists(pk) OR (#name = :name AND region_code = :region)",
            values={
                ":one": 1,
                ":uscc": uscc,
                ":name": name,
                ":region": region_code,
                ":card": card,
                ":employers": keys.EMPLOYERS,
                ":place": place,
                **({} if attended else {":true": True}),
            },
            names={"#name": "name", "#card": "card"},
        )

    def stands(self, uscc: str) -> TransactWrite:
        """That no other unit has taken this one's place; fails also where one does at this moment."""
        return unit_stands(self._registry, uscc)

    def attended(self, uscc: str) -> TransactWrite:
        """The unit has an account from now on, and is asked about its people."""
        return update_item(
            self._registry, keys.employer_key(uscc), "REMOVE unattended", condition="attribute_exists(pk)"
        )

    def successor(self, uscc: str) -> tuple[str, str]:
        """Code and name of the unit that has taken this one's place. Raises KeyError where none has. AWS calls: 1."""
        successor = (self._registry.get(keys.succession_key(uscc)) or {})["successor"]
        return successor["uscc"], successor["name"]

    def employer(self, uscc: str) -> Item | None:
        """A unit with an account here. AWS calls: 1."""
        return self._registry.get(keys.employer_key(uscc))

    def employer_names(self, codes: Iterable[str]) -> dict[str, str]:
        """What units are called now, by their codes: an account keeps the name it was opened under. AWS calls: 1."""
        found = self._registry.batch_get([keys.employer_key(one) for one in dict.fromkeys(codes)])
        return {item["uscc"]: item["name"] for item in found.values()}

    def begin_institution(self, institution: Item) -> TransactWrite:
        """A training institution; fails where its id is taken."""
        return put_item(self._registry, institution, condition="attribute_not_exists(pk)")
