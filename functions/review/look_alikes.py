"""Whoever may be the applicant under another document (疑似同一人), as a task page shows them: masked, and settled or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from review.likeness import NAME_AND_BIRTH, Alike
from review.review_task import ReviewTask
from review.same_person_store import is_same


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody alike. The birth date is told where it is the applicant's too; `verdict` is same, not_same or not said yet."""

    person_id: str
    why: tuple[str, ...]
    name_masked: str
    id_number: str
    status: str
    region_code: str | None
    employer_name: str | None
    birth_date: str | None
    verdict: str | None


def keys_of(task: ReviewTask) -> list[keys.Key]:
    """What to read of them and of what was said: goes with the rest of the page in one batch."""
    people = [keys.person_key(one.person_id) for one in task.alike]
    return people + [keys.same_person_key(task.person_id, one.person_id) for one in task.alike]


def of(task: ReviewTask, found: Mapping[tuple[str, str], Item]) -> tuple[LookAlike, ...]:
    """Those alike, as they are now. Masked whatever their region: a record is opened with a purpose, or not at all."""

    def item(key: keys.Key) -> Item | None:
        return found.get((key["pk"], key["sk"]))

    people = [(one, item(keys.person_key(one.person_id))) for one in task.alike]
    return tuple(
        _shown(one, person, is_same(item(keys.same_person_key(task.person_id, one.person_id))))
        for one, person in people
        if person is not None
    )


def _shown(alike: Alike, person: Item, same: bool | None) -> LookAlike:
    return LookAlike(
        person_id=alike.person_id,
        why=alike.why,
        name_masked=person["name_masked"],
        id_number=person["id_masked"],
        status=person["status"],
        region_code=person.get("region_code"),
        employer_name=person.get("card", {}).get("employer_name"),
        birth_date=_born(person) if NAME_AND_BIRTH in alike.why else None,
        verdict=None if same is None else "same" if same else "not_same",
    )


def _born(person: Item) -> str | None:
    """As the identity document says, else as the record does: not every kind of document tells."""
    told: str | None = person.get("birth_date") or person.get("sections", {}).get("basic", {}).get("birth_date")
    return told
