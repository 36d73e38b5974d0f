"""Objections in the Registry table: a member of the record they are about, with the scans they keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.integrity_items import record_of
from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import Entry, KeepScans, SendMessage, outbox_item
from jingkuai.aws.scan_store import keeping, scan_of
from jingkuai.aws.tables import Cancelled, Table, put_item, transact, update_item
from jingkuai.domain.integrity import IntegrityRecord, IntegrityState, Objection
from jingkuai.domain.principal import Principal, scope_covers
from jingkuai.domain.regions import bureau_name, hubei
from jingkuai.domain.scan import Scan
from register import held_items

_TITLE = "有人对诚信记录提出异议"
_TEXT = "一名人员对诚信记录提出了异议。请打开该人员的档案查看异议内容并核实；核实后由市级以上财政局撤销该记录，或者答复予以维持。"
_ELSEWHERE = "贵局录入的一条诚信记录被本人提出异议，档案现由{}管理，由其核实。需要说明情况的，请与该局联系。"


@dataclass(frozen=True, slots=True)
class ObjectionDesk:
    """A confirmed record with the bureau that entered it and the one that keeps the person's record now, and those of the
    scans named that are the person's own.
    """

    person_id: str
    record: IntegrityRecord
    region_code: str
    kept_by: str
    scans: Mapping[str, Scan]


class ObjectionStore:
    """The records about people, as they object to them."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def desk(
        self, person_id: str, record_id: str, attachment_ids: Sequence[str], *, at: datetime
    ) -> ObjectionDesk | None:
        """Everything an objection is checked against; None where its person knows of no such record. AWS calls: 1."""
        record_at = keys.integrity_key(person_id, record_id)
        scans_at = {one: keys.attachment_key(one) for one in attachment_ids}
        person_at = keys.person_key(person_id)
        found = self._registry.batch_get([record_at, person_at, *scans_at.values()])
        item = found.get((record_at["pk"], record_at["sk"]))
        if item is None or not held_items.is_told(item):
            return None
        scans = {
            one: scan_of(found.get((key["pk"], key["sk"])), owner=person_id, at=at) for one, key in scans_at.items()
        }
        known = {one: scan for one, scan in scans.items() if scan}
        person = found.get((person_at["pk"], person_at["sk"]), {})
        entered_by = item["region_code"]
        return ObjectionDesk(person_id, record_of(item), entered_by, person.get("region_code") or entered_by, known)

    def save(
        self, desk: ObjectionDesk, objection: Objection, scans: Sequence[Scan], *, by: Principal, at: datetime
    ) -> bool:
        """Keep the objection with its scans, audit it and tell the bureau, together. False, and nothing done, where the
        record does not stand any more or a scan is gone. AWS calls: 1.
        """
        record_id = desk.record.record_id
        objected = update_item(
            self._registry,
            keys.integrity_key(desk.person_id, record_id),
            "SET #state = :objected, objection = :objection, attachment_ids = :scans, version = version + :one",
            condition="#state = :effective",
            values={
                ":objected": IntegrityState.OBJECTED.value,
                ":effective": IntegrityState.EFFECTIVE.value,
                ":objection": {
                    "statement": objection.statement,
                    "attachment_ids": list(objection.attachment_ids),
                    "at": objection.at,
                },
                ":scans": list(objection.attachment_ids),
                ":one": 1,
            },
            names={"#state": "state"},
        )
        audit = change_item(
            desk.person_id,
            action="integrity_record.objected",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=desk.region_code,
            details={"integrity_record_id": record_id},
        )
        kept = [key for scan in scans for key in scan.kept_keys]
        promised: list[Entry] = [*_told(desk), *([KeepScans(kept)] if kept else [])]
        writes = [
            objected,
            *keeping(self._registry, scans, at=at),
            put_item(self._registry, audit),
            *(put_item(self._registry, outbox_item(one, at=at, new_id=self._new_id)) for one in promised),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True


def _told(desk: ObjectionDesk) -> list[Entry]:
    """The bureau that keeps the record looks into it, the city above says what becomes of it. Whoever entered it and has the
    person no more knows the matter, and opens nothing.
    """
    above = hubei().bureau_above(desk.kept_by)
    told: list[Entry] = [
        SendMessage(bureau_mailbox(one), _TITLE, _TEXT, f"/review/people/{desk.person_id}")
        for one in (desk.kept_by, above)
        if one
    ]
    if not scope_covers(desk.region_code, desk.kept_by):
        text = _ELSEWHERE.format(bureau_name(desk.kept_by))
        told.append(SendMessage(bureau_mailbox(desk.region_code), _TITLE, text))
    return told
