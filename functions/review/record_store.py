"""What an approved submission changes: the person and a new version of the record, the number's claim, the account.

One transaction, conditional on the record being the one that was read: what the submission was made from has been
compared with that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from jingkuai.aws import keys, open_lock
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.outbox import Entry
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
from jingkuai.domain.submission import SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent
from review.case import Case
from review.case_writes import ABSENT, CaseMoved, CaseWriter
from review.number_claim_writes import FORMER_AS_READ, unit_of_claim
from review.person_items import lists_of, unit_joined, version_put
from review.record import ApprovedRecord

_UNLISTED: Final = ("gsi3pk", "gsi3sk")  # whoever works for no unit is among no unit's members


class NumberNotFree(Exception):
    """The new number of an identity change is another's by now, or kept for whoever appealed about it."""


class NumberDisputed(Exception):
    """Somebody appeals about the number that would change: nothing of the account changes before that is decided."""


class RecordStore:
    """The records in the Registry table, and what their holders' accounts show of them in the Identity table."""

    def __init__(self, registry: Table, identity: Table, new_id: NewId) -> None:
        self._registry = registry
        self._identity = identity
        self._writer = CaseWriter(registry, new_id)

    def apply(
        self,
        case: Case,
        record: ApprovedRecord,
        *,
        notifications: Sequence[Entry],
        at: datetime,
        second_look: Item | None = None,
    ) -> None:
        """Change the record as approved: person, version, claims, account, submission, audit, notifications, and the task of the
        second look at it where it is drawn for one; all or nothing.

        Raises CaseMoved, also when the record is no longer the one that was read; NumberNotFree, NumberDisputed.
        AWS calls: 1.
        """
        approved = self._writer.advance(
            case,
            "#status = :status",
            {":status": SubmissionStatus.APPROVED.value},
            removed="REMOVE stage, due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.APPLIED, "system", record.note)],
        )
        audit = self._writer.audit(case, "record.changed", at, version=record.version, kind=case.filing.kind)
        number, undisputed = self._number(record, at), self._undisputed(record)
        writes = [
            *number,
            *undisputed,
            approved,
            self._person_after(case, record, at),
            self._version(case, record, at),
            *self._claim_after(record),
            *self._unit(record),
            *self._draft_after(record),
            *self._account_after(case, record),
            audit,
            *([put_item(self._registry, second_look, condition=ABSENT)] if second_look else []),
            *self._writer.promises(notifications, at),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(*range(len(number))):
                raise NumberNotFree() from cancelled
            if undisputed and cancelled.failed(len(number)):
                raise NumberDisputed() from cancelled
            if "ConditionalCheckFailed" in cancelled.reasons:
                raise CaseMoved() from cancelled
            raise

    def _number(self, record: ApprovedRecord, at: datetime) -> list[TransactWrite]:
        """The new number's claim, and what must hold for it: first of all writes, so that a refusal is told apart.

        The old claim stays as an alias: it goes on finding the same person, by the name that stood on the old document.
        """
        number = record.new_number
        if number is None or not record.has_another_claim:
            return []
        new = {**keys.id_claim_key(number.id_hash), "v": 1, "person_id": record.person_id, **_told_to_imports(record)}
        return [
            put_item(
                self._registry,
                new,
                condition="attribute_not_exists(pk) OR person_id = :person",  # their own: a number they had before
                values={":person": record.person_id},
            ),
            check_item(
                self._registry,
                keys.open_appeal_key(number.id_hash),
                "attribute_not_exists(pk) OR reserved_for = :phone OR reserved_until <= :now",
                values={":phone": record.before.phone_hash, ":now": iso(at)},
            ),
        ]

    def _undisputed(self, record: ApprovedRecord) -> list[TransactWrite]:
        """That nobody appeals about the number as it is: until that is decided, who its holder is stays as it is."""
        if record.kind is not SubmissionKind.IDENTITY_CHANGE or record.before.id_hash is None:
            return []
        nobody = "attribute_not_exists(pk) OR attribute_exists(reserved_until)"
        return [check_item(self._registry, keys.open_appeal_key(record.before.id_hash), nobody)]

    def _person_after(self, case: Case, record: ApprovedRecord, at: datetime) -> TransactWrite:
        """The person's record, its lists and its lock: conditional on the version that was read."""
        known: Item = {
            "status": record.status,
            "version": record.version,
            "section_versions": record.before.versions_after(record.version, record.changed),
            "region_code": record.region_code,
            "name": record.name,
            "name_masked": record.name_masked,
            "confirmed_on": record.confirmed_on.isoformat(),
            "updated_at": iso(at),
            **_document_members(record.new_number),
            **_lists(record),
            **keys.card(
                name_masked=record.name_masked,
                id_masked=record.id_masked,
                region_code=record.region_code,
                employer_name=record.employer_name,
            ),
        }
        sets, values, names = _setting(known)
        for path, value, named in (*_section_sets(record), *_former_numbers_set(record, at)):
            sets.append(path)
            values |= value
            names |= named
        removed = [open_lock.RELEASE, *(() if record.uscc else _UNLISTED), *_untold(record.new_number)]
        return update_item(
            self._registry,
            keys.person_key(record.person_id),
            f"SET {', '.join(sets)} REMOVE {', '.join(removed)}",
            condition=f"version = :read AND {open_lock.HELD} AND {FORMER_AS_READ}",
            values={
                **values,
                ":read": record.before.version,
                ":submission": case.filing.submission_id,
                ":had": list(record.before.former_numbers),
            },
            names={**names, **open_lock.names(case.filing.kind)},
        )

    def _claim_after(self, record: ApprovedRecord) -> list[TransactWrite]:
        """All that an import or an employer's declaration reads of a person; with a new number its own claim says it."""
        if record.has_another_claim:
            return []
        sets, values, names = _setting(_told_to_imports(record))
        former = record.before.former_hashes if "employment" in record.changed else ()
        return [
            update_item(
                self._registry,
                keys.id_claim_key(record.id_hash),
                f"SET {', '.join(sets)}{'' if record.uscc else ' REMOVE uscc'}",
                condition="person_id = :person",
                values={**values, ":person": record.person_id},
                names=names,
            ),
            # a former number is found by the name of the old document, and tells the unit of today
            *(unit_of_claim(self._registry, one, record.person_id, record.uscc) for one in former),
        ]

    def _account_after(self, case: Case, record: ApprovedRecord) -> list[TransactWrite]:
        """What the account shows of a new name. An identity change ends the sessions opened before its last decision:
        whoever signed in between that and this moment is not put out at once.
        """
        sets: list[str] = []
        values: Item = {}
        if record.name_masked != record.before.name_masked:
            sets.append("name_masked = :name")
            values[":name"] = record.name_masked
        if record.ends_sessions:
            if case.approved_at is not None:
                sets.append("kept_epoch = epoch, kept_since = :since")
                values[":since"] = case.approved_at
            sets.append("epoch = epoch + :one")
            values[":one"] = 1
        if not sets:
            return []
        return [
            update_item(
                self._identity,
                keys.account_key(record.person_id),
                f"SET {', '.join(sets)}",
                condition="attribute_exists(pk)",
                values=values,
            )
        ]

    def _version(self, case: Case, record: ApprovedRecord, at: datetime) -> TransactWrite:
        """The version as it was approved."""
        return version_put(
            self._registry,
            record.person_id,
            record.version,
            kind=case.filing.kind,
            region_code=record.region_code,
            name=record.name,
            id_type=record.id_type,
            id_masked=record.id_masked,
            sections=record.sections,
            at=at,
            more={
                "submission_id": case.filing.submission_id,
                "status": record.status,
                "decided_by": _decided_by(case),
                **({"by_role": "system"} if case.is_automatic else {}),
            },
        )

    def _unit(self, record: ApprovedRecord) -> list[TransactWrite]:
        if "employment" not in record.changed:
            return []
        return unit_joined(self._registry, record.uscc, record.employer_name, record.employer_hash)

    def _draft_after(self, record: ApprovedRecord) -> list[TransactWrite]:
        """The form has become the record: nothing of it is kept beside."""
        if record.kind is not SubmissionKind.REGISTRATION:
            return []
        return [delete_item(self._registry, keys.draft_key(record.person_id))]


Setting = tuple[list[str], Item, dict[str, str]]
SetOf = tuple[str, Item, dict[str, str]]


def _setting(members: Mapping[str, Any]) -> Setting:
    """The parts of an update that writes these members: what is set, the values, the names."""
    return (
        [f"#{name} = :{name}" for name in members],
        {f":{name}": value for name, value in members.items()},
        {f"#{name}": name for name in members},
    )


def _lists(record: ApprovedRecord) -> dict[str, str]:
    """Who left the province is in no list, whatever is approved for them afterwards."""
    if not record.is_kept:
        return {}
    return lists_of(
        record.person_id,
        record.region_code,
        confirmed_on=record.confirmed_on,
        name_hash=record.name_hash,
        uscc=record.uscc,
    )


def _section_sets(record: ApprovedRecord) -> list[SetOf]:
    """A registration brings the sections; a change writes its own and leaves the others to whoever changes them."""
    if record.kind is SubmissionKind.REGISTRATION:
        return [("sections = :sections", {":sections": dict(record.sections)}, {})]
    return [
        (f"sections.#{name} = :{name}", {f":{name}": section}, {f"#{name}": name})
        for name, section in record.changed.items()
    ]


def _former_numbers_set(record: ApprovedRecord, at: datetime) -> list[SetOf]:
    """The numbers that the new one follows, kept sealed: a working life may show several."""
    if not record.has_another_claim:
        return []
    return [("former_numbers = :former", {":former": record.numbers_before(iso(at))}, {})]


def _document_members(number: NewNumber | None) -> Item:
    if number is None:
        return {}
    told = {
        "id_type": number.id_type,
        "id_masked": number.id_masked,
        "id_hash": number.id_hash,
        "id_cipher": number.cipher,
        "birth_date": number.birth_date.isoformat() if number.birth_date else None,
        "gender": number.gender,
    }
    return {name: value for name, value in told.items() if value is not None}


def _untold(number: NewNumber | None) -> list[str]:
    """What the old document said of its holder and the new one does not."""
    if number is None:
        return []
    return [name for name in ("birth_date", "gender") if getattr(number, name) is None]


def _told_to_imports(record: ApprovedRecord) -> Item:
    return {
        "approved": True,
        "name_hmac": record.name_hash,
        **({"uscc": record.uscc} if record.uscc else {}),
    }


def _decided_by(case: Case) -> str | None:
    if case.is_automatic:
        return "system"
    return case.stages[-1].owner if case.stages else None
