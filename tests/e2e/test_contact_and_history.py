"""A record after its approval, on the deployed stack: another phone, its history, its confirmation, the morning that asks for it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests import people
from tests.e2e.test_races import outcomes
from tests.house import House
from tools.local import aws, samples
from tools.local.applicant import Applicant
from tools.local.client import Refused, messages_to
from tools.local.place import STACK_NAME
from tools.local.waiting import eventually

QUIET = "420502"  # a county in which nobody else's story plays


def test_a_new_phone_signs_in_and_the_old_one_is_told(house: House) -> None:
    somebody = house.accountant()
    old, new = somebody.person["phone"], people.person()["phone"]
    code = code_for(house, new)
    with pytest.raises(Refused) as wrong:
        somebody.me.call("PATCH", "/me/contact", {"phone": new, "otp": f"{(int(code) + 1) % 10**6:06d}"})
    assert (wrong.value.status, wrong.value.code) == (422, "otp_invalid")
    changed = somebody.me.call(
        "PATCH", "/me/contact", {"phone": new, "otp": code, "email": "changed@example.invalid", "address": ""}
    )
    assert changed == {"phone": f"{new[:3]}****{new[-4:]}", "email": "changed@example.invalid", "address": None}

    profile = somebody.me.get("/me/profile")
    assert profile["contact"] == {"phone": changed["phone"], "email": "changed@example.invalid"}
    assert profile["version"] == 1
    assert house.public.signed_in(new, samples.PASSWORD).get("/me/profile")["version"] == 1
    with pytest.raises(Refused) as refused:
        house.public.signed_in(old, samples.PASSWORD)
    assert (refused.value.status, refused.value.code) == (401, "bad_credentials")

    # The word of the approval may come as late as this one: it is no second text about the phone.
    texts = eventually(lambda: about_the_phone(house, old), what="a text to the old phone", within_s=30)
    assert len(texts) == 1
    titles = eventually(lambda: named(somebody, "手机号已更换"), what="the message of the change", within_s=30)
    assert len(titles) == 1


def test_of_two_people_who_take_one_phone_at_once_one_gets_it(house: House) -> None:
    rivals = [house.applicant() for _ in range(2)]
    new = people.person()["phone"]
    body = {"phone": new, "otp": code_for(house, new)}
    got = outcomes([lambda rival=rival: rival.me.call("PATCH", "/me/contact", body) for rival in rivals])  # type: ignore[misc]
    assert got == [(200, None), (422, "otp_invalid")]
    signed_in = house.public.signed_in(new, samples.PASSWORD).get("/me")["account"]["account_id"]
    assert signed_in in [one.me.get("/me")["account"]["account_id"] for one in rivals]


def test_the_history_has_one_version_and_the_record_of_today_is_it(house: House) -> None:
    somebody = house.accountant()
    page = somebody.me.get("/me/profile/history")
    (version,) = page["items"]
    assert (version["version"], version["kind"], version["by_role"]) == (1, "registration", "reviewer")
    assert page["next_cursor"] is None
    assert somebody.me.get("/me/profile/differences?from=1&to=1")["differences"] == []
    seen = somebody.me.get(f"/me/profile?as_of={somebody.me.get('/me/profile')['confirmed_on']}")
    assert (seen["version"], seen["basic"]["name"]) == (1, somebody.person["name"])
    with pytest.raises(Refused) as before:
        somebody.me.get("/me/profile?as_of=2020-01-01")
    assert (before.value.status, before.value.code) == (404, "no_record")


def test_a_record_is_confirmed_and_a_morning_half_a_year_later_asks_once(house: House) -> None:
    somebody = house.accountant(people.person(region_code=QUIET))
    today = somebody.me.get("/me/profile")["confirmed_on"]
    got = outcomes([lambda: somebody.me.post("/me/profile/confirmed", {"version": 1})] * 2)
    assert got == [(200, None)] * 2
    with pytest.raises(Refused) as stale:
        somebody.me.post("/me/profile/confirmed", {"version": 2})
    assert (stale.value.status, stale.value.code) == (409, "version_conflict") and '"current": 1' in str(stale.value)

    ahead = (date.fromisoformat(today) + timedelta(days=200)).isoformat()
    assert morning(house, ahead)["reminded"] >= 1
    eventually(lambda: asked(somebody), what="the message that asks", within_s=30)
    assert morning(house, ahead) == {"reminded": 0, "regions_left": 0}
    assert len(asked(somebody)) == 1


def test_the_morning_of_today_asks_nobody_whose_record_is_new(house: House) -> None:
    somebody = house.accountant(people.person(region_code=QUIET))
    assert morning(house)["regions_left"] == 0
    assert asked(somebody) == []


def morning(house: House, today: str | None = None) -> dict[str, Any]:
    """What the schedule calls each morning, called as an operator does."""
    found = aws.client("cloudformation", house.aws).describe_stack_resource(
        StackName=STACK_NAME, LogicalResourceId="RegisterMorning"
    )
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    event = {"regions": [QUIET], **({"today": today} if today else {})}
    answer = aws.client("lambda", house.aws).invoke(FunctionName=name, Payload=json.dumps(event).encode())
    done: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, done
    return done


def about_the_phone(house: House, phone: str) -> list[str]:
    return [text for text in messages_to(phone, house.aws) if "改绑" in text]


def named(somebody: Applicant, title: str) -> list[str]:
    items = somebody.me.get("/me/messages?limit=100")["items"]
    return [one["title"] for one in items if one["title"] == title]


def asked(somebody: Applicant) -> list[str]:
    return named(somebody, "请核对您的登记信息")


def code_for(house: House, phone: str) -> str:
    """A code that proves a phone about to be bound."""
    return Applicant({"phone": phone}, house.public, house.aws).code("contact")
