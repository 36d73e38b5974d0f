"""Looking people up (人员查询): by ID number, name or employer, masked until opened; inside the caller's region only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Item
from jingkuai.domain.identity_document import lookup_candidates
from jingkuai.domain.integrity import IntegrityRecord
from jingkuai.domain.person_name import PersonName
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import FieldProblem, Invalid, InvalidValue
from jingkuai.domain.social_credit_code import UnifiedSocialCreditCode
from jingkuai.domain.typed_line import line_problems
from jingkuai.domain.typed_text import compact
from jingkuai.domain.workdays import today_in_shanghai
from review.likeness import EMPLOYER_NAME
from review.purpose import read_purpose
from review.same_person import JudgedPair
from review.scan_links import ScanLink, scan_link

if TYPE_CHECKING:
    from review.people_store import PeopleStore

_UNIT_NAME: Final = (4, 100)  # characters of a full name as on the seal


class SearchBy(StrEnum):
    """What somebody is looked for by; the audit keeps this and never the number or the name."""

    ID_NUMBER = "id_number"
    NAME = "name"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A search as typed: one of the three, and what it is for."""

    id_number: str
    name: str
    employer: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search ready to be made: `hashes` are those of every identity a number may stand for, else of the one name;
    `uscc` is set where the employer was named by its code.
    """

    by: SearchBy
    purpose: str
    hashes: tuple[str, ...] = ()
    uscc: str | None = None

    @property
    def fingerprint(self) -> str:
        """What makes two searches the same, without what was typed: a cursor is good for one of them."""
        return f"{self.by} {self.uscc or ' '.join(self.hashes)}"


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody found, masked."""

    person_id: str
    name_masked: str
    id_masked: str
    region_code: str
    status: str
    employer_name: str | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of those found; `next_start` names where the next one begins."""

    people: tuple[FoundPerson, ...]
    next_start: Item | None = None


@dataclass(frozen=True, slots=True)
class FormerNumber:
    """A number somebody had before, masked."""

    id_type: str
    id_masked: str
    until: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A record as a bureau keeps it. `open` are the matters under way, kind to id; the number is still masked here."""

    person_id: str
    status: str
    version: int
    name: str
    id_type: str
    id_masked: str
    id_cipher: bytes | None
    phone_masked: str
    region_code: str
    created_at: str
    updated_at: str
    confirmed_on: str | None
    open: Mapping[str, str]
    former_numbers: tuple[FormerNumber, ...]
    sections: Mapping[str, Any]
    judged: tuple[JudgedPair, ...] = ()
    integrity: tuple[IntegrityRecord, ...] = ()

    @property
    def objections_scans(self) -> tuple[str, ...]:
        """The ids of the scans that the person has sent with objections."""
        sent = (one.objection.attachment_ids for one in self.integrity if one.objection)
        return tuple(dict.fromkeys(one for ids in sent for one in ids))


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record with the ID number in full, empty where an appeal has taken the number away, and the scans, by id, that the
    person has sent with an objection.
    """

    record: PersonRecord
    id_number: str
    scans: Mapping[str, ScanLink]


def read_search(form: SearchForm, *, lookup: LookupKey, clock: Clock) -> Search:
    """The search a form asks for. Raises Invalid with every problem at once."""
    purpose, problems = read_purpose(form.purpose)
    typed = {one: text for one in SearchBy if (text := getattr(form, one.value).strip())}
    if len(typed) != 1:
        told = "证件号码、姓名、单位三项中请填写一项，并且只填一项。"
        raise Invalid(errors=[FieldProblem("id_number", "one_of_three", told), *problems])
    ((by, text),) = typed.items()
    try:
        search = _read_key(by, text, purpose, lookup, today_in_shanghai(clock()))
    except InvalidValue as refused:
        raise Invalid(errors=[refused.at(by.value), *problems]) from refused
    except Invalid as refused:
        raise Invalid(errors=[*refused.errors, *problems]) from refused
    if problems:
        raise Invalid(errors=problems)
    return search


def search_people(
    search: Search, *, by: Principal, limit: int, start: Item | None, store: PeopleStore, clock: Clock
) -> PeoplePage:
    """Those found within the caller's region, the search recorded; whoever is elsewhere is not told apart from nobody.

    Somebody found by number is told of the look in their access log; a list by name or unit is masked, and each
    opening is told. A record that is closed is found by number alone, by the bureau that kept it last.
    AWS calls: 2; by number 3, by a unit's name 3.
    """
    match search.by:
        case SearchBy.ID_NUMBER:
            page = PeoplePage(store.by_number(search.hashes, within=by))
        case SearchBy.NAME:
            page = store.by_name(search.hashes[0], within=by, limit=limit, start=start)
        case SearchBy.EMPLOYER:
            codes = [search.uscc] if search.uscc else store.codes_of_unit(search.hashes[0])
            page = store.by_units(codes, within=by, limit=limit, start=start)
    store.record_search(search, page.people, by=by, at=clock())
    return page


def open_record(
    person_id: str,
    purpose: str,
    *,
    by: Principal,
    store: PeopleStore,
    files: Files,
    records: str,
    sealer: Sealer,
    clock: Clock,
) -> OpenedRecord:
    """Somebody's record with the ID number in full, the look recorded before anything is answered.

    Raises Invalid without a purpose, NotFound outside the caller's region. AWS calls: 3, with scans of an objection 4.
    """
    told, problems = read_purpose(purpose)
    if problems:
        raise Invalid(errors=problems)
    record = store.record(person_id, within=by)
    number = record.id_masked
    if record.id_cipher is not None:
        number = sealer.open_member(record.id_cipher, "id_number", person_id)
    scans = {one["attachment_id"]: scan_link(one, files, records) for one in store.scans(record.objections_scans)}
    store.record_look(record, purpose=told, by=by, at=clock())
    return OpenedRecord(record, number, scans)


def _read_key(by: SearchBy, text: str, purpose: str, lookup: LookupKey, today: date) -> Search:
    match by:
        case SearchBy.ID_NUMBER:
            hashes = tuple(lookup.of(*one) for one in lookup_candidates(text, today=today))
            return Search(by, purpose, hashes)
        case SearchBy.NAME:
            return Search(by, purpose, (lookup.of("name", PersonName.parse(text).text),))
        case SearchBy.EMPLOYER:
            return _read_unit(text, purpose, lookup)


def _read_unit(text: str, purpose: str, lookup: LookupKey) -> Search:
    """Letters with digits are meant as a code: no unit's full name is made of them alone."""
    code = compact(text)
    if code.isascii() and code.isalnum() and not code.isalpha():
        return Search(SearchBy.EMPLOYER, purpose, uscc=UnifiedSocialCreditCode.parse(code).text)
    shortest, longest = _UNIT_NAME
    if problems := line_problems("employer", text, shortest=shortest, longest=longest):
        raise Invalid(errors=problems)
    return Search(SearchBy.EMPLOYER, purpose, (lookup.of(EMPLOYER_NAME, text),))
