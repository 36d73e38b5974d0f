"""Appeals on the deployed stack: the code on another phone, two bureaus, and the account that changes hands."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.house import House
from tools.local import samples
from tools.local.applicant import Applicant
from tools.local.client import Client, Refused, code_sent_to, messages_to, upload
from tools.local.samples import PASSWORD
from tools.local.waiting import eventually

COUNTY, CITY = "reviewer_420106", "reviewer_420100"
SCANS = ("hand_held_photo", "id_front", "id_back")


@dataclass
class Appellant:
    """Somebody with a new phone who appeals against an account."""

    house: House
    disputed: Applicant
    phone: str
    otp: str = ""

    def ask_for_code(self) -> None:
        sent = len(messages_to(self.phone, self.house.aws))
        self.house.public.post("/auth/otp", {"phone": self.phone, "purpose": "appeal"})
        self.otp = code_sent_to(self.phone, self.house.aws, after=sent)

    def scan(self, kind: str) -> str:
        content = samples.scan("id_front")
        asked = self.house.public.post(
            "/auth/appeals/attachments",
            {
                "phone": self.phone,
                "otp": self.otp,
                "kind": kind,
                "filename": f"{kind}.jpg",
                "content_type": "image/jpeg",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            },
        )
        upload(asked["upload"], content, f"{kind}.jpg", "image/jpeg")
        return str(asked["attachment_id"])

    def body(self, kind: str, scans: list[str]) -> dict[str, Any]:
        person = self.disputed.person
        return {
            "id_number": person["id_number"],
            "name": person["name"],
            "phone": self.phone,
            "kind": kind,
            "statement": "账号不是本人注册的，或者手机号已更换。",
            "region_code": "420106",
            "attachment_ids": scans,
        }

    def file(self, kind: str) -> dict[str, Any]:
        """File it as soon as its scans are looked at."""
        self.ask_for_code()
        body = {**self.body(kind, [self.scan(one) for one in SCANS]), "otp": self.otp}
        return eventually(
            lambda: self.filed("/auth/appeals", body, self.house.public), what="a filed appeal", within_s=60
        )

    @staticmethod
    def filed(path: str, body: dict[str, Any], client: Client) -> dict[str, Any] | None:
        try:
            answered: dict[str, Any] = client.post(path, body)
        except Refused as refused:
            if refused.code == "scan_not_ready":
                return None
            raise
        return answered


@pytest.fixture
def appellant(house: House) -> Appellant:
    return Appellant(house, house.applicant(), f"199{random.randrange(10**8):08d}")


def sign_in(house: House, username: str) -> Any:
    return house.public.post("/auth/login", {"username": username, "password": PASSWORD})


def refused_sign_in(house: House, username: str) -> tuple[int, str | None]:
    with pytest.raises(Refused) as refused:
        sign_in(house, username)
    return refused.value.status, refused.value.code


def task_of(house: House, staff: str, appeal_id: str) -> str:
    def found() -> str | None:
        page = house.staff(staff).get("/review/tasks?state=open&kind=appeal&limit=100")
        return next((str(one["task_id"]) for one in page["items"] if one["subject_id"] == appeal_id), None)

    return eventually(found, what="the appeal's task", within_s=30)


def decide(house: House, staff: str, appeal_id: str, decision: str = "approve") -> None:
    task_id = task_of(house, staff, appeal_id)
    house.staff(staff).post(f"/review/tasks/{task_id}/claim")
    house.staff(staff).post(
        f"/review/tasks/{task_id}/decision", {"decision": decision, "reason": "已核对身份证件", "fields": []}
    )


def ended(house: House, query_code: str, status: str) -> dict[str, Any]:
    def asked() -> dict[str, Any] | None:
        found: dict[str, Any] = house.public.get(f"/auth/appeals/{query_code}")
        return found if found["status"] == status else None

    return eventually(asked, what=f"an appeal that is {status}", within_s=60)


def test_a_changed_phone_goes_onto_the_account(house: House, appellant: Appellant) -> None:
    person = appellant.disputed.person
    sign_in(house, person["id_number"])
    filed = appellant.file("phone_changed")
    holder_told = eventually(
        lambda: [one for one in messages_to(person["phone"], house.aws) if "申诉" in one] or None,
        what="the holder is told",
        within_s=30,
    )
    assert "武昌区财政局" in holder_told[0]
    task_id = task_of(house, COUNTY, filed["appeal_id"])
    sign_in(house, person["id_number"])  # filing shuts nobody out
    page = house.staff(COUNTY).get(f"/review/tasks/{task_id}")
    assert page["payload"]["statement"] and page["holder"]["phone"].count("*") == 4
    assert len(page["attachments"]) == 3 and all(one["download_url"] for one in page["attachments"])

    house.staff(COUNTY).post(f"/review/tasks/{task_id}/claim")
    assert refused_sign_in(house, person["id_number"]) == (423, "account_frozen")
    me = appellant.disputed.me
    assert me.get("/me")["role"] == "accountant", "a living token reads"

    def write_refused() -> bool:
        try:
            me.call("PUT", "/me/draft", {"payload": {}, "version": 0})
        except Refused as refused:
            return refused.code == "account_frozen"
        return False

    eventually(write_refused, what="a refused write", within_s=60, every_s=1)

    decide(house, COUNTY, filed["appeal_id"])
    assert house.public.get(f"/auth/appeals/{filed['query_code']}")["status"] == "under_review"
    decide(house, CITY, filed["appeal_id"])
    ended(house, filed["query_code"], "approved")
    assert sign_in(house, appellant.phone)["account"]["account_id"]
    assert refused_sign_in(house, person["phone"]) == (401, "bad_credentials")
    eventually(
        lambda: any("改绑" in one for one in messages_to(person["phone"], house.aws)),
        what="the old phone is told",
        within_s=30,
    )
    eventually(
        lambda: any("已通过" in one for one in messages_to(appellant.phone, house.aws)),
        what="the new one too",
        within_s=30,
    )


def test_a_taken_number_goes_to_the_appeals_phone_alone(house: House, appellant: Appellant) -> None:
    person = appellant.disputed.person
    filed = appellant.file("id_number_taken")
    for staff in (COUNTY, CITY):
        decide(house, staff, filed["appeal_id"])
    ended(house, filed["query_code"], "approved")
    assert refused_sign_in(house, person["id_number"]) == (401, "bad_credentials")
    stranger = Applicant({**person, "phone": f"199{random.randrange(10**8):08d}"}, house.public, house.aws)
    with pytest.raises(Refused) as reserved:
        register(house, stranger.person)
    assert reserved.value.code == "id_number_reserved"
    house.let_a_minute_pass(appellant.phone)
    register(house, {**person, "phone": appellant.phone})


def test_a_rejection_opens_the_account_again(house: House, appellant: Appellant) -> None:
    filed = appellant.file("id_number_taken")
    decide(house, COUNTY, filed["appeal_id"], "reject")
    assert ended(house, filed["query_code"], "rejected")["reason"] == "已核对身份证件"
    sign_in(house, appellant.disputed.person["id_number"])
    eventually(
        lambda: any("恢复使用" in one for one in messages_to(appellant.disputed.person["phone"], house.aws)),
        what="the holder is told",
        within_s=30,
    )


def test_an_appeal_at_the_counter_is_decided_by_a_colleague(house: House, appellant: Appellant) -> None:
    appellant.ask_for_code()
    body = appellant.body("phone_changed", [appellant.scan(one) for one in SCANS])
    filed = eventually(
        lambda: appellant.filed("/review/appeals", body, house.staff(COUNTY)), what="a filed appeal", within_s=60
    )
    task_id = task_of(house, COUNTY, filed["appeal_id"])
    for act, sent in (("claim", {}), ("decision", {"decision": "reject", "reason": "材料不符", "fields": []})):
        with pytest.raises(Refused) as refused:
            house.staff(COUNTY).post(f"/review/tasks/{task_id}/{act}", sent)
        assert (refused.value.status, refused.value.code) == (409, "own_submission")
    sign_in(house, appellant.disputed.person["id_number"])


def test_of_two_appeals_at_once_one_is_filed(house: House, appellant: Appellant) -> None:
    other = Appellant(house, appellant.disputed, f"199{random.randrange(10**8):08d}")
    bodies = []
    for one in (appellant, other):
        one.ask_for_code()
        bodies.append({**one.body("phone_changed", [one.scan(kind) for kind in SCANS]), "otp": one.otp})

    def answer(body: dict[str, Any]) -> str:
        try:
            return (
                "filed"
                if eventually(
                    lambda: appellant.filed("/auth/appeals", body, house.public), what="an answer", within_s=60
                )
                else ""
            )
        except Refused as refused:
            return str(refused.code)

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(answer, bodies)) == ["filed", "open_appeal"]


def register(house: House, person: dict[str, str]) -> Any:
    sent = len(messages_to(person["phone"], house.aws))

    def asked() -> bool:
        try:
            house.public.post("/auth/otp", {"phone": person["phone"], "purpose": "register"})
        except Refused as refused:
            if refused.status != 429:
                raise
            return False
        return True

    eventually(asked, what="a minute between two codes", within_s=70, every_s=2)
    otp = code_sent_to(person["phone"], house.aws, after=sent)
    typed = {name: person[name] for name in ("id_type", "id_number", "name", "phone")}
    return house.public.post("/auth/register", {**typed, "otp": otp, "password": PASSWORD, "consent_version": "1"})
