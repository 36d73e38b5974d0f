"""A new phone and an approval at the same moment: neither undoes what the other has written."""

from collections.abc import Callable
from datetime import timedelta

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.one_time_codes import SentCodes, code_hash
from jingkuai.domain.one_time_code import Purpose
from register import contact
from register.contact import ContactForm, Holder
from register.contact_store import ContactStore
from review.case import Case, Outcome
from review.case_store import CaseStore
from review.record import PersonFacts
from tests.unit.review.conftest import APPLICANT, ID_NUMBER, PERSON, PHONE, WANG, Office

NEW, CODE = "19900000777", "482913"


class LateCases(CaseStore):
    """Something happens after Apply has read the person."""

    meanwhile: Callable[[], object]

    def person(self, case: Case) -> PersonFacts:
        read = super().person(case)
        self.meanwhile()
        return read


class LateContacts(ContactStore):
    """Something happens after a change has read the person."""

    meanwhile: Callable[[], object]

    def holder(self, person_id: str) -> Holder:
        read = super().holder(person_id)
        self.meanwhile()
        return read


def change_phone(office: Office, store: ContactStore | None = None) -> None:
    at = office.clock()
    hashed = code_hash(office.lookup.of("phone", NEW), Purpose.CONTACT, CODE, office.lookup)
    code_at = keys.code_key(office.lookup.of("phone", NEW), Purpose.CONTACT.value)
    expires_at = int((at + timedelta(minutes=5)).timestamp())
    office.identity.put({**code_at, "v": 1, "code_hash": hashed, "tried": [], "expires_at": expires_at})
    desk = contact.Desk(
        store=store or ContactStore(office.registry, uuid7),
        codes=SentCodes(office.identity),
        lookup=office.lookup,
        sealer=office.sealer,
        clock=office.clock,
    )
    contact.change_contact(ContactForm(phone=NEW, otp=CODE), by=APPLICANT, desk=desk)


def apply(office: Office, store: CaseStore) -> Outcome:
    return office.apply(cases=store)


def both_hold(office: Office) -> None:
    person = office.person_item()
    assert (person["status"], person["version"]) == ("active", 1)
    assert person["phone_masked"] == "199****0777" and "phone" not in person["sections"]["contact"]
    assert office.sealer.open_member(person["phone_cipher"], "phone", PERSON) == NEW
    assert office.sealer.open_member(person["id_cipher"], "id_number", PERSON) == ID_NUMBER
    assert office.registry.get(keys.phone_claim_key(office.lookup.of("phone", PHONE))) is None
    assert office.submission_item()["status"] == "approved"


def test_a_phone_that_changes_during_apply_stays_changed(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    open_office.route()
    store = LateCases(open_office.registry, uuid7)
    store.meanwhile = lambda: change_phone(open_office)
    assert apply(open_office, store) is Outcome.APPLIED
    both_hold(open_office)


def test_an_approval_during_a_change_of_phone_stays_approved(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    open_office.route()
    store = LateContacts(open_office.registry, uuid7)
    store.meanwhile = lambda: apply(open_office, open_office.cases)
    change_phone(open_office, store)
    both_hold(open_office)


def test_a_change_of_phone_leaves_the_open_submission_its_base(open_office: Office) -> None:
    before = open_office.submission_item()
    change_phone(open_office)
    assert open_office.submission_item() == before
    assert open_office.person_item()["version"] == before["base_version"]
    open_office.decide(WANG, "approve")
    assert open_office.apply() is Outcome.APPLIED
