"""The ledger (学分台账) in the Registry table: entries by person and year, claims of ID numbers, certificates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credits.ledger_items import (
    certificate_members,
    certificate_of,
    item_of_recorded,
    recorded_key,
    recorded_of,
)
from credits.recorded import Claim, RecordedCourse
from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.ledger import entry_of
from jingkuai.aws.tables import Cancelled, Item, Table, put_item, transact, update_item
from jingkuai.aws.transfer_letters import own_letter
from jingkuai.domain.certificate import Certificate
from jingkuai.domain.credit_row import Course
from jingkuai.domain.credit_rules import CreditEntry
from jingkuai.domain.principal import Principal
from jingkuai.domain.transfer_letter import TransferLetter


@dataclass(frozen=True, slots=True)
class Person:
    """What a certificate says of its holder."""

    person_id: str
    name: str
    name_masked: str
    id_masked: str
    region_code: str


@dataclass(frozen=True, slots=True)
class YearAsStored:
    """One person's year: the entries, the number of the certificate in force, and the holder where asked for."""

    entries: Sequence[CreditEntry]
    certificate: Certificate | None
    person: Person | None


class LedgerStore:
    """Reads ledgers and claims, writes what imports record and what certificates are issued."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def entries(self, person_id: str, year: int) -> list[CreditEntry]:
        """The year's entries. AWS calls: 1 a page."""
        found = self._registry.query_all(keys.person_pk(person_id), prefix=keys.entry_prefix(year))
        return [entry_of(item) for item in found]

    def entries_by_year(self, person_id: str) -> dict[int, list[CreditEntry]]:
        """Every entry the person ever had, by year. AWS calls: 1 a page."""
        years: dict[int, list[CreditEntry]] = {}
        for item in self._registry.query_all(keys.person_pk(person_id), prefix=keys.ALL_YEARS):
            if item["sk"].startswith(keys.entry_prefix(item["year"])):
                years.setdefault(item["year"], []).append(entry_of(item))
        return years

    def year(self, person_id: str, year: int) -> YearAsStored:
        """The year's entries and its current certificate. AWS calls: 1 a page."""
        return self._year(self._registry.query_all(keys.person_pk(person_id), prefix=keys.year_prefix(year)), year)

    def year_and_person(self, person_id: str, year: int) -> YearAsStored:
        """The same with the holder: one query from the year's first item to the profile. What lies between is a form in
        the making, later years and a few records of exams and integrity: less than a second read would cost.
        AWS calls: 1 a page.
        """
        between = keys.year_prefix(year), keys.person_key(person_id)["sk"]
        return self._year(self._registry.query_all(keys.person_pk(person_id), between=between), year)

    def _year(self, items: Iterable[Item], year: int) -> YearAsStored:
        entries, certificate, person = [], None, None
        for item in items:
            if item["sk"].startswith(keys.entry_prefix(year)):
                entries.append(entry_of(item))
            elif item["sk"] == keys.year_certificate_key("", year)["sk"]:
                certificate = certificate_of(item)
            elif item["sk"] == keys.person_key("")["sk"] and item.get("region_code"):
                person = Person(
                    item["person_id"], item["name"], item["name_masked"], item["id_masked"], item["region_code"]
                )
        return YearAsStored(entries, certificate, person)

    def certificate(self, certificate_no: str) -> Certificate | None:
        """A certificate as issued. AWS calls: 1."""
        item = self._registry.get(keys.certificate_key(certificate_no))
        return certificate_of(item) if item else None

    def letter(self, number: str) -> TransferLetter | None:
        """The transfer letter of a number. AWS calls: 1."""
        return own_letter(self._registry, number)

    def issue(
        self,
        certificate: Certificate,
        *,
        replaces: Certificate | None,
        signature: bytes,
        key_id: str,
        by: Principal,
        region_code: str,
        new_id: NewId,
    ) -> bool:
        """Make this the year's certificate; False where the one in force is no longer the one that was read.

        AWS calls: 1.
        """
        item = {**certificate_members(certificate), "signature": signature, "key_id": key_id}
        number, at = certificate.certificate_no, certificate.issued_at
        current = keys.year_certificate_key(certificate.person_id, certificate.year)
        condition, values = "attribute_not_exists(pk)", None
        if replaces:
            condition, values = "certificate_no = :replaced", {":replaced": replaces.certificate_no}
        details = {"certificate_no": number, "year": certificate.year}
        audited = change_item(
            certificate.person_id,
            action="certificate_issued",
            by=by,
            at=at,
            new_id=new_id,
            region_code=region_code,
            details=details,
        )
        writes = [
            put_item(self._registry, {**current, "v": 1, **item}, condition=condition, values=values),
            put_item(
                self._registry,
                {**keys.certificate_key(number), "v": 1, **item},
                condition="attribute_not_exists(pk)",
            ),
            put_item(self._registry, audited),
        ]
        if replaces:
            writes.append(
                update_item(
                    self._registry,
                    keys.certificate_key(replaces.certificate_no),
                    "SET replaced_by = :number, replaced_at = :at",
                    values={":number": number, ":at": iso(at)},
                )
            )
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return False
            raise
        return True

    def claims(self, id_hashes: Sequence[str]) -> dict[str, Claim]:
        """The claims on these ID numbers, by hash. AWS calls: 1 per 100."""
        wanted = {keys.id_claim_key(one)["pk"]: one for one in id_hashes}
        found = self._registry.batch_get([keys.id_claim_key(one) for one in wanted.values()])
        return {
            wanted[pk]: Claim(item["person_id"], item["name_hmac"], bool(item.get("approved")))
            for (pk, _), item in found.items()
        }

    def standing(self, wanted: Sequence[tuple[str, str, Course]]) -> dict[tuple[str, str], RecordedCourse]:
        """What stands of (person, institution, course), by person and sort key. AWS calls: 1 per 100."""
        entry_keys = {(key["pk"], key["sk"]): key for key in (recorded_key(*one) for one in wanted)}
        found = self._registry.batch_get(list(entry_keys.values()))
        courses = (recorded_of(item) for item in found.values())
        return {
            (one.person_id, recorded_key(one.person_id, one.institution_id, one.course)["sk"]): one for one in courses
        }

    def record(self, courses: Sequence[RecordedCourse]) -> None:
        """Write entries as they now stand; only the holder of the institution's lease does. AWS calls: 1 per 25."""
        self._registry.batch_write([item_of_recorded(one) for one in courses])
