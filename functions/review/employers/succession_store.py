"""Successions in the Registry table: one item of each unit that was merged or renamed, which is also its sign to others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.outbox import StartExecution, outbox_item
from jingkuai.aws.successions import unit_stands
from jingkuai.aws.tables import (
    Cancelled,
    Item,
    Table,
    TransactWrite,
    put_item,
    transact,
    update_item,
)
from jingkuai.domain.principal import Principal, Role
from review.employers.succession import Situation, Succession, SuccessionStatus, Successor, Unit
from review.likeness import EMPLOYER_NAME
from review.person_items import unit_known

_AS_READ = "version = :read"


class SuccessionStore:
    """What becomes of units."""

    def __init__(self, registry: Table, lookup: LookupKey, new_id: NewId) -> None:
        self._registry = registry
        self._lookup = lookup
        self._new_id = new_id

    def situation(self, uscc: str, successor: str) -> Situation:
        """Both units, and what has been said of them before. AWS calls: 1."""
        at = {
            "old": keys.employer_key(uscc),
            "new": keys.employer_key(successor),
            "standing": keys.succession_key(uscc),
            "gone": keys.succession_key(successor),
        }
        wanted = {(key["pk"], key["sk"]): key for key in at.values()}
        found = self._registry.batch_get(list(wanted.values()))
        items = {name: found.get((key["pk"], key["sk"])) for name, key in at.items()}
        gone = items["gone"]
        return Situation(
            old=_unit(items["old"]),
            new=_unit(items["new"]),
            standing=succession_of(items["standing"]) if items["standing"] else None,
            successor_gone=gone is not None and gone["successor"]["uscc"] != successor,
        )

    def count(self, uscc: str) -> int:
        """How many members a unit has. AWS calls: 1, and 1 more each megabyte."""
        return sum(1 for _ in self._registry.query_all(keys.members(uscc), index="gsi3"))

    def begin(self, new: Succession, situation: Situation, *, at: datetime) -> bool:
        """Write it down, let the units be what they will be, and start moving members, together. False, and nothing
        done, where something is not as it was read. AWS calls: 1.
        """
        standing = situation.standing
        condition = _AS_READ if standing else "attribute_not_exists(pk)"
        values = {":read": standing.version} if standing else None
        return self._written(
            put_item(self._registry, _item(new), condition=condition, values=values),
            # two mergers that cross would chase each other
            *([] if new.is_rename else [unit_stands(self._registry, new.successor.uscc)]),
            *self._units(new, situation),
            *self._known(new),
            self._promised(new, at),
            self._audited(new, "employer.renamed" if new.is_rename else "employer.succeeded", at),
        )

    def resume(self, stopped: Succession, again: Succession, *, at: datetime) -> bool:
        """Go on with a stopped one. False where it is not as it was read. AWS calls: 1."""
        return self._written(
            put_item(self._registry, _item(again), condition=_AS_READ, values={":read": stopped.version}),
            self._promised(again, at),
            self._audited(again, "employer.succession_resumed", at),
        )

    def _units(self, new: Succession, situation: Situation) -> list[TransactWrite]:
        """The old unit under its new name, or the successor in the list of units in its place.

        A unit without an account stays one: it has no item, and whoever moves there waits for nobody's confirmation.
        """
        old = situation.old
        if old is None:
            return []
        if new.is_rename:
            return [
                update_item(
                    self._registry,
                    keys.employer_key(old.uscc),
                    "SET #name = :name, #card.#name = :name",
                    condition="#name = :read",
                    values={":name": new.successor.name, ":read": old.name},
                    names={"#name": "name", "#card": "card"},
                )
            ]
        marked = update_item(
            self._registry,
            keys.employer_key(old.uscc),
            "SET successor = :successor",
            condition="#name = :read",
            values={":successor": _told(new.successor), ":read": old.name},
            names={"#name": "name"},
        )
        if situation.new:
            return [marked]
        shown = {"uscc": new.successor.uscc, "name": new.successor.name, "region_code": old.region_code}
        unit = {
            **keys.employer_key(new.successor.uscc),
            "v": 1,
            **shown,
            "unattended": True,
            **keys.index(1, keys.EMPLOYERS, f"{old.region_code}#{new.successor.uscc}"),
            **keys.card(**shown),
        }
        return [marked, put_item(self._registry, unit, condition="attribute_not_exists(pk)")]

    def _known(self, new: Succession) -> list[TransactWrite]:
        successor = new.successor
        return unit_known(
            self._registry, successor.uscc, successor.name, self._lookup.of(EMPLOYER_NAME, successor.name)
        )

    def _promised(self, new: Succession, at: datetime) -> TransactWrite:
        where = keys.succession_key(new.uscc)
        start = StartExecution("bulk", new.execution, {"pk": where["pk"], "sk": where["sk"]})
        return put_item(self._registry, outbox_item(start, at=at, new_id=self._new_id))

    def _audited(self, new: Succession, action: str, at: datetime) -> TransactWrite:
        entry = change_item(
            new.uscc,
            action=action,
            by=new.by,
            at=at,
            new_id=self._new_id,
            details={"successor": _told(new.successor), "members": new.members, "succession_id": new.succession_id},
        )
        return put_item(self._registry, entry)

    def _written(self, *writes: TransactWrite) -> bool:
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True


def succession_of(item: Item) -> Succession:
    """The succession of an item."""
    return Succession(
        succession_id=item["succession_id"],
        uscc=item["uscc"],
        successor=Successor(item["successor"]["uscc"], item["successor"]["name"]),
        status=SuccessionStatus(item["status"]),
        members=item["members"],
        moved=item["moved"],
        started_at=item["started_at"],
        by=_principal(item["started_by"]),
        version=item["version"],
        place=item.get("place"),
        moved_in_pass=item["moved_in_pass"],
        former_name=item.get("former_name"),
    )


def _item(new: Succession) -> Item:
    return {
        **keys.succession_key(new.uscc),
        "v": 1,
        "succession_id": new.succession_id,
        "uscc": new.uscc,
        "successor": _told(new.successor),
        "status": new.status.value,
        "members": new.members,
        "moved": new.moved,
        "started_at": new.started_at,
        "started_by": {
            "account_id": new.by.account_id,
            "scope": new.by.scope,
            "name_masked": new.by.name_masked,
        },
        "version": new.version,
        "place": new.place,
        "moved_in_pass": new.moved_in_pass,
        "former_name": new.former_name,
    }


def _told(successor: Successor) -> dict[str, str]:
    return {"uscc": successor.uscc, "name": successor.name}


def _principal(told: Mapping[str, Any]) -> Principal:
    """Who began it, as far as the audit of what follows names them; nothing is asked of this principal's rights."""
    return Principal(told["account_id"], Role.ADMIN, told["scope"], None, told["name_masked"], "")


def _unit(item: Item | None) -> Unit | None:
    return Unit(item["uscc"], item["name"], item["region_code"]) if item else None
