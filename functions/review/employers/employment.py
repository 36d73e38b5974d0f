"""An employment that others than its person change (单位变动): somebody's record as read for it, and what it becomes.

Source: handbook, sections 1 and 2: the unit is a fact about the person, so the unit and the province may correct it; whose
record it is, is told, and may file a change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jingkuai.aws.tables import Item
from jingkuai.domain.submission import EMPLOYED
from review.items import person_facts_of
from review.record import ACTIVE


@dataclass(frozen=True, slots=True)
class Employed:
    """Somebody's record as far as a change of unit reads it. `uscc` is None where they work for no unit.

    `id_hashes` are the claims of their numbers, the present one first: each says whose member they are. `versions_after`
    is which version of each section stands once the employment has changed; `departure` what a unit last said of their
    leaving.
    """

    person_id: str
    status: str
    version: int
    name: str
    id_type: str
    id_masked: str
    id_hashes: Sequence[str]
    versions_after: Mapping[str, int]
    region_code: str
    sections: Mapping[str, Any]
    open: Mapping[str, str]
    departure: Mapping[str, str]

    @property
    def employment(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.sections.get("employment", {})
        return found

    @property
    def uscc(self) -> str | None:
        """The unit whose member they are; a record that is closed has none."""
        counts = self.status == ACTIVE and self.employment.get("status") == EMPLOYED
        return self.employment.get("uscc") if counts else None

    @property
    def employer_name(self) -> str:
        return str(self.employment.get("employer_name", ""))

    def without_a_unit(self) -> dict[str, Any]:
        """The employment of somebody who has left: looking for work, since when in accounting stays true."""
        started = self.employment.get("accounting_since")
        return {"status": "seeking", **({"accounting_since": started} if started else {})}

    def at_unit(self, uscc: str, name: str) -> dict[str, Any]:
        """The same employment under another code or name: post and dates go on."""
        return {**self.employment, "uscc": uscc, "employer_name": name}


def employed_of(item: Item | None) -> Employed | None:
    """The record of a person's item; None before the first approval, and where an appeal has taken the number away."""
    if item is None or not item.get("sections") or item.get("id_hash") is None:
        return None
    facts = person_facts_of(item)
    return Employed(
        person_id=item["person_id"],
        status=item["status"],
        version=item["version"],
        name=item["name"],
        id_type=item["id_type"],
        id_masked=item["id_masked"],
        id_hashes=(item["id_hash"], *facts.former_hashes),
        versions_after=facts.versions_after(facts.version + 1, ["employment"]),
        region_code=item.get("region_code", ""),
        sections=item["sections"],
        open=item.get("open", {}),
        departure=item.get("departure", {}),
    )
