"""Two at once: exactly one wins, the other is told, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tests import people
from tests.e2e.test_main_job import open_task, submission_of
from tests.house import House
from tools.local import samples
from tools.local.applicant import Applicant
from tools.local.client import Client, Refused


def outcomes(acts: Sequence[Callable[[], Any]]) -> list[tuple[int, str | None]]:
    """What each of several simultaneous calls was answered."""

    def one(act: Callable[[], Any]) -> tuple[int, str | None]:
        try:
            act()
        except Refused as refused:
            return refused.status, refused.code
        return 200, None

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts), key=lambda outcome: outcome[0])


def test_one_id_number_registers_once_whatever_the_race(house: House) -> None:
    person = people.person()
    rivals = [{**person, "phone": people.person()["phone"]} for _ in range(4)]
    coded = [(rival, Applicant(rival, house.public, house.aws).code("register")) for rival in rivals]

    def register(rival: dict[str, str], code: str) -> Any:
        known = {name: rival[name] for name in ("id_type", "id_number", "name", "phone")}
        return house.public.post(
            "/auth/register", {**known, "otp": code, "password": samples.PASSWORD, "consent_version": "1"}
        )

    got = outcomes([lambda rival=rival, code=code: register(rival, code) for rival, code in coded])  # type: ignore[misc]
    assert got == [(200, None)] + [(409, "id_number_registered")] * 3


def test_of_two_uses_of_a_code_at_once_one_opens(house: House) -> None:
    somebody = house.applicant()
    house.let_a_minute_pass(somebody.person["phone"])
    code = somebody.code("login")
    body = {"phone": somebody.person["phone"], "otp": code}
    got = outcomes([lambda: house.public.post("/auth/login/otp", body)] * 2)
    assert got == [(200, None), (422, "otp_invalid")]


def test_of_twenty_passwords_at_once_five_are_looked_at(house: House) -> None:
    somebody = house.applicant()
    for username in (somebody.person["id_number"], people.person()["id_number"]):
        guess = {"username": username, "password": "Wrong-2026-password"}
        got = outcomes([lambda guess=guess: house.public.post("/auth/login", guess)] * 20)  # type: ignore[misc]
        assert got == [(401, "bad_credentials")] * 5 + [(423, "account_locked")] * 15
    by_phone = {"username": somebody.person["phone"], "password": samples.PASSWORD}
    assert outcomes([lambda: house.public.post("/auth/login", by_phone)]) == [(200, None)], "no oracle, no way out"


def test_many_sign_ins_at_once_are_all_let_in(house: House) -> None:
    somebody = house.applicant()
    body = {"username": somebody.person["id_number"], "password": samples.PASSWORD}
    for _ in range(3):
        assert outcomes([lambda: house.public.post("/auth/login", body)] * 5) == [(200, None)] * 5


def test_of_two_refreshes_at_once_one_goes_on(house: House) -> None:
    somebody = house.applicant()
    body = {"username": somebody.person["id_number"], "password": samples.PASSWORD}
    token = {"refresh_token": house.public.post("/auth/login", body)["refresh_token"]}
    got = outcomes([lambda: house.public.post("/auth/refresh", token)] * 2)
    assert got == [(200, None), (401, "unauthenticated")]


def test_one_invitation_sets_one_password(house: House) -> None:
    username = f"race.{uuid4().hex[:10]}"
    new = {
        "username": username,
        "name": "测试员",
        "phone": people.person()["phone"],
        "role": "reviewer",
        "scope": "420106",
    }
    token = house.staff("admin").post("/admin/staff", new)["invitation_token"]
    passwords = [{"password": f"Invited-{place}-2026"} for place in range(3)]
    got = outcomes([lambda body=body: house.public.post(f"/auth/invitations/{token}", body) for body in passwords])  # type: ignore[misc]
    assert got == [(200, None)] + [(404, "invitation_invalid")] * 2


def test_one_username_is_opened_once(house: House) -> None:
    new = {"username": f"race.{uuid4().hex[:10]}", "name": "测试员", "role": "reviewer", "scope": "420106"}
    bodies = [{**new, "phone": people.person()["phone"]} for _ in range(3)]
    admin = house.staff("admin")
    got = outcomes([lambda body=body: admin.post("/admin/staff", body) for body in bodies])  # type: ignore[misc]
    assert got == [(200, None)] + [(409, "username_taken")] * 2


def test_of_two_decisions_at_once_one_stands(house: House) -> None:
    somebody = house.applicant()
    submission = somebody.submit()
    task = open_task(house, submission)
    bureau = house.staff("reviewer_420106")
    decisions = [
        {"decision": "approve", "reason": "材料齐全", "fields": []},
        {"decision": "reject", "reason": "材料不符", "fields": []},
    ]
    got = outcomes([lambda body=body: bureau.post(f"/review/tasks/{task}/decision", body) for body in decisions])  # type: ignore[misc]
    assert got == [(200, None), (409, "already_decided")]
    assert somebody.outcome(submission) in ("approved", "rejected")
    events = [one["event"] for one in submission_of(somebody, submission)["timeline"]]
    assert len({"approved", "rejected"} & set(events)) == 1


def test_two_submissions_at_once_are_one(house: House) -> None:
    somebody = house.applicant()
    scans = somebody.scans()
    body = {"kind": "registration", "payload": samples.registration_of(somebody.person), "attachment_ids": scans}
    got = outcomes([lambda: somebody.me.post("/me/submissions", body)] * 3)
    assert got == [(200, None)] + [(409, "open_submission")] * 2
    assert len(somebody.me.get("/me/submissions")["items"]) == 1


def test_a_refresh_token_turns_once_and_its_reuse_ends_the_family(house: House) -> None:
    somebody = house.applicant()
    tokens = house.public.post("/auth/login", {"username": somebody.person["id_number"], "password": samples.PASSWORD})
    turn = {"refresh_token": tokens["refresh_token"]}
    got = outcomes([lambda: house.public.post("/auth/refresh", turn)] * 2)
    assert [status for status, _ in got] == [200, 401]
    assert outcomes([lambda: house.public.post("/auth/refresh", turn)])[0][0] == 401


def test_a_scope_ends_at_the_county(house: House) -> None:
    somebody = house.applicant()
    task = open_task(house, somebody.submit())
    for stranger in ("reviewer_420502", "reviewer_420500"):
        client: Client = house.staff(stranger)
        assert outcomes([lambda client=client: client.get(f"/review/tasks/{task}")])[0][0] == 404  # type: ignore[misc]
        assert outcomes([lambda client=client: client.post(f"/review/tasks/{task}/claim")])[0][0] == 404  # type: ignore[misc]
    city = house.staff("reviewer_420100")
    decision = {"decision": "approve", "reason": "材料齐全", "fields": []}
    assert outcomes([lambda: city.post(f"/review/tasks/{task}/decision", decision)])[0][0] in (403, 404)
