"""Changes of a record under review: what the check tells the reviewer, what the page shows, and what an approval leaves."""

from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.domain.problem import Invalid
from jingkuai.domain.workdays import today_in_shanghai
from register.submissions import OpenSubmission, OpenTransfer, RecordClosed
from review.case import Outcome
from review.case_writes import CaseMoved
from review.record import record_after
from review.task_page import TaskPage, open_page
from tests.unit.review.changing import CITY, Change
from tests.unit.review.conftest import EMPLOYER, ID_NUMBER, NAME, PERSON, PHONE, USCC, WANG, Office, payload

NEW_NUMBER, ITS_MASK = "420106196505317038", "420***********7038"
OTHER_PERSON = "0193f3a0-0000-7000-8000-000000000002"
OTHER_UNIT = "91420106MA4KABCD9R"
MASTER = {
    "level": "master",
    "degree": "master",
    "school": "武汉大学",
    "major": "会计学",
    "graduated_on": "1995-06-30",
    "certificate_no": "104861199502001234",
    "study_mode": "full_time",
}
CPA = {"level": "cpa", "certificate_no": "420100010001", "obtained_on": "2001-12-30"}
IDENTITY = ("police_certificate", "id_front", "id_back")


@pytest.fixture
def settled(open_office: Office) -> Office:
    """A person with a record of version 1 and an account to sign in with."""
    open_office.identity.put(
        {**keys.account_key(PERSON), "v": 1, "account_id": PERSON, "epoch": 3, "name_masked": "欧**国"}
    )
    open_office.decide(WANG, "approve")
    open_office.route()
    assert open_office.apply() is Outcome.APPLIED
    return open_office


def account(office: Office) -> dict[str, Any]:
    return office.identity.get(keys.account_key(PERSON)) or {}


def page_of(change: Change, task_id: str, by: Any = WANG) -> TaskPage:
    office = change.office
    return open_page(
        task_id,
        by=by,
        store=office.tasks,
        files=Files(clients.s3()),
        records="records",
        sealer=office.sealer,
        clock=office.clock,
    )


def shown(page: TaskPage) -> dict[str, tuple[Any, Any]]:
    return {one.field: (one.before, one.after) for one in page.differences}


def test_an_added_education_stands_in_its_place_and_nothing_else_moves(settled: Office) -> None:
    before = settled.person_item()
    change = Change(settled, "education_added", {"education": MASTER}, "education_certificate", "degree_certificate")
    task_id = change.open()
    assert shown(page_of(change, task_id))["education.school"] == (None, "武汉大学")
    change.decide(task_id)
    assert change.apply() is Outcome.APPLIED

    after = settled.person_item()
    assert [one["level"] for one in after["sections"]["education"]] == ["master", "bachelor"]
    assert {**after["sections"], "education": 0} == {**before["sections"], "education": 0}
    assert (after["version"], after["open"]) == (2, {})
    version = settled.item(keys.version_key(PERSON, 2))
    assert (version["kind"], version["sections"]) == ("education_added", after["sections"])
    assert account(settled)["epoch"] == 3


def test_an_added_title_stands_at_the_end(settled: Office) -> None:
    change = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    assert change.approve() is Outcome.APPLIED
    assert settled.person_item()["sections"]["qualifications"] == [CPA]


def test_another_unit_makes_the_person_its_member(settled: Office) -> None:
    work = {**payload()["employment"], "uscc": OTHER_UNIT, "employer_name": "湖北示例会计有限公司"}
    change = Change(settled, "employment_change", {"employment": work}, "employment_proof", "transfer_proof")
    task_id = change.open()
    assert shown(page_of(change, task_id))["employment.uscc"] == (USCC, OTHER_UNIT)
    change.decide(task_id)
    assert change.apply() is Outcome.APPLIED
    person = settled.person_item()
    assert person["gsi3pk"] == f"EMP#{OTHER_UNIT}"
    assert person["card"]["employer_name"] == "湖北示例会计有限公司"
    assert settled.item(keys.id_claim_key(settled.id_hash))["uscc"] == OTHER_UNIT


def test_whoever_seeks_work_is_nobodys_member(settled: Office) -> None:
    change = Change(settled, "employment_change", {"employment": {"status": "seeking"}}, "transfer_proof")
    assert change.approve() is Outcome.APPLIED
    person = settled.person_item()
    assert "gsi3pk" not in person and "employer_name" not in person["card"]
    assert "uscc" not in settled.item(keys.id_claim_key(settled.id_hash))


def test_a_contact_changed_while_the_review_runs_stays(settled: Office) -> None:
    change = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    change.decide(change.open())
    settled.registry.update(
        keys.person_key(PERSON), "SET sections.contact = :new", values={":new": {"email": "new@example.invalid"}}
    )
    assert change.apply() is Outcome.APPLIED
    assert settled.person_item()["sections"]["contact"] == {"email": "new@example.invalid"}


def test_changes_of_different_sections_filed_together_are_both_applied(settled: Office) -> None:
    education = Change(settled, "education_added", {"education": MASTER}, "education_certificate", "degree_certificate")
    title = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    education.decide(education.open())
    title.decide(title.open())
    assert (education.apply(), title.apply()) == (Outcome.APPLIED, Outcome.APPLIED)
    person = settled.person_item()
    assert (len(person["sections"]["education"]), person["sections"]["qualifications"]) == (2, [CPA])
    assert (person["version"], person["section_versions"]["education"]) == (3, 2)
    assert person["section_versions"]["qualifications"] == 3


def test_a_section_changed_meanwhile_goes_back_to_the_reviewer(settled: Office) -> None:
    title = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    title.decide(title.open())
    settled.registry.update(  # as a merger of units, a transfer or another approval leaves it
        keys.person_key(PERSON),
        "SET version = :two, section_versions.qualifications = :two",
        values={":two": 2},
    )
    assert title.apply() is Outcome.CONFLICT
    assert title.findings()["record_changed_meanwhile"] == "doubtful"
    title.decide(title.open())
    assert title.apply() is Outcome.APPLIED
    assert settled.person_item()["sections"]["qualifications"] == [CPA]


def test_of_a_record_from_before_sections_had_versions_any_change_counts(settled: Office) -> None:
    title = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    title.decide(title.open())
    settled.registry.update(keys.person_key(PERSON), "SET version = :two REMOVE section_versions", values={":two": 2})
    assert title.apply() is Outcome.CONFLICT


# --- identity


def test_a_new_number_is_claimed_and_the_old_one_goes_on_finding_the_person(settled: Office) -> None:
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    assert change.item()["payload"]["id_number"] == ITS_MASK
    assert NEW_NUMBER not in str(change.item())
    assert change.approve() is Outcome.APPLIED

    person, new_hash = settled.person_item(), settled.lookup.of("id18", NEW_NUMBER)
    assert (person["id_hash"], person["id_masked"], person["card"]["id_masked"]) == (new_hash, ITS_MASK, ITS_MASK)
    assert settled.sealer.open_member(person["id_cipher"], "id_number", PERSON) == NEW_NUMBER
    assert settled.sealer.open_member(person["phone_cipher"], "phone", PERSON) == PHONE
    claim = settled.item(keys.id_claim_key(new_hash))
    assert (claim["person_id"], claim["approved"], claim["uscc"]) == (PERSON, True, USCC)
    alias = settled.item(keys.id_claim_key(settled.id_hash))
    assert (alias["person_id"], alias["approved"]) == (PERSON, True)
    (former,) = person["former_numbers"]
    assert (former["id_masked"], former["id_hash"]) == ("429***********7038", settled.id_hash)
    assert settled.sealer.open_member(former["cipher"], "id_number", PERSON) == ID_NUMBER
    assert account(settled)["epoch"] == 4  # every session ends
    assert settled.item(keys.version_key(PERSON, 2))["id_masked"] == ITS_MASK


def test_whoever_goes_back_to_a_number_does_not_have_it_among_the_former_ones(settled: Office) -> None:
    for number in (
        NEW_NUMBER,
        ID_NUMBER,
        NEW_NUMBER,
    ):  # the office's own record has another hash than a change gives it
        change = Change(settled, "identity_change", {"id_number": number, "reason": "公安机关更正"}, *IDENTITY)
        assert change.approve() is Outcome.APPLIED
    person, before = settled.person_item(), settled.lookup.of("id18", ID_NUMBER)
    assert person["id_hash"] == settled.lookup.of("id18", NEW_NUMBER)
    assert [one["id_hash"] for one in person["former_numbers"]] == [settled.id_hash, before]
    alias = settled.item(keys.id_claim_key(before))
    assert (alias["person_id"], alias["approved"]) == (PERSON, True)


def test_a_former_number_that_an_appeal_takes_meanwhile_does_not_come_back(settled: Office) -> None:
    number = {"id_hash": "k1.another", "id_masked": "420***********0016"}
    settled.registry.update(keys.person_key(PERSON), "SET former_numbers = :had", values={":had": [number]})
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    change.decide(change.open())
    change.decide(change.open(), by=CITY)
    case = settled.cases.case(change.subject)
    person = settled.cases.person(case)
    assert person.id_hash is not None
    record = record_after(
        case, person, id_hash=person.id_hash, lookup=settled.lookup, today=today_in_shanghai(settled.clock())
    )
    settled.registry.update(keys.person_key(PERSON), "SET former_numbers = :none", values={":none": []})
    with pytest.raises(CaseMoved):
        settled.records.apply(case, record, notifications=[], at=settled.clock())
    assert settled.person_item()["former_numbers"] == []


def test_a_new_name_is_found_shown_and_ends_sessions(settled: Office) -> None:
    change = Change(settled, "identity_change", {"name": "欧阳明", "reason": "依法更名"}, *IDENTITY)
    assert change.approve() is Outcome.APPLIED
    person, name_hash = settled.person_item(), settled.lookup.of("name", "欧阳明")
    assert (person["name"], person["name_masked"], person["gsi2pk"]) == ("欧阳明", "欧*明", f"NAME#{name_hash}")
    assert person["sections"]["basic"]["name"] == "欧阳明"
    assert person["id_hash"] == settled.id_hash and "former_numbers" not in person
    assert settled.item(keys.id_claim_key(settled.id_hash))["name_hmac"] == name_hash
    assert (account(settled)["epoch"], account(settled)["name_masked"]) == (4, "欧*明")


def test_a_reviewer_compares_both_numbers_in_full_and_others_see_masks(settled: Office) -> None:
    filed = {"id_number": NEW_NUMBER, "name": "欧阳明", "reason": "公安机关更正"}
    change = Change(settled, "identity_change", filed, *IDENTITY)
    task_id = change.open()
    settled.calls.clear()
    page = page_of(change, task_id)
    assert sorted(settled.calls) == ["BatchGetItem", "Decrypt", "Decrypt", "GetItem", "PutItem", "Query"]
    assert shown(page) == {"id_number": (ID_NUMBER, NEW_NUMBER), "name": (NAME, "欧阳明")}
    change.decide(task_id)
    done = page_of(change, task_id)
    assert done.payload["id_number"] == ITS_MASK and done.payload["name"] == "欧*明"
    assert NEW_NUMBER not in str(done) and ID_NUMBER not in str(done) and NAME not in str(done)


def test_a_number_that_another_holds_is_for_the_reviewer_to_see_and_told_to_nobody_else(settled: Office) -> None:
    taken = settled.lookup.of("id18", NEW_NUMBER)
    settled.registry.put({**keys.id_claim_key(taken), "v": 1, "person_id": OTHER_PERSON, "approved": True})
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    assert change.check() is Outcome.REVIEW
    assert change.findings()["id_number_free"] == "doubtful"
    assert "returned" not in change.item() and all(one.note is None for one in change.submission().timeline)


@pytest.mark.parametrize("how", ["claimed", "reserved"])
def test_a_number_that_goes_to_another_while_reviewed_comes_back_to_the_reviewer(settled: Office, how: str) -> None:
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    change.decide(change.open())
    change.decide(change.open(), by=CITY)
    taken = settled.lookup.of("id18", NEW_NUMBER)
    if how == "claimed":
        settled.registry.put({**keys.id_claim_key(taken), "v": 1, "person_id": OTHER_PERSON, "approved": True})
    else:
        reserved = {"reserved_for": "k1.another", "reserved_until": "2026-12-20T00:00:00.000Z", "appeal_id": "x"}
        settled.registry.put({**keys.open_appeal_key(taken), "v": 1, **reserved})
    assert change.apply() is Outcome.CONFLICT
    assert change.item()["findings"][-1]["code"] == "id_number_free"
    assert (settled.person_item()["version"], account(settled)["epoch"]) == (1, 3)
    assert change.open()  # the city has it again, and may return or reject it


@pytest.mark.parametrize("wish", [{"id_number": NEW_NUMBER}, {"name": "欧阳明"}])
def test_nothing_is_changed_while_somebody_appeals_about_the_number(settled: Office, wish: dict[str, str]) -> None:
    change = Change(settled, "identity_change", {**wish, "reason": "公安机关更正"}, *IDENTITY)
    change.decide(change.open())
    change.decide(change.open(), by=CITY)
    settled.registry.put({**keys.open_appeal_key(settled.id_hash), "v": 1, "appeal_id": "somebodys"})
    assert change.apply() is Outcome.CONFLICT
    assert change.findings()["open_appeal"] == "doubtful"
    assert (settled.person_item()["id_hash"], settled.person_item()["name"]) == (settled.id_hash, NAME)


def test_an_identity_change_sent_again_as_shown_keeps_the_number_that_was_filed(settled: Office) -> None:
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    first = change.item()["new_number"]
    change.decide(change.open(), "return", fields=("reason",))
    settled.route()
    again = change.resubmit({**change.submission().payload, "reason": "公安机关更正出生日期"})
    assert again.payload["id_number"] == ITS_MASK
    assert change.item()["new_number"] == first
    change.check()
    changes = page_of(change, change.open()).changed_since_return
    assert {one.field for one in changes} == {"reason"}
    change.decide(change.open())
    change.decide(change.open(), by=CITY)
    assert change.apply() is Outcome.APPLIED
    assert settled.person_item()["id_masked"] == ITS_MASK


def test_an_identity_change_sent_again_without_a_number_changes_none(settled: Office) -> None:
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    change.decide(change.open(), "return", fields=("id_number",))
    change.resubmit({"name": "欧阳明", "reason": "只改姓名"})
    assert "new_number" not in change.item()
    change.check()
    change.decide(change.open())
    change.decide(change.open(), by=CITY)
    assert change.apply() is Outcome.APPLIED
    assert settled.person_item()["id_hash"] == settled.id_hash


def test_the_birth_date_of_a_number_sent_again_as_shown_is_still_the_numbers(settled: Office) -> None:
    change = Change(settled, "identity_change", {"id_number": NEW_NUMBER, "reason": "公安机关更正"}, *IDENTITY)
    change.decide(change.open(), "return", fields=("reason",))
    with pytest.raises(Invalid) as refused:
        change.resubmit({**change.submission().payload, "birth_date": "1970-01-01"})
    assert [(one.field, one.code) for one in refused.value.errors] == [("birth_date", "not_as_on_document")]


# --- what stands in the way


def test_one_change_of_a_kind_is_open_at_a_time_and_kinds_do_not_bar_each_other(settled: Office) -> None:
    first = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    Change(settled, "identity_change", {"name": "欧阳明", "reason": "依法更名"}, *IDENTITY)
    with pytest.raises(OpenSubmission) as refused:
        Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    assert refused.value.extra == {"submission_id": first.filed.submission_id}


@pytest.mark.parametrize("kind", ["employment_change", "identity_change"])
def test_a_transfer_bars_what_it_would_collide_with(settled: Office, kind: str) -> None:
    settled.registry.update(
        keys.person_key(PERSON), "SET #open.transfer = :id", values={":id": "tr-1"}, names={"#open": "open"}
    )
    with pytest.raises(OpenTransfer) as refused:
        Change(settled, kind, {"name": "欧阳明", "reason": "依法更名"}, *IDENTITY)
    assert refused.value.extra == {"transfer_id": "tr-1"}
    Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")  # goes on meanwhile


@pytest.mark.parametrize("status", ["transferred_out", "deactivated"])
def test_a_closed_record_is_not_changed(settled: Office, status: str) -> None:
    settled.registry.update(
        keys.person_key(PERSON), "SET #status = :status", values={":status": status}, names={"#status": "status"}
    )
    with pytest.raises(RecordClosed):
        Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")


# --- what the check tells the reviewer alone


def test_bytes_somebody_else_has_sent_are_doubtful_and_no_bar(settled: Office) -> None:
    mark = keys.likeness_key("scan", settled.lookup.of("scan", "a" * 64), OTHER_PERSON)
    settled.registry.put({**mark, "v": 1, "person_id": OTHER_PERSON})
    change = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    settled.registry.update(keys.attachment_key(change.scans[0]), "SET sha256 = :same", values={":same": "a" * 64})
    assert change.check() is Outcome.REVIEW
    assert change.findings()["duplicate_scan"] == "doubtful"
    assert all("完全相同" not in (one.note or "") for one in change.submission().timeline)  # not told to its owner


def test_ones_own_scan_certificate_and_name_are_no_likeness(settled: Office) -> None:
    first = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    first.check()
    assert not {"duplicate_scan", "duplicate_certificate", "possible_same_person"} & set(first.findings())
    alike = list(settled.registry.query_all(keys.likeness_pk("scan", settled.lookup.of("scan", "0" * 64))))
    assert [one["person_id"] for one in alike] == [PERSON]  # of the registration


def test_a_certificate_number_or_name_and_birth_date_of_another_is_doubtful(settled: Office) -> None:
    alike = {
        "certificate": "qualification\x1fcpa\x1f420100010001",
        "name_and_birth": f"{NAME}\x1f1965-05-31",
    }
    for kind, text in alike.items():
        mark = keys.likeness_key(kind, settled.lookup.of(kind, text), OTHER_PERSON)
        settled.registry.put({**mark, "v": 1, "person_id": OTHER_PERSON})
    change = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    change.check()
    assert change.findings()["duplicate_certificate"] == "doubtful"


def test_a_unit_known_under_another_name_or_code_is_doubtful(settled: Office) -> None:
    work = payload()["employment"]
    renamed = {**work, "employer_name": "湖北示例新名商贸有限公司", "position": "cashier"}
    change = Change(settled, "employment_change", {"employment": renamed}, "employment_proof")
    change.check()
    told = {one["code"]: one["message"] for one in change.item()["findings"]}
    assert EMPLOYER in told["employer_name_differs"]
    submission_kinds = Change(settled, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    submission_kinds.check()
    assert "employer_name_differs" not in submission_kinds.findings()


def test_degrees_out_of_order_are_doubtful(settled: Office) -> None:
    early = {**MASTER, "graduated_on": "1987-06-30"}
    change = Change(settled, "education_added", {"education": early}, "education_certificate", "degree_certificate")
    assert change.check() is Outcome.REVIEW
    assert change.findings()["dates_in_order"] == "doubtful"
