"""The whole life of one record on the deployed stack, and any past version of it afterwards."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests import people
from tests.e2e.test_main_job import open_task
from tests.house import House
from tools.local import samples
from tools.local.applicant import Applicant, approve
from tools.local.client import Client, Refused, code_sent_to, messages_to
from tools.local.waiting import eventually

COUNTY, CITY = "reviewer_420106", "reviewer_420100"
CHANCE = random.Random()


def file(by: Applicant, kind: str, payload: dict[str, Any], *scans: str) -> str:
    body = {"kind": kind, "payload": payload, "attachment_ids": by.scanned(*scans)}
    return str(by.me.post("/me/submissions", body)["submission_id"])


def settle(house: House, by: Applicant, submission: str, *bureaus: str) -> None:
    approved_by(house, submission, *bureaus)
    assert by.outcome(submission) == "approved"


def at_version(by: Applicant, version: int) -> dict[str, Any]:
    """The version's own moment, from the history."""
    items: list[dict[str, Any]] = by.me.get("/me/profile/history")["items"]
    return next(one for one in items if one["version"] == version)


def test_a_record_from_its_first_filing_to_another_name(house: House) -> None:
    somebody = house.applicant()
    person = somebody.person
    born = int(person["id_number"][6:10])

    # registered, returned, sent again, approved
    submission = somebody.submit()
    body = {"decision": "return", "reason": "民族填写有误，请核对", "fields": ["basic.ethnicity"]}
    house.staff(COUNTY).post(f"/review/tasks/{open_task(house, submission)}/decision", body)
    assert somebody.outcome(submission) == "returned"
    seen = somebody.me.get(f"/me/submissions/{submission}")
    mended = {**seen["payload"], "basic": {**seen["payload"]["basic"], "ethnicity": "02"}}
    wish = {"payload": mended, "attachment_ids": seen["attachment_ids"]}
    somebody.me.post(f"/me/submissions/{submission}/resubmit", wish)
    settle(house, somebody, submission, COUNTY)

    # one more education
    master = {
        "level": "master",
        "school": "武汉大学",
        "major": "会计学",
        "graduated_on": f"{born + 26}-06-30",
        "certificate_no": f"10486{CHANCE.randrange(10**12):012d}",
        "study_mode": "full_time",
    }
    education = file(somebody, "education_added", {"education": master}, "education_certificate")
    settle(house, somebody, education, COUNTY)

    # another phone, at once
    new_phone = people.person()["phone"]
    told = len(messages_to(person["phone"], house.aws))
    sent = len(messages_to(new_phone, house.aws))
    house.public.post("/auth/otp", {"phone": new_phone, "purpose": "contact"})
    otp = code_sent_to(new_phone, house.aws, after=sent)
    somebody.me.call("PATCH", "/me/contact", {"phone": new_phone, "otp": otp})
    house.public.signed_in(new_phone, samples.PASSWORD)
    with pytest.raises(Refused) as refused:
        house.public.signed_in(person["phone"], samples.PASSWORD)
    assert refused.value.code == "bad_credentials"
    eventually(lambda: len(messages_to(person["phone"], house.aws)) > told, what="word to the old phone", within_s=30)

    # another name by law: two bureaus, and the old sessions end
    change = {"name": "欧阳思远", "reason": "依法更名"}
    renamed = file(somebody, "identity_change", change, "police_certificate", "id_front", "id_back")
    old_session = somebody.me
    approved_by(house, renamed, COUNTY, CITY)
    eventually(lambda: is_signed_out(old_session), what="the end of the old name's session", within_s=90)
    somebody.me = house.public.signed_in(person["id_number"], samples.PASSWORD)
    record = somebody.me.get("/me/profile")
    assert (record["version"], record["basic"]["name"]) == (3, "欧阳思远")
    assert [one["level"] for one in record["education"]] == ["master", "bachelor"]
    assert record["contact"]["phone"] == f"{new_phone[:3]}****{new_phone[-4:]}"

    # any past version
    history = somebody.me.get("/me/profile/history")["items"]
    kinds = [(one["version"], one["kind"], one["submission_id"]) for one in history]
    assert kinds == [
        (3, "identity_change", renamed),
        (2, "education_added", education),
        (1, "registration", submission),
    ]
    first = somebody.me.get(f"/me/profile?as_of={at_version(somebody, 1)['at']}")
    assert (first["version"], first["basic"]["name"], len(first["education"])) == (1, person["name"], 1)
    second = somebody.me.get(f"/me/profile?as_of={at_version(somebody, 2)['at']}")
    assert (second["version"], len(second["education"])) == (2, 2)
    changed = somebody.me.get("/me/profile/differences?from=2&to=3")["differences"]
    assert [(one["field"], one["before"], one["after"]) for one in changed] == [
        ("basic.name", person["name"], "欧阳思远")
    ]


def test_another_number_ends_every_session_and_both_numbers_sign_in(house: House) -> None:
    somebody = house.accountant()
    old = somebody.person["id_number"]
    number = people.id_number(CHANCE)
    old_session = somebody.me
    change = {"id_number": number, "reason": "公安机关更正重号"}
    submission = file(somebody, "identity_change", change, "police_certificate", "id_front", "id_back")
    approved_by(house, submission, COUNTY, CITY)
    eventually(lambda: is_signed_out(old_session), what="the end of the old number's session", within_s=90)
    for username in (number, old):
        somebody.me = house.public.signed_in(username, samples.PASSWORD)
    assert somebody.me.get("/me/profile")["id_number"] == f"{number[:3]}{'*' * 11}{number[-4:]}"


def approved_by(house: House, submission: str, *bureaus: str) -> None:
    """Approved by every bureau; the session of who filed it may end with that."""
    for bureau in bureaus:
        approve(house.staff(bureau), submission)


def is_signed_out(client: Client) -> bool:
    try:
        client.get("/me")
    except Refused as refused:
        return refused.status == 401
    return False
