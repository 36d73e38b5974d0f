"""What a person may ask about themselves, through the gateway: see in full, see who looked, a copy of everything, leave."""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.lookup import lookup_key
from tests.api.gateway import invoke
from tests.api.refusals import refused
from tests.api.registry import PASSWORD, Accountant, Registry
from tools.local import samples


@pytest.fixture(scope="module")
def accountant(registry: Registry) -> Accountant:
    """With a record and a year's credits."""
    return registry.fulfilled()


def confirm(registry: Registry, somebody: Accountant) -> dict[str, str]:
    return {"otp": registry.code(somebody.person["phone"], "confirm")}


def bytes_at(registry: Registry, url: str) -> bytes:
    """What a browser would save from this link."""
    key = urlsplit(url).path.rpartition(f"{registry.cloud.records}/")[2]
    return clients.s3().get_object(Bucket=registry.cloud.records, Key=key)["Body"].read()


# ------------------------------------------------------------------ in full


def test_with_a_code_the_record_is_shown_in_full_and_without_it_masked(
    registry: Registry, accountant: Accountant
) -> None:
    shown = accountant.post("/me/profile/reveal", confirm(registry, accountant))
    masked = accountant.get("/me/profile").json
    assert shown.status == 200, shown.text
    assert shown.json["id_number"] == accountant.person["id_number"]
    assert shown.json["contact"]["phone"] == accountant.person["phone"]
    assert "*" in masked["id_number"] and "*" in masked["contact"]["phone"]
    assert set(shown.json) == set(masked)


def test_a_wrong_code_and_no_code_are_refused(registry: Registry, accountant: Accountant) -> None:
    confirm(registry, accountant)
    refused(accountant.post("/me/profile/reveal", {"otp": "x"}), 422, "otp_invalid", {"otp": "otp_invalid"})
    assert accountant.post("/me/profile/reveal", {}).status == 422


def test_a_code_for_another_purpose_opens_nothing(registry: Registry, accountant: Accountant) -> None:
    body = {"otp": registry.code(accountant.person["phone"], "login")}
    refused(accountant.post("/me/profile/reveal", body), 422, "otp_invalid")


def test_before_the_first_approval_there_is_no_record(registry: Registry) -> None:
    newcomer = registry.newcomer()
    refused(newcomer.post("/me/profile/reveal", confirm(registry, newcomer)), 404, "no_record")


# ------------------------------------------------------------------ who looked


def test_the_bureau_that_reviewed_stands_in_the_access_log_and_nobody_in_person(registry: Registry) -> None:
    somebody = registry.newcomer()
    submission_id = registry.submitted(somebody)
    bureau = registry.reviewer()
    bureau.get(f"/review/tasks/{registry.task_of(submission_id)}")
    registry.decide(submission_id, "approve")
    somebody.post("/me/profile/reveal", confirm(registry, somebody))
    answer = somebody.get("/me/access-log")
    own, review = answer.json["items"]
    assert (own["by_role"], own["bureau"]) == ("accountant", None)
    assert review["bureau"] == {"region_code": "420106", "name": "武昌区财政局"}
    assert (review["by_role"], review["purpose"]) == ("reviewer", "审核")
    assert bureau.account_id not in answer.text


def test_the_access_log_is_paged_and_its_cursor_is_for_its_person(registry: Registry, accountant: Accountant) -> None:
    for _ in range(2):
        accountant.post("/me/profile/reveal", confirm(registry, accountant))
    first = accountant.get("/me/access-log?limit=1").json
    second = accountant.get(f"/me/access-log?limit=1&cursor={first['next_cursor']}").json
    assert first["items"][0]["at"] > second["items"][0]["at"]
    other = registry.newcomer()
    refused(other.get(f"/me/access-log?cursor={first['next_cursor']}"), 400, "bad_cursor")
    assert other.get("/me/access-log").json == {"items": [], "next_cursor": None}


# ------------------------------------------------------------------ a copy


def test_a_copy_is_prepared_in_the_background_and_fetched_by_a_link(registry: Registry) -> None:
    somebody = registry.fulfilled()
    assert somebody.get("/me/export").json["status"] == "none"
    asked = somebody.post("/me/export")
    assert (asked.status, asked.json["status"]) == (202, "preparing")
    assert somebody.get("/me/export").json["download_url"] is None
    assert somebody.post("/me/export").json == asked.json
    registry.workflows.settle()
    ready = somebody.get("/me/export").json
    assert (ready["status"], ready["requested_at"]) == ("ready", asked.json["requested_at"])
    assert parse_qs(urlsplit(ready["download_url"]).query)["X-Amz-Expires"] == ["300"]
    archive = ZipFile(io.BytesIO(bytes_at(registry, ready["download_url"])))
    data = json.loads(archive.read("data.json"))
    assert data["profile"]["id_number"] == somebody.person["id_number"]
    assert data["profile"]["contact"]["phone"] == somebody.person["phone"]
    assert [one["course"] for one in data["credit_entries"]] and data["submissions"][0]["timeline"]
    assert [one["kind"] for one in data["scans"]] == list(samples.SCANS)
    for one in data["scans"]:
        link = somebody.get(f"/me/attachments/{one['attachment_id']}").json["download_url"]
        assert archive.read(one["file"]) == bytes_at(registry, link)
    assert any("副本已经生成" in text for text in registry.messages_to(somebody.person["phone"]))
    assert any("副本" in one["title"] for one in somebody.get("/me/messages").json["items"])


def test_an_item_that_names_no_operation_is_parked(registry: Registry) -> None:
    invoke("RegisterTasks", {"do": "park", "subject": {"pk": "N#1", "sk": "X"}, "execution": "n.1", "failure": "x"})
    parked = registry.cloud.registry.get(keys.parked_key("n.1"))
    assert parked is not None and parked["machine"] == "bulk"


# ------------------------------------------------------------------ leaving


def test_whoever_leaves_is_signed_out_everywhere_and_keeps_their_record(registry: Registry) -> None:
    somebody = registry.fulfilled()
    number = somebody.post("/me/credits/2026/certificate").json["certificate_no"]
    person, person_at = somebody.person, keys.person_key(somebody.account_id)
    left = somebody.post("/me/deactivate", confirm(registry, somebody))
    assert (left.status, left.text) == (204, "")
    registry.workflows.settle()
    assert "注销" in registry.messages_to(person["phone"])[-1]
    refused(somebody.get("/me"), 401, "unauthenticated")
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token}), 401, "unauthenticated")
    by_number = {"username": person["id_number"], "password": PASSWORD}
    refused(registry.nobody.post("/auth/login", by_number), 403, "account_deactivated")
    refused(registry.nobody.post("/auth/login", {**by_number, "password": "Wrong-2026-x"}), 401, "bad_credentials")
    refused(registry.nobody.post("/auth/login", {**by_number, "username": person["phone"]}), 401, "bad_credentials")
    code = registry.code(person["phone"], "login")
    refused(registry.nobody.post("/auth/login/otp", {"phone": person["phone"], "otp": code}), 422, "otp_invalid")
    reset = {"id_number": person["id_number"], "phone": person["phone"], "new_password": "Changed-2026-again"}
    body = {**reset, "otp": registry.code(person["phone"], "reset")}
    refused(registry.nobody.post("/auth/password/reset", body), 422, "id_number_and_phone_differ")
    kept = registry.cloud.registry.get(person_at)
    assert kept is not None and kept["sections"] and kept["status"] == "deactivated"
    assert registry.nobody.get(f"/verify/{number}").json["state"] == "valid"


def test_a_late_row_about_somebody_who_left_comes_back(registry: Registry) -> None:
    somebody = registry.accountant()
    somebody.post("/me/deactivate", confirm(registry, somebody))
    batch = registry.imported([somebody.row("迟到的课", 10)])
    told = registry.institution().get(f"/institution/imports/{batch}").json
    assert (told["status"], told["reasons"]) == ("failed", [{"code": "not_registered", "count": 1}])


def test_the_phone_of_somebody_who_left_is_free_and_their_number_is_not(registry: Registry) -> None:
    somebody = registry.accountant()
    somebody.post("/me/deactivate", confirm(registry, somebody))
    registry.workflows.settle()
    other = registry.newcomer(registry.somebody(phone=somebody.person["phone"]))
    before = len(registry.messages_to(other.person["phone"]))
    stranger = registry.somebody(id_number=somebody.person["id_number"], name=somebody.person["name"])
    body = registry.registration(stranger)
    refused(registry.nobody.post("/auth/register", body), 409, "id_number_registered")
    assert len(registry.messages_to(other.person["phone"])) == before
    claim = registry.cloud.registry.get(keys.phone_claim_key(lookup_key().of("phone", other.person["phone"])))
    assert claim is not None and claim["person_id"] == other.account_id


def test_with_a_registration_under_review_nobody_leaves(registry: Registry) -> None:
    somebody = registry.newcomer()
    submission_id = registry.submitted(somebody)
    problem = refused(somebody.post("/me/deactivate", confirm(registry, somebody)), 409, "open_submission")
    assert problem["submission_id"] == submission_id
    assert somebody.get("/me").status == 200
