"""Likeness as items: each mark with whoever has it, and units by name and by code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.tables import Table
from review.likeness import EMPLOYER_CODE, EMPLOYER_NAME, Mark

_ENOUGH = 3  # somebody else's is among them, if there is anybody's


class LikenessStore:
    """The likenesses in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def shared(self, marks: Sequence[Mark], person_id: str) -> Mapping[str, int]:
        """How many of these marks others have too, by kind; they are this person's from now on as well.

        Written before they are read: of two who file the same at the same moment, one at least is told.
        AWS calls: 1 per 25 marks, and 1 a mark.
        """
        self._registry.batch_write([mark.item(person_id) for mark in marks])
        return Counter(mark.kind for mark in marks if self._is_anothers(mark, person_id))

    def units(self, uscc: str, name_hash: str) -> Sequence[Mapping[str, Any]]:
        """The units on record under this code or this name. AWS calls: 2."""
        by_code = self._registry.query(keys.likeness_pk(EMPLOYER_CODE, uscc), limit=_ENOUGH)
        by_name = self._registry.query(keys.likeness_pk(EMPLOYER_NAME, name_hash), limit=_ENOUGH)
        return [*by_code.items, *by_name.items]

    def _is_anothers(self, mark: Mark, person_id: str) -> bool:
        found = self._registry.query(keys.likeness_pk(mark.kind, mark.like_hash), limit=_ENOUGH)
        return any(one["person_id"] != person_id for one in found.items)
