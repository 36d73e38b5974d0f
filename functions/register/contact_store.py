"""A person's contact data as they are written: the phone with its claim and its code, members of the record's section.

Never the record's version, never a whole section: a change here and an approval that is applied leave each other alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, SendMessage, SendSms, outbox_item
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, delete_item, put_item, transact, update_item
from jingkuai.domain.principal import Principal
from register.contact import Holder, NewPhone, Outcome
from register.records import DEACTIVATED
from register.store import person_of

FORMER_PHONE_KEPT: Final = timedelta(days=30)  # as long as what is parked may wait for an operator
_FORMER: Final = "phone_cipher"
_SECTION: Final = "sections.contact"
_TOLD_OLD_PHONE: Final = (
    "您的账号刚刚改绑了新的手机号，本号码不能再用于登录。如非本人操作，请尽快提交申诉，或者携带身份证件联系财政局。"
)
_TOLD_ON_SITE: Final = (
    "您的账号已改绑新的手机号，原手机号不能再用于登录。如非本人操作，请尽快提交申诉，或者携带身份证件联系财政局。"
)


class ContactStore:
    """Contact data in the Registry table; `new_id` is for audit and outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def holder(self, person_id: str) -> Holder:
        """The person with what lies sealed beside the record. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id)) or {}
        return Holder(person_of(item), item.get("id_cipher"), item.get("phone_cipher"))

    def is_claimed(self, phone_hash: str) -> bool:
        """Whether an account has this phone. AWS calls: 1."""
        return self._registry.get(keys.phone_claim_key(phone_hash)) is not None

    def change(
        self, holder: Holder, new: NewPhone | None, of_record: Mapping[str, str], *, by: Principal, at: datetime
    ) -> Outcome:
        """Write a change, use up its code, audit it and tell the old phone, together; anything but CHANGED did nothing.

        MOVED where the person is not as they were read; REFUSED where the code does not open or the phone is another's.
        AWS calls: 1.
        """
        bound = self._binding(holder, new, at) if new else []
        fields = [*(["phone"] if new else []), *of_record]
        writes = [self._person_after(holder, new, of_record, at), *bound, self._audited(holder, fields, by, at)]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return Outcome.MOVED
            if "ConditionalCheckFailed" in cancelled.reasons:
                return Outcome.REFUSED
            raise
        return Outcome.CHANGED

    def _person_after(
        self, holder: Holder, new: NewPhone | None, of_record: Mapping[str, str], at: datetime
    ) -> TransactWrite:
        """The person with the change: conditional on the phone that was read, and on the number sealed beside it."""
        sets: Item = {"updated_at": iso(at)}
        values: Item = {":closed": DEACTIVATED, ":old_phone": holder.person.phone_hash}
        condition = "#status <> :closed AND phone_hash = :old_phone"
        if new:
            sets |= {"phone_hash": new.phone_hash, "phone_masked": new.phone.masked, "phone_cipher": new.cipher}
        if new and holder.id_cipher:
            sets["id_cipher"] = new.cipher
            condition, values = f"{condition} AND id_cipher = :sealed", {**values, ":sealed": holder.id_cipher}
        if of_record:
            condition += f" AND attribute_exists({_SECTION})"
        kept = {name: value for name, value in of_record.items() if value}
        written = [*(f"{name} = :{name}" for name in sets), *(f"{_SECTION}.{name} = :{name}" for name in kept)]
        removed = [f"{_SECTION}.{name}" for name in of_record if name not in kept]
        return update_item(
            self._registry,
            keys.person_key(holder.person.person_id),
            "SET " + ", ".join(written) + (" REMOVE " + ", ".join(removed) if removed else ""),
            condition=condition,
            values={**{f":{name}": value for name, value in {**sets, **kept}.items()}, **values},
            names={"#status": "status"},
        )

    def _binding(self, holder: Holder, new: NewPhone, at: datetime) -> list[TransactWrite]:
        """The new phone's claim in the place of the old one's, its code used up, and who is told."""
        person_id, change_id = holder.person.person_id, self._new_id(at)
        former_at, gone = keys.former_phone_key(change_id), at + FORMER_PHONE_KEPT
        former: Item = {
            **former_at,
            "v": 1,
            "person_id": person_id,
            _FORMER: holder.phone_cipher,
            "ttl": int(gone.timestamp()),
        }
        sealed_at = {"pk": former_at["pk"], "sk": former_at["sk"], "member": _FORMER}
        told: list[Entry] = [
            SendSms(person_id, _TOLD_OLD_PHONE, sealed_at),
            SendMessage(person_id, "手机号已更换", _TOLD_ON_SITE, "/me/profile"),
        ]
        claim = {**keys.phone_claim_key(new.phone_hash), "v": 1, "person_id": person_id}
        return [
            new.proof,
            put_item(self._registry, claim, condition="attribute_not_exists(pk)"),
            delete_item(
                self._registry,
                keys.phone_claim_key(holder.person.phone_hash),
                condition="attribute_not_exists(pk) OR person_id = :person",
                values={":person": person_id},
            ),
            put_item(self._registry, former),
            *(put_item(self._registry, outbox_item(one, at=at, new_id=self._new_id)) for one in told),
        ]

    def _audited(self, holder: Holder, fields: list[str], by: Principal, at: datetime) -> TransactWrite:
        entry = change_item(
            holder.person.person_id,
            action="contact.changed",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=holder.person.region_code,
            details={"fields": fields},
        )
        return put_item(self._registry, entry)
