"""Everything held on a person (本人全部信息), read for a copy of it: their partition, inbox and trace, and their scans."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jingkuai.aws import keys, scan_store
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.scan import Scan
from register import held_items
from register.draft_store import DraftStore
from register.records import Draft
from register.rights_store import sealed_of
from register.sealed_numbers import SealedNumbers

Shown = dict[str, Any]
# what lies under a person, by sort key; verdicts on who is the same as somebody else are about others, too
_KINDS: Final[Sequence[tuple[str, str, Callable[[Item], Shown]]]] = (
    ("versions", r"V#.+", held_items.version_of),
    ("submissions", r"SUB#.+", held_items.submission_of),
    ("transfers", r"TR#.+", held_items.plain),
    ("integrity_records", r"INT#.+", held_items.plain),
    ("exam_results", r"EX#.+", held_items.plain),
    ("credit_years", r"CR#\d{4}", held_items.summary_of),
    ("credit_entries", r"CR#\d{4}#E#.+", held_items.entry_of),
    ("credit_declarations", r"CR#\d{4}#D#.+", held_items.plain),
    ("refused_credit_rows", r"CR#\d{4}#R#.+", held_items.plain),
    ("certificates", r"CR#\d{4}#CERT", held_items.certificate_of),
)


class NoSuchPerson(Exception):
    """A copy was asked for of somebody who is not there."""


@dataclass(frozen=True, slots=True)
class Held:
    """All of it, as its person may have it: kinds with what there is of each, numbers still sealed, scans named."""

    profile: Shown
    consent: Shown
    sealed: SealedNumbers
    draft: Draft
    kinds: Mapping[str, Sequence[Shown]]
    messages: Sequence[Shown]
    changes: Sequence[Shown]
    looks: Sequence[Shown]
    scans: Sequence[Scan]


class HeldStore:
    """Reads over the Registry table."""

    def __init__(self, registry: Table, drafts: DraftStore) -> None:
        self._registry = registry
        self._drafts = drafts

    def everything(self, person_id: str, *, at: datetime) -> Held:
        """What is held on a person now. Raises NoSuchPerson. AWS calls: 4 and more with full pages, 1 more for a draft
        with a phone in it.
        """
        under = list(self._registry.query_all(keys.person_pk(person_id)))
        person_at = keys.person_key(person_id)["sk"]
        person = next((item for item in under if item["sk"] == person_at), None)
        if person is None:
            raise NoSuchPerson()
        traces = list(self._registry.query_all(keys.audit_pk(person_id)))
        return Held(
            profile=held_items.profile_of(person),
            consent=dict(person.get("consent", {})),
            sealed=sealed_of(person),
            draft=self._drafts.draft(person_id, at=at),
            kinds=_by_kind(under),
            messages=[
                held_items.message_of(item)
                for item in self._registry.query_all(keys.messages_pk(person_id))
                if item["sk"] != keys.MESSAGE_HEAD
            ],
            changes=[held_items.change_of(item) for item in traces if not item["sk"].startswith(keys.LOOKS)],
            looks=[held_items.looked_of(item) for item in traces if item["sk"].startswith(keys.LOOKS)],
            scans=self._scans(person_id, held_items.attachment_ids_of(under), at),
        )

    def _scans(self, person_id: str, attachment_ids: Sequence[str], at: datetime) -> list[Scan]:
        """The person's own of these scans; one that somebody else sent in is not theirs to have."""
        found = self._registry.batch_get([keys.attachment_key(one) for one in attachment_ids])
        read = (found.get((key["pk"], key["sk"])) for key in map(keys.attachment_key, attachment_ids))
        return [scan for item in read if (scan := scan_store.scan_of(item, owner=person_id, at=at))]


def _by_kind(items: Sequence[Item]) -> dict[str, list[Shown]]:
    shown: dict[str, list[Shown]] = {name: [] for name, _, _ in _KINDS}
    for item in items:
        for name, sort_key, show in _KINDS:
            if re.fullmatch(sort_key, item["sk"]) and held_items.is_told(item):
                shown[name].append(show(item))
    return shown
