"""The ways of a review that people press, on the deployed stack: many at once, taken back, handed out, sent elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.test_life_of_a_record import CITY, COUNTY, file
from tests.e2e.test_main_job import open_task, submission_of
from tests.house import House
from tests.people import person
from tools.local.accounts import phone_of
from tools.local.applicant import Applicant, approve
from tools.local.client import Client, Refused, totp
from tools.local.waiting import eventually


def task_in(bureau: Client, submission: str, state: str = "open") -> str:
    """The submission's task in this bureau's inbox, once it is there."""

    def found() -> str | None:
        items = bureau.get(f"/review/tasks?state={state}&limit=100")["items"]
        return next((str(one["task_id"]) for one in items if one["subject_id"] == submission), None)

    return eventually(found, what="the task in the inbox", within_s=60, every_s=0.2)


def decided(bureau: Client, task: str, decision: str, **more: Any) -> Any:
    return bureau.post(f"/review/tasks/{task}/decision", {"decision": decision, "reason": "请核对", **more})


def resubmitted(by: Applicant, submission: str) -> None:
    seen = submission_of(by, submission)
    wish = {"payload": seen["payload"], "attachment_ids": seen["attachment_ids"]}
    by.me.post(f"/me/submissions/{submission}/resubmit", wish)


def events(by: Applicant, submission: str) -> list[str]:
    return [one["event"] for one in submission_of(by, submission)["timeline"]]


def refused(act: Any) -> tuple[int, str | None]:
    with pytest.raises(Refused) as told:
        act()
    return told.value.status, told.value.code


def test_many_are_decided_at_once_and_sent_again_change_nothing(house: House) -> None:
    people = [house.applicant() for _ in range(2)]
    filed = [somebody.submit() for somebody in people]
    tasks = [open_task(house, one) for one in filed]
    body = {"task_ids": [*tasks, "nothing"], "decision": "approve", "reason": ""}
    first, again = (house.staff(COUNTY).post("/review/decisions", body) for _ in range(2))
    assert [(one["status"], one["code"]) for one in first["results"]] == [
        ("decided", None),
        ("decided", None),
        ("refused", "not_found"),
    ]
    assert again == first
    assert [somebody.outcome(one) for somebody, one in zip(people, filed, strict=True)] == ["approved"] * 2
    assert refused(lambda: house.staff(COUNTY).post("/review/decisions", {**body, "task_ids": ["x"] * 101})) == (
        422,
        "invalid",
    )


def test_a_reviewer_who_registers_while_signed_in_does_not_decide_their_own_case(house: House) -> None:
    reviewer = house.staff(COUNTY)
    reviewer.get("/me")
    own = house.applicant(person(phone=phone_of(COUNTY)))
    submission = own.submit()
    task = open_task(house, submission)
    assert refused(lambda: decided(reviewer, task, "approve")) == (409, "own_submission")
    own.me.post(f"/me/submissions/{submission}/withdraw")


def test_returned_twice_and_then_approved(house: House) -> None:
    somebody = house.applicant()
    submission, county = somebody.submit(), house.staff(COUNTY)
    for _ in range(2):
        decided(county, task_in(county, submission), "return")
        assert somebody.outcome(submission) == "returned"
        resubmitted(somebody, submission)
    approve(county, submission)
    assert somebody.outcome(submission) == "approved"
    assert events(somebody, submission).count("returned") == 2


def test_withdrawn_between_two_stages(house: House) -> None:
    somebody = house.accountant()
    change = {"name": "欧阳致远", "reason": "依法更名"}
    submission = file(somebody, "identity_change", change, "police_certificate", "id_front", "id_back")
    approve(house.staff(COUNTY), submission)
    task = task_in(house.staff(CITY), submission)
    somebody.me.post(f"/me/submissions/{submission}/withdraw")
    assert refused(lambda: decided(house.staff(CITY), task, "approve")) == (409, "already_decided")
    assert submission_of(somebody, submission)["status"] == "withdrawn"


def test_an_approval_is_taken_back_and_the_case_goes_both_stages_again(house: House) -> None:
    somebody = house.accountant()
    county, city = house.staff(COUNTY), house.staff(CITY)
    change = {"name": "欧阳明远", "reason": "依法更名"}
    submission = file(somebody, "identity_change", change, "police_certificate", "id_front", "id_back")
    task = task_in(county, submission)
    for _ in range(2):
        assert decided(county, task, "approve")["decision"] == "approve"  # pressed twice, decided once
    above = task_in(city, submission)
    undone = county.post(f"/review/tasks/{task}/undo")
    assert county.post(f"/review/tasks/{task}/undo") == undone
    assert task_in(county, submission, "mine") == undone["reopened_as"]
    assert refused(lambda: decided(city, above, "approve")) == (409, "already_decided")
    approve(county, submission)
    task_in(city, submission)
    city.post(f"/review/tasks/{task_in(city, submission)}/claim")
    assert refused(lambda: county.post(f"/review/tasks/{undone['reopened_as']}/undo")) == (409, "next_stage_taken")
    approve(city, submission)
    eventually(lambda: "applied" in _last_events(county, undone["reopened_as"]), what="the change applied", within_s=30)


def _last_events(bureau: Client, task: str) -> list[str]:
    return [one["event"] for one in bureau.get(f"/review/tasks/{task}")["timeline"]]


def test_a_case_at_the_wrong_bureau_goes_to_the_right_one(house: House) -> None:
    somebody = house.applicant()
    submission, county = somebody.submit(), house.staff(COUNTY)
    other = next(
        name for name in house.described["accounts"] if name.startswith("reviewer_") and name not in (COUNTY, CITY)
    )
    to_region = other.removeprefix("reviewer_")
    task = task_in(county, submission)
    assert decided(county, task, "forward", to_region=to_region)["decision"] == "forward"
    approve(house.staff(other), submission)
    assert somebody.outcome(submission) == "approved"
    assert somebody.me.get("/me/profile")["region_code"] == to_region
    assert "forwarded" in events(somebody, submission)


def test_the_head_of_a_bureau_hands_a_task_to_a_colleague(house: House) -> None:
    """Accounts are opened by invitation; the function's own rights read the colleague."""
    somebody = house.applicant()
    task = open_task(house, somebody.submit())
    county = house.staff(COUNTY)
    me = county.get("/me")["account"]["account_id"]
    assert refused(lambda: county.post(f"/review/tasks/{task}/assign", {"account_id": me})) == (403, "not_head")
    head = head_of_bureau(house)
    held = head.post(f"/review/tasks/{task}/assign", {"account_id": me})
    assert (held["state"], held["held_by"]) == ("claimed", me)
    assert refused(lambda: head.post(f"/review/tasks/{task}/assign", {"account_id": "nobody"})) == (422, "invalid")


def head_of_bureau(house: House) -> Client:
    username, password = f"head-{uuid4().hex[:8]}", "Wuchang-Head-2026-x"
    form = {"username": username, "name": "负责人", "phone": "19900001234", "role": "reviewer", "scope": "420106"}
    opened = house.staff("admin").post("/admin/staff", {**form, "head": True})
    house.public.post(f"/auth/invitations/{opened['invitation_token']}", {"password": password})
    with pytest.raises(Refused) as enrol:
        house.public.post("/auth/login", {"username": username, "password": password})
    secret = enrol.value.body["enrolment"]["secret"]
    code = totp(secret)
    house.public.post("/auth/totp", {"username": username, "password": password, "secret": secret, "totp": code})
    return house.public.signed_in(username, password, secret)
