"""What a bureau's approval of an appeal changes: one transaction over the account, the record and the claims.

Of the Identity table it raises the account's epoch, which ends every session, and lets the frozen account go or closes
it, nothing else; what an identity change ends is in `record_store`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.number_claims import claim_of_nobody_active
from jingkuai.aws.outbox import Entry
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, delete_item, put_item, transact, update_item
from jingkuai.domain.appeal import RESERVED, AppealKind
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from review import appeal_notifications
from review.appeal_notifications import OLD_PHONE
from review.case import Case, Disputed
from review.case_writes import CaseMoved, CaseWriter
from review.number_claim_writes import FORMER_AS_READ

_LISTED: Final = "gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk"


class PhoneTaken(Exception):
    """Another account has the appeal's phone by now."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """An approved appeal with what it is carried out on, as read: the new phone, and the account's present one.

    `old_phone_cipher` is None where the holder has closed the account: then the old phone is nobody's, or another's.
    """

    case: Case
    disputed: Disputed
    kind: AppealKind
    phone_hash: str
    phone_cipher: bytes
    phone_masked: str
    old_phone_hash: str
    old_phone_cipher: bytes | None
    holders_number: str | None
    former_numbers: Sequence[Item]

    @property
    def number_is_former(self) -> bool:
        """Whether the holder had the number before an identity change: it still finds them, and is theirs no more."""
        return self.disputed.id_hash != self.holders_number

    @property
    def former_numbers_after(self) -> list[Item]:
        """The former numbers without the one in dispute; the holder may have gone back to one they had before."""
        return [one for one in self.former_numbers if one["id_hash"] != self.disputed.id_hash]

    @property
    def person_id(self) -> str:
        return self.case.filing.person_id

    @property
    def holder_has_left(self) -> bool:
        """Whether the holder has closed the account themself."""
        return self.old_phone_cipher is None


class RulingStore:
    """Carries rulings out."""

    def __init__(self, registry: Table, identity: Table, new_id: NewId) -> None:
        self._registry = registry
        self._identity = identity
        self._writer = CaseWriter(registry, new_id)

    def ruling(self, case: Case, disputed: Disputed) -> Ruling:
        """What an appeal asked for and the account it is about. AWS calls: 1."""
        appeal_at, person_at = case.subject, keys.person_key(case.filing.person_id)
        found = self._registry.batch_get([appeal_at, person_at])
        appeal, person = found[appeal_at["pk"], appeal_at["sk"]], found[person_at["pk"], person_at["sk"]]
        return Ruling(
            case=case,
            disputed=disputed,
            kind=AppealKind(appeal["appeal_kind"]),
            phone_hash=appeal["phone_hash"],
            phone_cipher=appeal["phone_cipher"],
            phone_masked=appeal["payload"]["phone"],
            old_phone_hash=person["phone_hash"],
            old_phone_cipher=person.get("phone_cipher"),
            holders_number=person.get("id_hash"),
            former_numbers=person.get("former_numbers", ()),
        )

    def give_phone(self, ruling: Ruling, *, at: datetime) -> None:
        """Put the appeal's phone onto the account, in the place of the old one. Raises PhoneTaken, CaseMoved. AWS calls: 1."""
        claims = self._phone_claims(ruling)
        self._commit(
            *claims,
            update_item(
                self._registry,
                keys.person_key(ruling.person_id),
                "SET phone_hash = :new, phone_cipher = :cipher, phone_masked = :masked, updated_at = :at",
                condition="phone_hash = :old",
                values={
                    ":new": ruling.phone_hash,
                    ":cipher": ruling.phone_cipher,
                    ":masked": ruling.phone_masked,
                    ":at": iso(at),
                    ":old": ruling.old_phone_hash,
                },
            ),
            self._account_after(ruling, "SET epoch = epoch + :one REMOVE frozen_by", {":one": 1}),
            delete_item(
                self._registry,
                keys.open_appeal_key(ruling.disputed.id_hash),
                condition="appeal_id = :appeal",
                values={":appeal": ruling.case.filing.subject_id},
            ),
            *self._ends(ruling, appeal_notifications.phone_changed(ruling.case.filing), at),
            phone_at=0 if claims else None,  # refused here is no lost race: the phone is another's
        )

    def free_number(self, ruling: Ruling, *, at: datetime) -> None:
        """Close the holder's account; its record stays without the number, which waits for the appeal's phone.

        The old phone's cipher holds the number too, so it goes from the record with it. Numbers they had before stay
        theirs, and no import knows them any more. Raises CaseMoved. AWS calls: 1.
        """
        held = {":person": ruling.person_id}
        phone = delete_item(
            self._registry,
            keys.phone_claim_key(ruling.old_phone_hash),
            condition="person_id = :person",
            values=held,
        )
        self._commit(
            *([] if ruling.holder_has_left else [phone]),
            delete_item(
                self._registry,
                keys.id_claim_key(ruling.disputed.id_hash),
                condition="person_id = :person",
                values=held,
            ),
            *(
                claim_of_nobody_active(self._registry, one, ruling.person_id)
                for one in dict.fromkeys(former["id_hash"] for former in ruling.former_numbers_after)
            ),
            put_item(
                self._registry,
                _reservation(ruling, at),
                condition="appeal_id = :appeal",
                values={":appeal": ruling.case.filing.subject_id},
            ),
            update_item(
                self._registry,
                keys.person_key(ruling.person_id),
                "SET #status = :closed, closed_by = :appeal, id_masked = :none, updated_at = :at, former_numbers = :kept "
                f"REMOVE id_hash, id_cipher, phone_cipher, former_phone_cipher, {_LISTED}",
                condition=f"phone_hash = :old AND id_hash = :number AND {FORMER_AS_READ}",
                values={
                    ":closed": "deactivated",
                    ":appeal": ruling.case.filing.subject_id,
                    ":none": "",
                    ":at": iso(at),
                    ":old": ruling.old_phone_hash,
                    ":number": ruling.disputed.id_hash,
                    ":kept": ruling.former_numbers_after,
                    ":had": list(ruling.former_numbers),
                },
                names={"#status": "status"},
            ),
            self._account_after(
                ruling, "SET epoch = epoch + :one, suspended = :yes REMOVE frozen_by", {":one": 1, ":yes": True}
            ),
            *self._ends(ruling, appeal_notifications.number_freed(ruling.case.filing), at),
        )

    def free_former_number(self, ruling: Ruling, *, at: datetime) -> None:
        """Take from an account a number that its holder had before, and keep it for the appeal's phone; else nothing of
        the account changes. Raises CaseMoved. AWS calls: 1.
        """
        self._commit(
            delete_item(
                self._registry,
                keys.id_claim_key(ruling.disputed.id_hash),
                condition="person_id = :person",
                values={":person": ruling.person_id},
            ),
            put_item(
                self._registry,
                _reservation(ruling, at),
                condition="appeal_id = :appeal",
                values={":appeal": ruling.case.filing.subject_id},
            ),
            self._without_former(ruling),
            self._account_after(ruling, "REMOVE frozen_by", {}),
            *self._ends(ruling, appeal_notifications.former_number_freed(ruling.case.filing), at),
        )

    def _without_former(self, ruling: Ruling) -> TransactWrite:
        """The record no longer holds the number, not even sealed."""
        return update_item(
            self._registry,
            keys.person_key(ruling.person_id),
            "SET former_numbers = :kept",
            condition="former_numbers = :had",
            values={":kept": ruling.former_numbers_after, ":had": list(ruling.former_numbers)},
        )

    def _phone_claims(self, ruling: Ruling) -> list[TransactWrite]:
        """The new phone's claim in the place of the old one's; none where the holder has changed to it themself."""
        if ruling.phone_hash == ruling.old_phone_hash:
            return []
        new = {**keys.phone_claim_key(ruling.phone_hash), "v": 1, "person_id": ruling.person_id}
        return [
            put_item(
                self._registry,
                new,
                condition="attribute_not_exists(pk) OR person_id = :person",  # their own: this ruling, carried out before
                values={":person": ruling.person_id},
            ),
            delete_item(
                self._registry,
                keys.phone_claim_key(ruling.old_phone_hash),
                condition="person_id = :person",
                values={":person": ruling.person_id},
            ),
        ]

    def _account_after(self, ruling: Ruling, expression: str, values: Item) -> TransactWrite:
        return update_item(
            self._identity,
            keys.account_key(ruling.person_id),
            expression,
            condition="attribute_exists(pk)",
            values=values,
        )

    def _ends(self, ruling: Ruling, notifications: list[Entry], at: datetime) -> list[TransactWrite]:
        """The appeal's own end: approved, the old phone kept for telling it, audited, everybody told.

        A phone that its holder gave up is told nothing.
        """
        changes = "#status = :status"
        values: Item = {":status": SubmissionStatus.APPROVED.value}
        if ruling.old_phone_cipher is not None:
            changes, values = f"{changes}, {OLD_PHONE} = :old", {**values, ":old": ruling.old_phone_cipher}
        approved = self._writer.advance(
            ruling.case,
            changes,
            values,
            removed="REMOVE due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.APPLIED, "system")],
        )
        audit = self._writer.audit(ruling.case, "appeal.applied", at, kind=ruling.kind.value)
        return [approved, audit, *self._writer.promises(notifications, at)]

    def _commit(self, *writes: TransactWrite, phone_at: int | None = None) -> None:
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if phone_at is not None and cancelled.failed(phone_at):
                raise PhoneTaken() from cancelled
            if "ConditionalCheckFailed" in cancelled.reasons:
                raise CaseMoved() from cancelled
            raise


def _reservation(ruling: Ruling, at: datetime) -> Item:
    """Who may register the number now. An old reservation goes by itself, and counts for nothing before that."""
    until = at + RESERVED
    return {
        **keys.open_appeal_key(ruling.disputed.id_hash),
        "v": 1,
        "appeal_id": ruling.case.filing.subject_id,
        "reserved_for": ruling.phone_hash,
        "reserved_until": iso(until),
        "ttl": int(until.timestamp()),
    }
