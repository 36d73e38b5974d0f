"""Appeals as items: what one is checked against, and the transaction that files it, whoever files it and wherever.

An appeal is a case of the review workflow: its item holds what a submission's holds, so that the same steps read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, KeepScans, SendMessage, SendSms, StartExecution, outbox_item
from jingkuai.aws.scan_store import keeping, scan_of
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, check_item, put_item, transact, update_item
from jingkuai.domain import appeal
from jingkuai.domain.appeal import APPEAL, Appeal
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.workdays import today_in_shanghai

_TITLE = "有人就您的证件号码提出申诉"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the number of an appeal, as its claim says, and whether an appeal about it is open."""

    id_hash: str
    person_id: str
    name_hash: str
    has_open_appeal: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an appeal is checked against, at one moment. `scans` are those that belong to the phone."""

    holder: Holder | None
    phone_of: str | None
    filed_today: int
    scans: Mapping[str, Scan]


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal about to be stored; `filed_by` is who files it, None for whoever proved the phone themself."""

    appeal_id: str
    told: Appeal
    holder: Holder
    id_masked: str
    name_agrees: bool
    phone_hash: str
    phone_cipher: bytes
    query_hash: str
    scans: Sequence[Scan]
    filed_by: Principal | None

    @property
    def by_role(self) -> str:
        return (self.filed_by.role if self.filed_by else Role.ACCOUNTANT).value


@dataclass(frozen=True, slots=True)
class Standing:
    """How an appeal stands, as its query code tells."""

    appeal_id: str
    kind: str
    status: str
    stage: str | None
    due_on: str | None
    reason: str | None


def scans_owner(phone_hash: str) -> str:
    """Whose the scans of an appeal are: nobody's with an account, but the phone's that was proven."""
    return f"PH:{phone_hash}"


class AppealStore:
    """Appeals in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def desk(self, id_hashes: Sequence[str], phone_hash: str, attachment_ids: Sequence[str], *, at: datetime) -> Desk:
        """Who holds the number, what the phone has done, and its scans. AWS calls: 1."""
        phone_at, count_at = keys.phone_claim_key(phone_hash), keys.phone_appeals_key(phone_hash)
        scans_at = {one: keys.attachment_key(one) for one in attachment_ids}
        numbers_at = [key for one in id_hashes for key in (keys.id_claim_key(one), keys.open_appeal_key(one))]
        found = self._registry.batch_get([phone_at, count_at, *numbers_at, *scans_at.values()])
        phone, count = (found.get((key["pk"], key["sk"])) for key in (phone_at, count_at))
        holders = (_holder(one, found) for one in id_hashes)
        own = {
            one: scan_of(found.get((key["pk"], key["sk"])), owner=scans_owner(phone_hash), at=at)
            for one, key in scans_at.items()
        }
        return Desk(
            holder=next((one for one in holders if one), None),
            phone_of=phone["person_id"] if phone else None,
            filed_today=count["filed"] if count and count["day"] == _day(at) else 0,
            scans={one: scan for one, scan in own.items() if scan},
        )

    def file(
        self, new: NewAppeal, desk: Desk, *, at: datetime, proof: TransactWrite | None, key: RequestKey | None
    ) -> bool:
        """Store the appeal, count it, start its review and tell the number's holder, together; `proof` uses a code up.

        False, and nothing done, where something is not as it was read. AWS calls: 1.
        """
        appeal_at = keys.appeal_key(new.appeal_id)
        subject = {"pk": appeal_at["pk"], "sk": appeal_at["sk"]}
        text = appeal.told_to_holder(new.told.kind, new.told.region_code)
        promised: list[Entry] = [
            StartExecution("review", f"{new.appeal_id}.1", subject),
            KeepScans([key for scan in new.scans for key in scan.kept_keys]),
            SendSms(new.holder.person_id, text),
            SendMessage(new.holder.person_id, _TITLE, text),
        ]
        writes = [
            put_item(self._registry, _appeal_item(new, at), condition="attribute_not_exists(pk)"),
            put_item(self._registry, _pointer(new)),
            self._only_one_open(new),
            check_item(
                self._registry,
                keys.id_claim_key(new.holder.id_hash),
                "person_id = :holder",
                values={":holder": new.holder.person_id},
            ),
            self._count(new.phone_hash, desk.filed_today, at),
            *keeping(self._registry, new.scans, at=at),
            *(put_item(self._registry, outbox_item(one, at=at, new_id=self._new_id)) for one in promised),
            put_item(self._registry, self._audit(new, at)),
            *([key.record(self._registry, new.appeal_id, now=at)] if key else []),
            *([proof] if proof else []),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True

    def standing(self, query_hash: str) -> Standing | None:
        """The appeal a query code leads to. AWS calls: 2, for a code of nothing 1."""
        pointer = self._registry.get(keys.appeal_query_key(query_hash))
        item = self._registry.get(keys.appeal_key(pointer["appeal_id"])) if pointer else None
        if item is None:
            return None
        under_review = item["status"] == SubmissionStatus.UNDER_REVIEW
        notes = [one.get("note") for one in item["timeline"] if one["event"] == TimelineEvent.REJECTED]
        return Standing(
            appeal_id=item["appeal_id"],
            kind=item["appeal_kind"],
            status=item["status"],
            stage=item.get("stage") if under_review else None,
            due_on=item.get("due_on") if under_review else None,
            reason=notes[-1] if notes else None,
        )

    def _only_one_open(self, new: NewAppeal) -> TransactWrite:
        """The number's open appeal; what is left of a reservation that was used or has run out makes room."""
        item = {**keys.open_appeal_key(new.holder.id_hash), "v": 1, "appeal_id": new.appeal_id}
        free = "attribute_not_exists(pk) OR attribute_exists(reserved_until)"
        return put_item(self._registry, item, condition=free)

    def _count(self, phone_hash: str, filed_today: int, at: datetime) -> TransactWrite:
        values = {
            ":v": 1,
            ":day": _day(at),
            ":next": filed_today + 1,
            ":gone": int((at + timedelta(days=1)).timestamp()),
        }
        if filed_today:
            condition = "#day = :day AND filed = :read"
            values[":read"] = filed_today
        else:
            condition = "attribute_not_exists(pk) OR #day <> :day"
        return update_item(
            self._registry,
            keys.phone_appeals_key(phone_hash),
            "SET v = :v, #day = :day, filed = :next, #ttl = :gone",
            condition=condition,
            values=values,
            names={"#day": "day", "#ttl": "ttl"},
        )

    def _audit(self, new: NewAppeal, at: datetime) -> Item:
        """Beside the holder's record: it is their account that somebody claims."""
        return change_item(
            new.holder.person_id,
            action="appeal.submitted",
            by=new.filed_by,
            at=at,
            new_id=self._new_id,
            region_code=new.told.region_code,
            details={"appeal_id": new.appeal_id, "kind": new.told.kind.value},
        )


def _holder(id_hash: str, found: Mapping[tuple[str, str], Item]) -> Holder | None:
    claim_at, open_at = keys.id_claim_key(id_hash), keys.open_appeal_key(id_hash)
    claim = found.get((claim_at["pk"], claim_at["sk"]))
    if claim is None:
        return None
    standing = found.get((open_at["pk"], open_at["sk"]))
    is_open = standing is not None and "reserved_until" not in standing
    return Holder(id_hash, claim["person_id"], claim["name_hmac"], is_open)


def _appeal_item(new: NewAppeal, at: datetime) -> Item:
    """A new appeal as stored. Its phone is sealed for the number's holder, onto whose account it may go."""
    told, submitted = new.told, TimelineEntry(iso(at), TimelineEvent.SUBMITTED, new.by_role)
    return {
        **keys.appeal_key(new.appeal_id),
        "v": 1,
        "appeal_id": new.appeal_id,
        "person_id": new.holder.person_id,
        "kind": APPEAL,
        "appeal_kind": told.kind.value,
        "status": SubmissionStatus.AUTO_CHECKING.value,
        "region_code": told.region_code,
        "submitted_at": iso(at),
        "payload": {
            "kind": told.kind.value,
            "name": told.name.text,
            "id_number": new.id_masked,
            "phone": told.phone.masked,
            "statement": told.statement,
            "region_code": told.region_code,
            "filed_at_counter": new.filed_by is not None,
        },
        "phone_hash": new.phone_hash,
        "phone_cipher": new.phone_cipher,
        "disputed": {
            "id_hash": new.holder.id_hash,
            "name_agrees": new.name_agrees,
            "phone_hash": new.phone_hash,
            **({"filed_by": new.filed_by.account_id} if new.filed_by else {}),
        },
        "attachment_ids": [scan.attachment_id for scan in new.scans],
        "timeline": [submitted.to_json()],
        "base_version": 0,
        "round": 1,
        "version": 1,
        "stage_index": 0,
        "attempt": 1,
        "findings": [],
    }


def _pointer(new: NewAppeal) -> Item:
    return {**keys.appeal_query_key(new.query_hash), "v": 1, "appeal_id": new.appeal_id}


def _day(at: datetime) -> str:
    return today_in_shanghai(at).isoformat()
