"""Integrity records in the Registry table, under the person they are about."""

from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.integrity_items import record_of
from jingkuai.aws.outbox import Entry, outbox_item
from jingkuai.aws.tables import Cancelled, Table, TransactWrite, check_item, put_item, transact, update_item
from jingkuai.domain.integrity import Answered, IntegrityRecord, IntegrityState
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from review.integrity import notifications
from review.integrity.records import NewRecord, its_review, record_item
from review.own_case import not_their_own


class IntegrityStore:
    """Records as bureaus enter and revoke them."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def region_of(self, person_id: str, *, within: Principal) -> str:
        """The bureau that keeps somebody's record. Raises NotFound, also outside the caller's region. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id)) or {}
        region_code = str(item.get("region_code", ""))
        if not within.covers(region_code):
            raise NotFound()
        return region_code

    def record(self, person_id: str, record_id: str) -> tuple[IntegrityRecord | None, str]:
        """A record, and the bureau that kept the person's when it was entered. AWS calls: 1."""
        item = self._registry.get(keys.integrity_key(person_id, record_id))
        return (record_of(item), item["region_code"]) if item else (None, "")

    def record_and_place(self, person_id: str, record_id: str) -> tuple[IntegrityRecord | None, str, str]:
        """A record, the bureau that kept the person's when it was entered, and the one that keeps it now. AWS calls: 1."""
        record_at, person_at = keys.integrity_key(person_id, record_id), keys.person_key(person_id)
        found = self._registry.batch_get([record_at, person_at])
        item = found.get((record_at["pk"], record_at["sk"]))
        person = found.get((person_at["pk"], person_at["sk"]), {})
        if item is None:
            return None, "", ""
        return record_of(item), item["region_code"], person.get("region_code", "")

    def earlier(self, key: RequestKey, person_id: str, *, now: datetime) -> IntegrityRecord | None:
        """What the same request entered before. Raises IdempotencyKeyReused. AWS calls: 1, with a find 2."""
        record_id = key.earlier_result(self._registry, now=now)
        return self.record(person_id, record_id)[0] if record_id else None

    def add(self, new: NewRecord, *, key: RequestKey | None, at: datetime) -> bool:
        """Enter a record and start its review, together. False, and nothing done, where the person has moved to another
        bureau meanwhile or the request's key was used. AWS calls: 1.
        """
        kept = check_item(
            self._registry,
            keys.person_key(new.person_id),
            "region_code = :region",
            values={":region": new.region_code},
        )
        return self._written(
            kept,
            put_item(self._registry, record_item(new, at), condition="attribute_not_exists(pk)"),
            self._promised(its_review(new), at),
            self._audited(new.person_id, new.record_id, "entered", new.region_code, new.by, at),
            *([key.record(self._registry, new.record_id, now=at)] if key else []),
            *not_their_own(self._registry, new.by.own, new.person_id),
        )

    def revoke(
        self, person_id: str, record_id: str, why: Answered, region_code: str, *, by: Principal, at: datetime
    ) -> bool:
        """Mark a record as revoked and tell its person, together. False where it does not stand. AWS calls: 1."""
        revoked = update_item(
            self._registry,
            keys.integrity_key(person_id, record_id),
            "SET #state = :revoked, revoked_at = :at, revoked_reason = :reason, version = version + :one",
            condition="#state IN (:effective, :objected)",
            values={
                ":revoked": IntegrityState.REVOKED.value,
                ":effective": IntegrityState.EFFECTIVE.value,
                ":objected": IntegrityState.OBJECTED.value,
                ":at": why.at,
                ":reason": why.reason,
                ":one": 1,
            },
            names={"#state": "state"},
        )
        return self._written(
            revoked,
            *(self._promised(one, at) for one in notifications.revoked(person_id)),
            self._audited(person_id, record_id, "revoked", region_code, by, at),
            *not_their_own(self._registry, by.own, person_id),
        )

    def uphold(
        self, person_id: str, record_id: str, why: Answered, region_code: str, *, by: Principal, at: datetime
    ) -> bool:
        """Let a record stand in spite of the objection, and tell its person why, together. False where no objection waits.

        AWS calls: 1.
        """
        upheld = update_item(
            self._registry,
            keys.integrity_key(person_id, record_id),
            "SET #state = :effective, objection.answered = :answered, version = version + :one",
            condition="#state = :objected",
            values={
                ":effective": IntegrityState.EFFECTIVE.value,
                ":objected": IntegrityState.OBJECTED.value,
                ":answered": {"reason": why.reason, "at": why.at},
                ":one": 1,
            },
            names={"#state": "state"},
        )
        return self._written(
            upheld,
            *(self._promised(one, at) for one in notifications.upheld(person_id)),
            self._audited(person_id, record_id, "upheld", region_code, by, at),
            *not_their_own(self._registry, by.own, person_id),
        )

    def _promised(self, entry: Entry, at: datetime) -> TransactWrite:
        return put_item(self._registry, outbox_item(entry, at=at, new_id=self._new_id))

    def _audited(
        self, person_id: str, record_id: str, what: str, region_code: str, by: Principal, at: datetime
    ) -> TransactWrite:
        entry = change_item(
            person_id,
            action=f"integrity_record.{what}",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=region_code,
            details={"integrity_record_id": record_id},
        )
        return put_item(self._registry, entry)

    def _written(self, *writes: TransactWrite) -> bool:
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True
