"""Likeness as items: each mark with whoever has it, and units by name and by code."""

from collections.abc import Mapping, Sequence
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.successions import successor_of
from jingkuai.aws.tables import Table
from review.likeness import EMPLOYER_CODE, EMPLOYER_NAME, Alike, Mark

_ENOUGH = 3  # another name or code is among them, if there is any
MOST_ALIKE = 5  # people to settle beside one task; whoever shares most comes first


class LikenessStore:
    """The likenesses in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def shared(self, marks: Sequence[Mark], person_id: str) -> tuple[Alike, ...]:
        """Who else has some of these marks, at most `MOST_ALIKE`; they are this person's from now on as well.

        Written before they are read: of two who file the same at the same moment, one at least is told.
        AWS calls: 1 per 25 marks, and 1 a mark.
        """
        self._registry.batch_write([mark.item(person_id) for mark in marks])
        kinds: dict[str, dict[str, None]] = {}
        for mark in marks:
            for other in self._others(mark, person_id):
                kinds.setdefault(other, {})[mark.kind] = None
        alike = [Alike(other, tuple(why)) for other, why in kinds.items()]
        return tuple(sorted(alike, key=lambda one: -len(one.why))[:MOST_ALIKE])

    def units(self, uscc: str, name_hash: str) -> Sequence[Mapping[str, Any]]:
        """The units on record under this code or this name. AWS calls: 2."""
        by_code = self._registry.query(keys.likeness_pk(EMPLOYER_CODE, uscc), limit=_ENOUGH)
        by_name = self._registry.query(keys.likeness_pk(EMPLOYER_NAME, name_hash), limit=_ENOUGH)
        return [*by_code.items, *by_name.items]

    def successor(self, uscc: str, name: str = "") -> tuple[str, str] | None:
        """Who has taken a unit's place, as `successor_of` says. AWS calls: 1, and 1 more a merger."""
        return successor_of(self._registry, uscc, name)

    def _others(self, mark: Mark, person_id: str) -> list[str]:
        found = self._registry.query(keys.likeness_pk(mark.kind, mark.like_hash), limit=MOST_ALIKE + 1)
        return [one["person_id"] for one in found.items if one["person_id"] != person_id]
