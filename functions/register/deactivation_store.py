"""The one transaction that closes an account at its holder's wish: record, claims, lists, account, audit and the last word.

The phone stays sealed with the record under another name: the last message still reaches it, and none after that, when it
may be somebody else's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.number_claims import claim_of_nobody_active
from jingkuai.aws.outbox import SendSms, outbox_item
from jingkuai.aws.tables import (
    Cancelled,
    Item,
    Table,
    TransactWrite,
    check_item,
    delete_item,
    put_item,
    transact,
    update_item,
)
from jingkuai.domain.principal import Principal
from jingkuai.domain.workdays import shanghai_year
from register.records import DEACTIVATED

FORMER_PHONE: Final = "former_phone_cipher"  # of a deactivated person's item
YEARS: Final = 10  # whose summaries are taken from the bureaus' lists; older ones are asked for by nobody
_LISTED: Final = "gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk"
_NOBODY_ASKS: Final = "attribute_not_exists(pk) OR attribute_exists(reserved_until)"
_TEXT: Final = (
    "您的会计人员账号已按本人申请注销，各处登录均已退出，本手机号可以另行注册。登记信息依法留存。"
    "如非本人操作，请尽快携带身份证件联系财政局。"
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A person about to close their account, as read; `former_hashes` are of numbers they had before, `listed_years` the
    years of theirs that lists show.
    """

    person_id: str
    status: str
    open: Mapping[str, str]
    phone_hash: str
    phone_cipher: bytes | None
    id_hash: str | None
    region_code: str | None
    former_hashes: Sequence[str]
    listed_years: Sequence[int]

    @property
    def closed(self) -> bool:
        """Whether the account is closed already, by its holder or by an appeal that took the number away."""
        return self.status == DEACTIVATED or self.id_hash is None or self.phone_cipher is None


class DeactivationStore:
    """Writes over both tables; of an account it changes `epoch` and `suspended`, nothing else."""

    def __init__(self, registry: Table, identity: Table, new_id: NewId) -> None:
        self._registry = registry
        self._identity = identity
        self._new_id = new_id

    def leaving(self, person_id: str, *, at: datetime) -> Leaving | None:
        """Everything closing is checked against, at one moment. AWS calls: 1."""
        person_at, this_year = keys.person_key(person_id), shanghai_year(at)
        years_at = {year: keys.year_summary_key(person_id, year) for year in range(this_year, this_year - YEARS, -1)}
        found = self._registry.batch_get([person_at, *years_at.values()])
        item = found.get((person_at["pk"], person_at["sk"]))
        if item is None:
            return None
        return Leaving(
            person_id=person_id,
            status=item["status"],
            open=item.get("open", {}),
            phone_hash=item["phone_hash"],
            phone_cipher=item.get("phone_cipher"),
            id_hash=item.get("id_hash"),
            region_code=item.get("region_code"),
            former_hashes=[one["id_hash"] for one in item.get("former_numbers", ())],
            listed_years=[year for year, key in years_at.items() if (key["pk"], key["sk"]) in found],
        )

    def close(self, leaving: Leaving, *, by: Principal, at: datetime) -> bool:
        """Close the account, all of it or nothing. False where something is no longer as it was read. AWS calls: 1."""
        if leaving.id_hash is None:
            return False
        audit = change_item(
            leaving.person_id,
            action="account.deactivated",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=leaving.region_code,
        )
        person_at = keys.person_key(leaving.person_id)
        farewell = SendSms(
            leaving.person_id, _TEXT, {"pk": person_at["pk"], "sk": person_at["sk"], "member": FORMER_PHONE}
        )
        writes = [
            self._person_after(leaving, at),
            *self._claims_after(leaving, leaving.id_hash),
            update_item(
                self._identity,
                keys.account_key(leaving.person_id),
                "SET epoch = epoch + :one, suspended = :yes",
                condition="attribute_exists(pk)",
                values={":one": 1, ":yes": True},
            ),
            *(self._year_after(leaving.person_id, year) for year in leaving.listed_years),
            delete_item(self._registry, keys.draft_key(leaving.person_id)),
            put_item(self._registry, audit),
            put_item(self._registry, outbox_item(farewell, at=at, new_id=self._new_id)),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled:
            return False
        return True

    def in_dispute(self, leaving: Leaving) -> bool:
        """Whether an appeal about the number is open. AWS calls: 1."""
        if leaving.id_hash is None:
            return False
        standing = self._registry.get(keys.open_appeal_key(leaving.id_hash))
        return standing is not None and "reserved_until" not in standing

    def _person_after(self, leaving: Leaving, at: datetime) -> TransactWrite:
        """The record stays and leaves every list; nothing of theirs may be open."""
        values: Item = {
            ":closed": DEACTIVATED,
            ":at": iso(at),
            ":phone": leaving.phone_cipher,
            ":status": leaving.status,
            ":phone_hash": leaving.phone_hash,
            ":number": leaving.id_hash,
            ":nothing": 0,
        }
        return update_item(
            self._registry,
            keys.person_key(leaving.person_id),
            f"SET #status = :closed, deactivated_at = :at, updated_at = :at, {FORMER_PHONE} = :phone "
            f"REMOVE phone_cipher, {_LISTED}",
            condition="#status = :status AND phone_hash = :phone_hash AND id_hash = :number AND size(#open) = :nothing",
            values=values,
            names={"#status": "status", "#open": "open"},
        )

    def _claims_after(self, leaving: Leaving, id_hash: str) -> list[TransactWrite]:
        """The phone is anybody's. The number stays theirs, so that nobody else takes it; no import knows it any more."""
        return [
            delete_item(
                self._registry,
                keys.phone_claim_key(leaving.phone_hash),
                condition="person_id = :person",
                values={":person": leaving.person_id},
            ),
            *(
                claim_of_nobody_active(self._registry, one, leaving.person_id)
                for one in dict.fromkeys([id_hash, *leaving.former_hashes])
            ),
            check_item(self._registry, keys.open_appeal_key(id_hash), _NOBODY_ASKS),
        ]

    def _year_after(self, person_id: str, year: int) -> TransactWrite:
        """A year that no list shows any more: whoever has left is neither short nor done."""
        return update_item(
            self._registry,
            keys.year_summary_key(person_id, year),
            "REMOVE gsi1pk, gsi1sk",
            condition="attribute_exists(pk)",
        )
