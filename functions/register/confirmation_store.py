"""Confirmations as they are written to the person's item, which every list of the bureau is ordered by."""

from datetime import date, datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Cancelled, Table, put_item, transact, update_item
from jingkuai.domain.principal import Principal
from register.records import ACTIVE


class ConfirmationStore:
    """Confirms records in the Registry table; `new_id` is for audit entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def confirm(self, by: Principal, version: int, today: date, *, at: datetime) -> bool:
        """Note the day, and move the person to the end of the bureau's list; its region is the index's own key.

        False, and nothing done, where the record is not of this version, not kept any more, or confirmed today already.
        The audit entry stands under no region: to name one, the person would have to be read. AWS calls: 1.
        """
        person_id, day = by.account_id, today.isoformat()
        confirmed = update_item(
            self._registry,
            keys.person_key(person_id),
            "SET confirmed_on = :today, gsi1sk = :listed",
            condition="#version = :version AND #status = :active "
            "AND (attribute_not_exists(confirmed_on) OR confirmed_on <> :today)",
            values={
                ":today": day,
                ":listed": keys.by_confirmation(day, person_id),
                ":version": version,
                ":active": ACTIVE,
            },
            names={"#version": "version", "#status": "status"},
        )
        entry = change_item(
            person_id,
            action="record.confirmed",
            by=by,
            at=at,
            new_id=self._new_id,
            details={"version": version},
        )
        try:
            transact(self._registry.client, [confirmed, put_item(self._registry, entry)])
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return False
            raise
        return True
