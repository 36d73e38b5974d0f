"""Exports as items: one per person, the last one asked for. Each change of its status is one transaction with its audit
entry and what is promised; the file itself is named by the export's id.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, SendMessage, SendSms, StartExecution, outbox_item
from jingkuai.aws.parking import parked_item
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, put_item, transact, update_item
from jingkuai.domain.principal import Principal
from register.exports import BETWEEN_TWO, KEPT, Export, ExportStatus

REMEMBERED: Final = timedelta(days=30)  # what was asked for and never came about
_LINK: Final = "/me/export"
_READY: Final = (
    f"您申请的个人信息副本已经生成，请在{KEPT.days}天内登录后下载，逾期自动删除。"
    "如非本人申请，请尽快重设密码，并联系登记的财政局。"
)
_FAILED: Final = "您申请的个人信息副本没有生成成功，您可以重新申请；仍不成功的，请联系登记的财政局。"


class ExportStore:
    """The exports in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def export(self, person_id: str) -> Export | None:
        """The export the person asked for last. AWS calls: 1."""
        item = self._registry.get(keys.export_key(person_id))
        return _export(item) if item else None

    def add(self, export: Export, *, by: Principal) -> bool:
        """A new export in the place of one that failed or is a day old, and the start of its making, together.

        False, and nothing done, where another stands. AWS calls: 1.
        """
        at, key = export.requested_at, keys.export_key(export.person_id)
        gone = at + REMEMBERED
        item = {
            **key,
            "v": 1,
            "export_id": export.export_id,
            "person_id": export.person_id,
            "status": export.status.value,
            "requested_at": iso(at),
            "ttl": int(gone.timestamp()),
        }
        new = put_item(
            self._registry,
            item,
            condition="attribute_not_exists(pk) OR #status = :failed OR requested_at <= :before",
            values={":failed": ExportStatus.FAILED.value, ":before": iso(at - BETWEEN_TWO)},
            names={"#status": "status"},
        )
        start = StartExecution("bulk", f"{export.export_id}.1", {"pk": key["pk"], "sk": key["sk"]})
        return self._written(new, self._audited(export, "export.requested", at, by), self._promised(start, at))

    def finish(self, export: Export, *, at: datetime) -> bool:
        """The archive lies in the bucket: the person may fetch it and is told, once.

        False where it was finished before, or another was asked for meanwhile. AWS calls: 1.
        """
        until = at + KEPT
        ready = self._moved(
            export,
            "SET #status = :ready, ready_at = :at, expires_at = :until, #ttl = :gone",
            condition="#status IN (:preparing, :failed)",
            values={
                ":ready": ExportStatus.READY.value,
                ":preparing": ExportStatus.PREPARING.value,
                ":failed": ExportStatus.FAILED.value,
                ":at": iso(at),
                ":until": iso(until),
                ":gone": int(until.timestamp()),
            },
            names={"#ttl": "ttl"},
        )
        return self._written(
            ready,
            self._audited(export, "export.ready", at),
            self._promised(SendMessage(export.person_id, "个人信息副本已生成", _READY, _LINK), at),
            self._promised(SendSms(export.person_id, _READY), at),
        )

    def park(
        self, subject: Mapping[str, str], export: Export | None, *, execution: str, failure: str, at: datetime
    ) -> None:
        """Leave an execution to an operator. An export that is still prepared reads failed and may be asked for again.

        Parked again, or where the export is another one by now, only the list of what needs attention is written.
        AWS calls: 1, where the export has moved 2.
        """
        listed = put_item(
            self._registry, parked_item(execution, machine="bulk", subject=subject, failure=failure, at=at)
        )
        if export is not None:
            failed = self._moved(
                export,
                "SET #status = :failed",
                condition="#status = :preparing",
                values={":failed": ExportStatus.FAILED.value, ":preparing": ExportStatus.PREPARING.value},
            )
            told = self._promised(SendMessage(export.person_id, "个人信息副本没有生成", _FAILED, _LINK), at)
            if self._written(failed, listed, self._audited(export, "export.failed", at), told):
                return
        transact(self._registry.client, [listed])

    def _moved(
        self, export: Export, expression: str, *, condition: str, values: Item, names: dict[str, str] | None = None
    ) -> TransactWrite:
        return update_item(
            self._registry,
            keys.export_key(export.person_id),
            expression,
            condition=f"export_id = :export AND {condition}",
            values={**values, ":export": export.export_id},
            names={"#status": "status", **(names or {})},
        )

    def _audited(self, export: Export, action: str, at: datetime, by: Principal | None = None) -> TransactWrite:
        details = {"export_id": export.export_id}
        item = change_item(export.person_id, action=action, by=by, at=at, new_id=self._new_id, details=details)
        return put_item(self._registry, item)

    def _promised(self, entry: Entry, at: datetime) -> TransactWrite:
        return put_item(self._registry, outbox_item(entry, at=at, new_id=self._new_id))

    def _written(self, *writes: TransactWrite) -> bool:
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return False
            raise
        return True


def _export(item: Item) -> Export:
    return Export(
        export_id=item["export_id"],
        person_id=item["person_id"],
        status=ExportStatus(item["status"]),
        requested_at=parse_iso(item["requested_at"]),
        ready_at=_moment(item.get("ready_at")),
        expires_at=_moment(item.get("expires_at")),
    )


def _moment(text: Any) -> datetime | None:
    return parse_iso(text) if text else None
