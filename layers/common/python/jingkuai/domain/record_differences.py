"""What differs between two states of a record (信息档案): field by field, by the dotted paths that the form knows too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

SECTIONS: Final = ("basic", "contact", "education", "employment", "qualifications")
NOT_COMPARED: Final = "contact.phone"  # lies sealed with the person, and may change without a review
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same; `before` or `after` is None where there is nothing."""

    field: str
    before: Any
    after: Any


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, members: Iterable[str] = SECTIONS
) -> tuple[Difference, ...]:
    """What `after` changes of these members of `before`; those that it does not name stay as they are."""
    named = [name for name in members if name in after]
    old = dict(_leaves("", {name: before.get(name) for name in named}))
    new = dict(_leaves("", {name: after[name] for name in named}))
    fields = [*new, *(field for field in old if field not in new)]
    return tuple(
        Difference(field, old.get(field), new.get(field))
        for field in fields
        if old.get(field, _NOTHING) != new.get(field, _NOTHING) and field != NOT_COMPARED
    )


def sections_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The sections in which two states of a record differ, in the order of the form."""
    whole = {name: after.get(name) for name in SECTIONS}
    touched = {one.field.partition(".")[0] for one in differences(before, whole)}
    return tuple(name for name in SECTIONS if name in touched)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its dotted path, as the fields of problems and returns name it (education.0.school)."""
    if isinstance(value, Mapping):
        children = [(str(name), child) for name, child in value.items()]
    elif isinstance(value, (list, tuple)):
        children = [(str(number), child) for number, child in enumerate(value)]
    else:
        if value is not None:
            yield path, value
        return
    for name, child in children:
        yield from _leaves(f"{path}.{name}" if path else name, child)
