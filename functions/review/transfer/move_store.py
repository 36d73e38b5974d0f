"""Where a record is, moved in one transaction: region, unit, status, lists, claim, lock, carried credits, version."""

from collections.abc import Sequence
from datetime import datetime

from jingkuai.aws import keys, open_lock
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item, update_item
from jingkuai.aws.transfer_letters import letter_item, letter_member, mark_used, own_letter
from jingkuai.domain.submission import TRANSFER, SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.transfer_letter import LetterState, TransferLetter
from review.case import Case
from review.case_writes import ABSENT, CaseWriter
from review.number_claim_writes import unit_of_claim
from review.person_items import lists_of, unit_joined, version_put
from review.transfer.carried import carried_entries
from review.transfer.moved_record import MovedRecord

_LISTED = tuple(f"gsi{number}{part}" for number in (1, 2, 3) for part in ("pk", "sk"))


class MoveStore:
    """The records in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)

    def move(
        self, case: Case, record: MovedRecord, *, letter: TransferLetter | None, told: Sequence[Entry], at: datetime
    ) -> None:
        """Move the record as everybody agreed: all or nothing. With `letter` it leaves the province. Raises CaseMoved where
        person or transfer is no longer as it was read. AWS calls: 1; of who comes back with a letter of ours 2.
        """
        self._writer.commit(
            self._completed(case, record, letter, at),
            self._person_after(case, record, letter, at),
            *self._letters(record, letter, at),
            self._version(case, record, at),
            *self._claims_after(case, record),
            *unit_joined(self._registry, record.uscc, record.employer_name, record.employer_hash),
            *self._carried(case, at),
            self._writer.audit(case, "record.changed", at, version=record.version, kind=TRANSFER),
            *self._writer.promises(told, at),
        )

    def _completed(self, case: Case, record: MovedRecord, letter: TransferLetter | None, at: datetime) -> TransactWrite:
        return self._writer.advance(
            case,
            f"#status = :status{', letter = :letter' if letter else ''}",
            {
                ":status": SubmissionStatus.APPROVED.value,
                **({":letter": letter_member(letter)} if letter else {}),
            },
            removed="REMOVE stage, due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.APPLIED, "system", record.note)],
        )

    def _letters(self, record: MovedRecord, letter: TransferLetter | None, at: datetime) -> list[TransactWrite]:
        """The letter that is issued; or the one that its holder comes back with, which is used by that."""
        if letter:
            return [put_item(self._registry, letter_item(letter), condition=ABSENT)]
        number = record.person.left_with
        brought = own_letter(self._registry, number) if number else None
        return [mark_used(self._registry, brought, at=at)] if brought and brought.state is LetterState.VALID else []

    def _person_after(
        self, case: Case, record: MovedRecord, letter: TransferLetter | None, at: datetime
    ) -> TransactWrite:
        """The person in the lists of who keeps the record now, and in no other; the lock is given back with it."""
        person, person_id = record.person, case.filing.person_id
        listed = _lists(record, person_id)
        members: Item = {
            "status": record.status,
            "version": record.version,
            "region_code": record.region_code,
            "confirmed_on": record.confirmed_on.isoformat(),
            "updated_at": iso(at),
            "section_versions": person.versions_after(record.version, ["employment"]),
            **listed,
            **({"left_with": letter.number} if letter else {}),
            **keys.card(
                name_masked=person.name_masked,
                id_masked=person.id_masked,
                region_code=record.region_code,
                employer_name=record.employer_name,
            ),
        }
        gone = [
            open_lock.RELEASE,
            *(name for name in _LISTED if name not in listed),
            *([] if letter else ["left_with"]),
        ]
        return update_item(
            self._registry,
            keys.person_key(person_id),
            f"SET sections.employment = :employment, {', '.join(f'#{name} = :{name}' for name in members)} "
            f"REMOVE {', '.join(gone)}",
            condition=f"version = :read AND {open_lock.HELD}",
            values={
                **{f":{name}": value for name, value in members.items()},
                ":employment": dict(record.employment),
                ":read": person.version,
                ":submission": case.filing.subject_id,
            },
            names={**{f"#{name}": name for name in members}, **open_lock.names(TRANSFER)},
        )

    def _claims_after(self, case: Case, record: MovedRecord) -> list[TransactWrite]:
        """What an import or an employer's declaration reads behind a number, a former one too: the unit. Credits go on
        counting for who left the province.
        """
        person = record.person
        hashes = [one for one in (person.id_hash, *person.former_hashes) if one]
        return [unit_of_claim(self._registry, one, case.filing.person_id, record.uscc) for one in hashes]

    def _version(self, case: Case, record: MovedRecord, at: datetime) -> TransactWrite:
        person = record.person
        return version_put(
            self._registry,
            case.filing.person_id,
            record.version,
            kind=TRANSFER,
            region_code=record.region_code,
            name=person.name,
            id_type=person.id_type,
            id_masked=person.id_masked,
            sections=record.sections,
            at=at,
            more={
                "transfer_id": case.filing.subject_id,
                "status": record.status,
                "decided_by": case.stages[-1].owner,
            },
        )

    def _carried(self, case: Case, at: datetime) -> list[TransactWrite]:
        entries = carried_entries(case.filing.person_id, case.filing.subject_id, case.payload, at=at)
        return [put_item(self._registry, one) for one in entries]


def _lists(record: MovedRecord, person_id: str) -> dict[str, str]:
    """Who left the province is in no list: found by number alone, by the bureau of old."""
    if not record.is_kept:
        return {}
    return lists_of(
        person_id,
        record.region_code,
        confirmed_on=record.confirmed_on,
        name_hash=record.name_hash,
        uscc=record.uscc,
    )
