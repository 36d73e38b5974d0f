"""Appeals of somebody who cannot sign in: the code on the phone, used up with the filing, and nothing told without it."""

import hashlib
import json
import random
from typing import Any

import pytest

from identity import appeals
from identity.appeals import NoSuchAppeal
from jingkuai.aws import clients, keys
from jingkuai.aws.appeal_filing import Filed, Intake
from jingkuai.aws.appeal_store import AppealStore, scans_owner
from jingkuai.aws.files import Files
from jingkuai.aws.idempotency import IdempotencyKeyReused, RequestKey
from jingkuai.aws.ids import uuid7
from jingkuai.aws.one_time_codes import verify_code
from jingkuai.aws.scan_store import ScanStore
from jingkuai.domain.appeal import AppealForm, NumberNotRegistered, ScanNotReady
from jingkuai.domain.attachment import AttachmentKind, AttachmentRules
from jingkuai.domain.one_time_code import OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import Invalid
from jingkuai.domain.scan import Announcement
from tests import people
from tests.cloud import ROOT

from .conftest import ID_NUMBER, PHONE, House

NEW_PHONE = "19901327199"
RULES = AttachmentRules.from_policy(json.loads((ROOT / "infra/policies/attachment_rules.json").read_text()))


class Appellant:
    """Somebody with another phone than the account's, and a code on it."""

    def __init__(self, house: House) -> None:
        self.house = house
        house.register()
        self.intake = Intake(AppealStore(house.registry, uuid7), house.registry, house.lookup, house.sealer, uuid7)
        self.otp = house.code(NEW_PHONE, purpose=Purpose.APPEAL)

    def scan(self, kind: str, *, status: str = "accepted", otp: str | None = None) -> str:
        told = Announcement(AttachmentKind(kind), "a.jpg", "image/jpeg", 9, hashlib.sha256(b"a").hexdigest())
        scan, form = appeals.announce_scan(
            told,
            MainlandPhone(NEW_PHONE),
            otp or self.otp,
            codes=self.house.codes,
            lookup=self.house.lookup,
            store=ScanStore(self.house.registry),
            files=Files(clients.s3()),
            bucket="uploads",
            rules=RULES,
            clock=self.house.clock,
            new_id=uuid7,
        )
        assert form.fields["key"] == f"uploads/{scan.attachment_id}"
        self.inspected(scan.attachment_id, status)
        return scan.attachment_id

    def inspected(self, attachment_id: str, status: str) -> None:
        self.house.registry.update(
            keys.attachment_key(attachment_id),
            "SET #status = :status",
            values={":status": status},
            names={"#status": "status"},
        )

    def scans(self) -> list[str]:
        return [self.scan(kind) for kind in ("hand_held_photo", "id_front", "id_back")]

    def form(self, **over: Any) -> AppealForm:
        typed = {
            "id_number": ID_NUMBER,
            "name": "欧阳建国",
            "phone": NEW_PHONE,
            "kind": "id_number_taken",
            "statement": "本人从未注册。",
            "region_code": "420106",
            **over,
        }
        if "attachment_ids" not in typed:
            typed["attachment_ids"] = self.scans()
        return AppealForm(**typed)

    def file(self, *, otp: str | None = None, key: RequestKey | None = None, **over: Any) -> Filed:
        return appeals.file(
            self.form(**over),
            self.otp if otp is None else otp,
            intake=self.intake,
            codes=self.house.codes,
            clock=self.house.clock,
            key=key,
        )


@pytest.fixture
def appellant(house: House) -> Appellant:
    return Appellant(house)


def test_one_code_serves_all_calls_and_is_used_up_with_the_filing(appellant: Appellant) -> None:
    filed = appellant.file()
    assert len(filed.query_code) == 20
    with pytest.raises(OtpInvalid):
        appellant.scan("id_front")
    found = appeals.standing(
        filed.query_code.lower()[:10] + " " + filed.query_code[10:],
        lookup=appellant.house.lookup,
        store=appellant.intake.store,
    )
    assert (found.appeal_id, found.kind, found.status) == (filed.appeal_id, "id_number_taken", "auto_checking")


def test_nobody_finds_an_appeal_by_trying(appellant: Appellant) -> None:
    filed = appellant.file()
    for code in (filed.query_code[:-1] + ("A" if filed.query_code[-1] != "A" else "B"), filed.appeal_id, "x"):
        with pytest.raises(NoSuchAppeal):
            appeals.standing(code, lookup=appellant.house.lookup, store=appellant.intake.store)
    stored = str(
        appellant.house.items(appellant.house.registry, "AQ#") + appellant.house.items(appellant.house.registry, "AP#")
    )
    assert filed.query_code not in stored and NEW_PHONE not in stored and ID_NUMBER not in stored


def test_a_refused_filing_leaves_the_code_good(appellant: Appellant) -> None:
    scans = appellant.scans()
    appellant.inspected(scans[0], "checking")
    with pytest.raises(ScanNotReady):
        appellant.file(attachment_ids=scans)
    with pytest.raises(Invalid):
        appellant.file(attachment_ids=scans, statement="")
    appellant.inspected(scans[0], "accepted")
    assert appellant.file(attachment_ids=scans)


def test_a_wrong_or_missing_code_is_told_nothing_of_the_number(appellant: Appellant) -> None:
    scans, unknown = appellant.scans(), people.id_number(random.Random(4))
    wrong = f"{(int(appellant.otp) + 1) % 10**6:06d}"
    for number in (ID_NUMBER, unknown):
        with pytest.raises(OtpInvalid):
            appellant.file(attachment_ids=scans, otp=wrong, id_number=number)
    with pytest.raises(Invalid) as refused:
        appellant.file(attachment_ids=[], otp=" ")
    assert "otp" in [one.field for one in refused.value.errors]


def test_numbers_are_not_tried_out_with_one_code(appellant: Appellant) -> None:
    scans = appellant.scans()
    with pytest.raises(NumberNotRegistered):
        appellant.file(attachment_ids=scans, id_number=people.id_number(random.Random(4)))
    with pytest.raises(OtpInvalid):
        appellant.file(attachment_ids=scans)
    appellant.house.clock.pass_by(minutes=2)
    appellant.otp = appellant.house.code(NEW_PHONE, purpose=Purpose.APPEAL)
    assert appellant.file(attachment_ids=scans), "the scans are the phone's, whichever code brought them"


def test_of_two_filings_at_once_one_uses_the_code(appellant: Appellant) -> None:
    house, other = appellant.house, people.id_number(random.Random(4))
    house.clock.pass_by(minutes=2)
    house.register(id_number=other, phone="19901327198")
    proven = verify_code(
        MainlandPhone(NEW_PHONE),
        Purpose.APPEAL,
        appellant.otp,
        store=house.codes,
        lookup=house.lookup,
        clock=house.clock,
    )
    now, scans = house.clock(), appellant.scans()
    filed = []
    for number in (ID_NUMBER, other):
        told, desk = appellant.intake.consider(appellant.form(id_number=number, attachment_ids=scans), at=now)
        proof = house.codes.using_up(proven, now)
        filed.append(appellant.intake.file(told, desk, by=None, at=now, proof=proof))
    assert filed[0] is not None and filed[1] is None
    assert len(house.items(house.registry, "AP#")) == 1


def test_the_same_request_again_gets_the_first_answer(appellant: Appellant) -> None:
    caller, scans = scans_owner(appellant.house.lookup.of("phone", NEW_PHONE)), appellant.scans()
    filed = appellant.file(attachment_ids=scans, key=RequestKey(caller, "key", "body"))
    assert appellant.file(attachment_ids=scans, key=RequestKey(caller, "key", "body")) == filed
    with pytest.raises(IdempotencyKeyReused):
        appellant.file(attachment_ids=scans, key=RequestKey(caller, "key", "other"))


def test_a_number_whose_holder_has_left_may_be_claimed(appellant: Appellant) -> None:
    """An account that its holder closed keeps the number's claim and has no phone: whose number it was can be wrong still."""
    (claim,) = (one for one in appellant.house.items(appellant.house.registry, "ID#") if one["sk"] == "ID")
    person_id = claim["person_id"]
    appellant.house.identity.update(
        keys.account_key(person_id), "SET suspended = :yes, epoch = epoch + :one", values={":yes": True, ":one": 1}
    )
    appellant.house.registry.update(
        keys.person_key(person_id),
        "SET #status = :left",
        values={":left": "deactivated"},
        names={"#status": "status"},
    )
    appellant.house.registry.delete(keys.phone_claim_key(appellant.house.lookup.of("phone", PHONE)))
    filed = appellant.file()
    (appeal,) = appellant.house.items(appellant.house.registry, "AP#")
    assert (appeal["appeal_id"], appeal["person_id"], appeal["disputed"]["name_agrees"]) == (
        filed.appeal_id,
        person_id,
        True,
    )
