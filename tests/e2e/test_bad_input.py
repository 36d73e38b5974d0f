"""What people send by mistake or on purpose: a clear Chinese message, a stable code, and nothing left behind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests import people
from tests.e2e.files import HEADINGS, ended, imported, rows_as_csv
from tests.house import House
from tools.local import aws, samples
from tools.local.applicant import Applicant
from tools.local.client import Client, Refused, upload
from tools.local.waiting import eventually

INSTITUTION = "institution"


def refused(act: Callable[[], Any]) -> Refused:
    """The refusal of a call that has to be refused."""
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def in_chinese(text: str) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", text))


# ------------------------------------------------------------------ registration


def register(house: House, **changed: str) -> Refused:
    """The refusal of a registration with something wrong in it."""
    person = people.person()
    known = {name: person[name] for name in ("id_type", "id_number", "name", "phone")}
    somebody = Applicant(person, house.public, house.aws)
    body = {**known, "otp": somebody.code("register"), "password": samples.PASSWORD, "consent_version": "1", **changed}
    return refused(lambda: house.public.post("/auth/register", body))


def wrong_digit(number: str) -> str:
    return number[:17] + ("1" if number[17] != "1" else "2")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (wrong_digit("420106199202290011"), "bad_check_digit"),
        ("420106920229001", "bad_length"),
        ("420106199302290019", "bad_birth_date"),
        ("42010619920229001Ⅹ", "bad_characters"),
    ],
)
def test_a_malformed_id_number_is_named_by_field(house: House, number: str, code: str) -> None:
    answer = register(house, id_number=number)
    (problem,) = answer.errors
    assert (answer.status, answer.code, problem["field"], problem["code"]) == (422, "invalid", "id_number", code)
    assert in_chinese(problem["message"]) and number not in problem["message"]


def test_all_of_a_registrations_problems_come_at_once(house: House) -> None:
    answer = register(house, id_number="420106", password="short", name="x", consent_version="0")
    assert {one["field"] for one in answer.errors} >= {"id_number", "password", "name"}


def test_an_unknown_region_is_named(house: House) -> None:
    somebody = house.applicant()
    payload = samples.registration_of(somebody.person)
    payload |= {"region_code": "999999", "employment": {**payload["employment"], "uscc": "91420106MA4K2RTU50"}}
    body = {"kind": "registration", "payload": payload, "attachment_ids": []}
    answer = refused(lambda: somebody.me.post("/me/submissions", body))
    found = {one["field"]: one["code"] for one in answer.errors}
    assert found["region_code"] == "unknown_region"
    assert found["employment.uscc"] == "bad_check_digit"
    assert {
        "attachments.id_front",
        "attachments.id_back",
        "attachments.education_certificate",
        "attachments.employment_proof",
    } <= set(found)
    assert somebody.me.get("/me/submissions")["items"] == []


# ------------------------------------------------------------------ scans


def announced(somebody: Applicant, content: bytes, **changed: Any) -> dict[str, Any]:
    """An upload form for a scan of this content."""
    body = {
        "kind": "id_front",
        "filename": "a.jpg",
        "content_type": "image/jpeg",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    form: dict[str, Any] = somebody.me.post("/me/attachments", {**body, **changed})
    return form


def inspected(somebody: Applicant, attachment_id: str) -> dict[str, Any]:
    """The scan after inspection."""

    def asked() -> dict[str, Any] | None:
        found: dict[str, Any] = somebody.me.get(f"/me/attachments/{attachment_id}")
        return found if found["status"] in ("accepted", "rejected") else None

    return eventually(asked, what="the inspection", within_s=30, every_s=0.2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><script>alert(1)</script></html>" * 300, "not_the_claimed_type"),
        (samples.scan("id_front")[:60_000], "unreadable"),
    ],
    ids=["a page of HTML", "cut off in the middle"],
)
def test_a_scan_that_is_no_picture_is_rejected_and_gone(house: House, content: bytes, code: str) -> None:
    somebody = house.applicant()
    form = announced(somebody, content)
    upload(form["upload"], content, "a.jpg", "image/jpeg")
    found = inspected(somebody, form["attachment_id"])
    assert (found["status"], found["problems"][0]["code"]) == ("rejected", code)
    assert in_chinese(found["problems"][0]["message"])
    assert not found.get("download_url")
    assert (
        stored(house, "uploads", f"uploads/{form['attachment_id']}")
        == stored(house, "records", f"scans/{form['attachment_id']}")
        == []
    )


def test_an_eleven_megabyte_scan_is_refused_before_it_is_sent(house: House) -> None:
    somebody = house.applicant()
    answer = refused(lambda: announced(somebody, b"x", size=11 * 2**20))
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("field", ["key", "Content-Type", "policy", "x-amz-signature"])
def test_an_altered_upload_form_is_refused_by_s3(house: House, field: str) -> None:
    somebody, content = house.applicant(), samples.scan("id_front")
    form = announced(somebody, content)
    changed = {
        "key": "incoming/hubei-demo-training/x",
        "Content-Type": "text/html",
        "policy": "e30=",
        "x-amz-signature": "0" * 64,
    }
    altered = {**form["upload"], "fields": {**form["upload"]["fields"], field: changed[field]}}
    assert refused(lambda: upload(altered, content, "a.jpg", "image/jpeg")).status in (400, 403)
    assert somebody.me.get(f"/me/attachments/{form['attachment_id']}")["status"] == "awaiting_upload"


def test_more_bytes_than_announced_are_refused_by_s3(house: House) -> None:
    somebody, content = house.applicant(), samples.scan("id_front")
    form = announced(somebody, content)
    assert refused(lambda: upload(form["upload"], content + b"more", "a.jpg", "image/jpeg")).status in (400, 403)


def test_other_bytes_than_announced_are_rejected(house: House) -> None:
    somebody, content, other = house.applicant(), samples.scan("id_front"), samples.scan("id_front")
    form = announced(somebody, content)
    upload(form["upload"], other, "a.jpg", "image/jpeg")
    assert inspected(somebody, form["attachment_id"])["problems"][0]["code"] == "checksum_mismatch"


# ------------------------------------------------------------------ credit files

ROW = ["420106199202290011", "某人", 2026, "专业科目", "会计准则", 20, "2026-05-01", "C1", ""]


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (rows_as_csv([ROW[:5] + ROW[6:]], HEADINGS[:5] + HEADINGS[6:]).encode(), "没有学分列.csv", "missing_column"),
        (b"", "空文件.csv", "empty_file"),
        (rows_as_csv([]).encode(), "只有表头.csv", "empty_file"),
        ((samples.SAMPLES / "credits_2026.xlsx").read_bytes(), "改名的工作簿.csv", "not_a_table"),
        (samples.scan("id_front"), "照片.csv", "not_a_table"),
    ],
    ids=["a missing column", "nothing", "a heading alone", "a workbook named .csv", "a picture"],
)
def test_a_file_that_is_no_credit_table_fails_with_a_reason(
    house: House, content: bytes, filename: str, code: str
) -> None:
    done = imported(house.staff(INSTITUTION), content, filename)
    assert (done["status"], done["problem"]["code"]) == ("failed", code)
    assert in_chinese(done["problem"]["message"])
    assert done["rows"]["accepted"] == 0
    assert stored(house, "uploads", f"staging/{done['import_id']}") == []


def test_a_form_whose_key_was_moved_to_another_institution_is_refused_by_s3(house: House) -> None:
    institution, content = house.staff(INSTITUTION), rows_as_csv([ROW]).encode()
    asked = institution.post("/institution/imports", {"filename": "a.csv", "size": len(content), "year": 2026})
    form = {**asked["upload"], "fields": {**asked["upload"]["fields"], "key": "incoming/somebody-else/x.csv"}}
    assert refused(lambda: upload(form, content, "a.csv", "text/csv")).status in (400, 403)
    assert stored(house, "uploads", "incoming/somebody-else") == []
    assert institution.get(f"/institution/imports/{asked['import_id']}")["status"] == "awaiting_upload"


def test_a_file_under_the_prefix_of_no_institution_is_removed(house: House) -> None:
    put(house, "incoming/nobody-known/credits.csv", rows_as_csv([ROW]).encode())
    eventually(
        lambda: not stored(house, "uploads", "incoming/nobody-known"), what="the removal of the file", within_s=30
    )
    eventually(
        lambda: "wrong_prefix" in problems_of(house, "nobody-known"), what="the record of the refusal", within_s=30
    )


def test_a_file_put_straight_into_the_bucket_is_an_import_by_its_name(house: House) -> None:
    institution = house.staff(INSTITUTION)
    put(
        house, f"incoming/{house.described['accounts'][INSTITUTION]['scope']}/直接上传.csv", rows_as_csv([ROW]).encode()
    )

    def listed() -> str | None:
        items = institution.get("/institution/imports?limit=100")["items"]
        return next((str(one["import_id"]) for one in items if one["filename"] == "直接上传.csv"), None)

    done = ended(institution, eventually(listed, what="the import in the list", within_s=30))
    assert (done["status"], done["reasons"]) == ("failed", [{"code": "not_registered", "count": 1}])


def test_a_declared_size_past_the_limit_is_refused(house: House) -> None:
    answer = refused(
        lambda: house.staff(INSTITUTION).post(
            "/institution/imports", {"filename": "a.csv", "size": 201 * 2**20, "year": 2026}
        )
    )
    assert (answer.status, answer.code) == (413, "too_large")


# ------------------------------------------------------------------ requests


@pytest.mark.parametrize(
    "path", ["/me", "/me/profile", "/me/credits?year=2026", "/review/tasks?state=open", "/institution/imports"]
)
def test_nobody_is_let_in_without_a_token(house: House, path: str) -> None:
    for client in (house.public, Client(house.described["api_url"], "not.a.token")):
        answer = refused(lambda client=client: client.get(path))  # type: ignore[misc]
        assert (answer.status, answer.code) == (401, "unauthenticated")


def test_an_unknown_route_is_not_found_in_our_own_words(house: House) -> None:
    answer = refused(lambda: house.public.get("/nowhere"))
    assert (answer.status, answer.code) == (404, "not_found")


def test_each_role_is_refused_where_it_has_no_business(house: House) -> None:
    somebody = house.applicant()
    for client, path in (
        (somebody.me, "/review/tasks?state=open"),
        (somebody.me, "/institution/imports"),
        (house.staff(INSTITUTION), "/me/credits?year=2026"),
        (house.staff("reviewer_420106"), "/institution/imports"),
    ):
        assert refused(lambda client=client, path=path: client.get(path)).status == 403  # type: ignore[misc]


def stored(house: House, bucket: str, prefix: str) -> list[str]:
    """The keys below a prefix of one of the stack's buckets."""
    listed = aws.client("s3", house.aws).list_objects_v2(Bucket=house.described["buckets"][bucket], Prefix=prefix)
    return [one["Key"] for one in listed.get("Contents", [])]


def put(house: House, key: str, content: bytes) -> None:
    """Put a file straight into the uploads bucket."""
    aws.client("s3", house.aws).put_object(Bucket=house.described["buckets"]["uploads"], Key=key, Body=content)


def problems_of(house: House, institution_id: str) -> list[str]:
    """The codes of the failed imports kept under an institution's name, which nobody may be able to ask for."""
    answer = aws.client("dynamodb", house.aws).query(
        TableName=house.described["tables"]["registry"],
        IndexName="gsi1",
        KeyConditionExpression="gsi1pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"IMPORTS#{institution_id}"}},
    )
    return [str(one.get("card", {})) for one in answer["Items"] if "wrong_prefix" in str(one)] and ["wrong_prefix"]
