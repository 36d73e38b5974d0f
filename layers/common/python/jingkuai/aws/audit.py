"""Audit entries (审计): every change and every look at a person's data, append-only, written in the transaction it explains."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.workdays import today_in_shanghai

NOWHERE = "000000"  # the region of what happens before a bureau keeps the record


def change_item(
    subject: str,
    *,
    action: str,
    by: Principal | None,
    at: datetime,
    new_id: NewId,
    region_code: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Item:
    """An audited change of `subject`; `by=None` is the system. `details` hold codes and masked values only."""
    entry_id = new_id(at)
    return {
        **keys.change_key(subject, entry_id),
        **_common(subject, entry_id, action, by, at, region_code),
        "details": dict(details or {}),
    }


def look_item(
    subject: str, *, purpose: str, by: Principal, at: datetime, new_id: NewId, region_code: str | None = None
) -> Item:
    """An audited look at the person's data in full, with its purpose: the person reads these in the access log."""
    entry_id = new_id(at)
    return {
        **keys.look_key(subject, entry_id),
        **_common(subject, entry_id, "looked", by, at, region_code),
        "purpose": purpose,
    }


def _common(
    subject: str, entry_id: str, action: str, by: Principal | None, at: datetime, region_code: str | None
) -> Item:
    return {
        "v": 1,
        "subject": subject,
        "action": action,
        "by": by.account_id if by else "system",
        "by_role": by.role.value if by else "system",
        "by_scope": by.scope if by else None,
        "at": iso(at),
        **keys.index(1, keys.audit_day(today_in_shanghai(at).isoformat(), region_code or NOWHERE), entry_id),
        **keys.card(subject=subject, action=action, at=iso(at), by_role=by.role.value if by else "system"),
    }
