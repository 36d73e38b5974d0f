"""A changed employment as writes of one transaction: record, list of members, number's claims and version agree, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table, TransactWrite, update_item
from jingkuai.domain.principal import Role
from jingkuai.domain.submission import EMPLOYED
from review.employers.employment import Employed
from review.number_claim_writes import unit_of_claim
from review.person_items import version_put
from review.record import ACTIVE


@dataclass(frozen=True, slots=True)
class EmploymentChange:
    """What somebody's employment becomes, under which name the history shows it, and who says so.

    `also` are further members of the person's item; `while_closed` are the matters that must not be open.
    """

    employment: Mapping[str, Any]
    kind: str
    by_role: Role
    also: Mapping[str, Any]
    while_closed: Sequence[str] = ()

    @property
    def uscc(self) -> str | None:
        return self.employment.get("uscc") if self.employment.get("status") == EMPLOYED else None


def employment_changed(
    registry: Table, before: Employed, change: EmploymentChange, *, at: datetime
) -> list[TransactWrite]:
    """The writes that change an employment, as long as the record is the one that was read; the person's comes first."""
    return [
        _person_after(registry, before, change, at),
        version_put(
            registry,
            before.person_id,
            before.version + 1,
            kind=change.kind,
            region_code=before.region_code,
            name=before.name,
            id_type=before.id_type,
            id_masked=before.id_masked,
            sections={**before.sections, "employment": dict(change.employment)},
            at=at,
            more={"by_role": change.by_role.value},
        ),
        *(unit_of_claim(registry, one, before.person_id, change.uscc) for one in before.id_hashes),
    ]


def _person_after(registry: Table, before: Employed, change: EmploymentChange, at: datetime) -> TransactWrite:
    sets: Item = {
        "version": before.version + 1,
        "section_versions": dict(before.versions_after),
        "updated_at": iso(at),
        **change.also,
    }
    removed: list[str] = []
    if change.uscc:
        sets |= keys.index(3, keys.members(change.uscc), before.person_id)
    else:
        removed = ["gsi3pk", "gsi3sk", "card.employer_name"]
    written = [f"#{name} = :{name}" for name in sets]
    values: Item = {f":{name}": value for name, value in sets.items()}
    if change.uscc:
        written.append("card.employer_name = :employer_name")
        values[":employer_name"] = change.employment["employer_name"]
    closed = [f"attribute_not_exists(#open.#closed{place})" for place in range(len(change.while_closed))]
    return update_item(
        registry,
        keys.person_key(before.person_id),
        f"SET {', '.join(written)}, sections.employment = :employment"
        + (f" REMOVE {', '.join(removed)}" if removed else ""),
        condition=" AND ".join(["version = :read AND gsi3pk = :members AND #status = :active", *closed]),
        values={
            **values,
            ":employment": dict(change.employment),
            ":read": before.version,
            ":members": keys.members(before.uscc or ""),
            ":active": ACTIVE,
        },
        names={
            **{f"#{name}": name for name in sets},
            "#status": "status",
            **({"#open": "open"} if closed else {}),
            **{f"#closed{place}": kind for place, kind in enumerate(change.while_closed)},
        },
    )
