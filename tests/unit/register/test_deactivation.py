"""Closing an account: all of it or nothing, never with something open, and nobody is reached on a phone that is given up."""

from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.domain.one_time_code import OtpInvalid
from jingkuai.domain.problem import NotFound
from register.deactivation import AlreadyDeactivated, NumberInDispute
from register.profile import NoRecord
from register.submissions import AlreadyRegistered, OpenSubmission, OpenTransfer
from tests.cloud import Cloud
from tests.unit.register import people
from tests.unit.register.rights import CODE, Rights


@pytest.fixture
def rights(cloud: Cloud) -> Rights:
    return Rights(cloud)


def test_it_closes_the_account_and_keeps_the_record(rights: Rights) -> None:
    rights.send_code()
    with rights.desk.costing(3):
        rights.deactivate()
    person = rights.desk.person_item()
    assert (person["status"], person["deactivated_at"]) == ("deactivated", "2026-11-24T04:00:00.000Z")
    assert person["sections"]["education"] and person["id_hash"] and person["id_cipher"]
    assert not [name for name in person if name.startswith("gsi")]
    account = rights.account()
    assert (account["epoch"], account["suspended"]) == (2, True)
    assert rights.cloud.registry.get(keys.phone_claim_key(rights.phone_hash)) is None
    claim = rights.cloud.registry.get(keys.id_claim_key(rights.id_hash))
    assert claim is not None and (claim["person_id"], claim["approved"]) == (people.PERSON, False)
    assert rights.desk.audit() == ["account.deactivated"]


def test_a_number_had_before_an_identity_change_is_known_to_no_import_either(rights: Rights) -> None:
    registry, former = rights.cloud.registry, keys.id_claim_key("k1.former")
    registry.put({**former, "v": 1, "person_id": people.PERSON, "approved": True, "uscc": "91420106MA4KABCD9R"})
    had = [{"id_hash": "k1.former", "id_type": "resident_id", "id_masked": "420***********0016"}]
    registry.update(keys.person_key(people.PERSON), "SET former_numbers = :had", values={":had": had})
    rights.send_code()
    rights.deactivate()
    assert registry.get(former) == {**former, "v": 1, "person_id": people.PERSON, "approved": False}


def test_the_form_goes_with_the_account(rights: Rights) -> None:
    draft_at = keys.draft_key(people.PERSON)
    rights.cloud.registry.put({**draft_at, "v": 1, "version": 3})
    rights.send_code()
    rights.deactivate()
    assert rights.cloud.registry.get(draft_at) is None


def test_the_last_message_goes_to_the_phone_and_no_other_after_it(rights: Rights) -> None:
    rights.send_code()
    rights.deactivate()
    (text,) = rights.desk.outbox("SendSms")
    at = text["detail"]["sealed_at"]
    person = rights.cloud.registry.get({"pk": at["pk"], "sk": at["sk"]})
    assert person is not None
    assert rights.sealer.open_member(person[at["member"]], "phone", people.PERSON) == people.PHONE
    assert "phone_cipher" not in person


def test_the_years_leave_the_lists_of_those_short_and_done(rights: Rights) -> None:
    listed = keys.index(1, keys.year_list(2026, "420106", short=True), people.PERSON)
    rights.cloud.registry.put({**keys.year_summary_key(people.PERSON, 2026), "v": 1, "fulfilled": False, **listed})
    rights.send_code()
    rights.deactivate()
    assert list(rights.cloud.registry.query_all(keys.year_list(2026, "420106", short=True), index="gsi1")) == []
    kept = rights.cloud.registry.get(keys.year_summary_key(people.PERSON, 2026))
    assert kept is not None and kept["fulfilled"] is False


@pytest.mark.parametrize("status", ["registered", "active"])
def test_it_can_be_closed_before_the_first_approval_too(rights: Rights, status: str) -> None:
    set_person(rights, "SET #status = :status", {":status": status}, {"#status": "status"})
    rights.send_code()
    rights.deactivate()
    assert rights.desk.person_item()["status"] == "deactivated"


def test_with_a_submission_open_nothing_happens_and_the_code_stays_good(rights: Rights) -> None:
    set_person(rights, "SET #open.education_added = :id", {":id": "sub-1"}, {"#open": "open"})
    rights.send_code()
    with pytest.raises(OpenSubmission) as refused:
        rights.deactivate()
    assert refused.value.extra == {"submission_id": "sub-1", "kind": "education_added"}
    set_person(rights, "REMOVE #open.education_added", {}, {"#open": "open"})
    rights.deactivate()


def test_with_a_transfer_open_nothing_happens(rights: Rights) -> None:
    set_person(rights, "SET #open.#kind = :id", {":id": "tr-1"}, {"#open": "open", "#kind": "transfer"})
    rights.send_code()
    with pytest.raises(OpenTransfer) as refused:
        rights.deactivate()
    assert refused.value.extra == {"transfer_id": "tr-1"}
    assert rights.account()["epoch"] == 1


def test_while_an_appeal_about_the_number_is_open_the_account_stays(rights: Rights) -> None:
    pointer = {**keys.open_appeal_key(rights.id_hash), "v": 1, "appeal_id": "a"}
    rights.cloud.registry.put(pointer)
    rights.send_code()
    with pytest.raises(NumberInDispute):
        rights.deactivate()
    assert (rights.account()["epoch"], rights.desk.person_item()["status"]) == (1, "active")
    assert rights.desk.outbox() == []
    rights.cloud.registry.put({**pointer, "reserved_until": "2026-01-01T00:00:00.000Z"})  # what is left of an old one
    rights.send_code(code="654321")
    rights.deactivate("654321")


def test_a_wrong_code_closes_nothing(rights: Rights) -> None:
    rights.send_code()
    with pytest.raises(OtpInvalid):
        rights.deactivate("000000")
    assert rights.account()["epoch"] == 1


def test_a_second_time_it_is_closed_already(rights: Rights) -> None:
    rights.send_code()
    rights.deactivate()
    rights.send_code()
    with pytest.raises(AlreadyDeactivated):
        rights.deactivate()
    assert rights.account()["epoch"] == 2


def test_of_two_at_once_one_closes_it(rights: Rights, monkeypatch: pytest.MonkeyPatch) -> None:
    close = type(rights.leaving).close

    def overtaken(store: Any, leaving: Any, **more: Any) -> bool:
        monkeypatch.undo()
        assert close(store, leaving, **more)
        return close(store, leaving, **more)

    monkeypatch.setattr(type(rights.leaving), "close", overtaken)
    rights.send_code()
    with pytest.raises(AlreadyDeactivated):
        rights.deactivate()
    assert rights.account()["epoch"] == 2
    assert len(rights.desk.outbox("SendSms")) == 1


def test_a_submission_filed_at_the_same_moment_wins(rights: Rights, monkeypatch: pytest.MonkeyPatch) -> None:
    close = type(rights.leaving).close

    def overtaken(store: Any, leaving: Any, **more: Any) -> bool:
        monkeypatch.undo()
        set_person(rights, "SET #open.education_added = :id", {":id": "sub-1"}, {"#open": "open"})
        return close(store, leaving, **more)

    monkeypatch.setattr(type(rights.leaving), "close", overtaken)
    rights.send_code()
    with pytest.raises(OpenSubmission):
        rights.deactivate()
    assert rights.account()["epoch"] == 1


def test_what_a_token_asks_for_in_its_last_seconds_is_refused_with_a_name(rights: Rights) -> None:
    rights.send_code()
    rights.deactivate()
    rights.send_code()
    with pytest.raises(NoRecord):
        rights.reveal(CODE)
    with pytest.raises(AlreadyRegistered):
        rights.desk.submit(scans=rights.desk.accepted())
    export = rights.request()
    rights.make(export)
    assert rights.data(export)["profile"]["status"] == "deactivated"


def test_an_account_that_is_no_person_has_nothing_to_close(rights: Rights) -> None:
    rights.cloud.registry.delete(keys.person_key(people.PERSON))
    with pytest.raises(NotFound):
        rights.deactivate()


def set_person(rights: Rights, expression: str, values: dict[str, Any], names: dict[str, str]) -> None:
    rights.cloud.registry.update(keys.person_key(people.PERSON), expression, values=values or None, names=names)
