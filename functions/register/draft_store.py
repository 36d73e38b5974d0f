"""The draft as an item: one per person, each section an attribute of its own, so that saving one leaves the others alone.

The phone in it is sealed like every stored phone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import ConditionFailed, Item, Table
from jingkuai.domain.profile_draft import LISTS, SINGLE
from register.records import Draft

KEPT: Final = timedelta(days=90)  # after the last save
SECTIONS: Final = (*SINGLE, *LISTS, "region_code")
_FORM: Final = "form_"  # begins the attribute of a section
_NOBODY_SAVED: Final = "attribute_not_exists(pk) OR expires_at <= :updated_at"
_STILL_THAT_VERSION: Final = "#version = :read AND expires_at > :updated_at"


class DraftStore:
    """The drafts in the Registry table."""

    def __init__(self, registry: Table, sealer: Sealer) -> None:
        self._registry = registry
        self._sealer = sealer

    def draft(self, person_id: str, *, at: datetime) -> Draft:
        """The form as saved, empty and of version 0 where there is none. AWS calls: 1, with a phone in it 2."""
        item = self._registry.get(keys.draft_key(person_id))
        if item is None or item["expires_at"] <= iso(at):
            return Draft()
        return self._draft(person_id, item, None)

    def save(self, person_id: str, sections: Mapping[str, Any], version: int, *, at: datetime) -> Draft | None:
        """Replace these sections of the version read; None when that is no longer the one that stands.
        AWS calls: 1, with a phone in the form 2.
        """
        if version == 0:
            sections = {**dict.fromkeys(SECTIONS), **sections}  # nothing of a form that has expired stays
        phone, bare = _without_phone(sections)
        written: Item = {_FORM + name: value for name, value in bare.items()}
        if "contact" in bare:
            written["phone_cipher"] = self._sealer.seal(phone, person_id) if phone else None
        expression, values = _replacing({**written, **_header(version + 1, at)})
        try:
            item = self._registry.update(
                keys.draft_key(person_id),
                expression,
                condition=_STILL_THAT_VERSION if version else _NOBODY_SAVED,
                values={**values, ":read": version} if version else values,
                names={"#version": "version", "#ttl": "ttl"},
            )
        except ConditionFailed:
            return None
        return self._draft(person_id, item, phone)

    def _draft(self, person_id: str, item: Item, phone: str | None) -> Draft:
        """The draft of an item. A phone not known already is opened: nobody but its owner ever gets here."""
        payload = {name: item[_FORM + name] for name in SECTIONS if _FORM + name in item}
        if cipher := item.get("phone_cipher"):
            phone = phone or self._sealer.open(cipher, person_id)
            payload["contact"] = {"phone": phone, **payload["contact"]}
        return Draft(payload, item["version"])


def _header(version: int, at: datetime) -> Item:
    gone = at + KEPT
    return {
        "v": 1,
        "#version": version,
        "updated_at": iso(at),
        "expires_at": iso(gone),
        "#ttl": int(gone.timestamp()),
    }


def _replacing(written: Mapping[str, Any]) -> tuple[str, Item]:
    """An update that writes these attributes and removes those that are None, with its values."""
    values = {f":{name.removeprefix('#')}": value for name, value in written.items() if value is not None}
    sets = [f"{name} = :{name.removeprefix('#')}" for name, value in written.items() if value is not None]
    removed = [name for name, value in written.items() if value is None]
    return "SET " + ", ".join(sets) + (" REMOVE " + ", ".join(removed) if removed else ""), values


def _without_phone(sections: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The phone of a form, where one is filled in, and the sections without it."""
    contact = sections.get("contact")
    if not contact or not contact.get("phone"):
        return None, dict(sections)
    return contact["phone"], {**sections, "contact": {name: one for name, one in contact.items() if name != "phone"}}
