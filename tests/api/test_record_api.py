"""The record's routes through the gateway: contact data, history, confirmation, and the morning that asks for it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.domain.privacy import mask_phone
from jingkuai.domain.workdays import today_in_shanghai
from tests.api.gateway import Answer, invoke
from tests.api.refusals import refused
from tests.api.registry import PASSWORD, Accountant, Registry
from tools.local import samples


@pytest.fixture(scope="module")
def accountant(registry: Registry) -> Accountant:
    """With an approved record, for tests that leave phone and number as they are."""
    return registry.accountant()


def patch(of: Accountant, **body: Any) -> Answer:
    return of.call("PATCH", "/me/contact", body)


def with_code(registry: Registry, phone: str) -> dict[str, str]:
    return {"phone": phone, "otp": registry.code(phone, "contact")}


# ------------------------------------------------------------------ contact data


def test_a_new_phone_signs_in_and_the_old_one_does_not(registry: Registry) -> None:
    somebody, phone = registry.newcomer(), registry.somebody()["phone"]
    old, known = somebody.person["phone"], len(registry.messages_to(somebody.person["phone"]))
    answer = patch(somebody, **with_code(registry, phone))
    assert (answer.status, answer.json) == (200, {"phone": mask_phone(phone), "email": None, "address": None})
    registry.workflows.settle()
    told = registry.messages_to(old)[known:]
    assert len(told) == 1 and "改绑" in told[0] and phone not in told[0]
    assert [one["title"] for one in somebody.get("/me/messages").json["items"]] == ["手机号已更换"]

    nobody = registry.nobody
    by_code = {"phone": phone, "otp": registry.code(phone, "login")}
    assert nobody.post("/auth/login/otp", by_code).status == 200
    assert nobody.post("/auth/login", {"username": phone, "password": PASSWORD}).status == 200
    refused(nobody.post("/auth/login", {"username": old, "password": PASSWORD}), 401, "bad_credentials")
    reset = {"phone": old, "otp": registry.code(old, "reset"), "id_number": somebody.person["id_number"]}
    assert nobody.post("/auth/password/reset", {**reset, "new_password": "Changed-2026-again"}).status == 422
    assert somebody.get("/me").status == 200, "a new phone ends no session"


def test_the_phone_given_up_registers_somebody_else(registry: Registry) -> None:
    somebody, phone = registry.newcomer(), registry.somebody()["phone"]
    assert patch(somebody, **with_code(registry, phone)).status == 200
    another = registry.somebody(phone=somebody.person["phone"])
    assert registry.nobody.post("/auth/register", registry.registration(another)).status == 201


def test_a_phone_of_another_account_is_refused_to_whoever_proved_it(registry: Registry) -> None:
    somebody, other = registry.newcomer(), registry.newcomer()
    taken = with_code(registry, other.person["phone"])
    wrong = {**taken, "otp": "000000" if taken["otp"] != "000000" else "000001"}
    refused(patch(somebody, **wrong), 422, "otp_invalid", {"otp": "otp_invalid"})
    refused(patch(somebody, **taken), 409, "phone_registered")


def test_a_form_with_everything_wrong_names_everything(accountant: Accountant) -> None:
    answer = patch(accountant, phone="12345", email="nobody", address="路" * 121)
    wrong = {"phone": "bad_phone", "otp": "required", "email": "bad_email", "address": "bad_length"}
    refused(answer, 422, "invalid", wrong)
    refused(patch(accountant, phone="19900000000"), 422, "invalid", {"otp": "required"})
    refused(patch(accountant), 422, "nothing_to_change")
    refused(patch(accountant, email=5), 400, "bad_request", {"email": "wrong_type"})


def test_e_mail_and_address_show_in_the_record_at_once(accountant: Accountant) -> None:
    before = accountant.get("/me/profile").json
    assert patch(accountant, email="changed@example.invalid", address="").json == {
        "phone": mask_phone(accountant.person["phone"]),
        "email": "changed@example.invalid",
        "address": None,
    }
    after = accountant.get("/me/profile").json
    phone = {"phone": mask_phone(accountant.person["phone"])}
    assert after["contact"] == {**phone, "email": "changed@example.invalid"}
    assert after["version"] == before["version"]
    assert patch(accountant, email=None).json["email"] is None, "null takes it away, like a blank"
    assert accountant.get("/me/profile").json["contact"] == phone


def test_before_the_record_only_the_phone_changes(registry: Registry) -> None:
    problem = refused(patch(registry.newcomer(), email="new@example.invalid"), 404, "no_record")
    assert "登记表" in problem["detail"]


def test_a_disputed_account_changes_nothing(registry: Registry) -> None:
    somebody = registry.newcomer()
    registry.cloud.identity.update(
        keys.account_key(somebody.account_id), "SET frozen_by = :bureau", values={":bureau": "420106"}
    )
    refused(patch(somebody, email="new@example.invalid"), 423, "account_frozen")
    refused(somebody.post("/me/profile/confirmed", {"version": 1}), 423, "account_frozen")


def test_a_submission_on_its_way_is_not_disturbed_by_a_new_phone(registry: Registry) -> None:
    somebody, phone = registry.newcomer(), registry.somebody()["phone"]
    submission = registry.submitted(somebody)
    assert patch(somebody, **with_code(registry, phone)).status == 200
    registry.decide(submission, "approve")
    profile = somebody.get("/me/profile").json
    assert (profile["version"], profile["contact"]["phone"]) == (1, mask_phone(phone))


# ------------------------------------------------------------------ history


def test_the_history_has_the_approved_version(accountant: Accountant) -> None:
    page = accountant.get("/me/profile/history").json
    (version,) = page["items"]
    submission = accountant.get("/me/submissions").json["items"][0]
    assert page["next_cursor"] is None
    assert {
        name: version[name] for name in ("version", "kind", "submission_id", "by_role", "region_code", "bureau")
    } == {
        "version": 1,
        "kind": "registration",
        "submission_id": submission["submission_id"],
        "by_role": "reviewer",
        "region_code": "420106",
        "bureau": "武昌区财政局",
    }
    assert version["sections_changed"] == ["basic", "contact", "education", "employment"]


def test_the_history_is_paged_by_a_cursor_of_its_own(registry: Registry, accountant: Accountant) -> None:
    table, at = registry.cloud.registry, keys.version_key(accountant.account_id, 1)
    first = table.get(at)
    assert first is not None
    second = {**first, **keys.version_key(accountant.account_id, 2), "version": 2, "kind": "education_added"}
    table.put({**second, "sections": {**first["sections"], "education": []}})
    page = accountant.get("/me/profile/history?limit=1").json
    assert [(one["version"], one["sections_changed"]) for one in page["items"]] == [(2, ["education"])]
    rest = accountant.get(f"/me/profile/history?limit=1&cursor={page['next_cursor']}").json
    assert [one["version"] for one in rest["items"]] == [1] and rest["next_cursor"] is None
    refused(accountant.get(f"/me/submissions?cursor={page['next_cursor']}"), 400, "bad_cursor")

    differences = accountant.get("/me/profile/differences?from=1&to=2").json
    assert (differences["from"], differences["to"]) == (1, 2)
    assert {one["field"].partition(".")[0] for one in differences["differences"]} == {"education"}
    assert all(one["after"] is None and one["before"] for one in differences["differences"])
    table.delete(keys.version_key(accountant.account_id, 2))


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("from=1&to=7", 404, "not_found"),
        ("from=1", 422, "invalid"),
        ("", 422, "invalid"),
        ("from=0&to=1", 422, "invalid"),
        ("from=1&to=1000000", 422, "invalid"),
        ("from=one&to=1", 400, "bad_request"),
    ],
)
def test_versions_that_are_none_are_refused(accountant: Accountant, query: str, status: int, code: str) -> None:
    refused(accountant.get(f"/me/profile/differences?{query}"), status, code)


def test_the_record_as_of_a_day(accountant: Accountant) -> None:
    today = today_in_shanghai(utc_now())
    seen = accountant.get(f"/me/profile?as_of={today.isoformat()}").json
    filed = samples.registration_of(accountant.person)
    assert (seen["version"], seen["basic"]) == (1, filed["basic"])
    assert "phone" not in seen["contact"] and seen["contact"]["email"] == filed["contact"]["email"]
    yesterday = (today - timedelta(days=1)).isoformat()
    refused(accountant.get(f"/me/profile?as_of={yesterday}"), 404, "no_record")
    refused(accountant.get("/me/profile?as_of=soon"), 422, "invalid", {"as_of": "bad_moment"})


# ------------------------------------------------------------------ confirmation


def ago(registry: Registry, of: Accountant, days: int) -> str:
    """As if the record had been approved so many days ago."""
    day = (today_in_shanghai(utc_now()) - timedelta(days=days)).isoformat()
    registry.cloud.registry.update(
        keys.person_key(of.account_id),
        "SET confirmed_on = :day, gsi1sk = :listed",
        values={":day": day, ":listed": keys.by_confirmation(day, of.account_id)},
    )
    return day


def test_a_record_is_asked_about_and_confirmed(registry: Registry) -> None:
    somebody = registry.accountant()
    day = ago(registry, somebody, 180)
    assert "confirm_record" in [one["code"] for one in somebody.get("/me").json["todo"]]
    assert somebody.get("/me/profile").json["confirmed_on"] == day

    assert invoke("RegisterMorning", {}) == {"reminded": 1, "regions_left": 0}
    assert invoke("RegisterMorning", {}) == {"reminded": 0, "regions_left": 0}
    registry.workflows.settle()
    titles = [one["title"] for one in somebody.get("/me/messages").json["items"]]
    assert titles.count("请核对您的登记信息") == 1

    problem = refused(somebody.post("/me/profile/confirmed", {"version": 2}), 409, "version_conflict")
    assert problem["current"] == 1
    today = today_in_shanghai(utc_now()).isoformat()
    for _ in range(2):
        answer = somebody.post("/me/profile/confirmed", {"version": 1})
        assert (answer.status, answer.json) == (200, {"version": 1, "confirmed_on": today})
    assert "confirm_record" not in [one["code"] for one in somebody.get("/me").json["todo"]]
    assert somebody.get("/me/profile").json["confirmed_on"] == today


def test_without_a_record_there_is_nothing_to_confirm(registry: Registry) -> None:
    refused(registry.newcomer().post("/me/profile/confirmed", {"version": 1}), 404, "no_record")


# ------------------------------------------------------------------ the draft


def test_a_stale_form_is_answered_with_both_versions(registry: Registry) -> None:
    somebody = registry.newcomer()
    basic = samples.registration_of(somebody.person)["basic"]
    saved = somebody.put("/me/draft", {"payload": {"basic": basic}, "version": 0}).json
    problem = refused(somebody.put("/me/draft", {"payload": {"basic": {}}, "version": 0}), 409, "version_conflict")
    assert (problem["current"], problem["yours"]) == (saved, 0)


def test_nothing_personal_is_in_a_key(registry: Registry) -> None:
    somebody, phone = registry.newcomer(), registry.somebody()["phone"]
    patch(somebody, **with_code(registry, phone))
    told = {phone, somebody.person["phone"], somebody.person["id_number"], somebody.person["name"]}
    told |= {hashlib.sha256(one.encode()).hexdigest() for one in told}
    client = registry.cloud.registry.client
    written = str([(one["pk"], one["sk"]) for one in client.scan(TableName=registry.cloud.registry.name)["Items"]])
    assert not any(one in written for one in told)
