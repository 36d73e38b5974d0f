"""Applying: what an approval leaves in the record, once, and what it does where the record has changed meanwhile."""

import pytest

from jingkuai.aws import keys
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Outcome
from review.case_writes import CaseMoved
from review.likeness_store import LikenessStore
from review.record import record_after
from tests.unit.review.conftest import EMPLOYER, LI, NAME, PERSON, SUBJECT, USCC, WANG, Office, payload


def approved(office: Office) -> Office:
    office.decide(WANG, "approve")
    assert office.route() == (Outcome.APPLY, "")
    return office


def test_an_approval_becomes_the_record_in_one_transaction(open_office: Office) -> None:
    approved(open_office).calls.clear()
    assert open_office.apply() is Outcome.APPLIED
    assert open_office.calls == ["GetItem"] * 3 + ["TransactWriteItems"]

    person, submission = open_office.person_item(), open_office.submission_item()
    assert (person["status"], person["version"], person["region_code"]) == ("active", 1, "420106")
    assert person["open"] == {}
    assert "phone" not in person["sections"]["contact"]
    assert person["card"] == {
        "name_masked": "欧**国",
        "id_masked": "429***********7038",
        "region_code": "420106",
        "employer_name": "湖北示例楚天商贸有限公司",
    }
    assert (person["gsi1pk"], person["gsi1sk"]) == ("PEOPLE#420106", f"2026-11-24#{PERSON}")
    assert (person["gsi2pk"], person["gsi2sk"]) == (f"NAME#{open_office.lookup.of('name', NAME)}", f"420106#{PERSON}")
    assert (person["gsi3pk"], person["gsi3sk"]) == ("EMP#91420106MA4JURQ28M", PERSON)
    claim = open_office.item(keys.id_claim_key(open_office.id_hash))
    assert (claim["approved"], claim["name_hmac"], claim["uscc"]) == (
        True,
        open_office.lookup.of("name", NAME),
        "91420106MA4JURQ28M",
    )
    version = open_office.item(keys.version_key(PERSON, 1))
    assert version["sections"] == person["sections"]
    assert submission["status"] == "approved"
    assert [one["event"] for one in submission["timeline"]] == [
        "submitted",
        "checked",
        "stage_opened",
        "approved",
        "applied",
    ]
    assert open_office.changes()[-1]["action"] == "record.changed"


def merged(office: Office, uscc: str, into: str, name: str, *, former_name: str | None = None) -> None:
    told = {"successor": {"uscc": into, "name": name}, "former_name": former_name}
    office.registry.put({**keys.succession_key(uscc), "v": 1, **told})


def test_whoever_joins_a_unit_that_was_merged_meanwhile_becomes_a_member_of_its_successor(open_office: Office) -> None:
    """Of the last one, where that was merged in turn, under the name it has by then."""
    approved(open_office)
    merged(open_office, USCC, "91420106AAAAAAAAAA", "湖北示例承继有限公司")
    merged(open_office, "91420106AAAAAAAAAA", "91420106BBBBBBBBBB", "湖北示例再承继有限公司")
    renamed = {"name": "湖北示例更名有限公司", "former_name": "湖北示例再承继有限公司"}
    merged(open_office, "91420106BBBBBBBBBB", "91420106BBBBBBBBBB", **renamed)
    assert open_office.apply() is Outcome.APPLIED
    person = open_office.person_item()
    employment = person["sections"]["employment"]
    assert (employment["uscc"], employment["employer_name"]) == ("91420106BBBBBBBBBB", "湖北示例更名有限公司")
    assert person["gsi3pk"] == "EMP#91420106BBBBBBBBBB"
    assert open_office.item(keys.id_claim_key(open_office.id_hash))["uscc"] == "91420106BBBBBBBBBB"
    assert "湖北示例更名有限公司" in open_office.submission_item()["timeline"][-1]["note"]


def test_whoever_joins_under_a_name_the_unit_had_before_stands_under_its_new_one(open_office: Office) -> None:
    approved(open_office)
    merged(open_office, USCC, USCC, "湖北示例更名有限公司", former_name=EMPLOYER)
    assert open_office.apply() is Outcome.APPLIED
    assert open_office.person_item()["sections"]["employment"]["employer_name"] == "湖北示例更名有限公司"


def test_a_name_that_was_approved_is_not_taken_for_one_of_long_ago(open_office: Office) -> None:
    approved(open_office)
    merged(open_office, USCC, USCC, "湖北示例旧名有限公司", former_name="湖北示例更旧名有限公司")
    assert open_office.apply() is Outcome.APPLIED
    assert open_office.person_item()["sections"]["employment"]["employer_name"] == EMPLOYER


def test_a_merger_between_reading_and_writing_moves_nobody_into_what_is_gone(
    open_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(open_office)
    successor = open_office.movers.units.successor

    def overtaken(uscc: str, name: str) -> tuple[str, str] | None:
        found = successor(uscc, name)
        merged(open_office, USCC, "91420106AAAAAAAAAA", "湖北示例承继有限公司")
        return found

    monkeypatch.setattr(LikenessStore, "successor", lambda _, uscc, name: overtaken(uscc, name))
    with pytest.raises(CaseMoved):
        open_office.apply()
    monkeypatch.undo()
    assert open_office.apply() is Outcome.APPLIED  # as the workflow's retry does
    assert open_office.person_item()["gsi3pk"] == "EMP#91420106AAAAAAAAAA"


def test_the_form_is_not_kept_beside_the_record_it_became(open_office: Office) -> None:
    draft_at = keys.draft_key(PERSON)
    open_office.registry.put({**draft_at, "v": 1, "version": 3})
    assert approved(open_office).apply() is Outcome.APPLIED
    assert open_office.registry.get(draft_at) is None


def test_applied_twice_changes_nothing(open_office: Office) -> None:
    approved(open_office).apply()
    before = sorted(open_office.all_of(""), key=str)
    assert open_office.apply() is Outcome.APPLIED
    assert sorted(open_office.all_of(""), key=str) == before


def test_of_two_that_apply_at_once_one_writes(open_office: Office) -> None:
    case = approved(open_office).cases.case(SUBJECT)
    record = record_after(
        case,
        open_office.cases.person(case),
        id_hash=open_office.id_hash,
        lookup=open_office.lookup,
        today=today_in_shanghai(open_office.clock()),
    )
    open_office.records.apply(case, record, notifications=[], at=open_office.clock())
    with pytest.raises(CaseMoved):
        open_office.records.apply(case, record, notifications=[], at=open_office.clock())
    assert open_office.person_item()["version"] == 1


def test_a_name_corrected_in_the_payload_becomes_the_persons(office: Office) -> None:
    corrected = payload(basic={**payload()["basic"], "name": "王𬭎"})
    office.registry.update(SUBJECT, "SET payload = :payload", values={":payload": corrected})
    office.identity.put({**keys.account_key(PERSON), "v": 1, "epoch": 1, "name_masked": "欧**国"})
    office.open()
    approved(office).apply()
    assert office.identity.get(keys.account_key(PERSON)) == {
        **keys.account_key(PERSON),
        "v": 1,
        "epoch": 1,  # a corrected name ends no session
        "name_masked": "王*",
    }
    assert (office.person_item()["name"], office.person_item()["name_masked"]) == ("王𬭎", "王*")
    assert office.item(keys.id_claim_key(office.id_hash))["name_hmac"] == office.lookup.of("name", "王𬭎")


def test_somebody_without_work_is_no_member_of_a_unit(office: Office) -> None:
    seeking = {"status": "seeking", "employer_name": "湖北示例旧单位有限公司", "uscc": "91420106MA4JURQ28M"}
    office.registry.update(SUBJECT, "SET payload = :payload", values={":payload": payload(employment=seeking)})
    office.open()
    approved(office).apply()
    assert "gsi3pk" not in office.person_item()
    assert "uscc" not in office.item(keys.id_claim_key(office.id_hash))


def test_a_record_that_changed_meanwhile_goes_back_to_the_reviewer(open_office: Office) -> None:
    approved(open_office)
    open_office.registry.update(
        keys.person_key(PERSON),
        "SET #v = :two, sections = :sections",
        values={":two": 2, ":sections": {**payload(), "contact": {}}},
        names={"#v": "version"},
    )
    assert open_office.apply() is Outcome.CONFLICT
    assert open_office.submission_item()["status"] == "under_review"
    assert open_office.submission_item()["findings"][-1]["code"] == "record_changed_meanwhile"
    assert open_office.check() is Outcome.REVIEW, "the round needs no new check"
    assert open_office.route() == (Outcome.REVIEW, "county")
    open_office.open_task("token-2")
    assert len(open_office.inbox()) == 1

    open_office.decide(LI, "approve")
    assert open_office.apply() is Outcome.APPLIED
    assert open_office.person_item()["version"] == 3


def test_the_claim_of_somebody_else_is_never_touched(open_office: Office) -> None:
    approved(open_office)
    claim = keys.id_claim_key(open_office.id_hash)
    open_office.registry.update(claim, "SET person_id = :other", values={":other": "another"})
    with pytest.raises(CaseMoved):
        open_office.apply()
    assert open_office.submission_item()["status"] == "under_review"
    assert open_office.person_item()["status"] == "registered"


def test_a_second_attempt_goes_on_where_the_case_stands(open_office: Office) -> None:
    """The execution was lost: the new one's first step finds the way."""
    before = open_office.submission_item()
    assert open_office.check() is Outcome.REVIEW
    assert open_office.submission_item() == before
    open_office.decide(WANG, "approve")
    assert open_office.check() is Outcome.APPLY
    open_office.apply()
    assert open_office.check() is Outcome.ENDED
