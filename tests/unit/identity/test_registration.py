"""Registration: every problem at once, the code last, and of several for one ID number exactly one."""

import pytest

from identity.already_registered import IdNumberRegistered, PhoneRegistered
from identity.registration import ConsentOutdated
from jingkuai.aws.keys import account_key, id_claim_key, person_key
from jingkuai.aws.tokens import verify
from jingkuai.domain.one_time_code import OtpInvalid
from jingkuai.domain.problem import Invalid
from tests.conftest import NOON

from .conftest import ID_NUMBER, PASSWORD, PHONE, House

OTHER_PHONE = "19901332460"


def test_a_person_registers_and_is_signed_in(house: House) -> None:
    tokens = house.register()
    person_id = tokens.account.account_id
    claims = verify(tokens.access_token, house.keys, now=NOON)
    assert (claims.sub, claims.role, claims.name_masked) == (person_id, "accountant", "欧**国")
    person = house.registry.get(person_key(person_id))
    assert person is not None
    assert person["status"] == "registered"
    assert person["version"] == 0
    assert person["open"] == {}
    assert person["id_masked"] == "429***********7038"
    assert person["phone_masked"] == "199****7120"
    assert (person["birth_date"], person["gender"]) == ("1965-05-31", "male")
    assert person["consent"] == {"version": "1", "at": "2026-11-24T04:00:00.000Z"}
    claim = house.registry.get(id_claim_key(person["id_hash"]))
    assert claim is not None
    assert (claim["person_id"], claim["approved"]) == (person_id, False)
    assert claim["name_hmac"] == house.lookup.of("name", "欧阳建国")


def test_registration_costs_four_calls(house: House) -> None:
    code = house.code()
    house.calls.clear()
    house.register(otp=code)
    assert house.calls == ["UpdateItem", "Encrypt", "TransactWriteItems", "Sign"]


def test_id_number_and_phone_are_stored_sealed_only(house: House) -> None:
    person_id = house.register().account.account_id
    stored = repr(house.items(house.registry)) + repr(house.items(house.identity))
    assert ID_NUMBER not in stored
    assert PHONE not in stored
    assert PASSWORD not in stored
    person = house.registry.get(person_key(person_id))
    assert person is not None
    assert house.sealer.open_member(person["id_cipher"], "id_number", person_id) == ID_NUMBER
    assert house.sealer.open_member(person["phone_cipher"], "phone", person_id) == PHONE


def test_the_acknowledged_notice_is_audited(house: House) -> None:
    person_id = house.register().account.account_id
    (entry,) = house.items(house.registry, "AU#")
    assert (entry["subject"], entry["action"], entry["by"]) == (person_id, "registered", person_id)
    assert entry["details"] == {"consent_version": "1", "id_masked": "429***********7038"}


def test_every_problem_is_told_at_once(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        house.register(id_number="420106199001011", name="x", phone="027-8766", password="short", otp="1")
    found = {error.field: error.code for error in refused.value.errors}
    assert set(found) == {"id_number", "name", "phone", "password"}
    assert found["id_number"] == "bad_length"
    assert "15位" in next(error.message for error in refused.value.errors if error.field == "id_number")


def test_an_empty_form_names_every_field(house: House) -> None:
    with pytest.raises(ConsentOutdated) as refused:
        house.register(id_number="", name="", phone="", password="", otp="", consent_version="")
    assert [error.field for error in refused.value.errors] == [
        "id_number",
        "name",
        "phone",
        "password",
        "otp",
        "consent_version",
    ]


def test_an_unknown_kind_of_document_is_a_problem_of_that_field(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        house.register(id_type="driving_licence")
    assert [error.field for error in refused.value.errors] == ["id_type"]


@pytest.mark.parametrize("version", ["0", "2", ""])
def test_an_outdated_notice_is_refused_by_name(house: House, version: str) -> None:
    with pytest.raises(ConsentOutdated) as refused:
        house.register(consent_version=version)
    assert refused.value.code == "consent_outdated"


def test_field_problems_leave_the_code_as_it_is(house: House) -> None:
    code = house.code()
    for _ in range(6):
        with pytest.raises(Invalid):
            house.register(otp=code, password="short")
    house.register(otp=code)


def test_a_wrong_code_registers_nobody(house: House) -> None:
    code = house.code()
    with pytest.raises(OtpInvalid):
        house.register(otp=f"{(int(code) + 1) % 10**6:06d}")
    assert house.items(house.registry) == []
    house.register(otp=code)


def test_an_id_number_belongs_to_one_person(house: House) -> None:
    house.register()
    with pytest.raises(IdNumberRegistered) as refused:
        house.register(phone=OTHER_PHONE, id_number=ID_NUMBER[:6] + " " + ID_NUMBER[6:])
    assert "重设密码" in refused.value.detail
    assert "申诉" in refused.value.detail
    assert len(house.items(house.registry, "P#")) == 1
    assert len(house.items(house.identity, "A#")) == 2, "one account and its session"


def test_a_phone_belongs_to_one_person(house: House) -> None:
    house.register()
    house.clock.pass_by(minutes=1)
    with pytest.raises(PhoneRegistered):
        house.register(id_number="420203199707245415", name="买买提·艾力")
    assert len(house.items(house.registry, "P#")) == 1
    assert len(house.items(house.registry, "ID#")) == 1, "the second number is free again"


@pytest.mark.parametrize(
    ("id_type", "number", "same_again"),
    [
        ("hk_macao_permit", "H12345678", "H1234567802"),
        ("taiwan_permit", "12345678", "1234567801"),
        ("passport", "E12345678", "e12345678"),
    ],
)
def test_other_documents_register_and_renewals_are_the_same_person(
    house: House, id_type: str, number: str, same_again: str
) -> None:
    tokens = house.register(id_type=id_type, id_number=number, name="陈大文")
    person = house.registry.get(person_key(tokens.account.account_id))
    assert person is not None
    assert "birth_date" not in person
    with pytest.raises(IdNumberRegistered):
        house.register(id_type=id_type, id_number=same_again, name="陈大文", phone=OTHER_PHONE)


def test_the_account_is_the_persons(house: House) -> None:
    person_id = house.register().account.account_id
    account = house.identity.get(account_key(person_id))
    assert account is not None
    assert account["person_id"] == person_id
    assert account["password_hash"].startswith("$argon2id$")
