"""Stored items as their person gets them in a copy of everything (个人信息副本): what is theirs, nothing of how it is kept.

Kinds that this version writes are listed member by member. Whatever another kind holds is handed over without what is
internal: keys, hashes, ciphers, tokens, and whose account did something.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from jingkuai.aws.tables import Item
from jingkuai.domain.regions import bureau_name
from jingkuai.domain.scan import Scan
from register.rights_store import bureau_of, look_of

_INTERNAL: Final = re.compile(
    r"pk|sk|v|ttl|card|gsi\d[ps]k|(.*_)?(hash|hmac|hashes|cipher|token|digest|sha256|key|keys|by|account|account_id)"
)
_PENDING: Final = (
    "pending"  # an integrity record a bureau has entered and nobody has confirmed: of the person it is none yet
)


def profile_of(item: Item) -> dict[str, Any]:
    """The record as it stands, number and phone aside."""
    region_code = item.get("region_code")
    return {
        **_only(item, "person_id", "status", "version", "id_type", "name", "birth_date", "gender"),
        **item.get("sections", {}),
        "former_numbers": [_only(one, "id_type", "id_masked", "until") for one in item.get("former_numbers", ())],
        "managed_by": _bureau(region_code),
        **_only(item, "confirmed_on", "created_at", "updated_at"),
    }


def version_of(item: Item) -> dict[str, Any]:
    """A version of the record as it was approved."""
    return _only(
        item, "version", "at", "kind", "submission_id", "region_code", "name", "id_type", "id_masked", "sections"
    )


def submission_of(item: Item) -> dict[str, Any]:
    """A submission with its timeline, and what it said before it was corrected."""
    named = ("submission_id", "kind", "status", "stage", "due_on", "region_code", "submitted_at")
    return _only(item, *named, "payload", "payload_before", "attachment_ids", "returned", "timeline")


def entry_of(item: Item) -> dict[str, Any]:
    """An entry of the ledger with every value it had."""
    named = ("entry_id", "year", "source", "source_name", "category", "course", "course_no", "credits")
    return _only(item, *named, "completed_on", "recorded_at", "taken_back", "history")


def summary_of(item: Item) -> dict[str, Any]:
    """A year's sums, as lists show them."""
    return _only(item, "year", "earned", "shortfall", "fulfilled", "updated_at")


def certificate_of(item: Item) -> dict[str, Any]:
    """A year's certificate in force."""
    return _only(item, "year", "certificate_no", "total", "professional", "issued_at")


def message_of(item: Item) -> dict[str, Any]:
    """A message of the inbox."""
    return _only(item, "message_id", "at", "title", "body", "link", "read")


def change_of(item: Item) -> dict[str, Any]:
    """An audited change: who did it is a role and a bureau, as in the access log."""
    who = {**_only(item, "at", "action", "by_role"), "bureau": _bureau(bureau_of(item))}
    details = {name: value for name, value in item.get("details", {}).items() if name != "other_person_id"}
    return {**who, "details": plain(details)}


def looked_of(item: Item) -> dict[str, Any]:
    """A look at the record."""
    look = look_of(item)
    return {"at": look.at, "by_role": look.by_role, "bureau": _bureau(look.region_code), "purpose": look.purpose}


def scan_of(scan: Scan, file: str | None) -> dict[str, Any]:
    """A scan's facts; `file` is where it lies in the archive, None where the bytes are gone."""
    return {
        "attachment_id": scan.attachment_id,
        "kind": scan.kind.value,
        "filename": scan.filename,
        "content_type": scan.content_type,
        "size": scan.size,
        "status": scan.status.value,
        "file": file,
    }


def is_told(item: Item) -> bool:
    """Whether an integrity record is known to its person: only what the city has confirmed is."""
    return item.get("state") != _PENDING


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of whatever kind without what is internal, however deep."""
    return {name: _plain(value) for name, value in item.items() if not (_is_internal(name) or _is_bytes(value))}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list):
        return [_plain(one) for one in value if not _is_bytes(one)]
    return value


def _is_internal(name: str) -> bool:
    return _INTERNAL.fullmatch(name) is not None


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes)


def _only(item: Item, *names: str) -> dict[str, Any]:
    """These members; what is internal deep in one of them, or has come there since, goes all the same."""
    return plain({name: item[name] for name in names if item.get(name) is not None})


def _bureau(region_code: str | None) -> dict[str, str] | None:
    return {"region_code": region_code, "name": bureau_name(region_code)} if region_code else None


def attachment_ids_of(items: Iterable[Item]) -> list[str]:
    """Every scan that something of the person's names, each once."""
    return list(dict.fromkeys(one for item in items for one in item.get("attachment_ids", ())))
