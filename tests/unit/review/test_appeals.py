"""Appeals: who may file and decide them, when the disputed account rests, and what a ruling changes, whatever the race."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso
from jingkuai.aws.files import Files
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms, StartExecution
from jingkuai.domain.appeal import (
    NumberNotRegistered,
    OpenAppeal,
    PhoneInUse,
    PhoneIsTheAccounts,
    ScanNotReady,
    TooManyAppeals,
)
from jingkuai.domain.principal import OwnNames, Role
from jingkuai.domain.problem import Invalid
from review.appeal_applying import HOLDER_HAS_LEFT, PHONE_TAKEN
from review.case import Outcome
from review.case_writes import CaseMoved
from review.review_task import AlreadyDecided, FiledByYou, HeldByAnother, NotForAppeals, OwnSubmission
from review.task_page import open_page
from review.views import TaskPageView
from tests.people import id_number
from tests.unit.review.appellant import ABOVE, CLERK, NEW_PHONE, Appellant
from tests.unit.review.conftest import ID_NUMBER, LI, NAME, PERSON, PHONE, WANG, Office, reviewer

OTHER = "0193f3a0-0000-7000-8000-0000000000ff"


@pytest.fixture
def appellant(office: Office) -> Appellant:
    return Appellant(office)


def texts(appellant: Appellant) -> list[SendSms]:
    return [one for one in appellant.office.promised() if isinstance(one, SendSms)]


def reached(appellant: Appellant) -> set[str]:
    """Phones that texts went to beside the account's present one."""
    sealed = [one.sealed_at for one in texts(appellant) if one.sealed_at]
    assert all({name: one[name] for name in ("pk", "sk")} == appellant.subject for one in sealed)
    opener = appellant.office.sealer.open_member
    return {opener(appellant.item()[one["member"]], "phone", PERSON) for one in sealed}


# --- filing


def test_filing_tells_the_holder_and_shuts_nobody_out(appellant: Appellant) -> None:
    filed = appellant.file()
    started = [one for one in appellant.office.promised() if isinstance(one, StartExecution)]
    assert (started[-1].name, started[-1].subject) == (f"{filed.appeal_id}.1", appellant.subject)
    (told,) = texts(appellant)
    assert told.person_id == PERSON and told.sealed_at is None and "武昌区财政局" in told.text
    assert appellant.frozen_by() is None
    assert [one["action"] for one in appellant.office.changes()][-1] == "appeal.submitted"


def test_everything_wrong_is_said_at_once(appellant: Appellant) -> None:
    with pytest.raises(Invalid) as refused:
        appellant.file(id_number="42", name="", kind="other", statement=" ", region_code="420101", attachment_ids=["x"])
    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("id_number", "bad_length"),
        ("name", "missing"),
        ("kind", "enum"),
        ("statement", "missing"),
        ("region_code", "unknown_region"),
        ("region_code", "outside_scope"),
        ("attachments.x", "scan_not_found"),
        ("attachments.hand_held_photo", "missing_scan"),
        ("attachments.id_front", "missing_scan"),
        ("attachments.id_back", "missing_scan"),
    ]


def test_a_scan_that_is_still_checked_is_waited_for(appellant: Appellant) -> None:
    waiting = appellant.scans("id_back", status="checking")
    with pytest.raises(ScanNotReady):
        appellant.file(attachment_ids=[*appellant.scans("hand_held_photo", "id_front"), *waiting])
    with pytest.raises(Invalid) as refused:  # beside something else that is wrong it is one problem of several
        appellant.file(attachment_ids=waiting)
    assert "scan_not_ready" in [one.code for one in refused.value.errors]


def test_scans_of_another_phone_are_none(appellant: Appellant) -> None:
    with pytest.raises(Invalid) as refused:
        appellant.file(attachment_ids=appellant.scans(phone=PHONE))
    assert {one.code for one in refused.value.errors} == {"scan_not_found", "missing_scan"}


def test_a_number_nobody_has_is_not_disputed(appellant: Appellant) -> None:
    import random

    with pytest.raises(NumberNotRegistered):
        appellant.file(id_number=id_number(random.Random(5)))


def test_of_two_appeals_about_one_number_one_is_open(appellant: Appellant) -> None:
    appellant.file()
    with pytest.raises(OpenAppeal):
        appellant.file(phone="19901327198")


def test_two_that_file_at_once_meet_in_the_transaction(appellant: Appellant) -> None:
    first, second = (
        appellant.intake.consider(appellant.form(phone=phone), at=appellant.office.clock())
        for phone in (NEW_PHONE, "19901327198")
    )
    assert appellant.intake.file(*first, by=CLERK, at=appellant.office.clock())
    assert appellant.intake.file(*second, by=CLERK, at=appellant.office.clock()) is None


def test_the_accounts_own_phone_signs_in_instead(appellant: Appellant) -> None:
    with pytest.raises(PhoneIsTheAccounts):
        appellant.file(phone=PHONE)
    taken = keys.phone_claim_key(appellant.office.lookup.of("phone", NEW_PHONE))
    appellant.office.registry.put({**taken, "v": 1, "person_id": OTHER})
    with pytest.raises(PhoneInUse):
        appellant.file()


def test_a_phone_files_three_a_day(appellant: Appellant) -> None:
    for _ in range(3):
        appellant.file()
        appellant.decide(appellant.open(), "reject")
    with pytest.raises(TooManyAppeals) as refused:
        appellant.file()
    assert refused.value.retry_after and 0 < refused.value.retry_after <= 12 * 3600
    appellant.office.clock.pass_by(hours=12)  # midday it was
    assert appellant.file()


# --- claiming and deciding


def test_the_first_claim_freezes_the_account_until_the_end(appellant: Appellant) -> None:
    appellant.file()
    task_id = appellant.open()
    assert appellant.frozen_by() is None
    appellant.claim(task_id)
    assert appellant.frozen_by() == "420106"
    appellant.decide(task_id)
    above = appellant.open()
    assert appellant.frozen_by() == "420106"
    appellant.claim(above, ABOVE)
    assert appellant.frozen_by() == "420100"
    appellant.decide(above, "reject", by=ABOVE)
    assert appellant.frozen_by() is None
    assert appellant.pointer() is None, "another appeal may be filed"


def test_an_unclaimed_approval_freezes_too(appellant: Appellant) -> None:
    appellant.file()
    appellant.decide(appellant.open())
    assert appellant.frozen_by() == "420106"


def test_one_holder_at_a_time(appellant: Appellant) -> None:
    appellant.file()
    task_id = appellant.open()
    first, again = appellant.claim(task_id), appellant.claim(task_id)
    assert first.card.held_by == again.card.held_by == WANG.account_id
    with pytest.raises(HeldByAnother):
        appellant.claim(task_id, LI)
    task = appellant.office.tasks.task(task_id, within=LI)
    now = appellant.office.clock()
    assert appellant.office.tasks.hold_disputed(task, by=LI, at=now, until=now + timedelta(hours=2)) is None
    assert appellant.office.tasks.hold(task_id, by=LI, at=now, until=now + timedelta(hours=2)) is None


def test_a_claim_after_the_end_freezes_nothing(appellant: Appellant) -> None:
    appellant.file()
    task_id = appellant.open()
    task = appellant.office.tasks.task(task_id, within=LI)
    appellant.decide(task_id, "reject")
    now = appellant.office.clock()
    assert appellant.office.tasks.hold_disputed(task, by=LI, at=now, until=now + timedelta(hours=2)) is None
    with pytest.raises(AlreadyDecided):
        appellant.claim(task_id, LI)
    assert appellant.frozen_by() is None


def test_who_filed_at_the_counter_neither_claims_nor_decides(appellant: Appellant) -> None:
    appellant.file(by=CLERK)
    task_id = appellant.open()
    with pytest.raises(FiledByYou) as refused:
        appellant.claim(task_id, CLERK)
    assert refused.value.code == "own_submission"
    with pytest.raises(FiledByYou):
        appellant.decide(task_id, by=CLERK)
    assert appellant.frozen_by() is None


def test_whose_account_it_is_does_not_decide(appellant: Appellant) -> None:
    appellant.file()
    with pytest.raises(OwnSubmission):
        appellant.decide(appellant.open(), by=reviewer("self", person_id=PERSON))


def test_whose_phone_an_appeal_was_filed_with_does_not_decide_it(appellant: Appellant) -> None:
    """No account has that phone yet, so no claim leads from it to anybody."""
    appellant.file()
    own = replace(reviewer("self"), own=OwnNames((), appellant.office.lookup.of("phone", NEW_PHONE)))
    task_id = appellant.open()
    with pytest.raises(OwnSubmission):
        appellant.claim(task_id, own)
    with pytest.raises(OwnSubmission):
        appellant.decide(task_id, by=own)
    assert appellant.frozen_by() is None


def test_an_appeal_is_not_returned(appellant: Appellant) -> None:
    appellant.file()
    with pytest.raises(NotForAppeals):
        appellant.decide(appellant.open(), "return")


def test_a_rejection_tells_both_sides_and_why(appellant: Appellant) -> None:
    filed = appellant.file()
    appellant.decide(appellant.open(), "reject", reason="照片不是本人")
    assert [one.sealed_at for one in texts(appellant)].count(None) == 2, "the holder hears of it a second time"
    assert reached(appellant) == {NEW_PHONE}
    found = appellant.intake.store.standing(appellant.intake.query_hash(filed.query_code))
    assert found is not None
    assert (found.status, found.kind, found.reason, found.stage) == ("rejected", "phone_changed", "照片不是本人", None)
    assert ResumeTask in {type(one) for one in appellant.office.promised()}


# --- what a ruling changes


def test_a_changed_phone_goes_onto_the_account(appellant: Appellant) -> None:
    appellant.file()
    appellant.approved()
    assert appellant.apply() is Outcome.APPLIED
    person, account = appellant.office.person_item(), appellant.account()
    assert appellant.office.sealer.open_member(person["phone_cipher"], "phone", PERSON) == NEW_PHONE
    assert appellant.office.sealer.open_member(person["id_cipher"], "id_number", PERSON) == ID_NUMBER
    assert person["phone_masked"] == "199****7199"
    assert (appellant.phone_holder(NEW_PHONE), appellant.phone_holder(PHONE)) == (PERSON, None)
    assert (account["epoch"], account["suspended"], account.get("frozen_by")) == (2, False, None)
    assert (appellant.item()["status"], appellant.pointer()) == ("approved", None)
    assert reached(appellant) == {PHONE, NEW_PHONE}
    assert any(isinstance(one, SendMessage) and one.title == "账号已改绑手机号" for one in appellant.office.promised())


def test_a_taken_number_is_freed_for_the_appeals_phone(appellant: Appellant) -> None:
    appellant.file(kind="id_number_taken")
    appellant.approved()
    assert appellant.apply() is Outcome.APPLIED
    office = appellant.office
    person, account, reserved = office.person_item(), appellant.account(), appellant.pointer()
    assert not {"id_hash", "id_cipher", "phone_cipher", "gsi1pk", "gsi3pk"} & set(person)
    assert (person["status"], person["id_masked"], person["name"]) == ("deactivated", "", NAME)
    assert office.registry.get(keys.id_claim_key(appellant.id_hash)) is None
    assert appellant.phone_holder(PHONE) is None
    assert (account["epoch"], account["suspended"], account.get("frozen_by")) == (2, True, None)
    assert reserved is not None
    assert reached(appellant) == {PHONE, NEW_PHONE}
    assert reserved["reserved_for"] == office.lookup.of("phone", NEW_PHONE)
    assert (
        iso(office.clock() + timedelta(days=29)) < reserved["reserved_until"] < iso(office.clock() + timedelta(days=31))
    )


def test_a_number_the_holder_had_before_is_freed_and_the_account_stays(appellant: Appellant) -> None:
    office = appellant.office
    had = [{"id_hash": appellant.id_hash, "cipher": b"sealed"}, {"id_hash": "k1.older", "cipher": b"sealed"}]
    office.registry.update(
        keys.person_key(PERSON),
        "SET id_hash = :new, former_numbers = :had",
        values={":new": "k1.the-new-one", ":had": had},
    )
    appellant.file(kind="id_number_taken")
    appellant.approved()
    assert appellant.apply() is Outcome.APPLIED
    account, reserved = appellant.account(), appellant.pointer()
    assert office.registry.get(keys.id_claim_key(appellant.id_hash)) is None
    assert (office.person_item()["id_hash"], office.person_item()["status"]) == ("k1.the-new-one", "registered")
    assert office.person_item()["former_numbers"] == had[1:]
    assert appellant.phone_holder(PHONE) == PERSON
    assert (account["epoch"], account.get("suspended", False), account.get("frozen_by")) == (1, False, None)
    assert reserved is not None and reserved["reserved_for"] == office.lookup.of("phone", NEW_PHONE)
    assert reached(appellant) == {NEW_PHONE}  # and the holder's present phone


def test_of_a_closed_account_no_other_number_is_known_to_imports_and_the_freed_one_is_gone(
    appellant: Appellant,
) -> None:
    """The holder has gone from the number to others and back to it, on a record that still names it among its former ones."""
    office, registry = appellant.office, appellant.office.registry
    others = {one: keys.id_claim_key(one) for one in ("k1.other", "k1.third")}
    for at in others.values():
        registry.put({**at, "v": 1, "person_id": PERSON, "approved": True, "uscc": "91420106MA4KABCD9R"})
    had = [{"id_hash": one, "cipher": b"sealed"} for one in (appellant.id_hash, *others, "k1.other")]
    registry.update(keys.person_key(PERSON), "SET former_numbers = :had", values={":had": had})
    appellant.file(kind="id_number_taken")
    appellant.approved()
    assert appellant.apply() is Outcome.APPLIED
    assert appellant.id_hash not in str(office.person_item()["former_numbers"])
    assert office.person_item()["former_numbers"] == had[1:]
    for at in others.values():
        assert registry.get(at) == {**at, "v": 1, "person_id": PERSON, "approved": False}


def test_a_number_that_becomes_former_meanwhile_is_not_overlooked(appellant: Appellant) -> None:
    appellant.file(kind="id_number_taken")
    appellant.approved()
    case = appellant.office.cases.case(appellant.subject)
    assert case.disputed is not None
    stale = appellant.office.rulings.ruling(case, case.disputed)
    had = [{"id_hash": "k1.other"}]
    appellant.office.registry.update(keys.person_key(PERSON), "SET former_numbers = :had", values={":had": had})
    with pytest.raises(CaseMoved):
        appellant.office.rulings.free_number(stale, at=appellant.office.clock())
    assert appellant.account()["epoch"] == 1


@pytest.mark.parametrize("kind", ["phone_changed", "id_number_taken"])
def test_applied_twice_or_at_once_it_happens_once(appellant: Appellant, kind: str) -> None:
    appellant.file(kind=kind)
    appellant.approved()
    case = appellant.office.cases.case(appellant.subject)
    assert case.disputed is not None
    stale = appellant.office.rulings.ruling(case, case.disputed)
    assert appellant.apply() is Outcome.APPLIED
    promised = len(appellant.office.promised())
    assert appellant.apply() is Outcome.APPLIED
    carry_out = appellant.office.rulings.give_phone if kind == "phone_changed" else appellant.office.rulings.free_number
    with pytest.raises(CaseMoved):
        carry_out(stale, at=appellant.office.clock())
    assert (appellant.account()["epoch"], len(appellant.office.promised())) == (2, promised)


def test_a_phone_that_was_taken_meanwhile_goes_back_to_the_last_bureau(appellant: Appellant) -> None:
    appellant.file()
    appellant.approved()
    taken = keys.phone_claim_key(appellant.office.lookup.of("phone", NEW_PHONE))
    appellant.office.registry.put({**taken, "v": 1, "person_id": OTHER})
    assert appellant.apply() is Outcome.CONFLICT
    assert appellant.account()["epoch"] == 1
    again = appellant.open()
    assert PHONE_TAKEN.code in [one["code"] for one in appellant.item()["findings"]]
    appellant.decide(again, "reject", by=ABOVE)
    assert appellant.frozen_by() is None


def test_the_holder_who_has_changed_to_that_phone_keeps_it(appellant: Appellant) -> None:
    appellant.file()
    appellant.approved()
    office, new_hash = appellant.office, appellant.office.lookup.of("phone", NEW_PHONE)
    office.registry.put({**keys.phone_claim_key(new_hash), "v": 1, "person_id": PERSON})
    office.registry.update(keys.person_key(PERSON), "SET phone_hash = :new", values={":new": new_hash})
    assert appellant.apply() is Outcome.APPLIED
    assert appellant.phone_holder(NEW_PHONE) == PERSON


def leave(appellant: Appellant) -> None:
    """The holder has closed the account: the phone is free, the number still theirs."""
    registry, phone_hash = appellant.office.registry, appellant.office.lookup.of("phone", PHONE)
    registry.delete(keys.phone_claim_key(phone_hash))
    registry.update(
        keys.person_key(PERSON),
        "SET #status = :closed, former_phone_cipher = phone_cipher REMOVE phone_cipher",
        values={":closed": "deactivated"},
        names={"#status": "status"},
    )
    appellant.office.identity.update(keys.account_key(PERSON), "SET suspended = :yes", values={":yes": True})


def test_whoever_closed_their_account_comes_back_by_an_appeal(appellant: Appellant) -> None:
    """The old phone may be another's by now: it stays theirs, and is told nothing."""
    leave(appellant)
    registry, phone_hash = appellant.office.registry, appellant.office.lookup.of("phone", PHONE)
    registry.put({**keys.phone_claim_key(phone_hash), "v": 1, "person_id": "somebody-else"})
    appellant.file(kind="id_number_taken")
    appellant.approved()
    assert "account_deactivated" in [one["code"] for one in appellant.item()["findings"]]
    assert appellant.apply() is Outcome.APPLIED
    assert registry.get(keys.id_claim_key(appellant.id_hash)) is None
    pointer = appellant.pointer()
    assert pointer is not None and pointer["reserved_for"] == appellant.office.lookup.of("phone", NEW_PHONE)
    assert appellant.phone_holder(PHONE) == "somebody-else"
    assert "holder_phone_cipher" not in appellant.item()
    assert "former_phone_cipher" not in appellant.office.item(dict(keys.person_key(PERSON)))


def test_a_closed_account_gets_no_new_phone(appellant: Appellant) -> None:
    leave(appellant)
    appellant.file()
    appellant.approved()
    assert appellant.apply() is Outcome.CONFLICT
    assert HOLDER_HAS_LEFT.code in [one["code"] for one in appellant.item()["findings"]]
    assert appellant.phone_holder(NEW_PHONE) is None


def test_what_a_closed_account_had_filed_ends_with_it(appellant: Appellant) -> None:
    office = appellant.office
    office.open()  # the holder's registration
    appellant.file(kind="id_number_taken")
    appellant.approved()
    appellant.apply()
    page = page_of(appellant, office.task_id())
    assert page.id_number == ""
    office.decide()
    assert office.apply() is Outcome.ENDED
    assert office.submission_item()["status"] == "rejected"
    assert office.person_item()["open"] == {}


# --- the page


def page_of(appellant: Appellant, task_id: str, role: Role = Role.REVIEWER) -> TaskPageView:
    office = appellant.office
    page = open_page(
        task_id,
        by=reviewer("wang", role=role),
        store=office.tasks,
        files=Files(clients.s3()),
        records="records",
        sealer=office.sealer,
        clock=office.clock,
    )
    return TaskPageView.of_page(page, office.clock())


def test_the_page_shows_the_statement_the_scans_and_the_holder_masked(appellant: Appellant) -> None:
    appellant.file(name="欧阳建")
    task_id = appellant.open()
    page = page_of(appellant, task_id)
    assert (page.kind, page.subject_id, page.submission_id) == ("appeal", appellant.filed.appeal_id, None)
    assert (page.id_number, page.payload["name"], page.name_masked) == (ID_NUMBER, "欧阳建", "欧*建")
    assert page.payload["statement"] and page.payload["filed_at_counter"]
    assert len(page.attachments) == 3 and all(one.download_url for one in page.attachments)
    assert {one.code: one.result for one in page.findings} == {"scans_accepted": "passed", "name_agrees": "doubtful"}
    assert page.holder is not None
    assert (page.holder.name_masked, page.holder.phone, page.holder.status) == ("欧**国", "199****7120", "registered")
    assert (page.profile, page.differences) == (None, [])
    assert NEW_PHONE not in page.model_dump_json() and PHONE not in page.model_dump_json()
    appellant.decide(task_id, "reject")
    done = page_of(appellant, task_id)
    assert (
        done.payload["name"] == "欧*建" and "statement" not in done.payload and ID_NUMBER not in done.model_dump_json()
    )


def test_a_record_kept_elsewhere_is_pointed_out(appellant: Appellant) -> None:
    appellant.office.registry.update(keys.person_key(PERSON), "SET region_code = :region", values={":region": "420502"})
    appellant.file()
    appellant.check()
    assert "record_kept_elsewhere" in [one["code"] for one in appellant.item()["findings"]]


# --- rights: the emulator enforces no condition on single members of an item, AWS does


def test_of_an_account_only_the_members_the_rights_name_are_written(appellant: Appellant) -> None:
    written: set[str] = set()

    def note(params: dict[str, Any], **_: Any) -> None:
        updates = [one["Update"] for one in params["TransactItems"] if "Update" in one]
        for one in updates:
            if one["TableName"] == appellant.office.identity.name:
                told = one["UpdateExpression"] + " " + one["ConditionExpression"]
                written.update(re.findall(r"(?<![:\w])[a-z_]+(?![\w(])", told))

    appellant.office.identity.client.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", note)
    appellant.file()
    appellant.decide(appellant.open(), "reject")
    appellant.file(kind="id_number_taken")
    appellant.approved()
    assert written == {"pk", "frozen_by"}
    appellant.apply()
    assert written == {"pk", "frozen_by", "epoch", "suspended"}
