"""What a person may ask about themselves on the deployed stack: a copy of everything by a link, and leaving for good."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from zipfile import ZipFile

import pytest

from tests import people
from tests.e2e.files import imported, rows_as_csv
from tests.house import House
from tools.local import aws
from tools.local.applicant import Applicant
from tools.local.client import Refused, messages_to, send
from tools.local.samples import PASSWORD
from tools.local.waiting import eventually

ID_NUMBER = re.compile(
    r"(?<![0-9a-fA-F.-])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9a-fA-F])"
)


@pytest.fixture(scope="module")
def copy(house: House) -> tuple[Applicant, dict[str, Any], ZipFile]:
    """Somebody with credits, their finished copy, and the archive behind its link."""
    somebody = house.accountant()
    person = somebody.person
    row = [person["id_number"], person["name"], 2026, "专业科目", "会计准则", 2.5, "2026-05-01", "C1", ""]
    imported(house.staff("institution"), rows_as_csv([row]).encode(), "年度学分.csv")
    asked = somebody.me.post("/me/export")
    assert asked["status"] in ("preparing", "ready")

    def ready() -> dict[str, Any] | None:
        found: dict[str, Any] = somebody.me.get("/me/export")
        return found if found["status"] == "ready" else None

    done = eventually(ready, what="a copy that is ready", within_s=60)
    saved = send("GET", done["download_url"])
    assert saved.status == 200
    assert saved.headers["content-disposition"].startswith("attachment")
    return somebody, done, ZipFile(io.BytesIO(saved.body))


def test_the_copy_holds_the_number_in_full_and_the_scans_bytes(
    copy: tuple[Applicant, dict[str, Any], ZipFile],
) -> None:
    somebody, _, archive = copy
    assert archive.testzip() is None
    data = json.loads(archive.read("data.json"))
    person = somebody.person
    assert data["profile"]["id_number"] == person["id_number"]
    assert (data["profile"]["name"], data["profile"]["contact"]["phone"]) == (person["name"], person["phone"])
    assert [one["credits"] for one in data["credit_entries"]] == [2.5]
    assert [one["status"] for one in data["submissions"]] == ["approved"]
    assert data["versions"] and data["messages"] and data["looks"] == [] and data["changes"]
    assert len(data["scans"]) == 4
    for scan in data["scans"]:
        kept = somebody.me.get(f"/me/attachments/{scan['attachment_id']}")
        assert archive.read(scan["file"]) == send("GET", kept["download_url"]).body
    assert "data.json" in archive.read("说明.txt").decode("utf-8-sig")


def test_its_person_is_told_and_gets_the_same_again_that_day(
    house: House, copy: tuple[Applicant, dict[str, Any], ZipFile]
) -> None:
    somebody, done, _ = copy
    told = eventually(
        lambda: [one for one in messages_to(somebody.person["phone"], house.aws) if "副本已经生成" in one] or None,
        what="a message",
        within_s=30,
    )
    assert len(told) == 1
    assert somebody.me.post("/me/export")["requested_at"] == done["requested_at"]


def test_no_key_execution_or_log_line_of_it_names_the_person(
    house: House, copy: tuple[Applicant, dict[str, Any], ZipFile]
) -> None:
    somebody, _, _ = copy
    written = [*_executions(house), *_keys(house), *_log_lines(house)]
    assert any(line.startswith("exports/") for line in written)
    assert any('"sk": "EXPORT"' in line for line in written)
    words = [somebody.person[name] for name in ("id_number", "phone", "name")]
    assert [line[:300] for line in written if any(word in line for word in words) or ID_NUMBER.search(line)] == []


def test_whoever_leaves_cannot_come_in_and_their_phone_is_free(house: House) -> None:
    somebody = house.accountant()
    person = somebody.person
    house.let_a_minute_pass(person["phone"])
    otp = somebody.code("confirm")
    with pytest.raises(Refused) as wrong:
        somebody.me.post("/me/deactivate", {"otp": "000000" if otp != "000000" else "000001"})
    assert (wrong.value.status, wrong.value.code) == (422, "otp_invalid")
    assert somebody.me.post("/me/deactivate", {"otp": otp}) == {}

    eventually(
        lambda: _refused(lambda: somebody.me.get("/me")) == 401, what="an access token that is dead", within_s=60
    )
    with pytest.raises(Refused) as closed:
        house.public.post("/auth/login", {"username": person["id_number"], "password": PASSWORD})
    assert (closed.value.status, closed.value.code) == (403, "account_deactivated")
    eventually(
        lambda: any("注销" in one for one in messages_to(person["phone"], house.aws)),
        what="the last message",
        within_s=30,
    )
    row = [person["id_number"], person["name"], 2026, "专业科目", "迟到的课", 10, "2026-05-01", "C9", ""]
    late = imported(house.staff("institution"), rows_as_csv([row]).encode(), "迟到.csv")
    assert late["reasons"] == [{"code": "not_registered", "count": 1}]

    other = Applicant(people.person(phone=person["phone"]), house.public, house.aws)
    house.let_a_minute_pass(person["phone"])
    assert other.arrive() == "registered"
    assert other.me.get("/me")["role"] == "accountant"


def _refused(ask: Any) -> int:
    try:
        ask()
    except Refused as refused:
        return refused.status
    return 200


def _executions(house: House) -> list[str]:
    workflows = aws.client("stepfunctions", house.aws)
    machine = house.described["state_machines"]["bulk"]
    found = []
    for page in workflows.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            told = workflows.describe_execution(executionArn=execution["executionArn"])
            history = workflows.get_execution_history(executionArn=execution["executionArn"])
            found.append(f"{told['name']} {told.get('input')} {told.get('output')} {history['events']}")
    return found


def _keys(house: House) -> list[str]:
    pages = (
        aws.client("s3", house.aws)
        .get_paginator("list_objects_v2")
        .paginate(Bucket=house.described["buckets"]["records"])
    )
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def _log_lines(house: House) -> list[str]:
    logs = aws.client("logs", house.aws)
    return [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in page["events"]
    ]
