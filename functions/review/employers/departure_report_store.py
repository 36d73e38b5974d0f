"""Departures in the Registry table: one transaction, conditional on the record and the unit that were read."""

from collections.abc import Sequence
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, outbox_item
from jingkuai.aws.tables import Cancelled, Table, put_item, transact
from jingkuai.domain.principal import Principal
from review.employers.departure_reports import BARRED_BY, Departure
from review.employers.employment import Employed, employed_of
from review.employers.employment_writes import EmploymentChange, employment_changed
from review.integrity.records import NewRecord, its_review, record_item


class LeavingStore:
    """Records as a unit's report changes them."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def record(self, person_id: str) -> Employed | None:
        """Somebody's record. AWS calls: 1."""
        return employed_of(self._registry.get(keys.person_key(person_id)))

    def save(
        self,
        member: Employed,
        departure: Departure,
        check: NewRecord | None,
        notifications: Sequence[Entry],
        *,
        by: Principal,
        at: datetime,
    ) -> bool:
        """Change the record, audit it, tell the person and begin the check, together. False, and nothing done, where the
        record is not as it was read or a matter that stands in the way was opened meanwhile. AWS calls: 1.
        """
        change = EmploymentChange(
            employment=member.without_a_unit(),
            kind=departure.kind.version_kind,
            by_role=by.role,
            also={"departure": departure.noted()},
            while_closed=BARRED_BY[departure.kind],
        )
        audit = change_item(
            member.person_id,
            action=f"record.{departure.kind.version_kind}",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=member.region_code,
            details={"version": member.version + 1, "uscc": departure.uscc},
        )
        promised = [*notifications, *([its_review(check)] if check else [])]
        writes = [
            *employment_changed(self._registry, member, change, at=at),
            *(
                [put_item(self._registry, record_item(check, at), condition="attribute_not_exists(pk)")]
                if check
                else []
            ),
            put_item(self._registry, audit),
            *(put_item(self._registry, outbox_item(one, at=at, new_id=self._new_id)) for one in promised),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True
