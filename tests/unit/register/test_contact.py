"""Contact data: at once, phone proven and unique whatever the race, the old one told, nothing else of the record touched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.one_time_codes import SentCodes, code_hash
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item
from jingkuai.domain.one_time_code import OtpExhausted, OtpInvalid, Purpose
from jingkuai.domain.problem import Invalid
from register import contact
from register.confirmation import ClosedRecord
from register.contact import Contact, ContactForm, Holder, NoContactChanged, PhoneOfAnother
from register.contact_store import FORMER_PHONE_KEPT, ContactStore
from register.profile import NoRecord
from tests.unit.register import people
from tests.unit.register.desk import Desk

NUMBER = "420106199003070016"
NEW, CODE = "19900000777", "482913"
MASKED_NEW = "199****0777"


class Interrupted(ContactStore):
    """A store behind whose first reader something happens."""

    def __init__(self, desk: Desk, meanwhile: Callable[[], object]) -> None:
        super().__init__(desk.cloud.registry, uuid7)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def holder(self, person_id: str) -> Holder:
        read = super().holder(person_id)
        if meanwhile := self._meanwhile:
            self._meanwhile = None
            meanwhile()
        return read


def sealer() -> Sealer:
    return Sealer(clients.kms(), settings().data_key_id)


def sealed(person_id: str = people.PERSON, phone: str = people.PHONE) -> dict[str, Any]:
    cipher = sealer().seal_together({"id_number": NUMBER, "phone": phone}, person_id)
    return {"id_cipher": cipher, "phone_cipher": cipher}


def claim(desk: Desk, person_id: str, phone: str) -> None:
    at = keys.phone_claim_key(lookup_key().of("phone", phone))
    desk.cloud.registry.put({**at, "v": 1, "person_id": person_id})


@pytest.fixture
def recorded(desk: Desk) -> Desk:
    """Somebody with a record, whose number and phone lie sealed in one cipher, and somebody else without one."""
    people.approve(desk.cloud.registry, **sealed())
    claim(desk, people.PERSON, people.PHONE)
    people.register(
        desk.cloud.registry, people.STRANGER, people.OTHER_PHONE, **sealed(people.STRANGER, people.OTHER_PHONE)
    )
    claim(desk, people.STRANGER, people.OTHER_PHONE)
    return desk


def send_code(desk: Desk, phone: str = NEW, code: str = CODE) -> None:
    """A code as `POST /auth/otp` leaves it."""
    hashed = code_hash(lookup_key().of("phone", phone), Purpose.CONTACT, code, lookup_key())
    at = keys.code_key(lookup_key().of("phone", phone), Purpose.CONTACT.value)
    expires_at = int((desk.now + timedelta(minutes=5)).timestamp())
    desk.cloud.identity.put({**at, "v": 1, "code_hash": hashed, "tried": [], "expires_at": expires_at})


def change(
    desk: Desk, person_id: str = people.PERSON, *, store: ContactStore | None = None, **form: str | None
) -> Contact:
    return contact.change_contact(
        ContactForm(**form),
        by=people.principal(person_id),
        desk=contact.Desk(
            store=store or ContactStore(desk.cloud.registry, uuid7),
            codes=SentCodes(desk.cloud.identity),
            lookup=lookup_key(),
            sealer=sealer(),
            clock=desk.clock,
        ),
    )


def holder_of(desk: Desk, phone: str) -> str | None:
    found = desk.cloud.registry.get(keys.phone_claim_key(lookup_key().of("phone", phone)))
    return found["person_id"] if found else None


def opened(item: Item, member: str, person_id: str = people.PERSON) -> dict[str, str]:
    return {one: sealer().open_member(item[member], one, person_id) for one in ("id_number", "phone")}


# --- a new phone


def test_a_proven_phone_takes_the_place_of_the_old_one(recorded: Desk) -> None:
    before = recorded.person_item()
    send_code(recorded)
    with recorded.costing(4):
        seen = change(recorded, phone="+86 199-0000-0777", otp=CODE)
    assert seen == Contact(MASKED_NEW, "someone@example.invalid", "湖北省示例路1号")
    after = recorded.person_item()
    assert (after["phone_masked"], after["phone_hash"]) == (MASKED_NEW, lookup_key().of("phone", NEW))
    assert (holder_of(recorded, NEW), holder_of(recorded, people.PHONE)) == (people.PERSON, None)
    untouched = set(before) - {"phone_masked", "phone_hash", "phone_cipher", "id_cipher", "updated_at"}
    assert {name: before[name] for name in untouched} == {name: after[name] for name in untouched}
    assert recorded.audit() == ["contact.changed"]


def test_the_old_phone_is_in_no_cipher_of_the_record_any_more(recorded: Desk) -> None:
    send_code(recorded)
    change(recorded, phone=NEW, otp=CODE)
    after = recorded.person_item()
    for member in ("id_cipher", "phone_cipher"):
        assert opened(after, member) == {"id_number": NUMBER, "phone": NEW}


def test_the_old_phone_is_told_by_a_cipher_that_goes_by_itself(recorded: Desk) -> None:
    send_code(recorded)
    change(recorded, phone=NEW, otp=CODE)
    (text,) = recorded.outbox("SendSms")
    at = text["detail"]["sealed_at"]
    former = recorded.cloud.registry.get({"pk": at["pk"], "sk": at["sk"]})
    assert former is not None
    assert sealer().open_member(former[at["member"]], "phone", people.PERSON) == people.PHONE
    assert former["ttl"] == int((recorded.now + FORMER_PHONE_KEPT).timestamp())
    (message,) = recorded.outbox("SendMessage")
    assert message["detail"]["account_id"] == people.PERSON
    written = str([text["detail"]["text"], message["detail"]])
    assert not any(phone in written for phone in (people.PHONE, NEW, people.MASKED_PHONE, MASKED_NEW))


def test_somebody_without_a_record_may_change_their_phone_and_nothing_else(recorded: Desk) -> None:
    send_code(recorded)
    with pytest.raises(NoRecord) as refused:
        change(recorded, people.STRANGER, phone=NEW, otp=CODE, email="new@example.invalid")
    assert "登记表" in refused.value.detail
    assert holder_of(recorded, NEW) is None
    assert change(recorded, people.STRANGER, phone=NEW, otp=CODE) == Contact(MASKED_NEW, None, None)


def test_the_same_request_again_changes_nothing(recorded: Desk) -> None:
    send_code(recorded)
    form: dict[str, Any] = {"phone": NEW, "otp": CODE, "email": "new@example.invalid"}
    first = change(recorded, **form)
    with recorded.costing(1):
        assert change(recorded, **form) == first
    assert recorded.audit() == ["contact.changed"]
    assert len(recorded.outbox("SendSms")) == 1


def test_a_phone_given_up_is_free_for_others(recorded: Desk) -> None:
    send_code(recorded)
    change(recorded, phone=NEW, otp=CODE)
    send_code(recorded, people.PHONE)
    change(recorded, people.STRANGER, phone=people.PHONE, otp=CODE)
    assert holder_of(recorded, people.PHONE) == people.STRANGER


# --- what proves it


def test_a_wrong_code_changes_nothing_and_counts(recorded: Desk) -> None:
    send_code(recorded)
    before = recorded.person_item()
    for wrong in ("000001", "000002", "000003", "000004"):
        with pytest.raises(OtpInvalid):
            change(recorded, phone=NEW, otp=wrong)
    with pytest.raises(OtpExhausted):
        change(recorded, phone=NEW, otp="000005")
    with pytest.raises(OtpExhausted):
        change(recorded, phone=NEW, otp=CODE)
    assert recorded.person_item() == before and recorded.audit() == [] and recorded.outbox() == []


def test_a_code_for_another_phone_or_purpose_proves_nothing(recorded: Desk) -> None:
    send_code(recorded, "19900000778")
    with pytest.raises(OtpInvalid):
        change(recorded, phone=NEW, otp=CODE)
    hashed = code_hash(lookup_key().of("phone", NEW), Purpose.LOGIN, CODE, lookup_key())
    at = keys.code_key(lookup_key().of("phone", NEW), Purpose.LOGIN.value)
    recorded.cloud.identity.put({**at, "code_hash": hashed, "tried": [], "expires_at": 2**40})
    with pytest.raises(OtpInvalid):
        change(recorded, phone=NEW, otp=CODE)


def test_that_a_phone_is_taken_is_told_only_with_its_code(recorded: Desk) -> None:
    send_code(recorded, people.OTHER_PHONE)
    with pytest.raises(OtpInvalid):
        change(recorded, phone=people.OTHER_PHONE, otp="000000")
    with pytest.raises(PhoneOfAnother) as refused:
        change(recorded, phone=people.OTHER_PHONE, otp=CODE)
    assert refused.value.code == "phone_registered"
    with pytest.raises(OtpInvalid):  # the code is used up with the answer
        change(recorded, phone=people.OTHER_PHONE, otp=CODE)
    assert holder_of(recorded, people.OTHER_PHONE) == people.STRANGER
    assert recorded.person_item()["phone_masked"] == people.MASKED_PHONE


# --- races


def test_of_two_people_who_take_one_phone_at_once_one_gets_it(recorded: Desk) -> None:
    send_code(recorded)

    def another_is_first() -> None:
        change(recorded, people.STRANGER, phone=NEW, otp=CODE)
        send_code(recorded, code="135790")

    with pytest.raises(PhoneOfAnother):
        change(recorded, phone=NEW, otp="135790", store=Interrupted(recorded, another_is_first))
    assert holder_of(recorded, NEW) == people.STRANGER
    assert holder_of(recorded, people.PHONE) == people.PERSON, "the loser keeps their own"
    assert recorded.person_item()["phone_masked"] == people.MASKED_PHONE


def test_one_request_that_arrives_twice_at_once_is_one_change(recorded: Desk) -> None:
    send_code(recorded)
    form: dict[str, Any] = {"phone": NEW, "otp": CODE}
    twin = Interrupted(recorded, lambda: change(recorded, **form))
    assert change(recorded, store=twin, **form).phone == MASKED_NEW
    assert recorded.audit() == ["contact.changed"]


def test_a_number_that_changes_meanwhile_is_not_put_back(recorded: Desk) -> None:
    """An approved identity change seals another number while a new phone is on its way."""
    send_code(recorded)
    other = sealer().seal_together({"id_number": "42010619900307004X", "phone": people.PHONE}, people.PERSON)

    def another_number() -> None:
        recorded.cloud.registry.put({**recorded.person_item(), "id_cipher": other, "version": 2})

    change(recorded, phone=NEW, otp=CODE, store=Interrupted(recorded, another_number))
    assert opened(recorded.person_item(), "id_cipher") == {"id_number": "42010619900307004X", "phone": NEW}
    assert recorded.person_item()["version"] == 2


def test_an_account_that_closes_meanwhile_stays_closed(recorded: Desk) -> None:
    send_code(recorded)

    def close() -> None:
        recorded.cloud.registry.put({**recorded.person_item(), "status": "deactivated"})

    with pytest.raises(ClosedRecord):
        change(recorded, phone=NEW, otp=CODE, store=Interrupted(recorded, close))
    with pytest.raises(ClosedRecord):
        change(recorded, email="new@example.invalid")
    assert holder_of(recorded, NEW) is None


# --- e-mail and address


def test_e_mail_and_address_change_at_once_and_raise_no_version(recorded: Desk) -> None:
    before = recorded.person_item()
    with recorded.costing(2):
        seen = change(recorded, email="  new@example.invalid ")
    assert seen == Contact(people.MASKED_PHONE, "new@example.invalid", "湖北省示例路1号")
    after = recorded.person_item()
    assert after["sections"]["contact"] == {"email": "new@example.invalid", "address": "湖北省示例路1号"}
    assert after["version"] == before["version"] and after["gsi1sk"] == before["gsi1sk"]
    assert {**after["sections"], "contact": None} == {**before["sections"], "contact": None}
    assert recorded.audit() == ["contact.changed"] and recorded.outbox() == []
    (entry,) = recorded.cloud.registry.query_all(keys.audit_pk(people.PERSON))
    assert entry["details"] == {"fields": ["email"]} and entry["gsi1pk"].endswith("#420106")


def test_a_blank_removes_and_what_is_so_already_is_left_alone(recorded: Desk) -> None:
    assert change(recorded, email=" ", address="湖北省示例路1号") == Contact(
        people.MASKED_PHONE, None, "湖北省示例路1号"
    )
    assert recorded.person_item()["sections"]["contact"] == {"address": "湖北省示例路1号"}
    with recorded.costing(1):
        change(recorded, email="")
    assert recorded.audit() == ["contact.changed"]


def test_two_members_changed_at_once_are_both_kept(recorded: Desk) -> None:
    meanwhile = Interrupted(recorded, lambda: change(recorded, address="新址"))
    change(recorded, email="new@example.invalid", store=meanwhile)
    assert recorded.person_item()["sections"]["contact"] == {"email": "new@example.invalid", "address": "新址"}


# --- what is wrong with a form


@pytest.mark.parametrize(
    ("form", "problems"),
    [
        ({"phone": NEW}, {"otp": "required"}),
        ({"phone": NEW, "otp": " "}, {"otp": "required"}),
        ({"otp": CODE}, {"phone": "required"}),
        ({"phone": "", "otp": CODE}, {"phone": "required"}),
        (
            {"phone": "027-87654321", "email": "nobody", "address": "路" * 121},
            {"phone": "bad_phone", "otp": "required", "email": "bad_email", "address": "bad_length"},
        ),
        ({"email": "a\nb@example.invalid"}, {"email": "bad_characters"}),
    ],
)
def test_everything_wrong_is_said_at_once(recorded: Desk, form: dict[str, Any], problems: dict[str, str]) -> None:
    with recorded.costing(0), pytest.raises(Invalid) as refused:
        change(recorded, **form)
    assert {one.field: one.code for one in refused.value.errors} == problems
    assert refused.value.code == "invalid"
    assert all("\u4e00" <= one.message[0] <= "\u9fff" for one in refused.value.errors)


@pytest.mark.parametrize("form", [{}, {"phone": " "}, {"otp": ""}])
def test_nothing_is_no_change(recorded: Desk, form: dict[str, Any]) -> None:
    with recorded.costing(0), pytest.raises(NoContactChanged):
        change(recorded, **form)


def test_what_is_wrong_with_a_form_costs_no_try_of_the_code(recorded: Desk) -> None:
    send_code(recorded)
    with pytest.raises(Invalid):
        change(recorded, phone=NEW, otp=CODE, email="nobody")
    assert change(recorded, phone=NEW, otp=CODE).phone == MASKED_NEW


def test_a_form_in_whatever_order_reads_the_same() -> None:
    form = ContactForm(phone=" 199 0000 0777 ", otp=CODE, email="", address=" 路1号 ")
    assert contact.read(form) == contact.read(replace(form, phone=NEW, address="路1号"))
