"""The credits routes as the gateway calls them, and the steps as the state machine calls them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from credits import api, tasks
from credits.rule_book import rule_book
from jingkuai.domain.principal import Principal, Role
from tests.unit.credits.desk import TRAINING, CreditsDesk, Somebody, table


class Context:
    """What Powertools reads of a Lambda context."""

    function_name = "credits"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:credits"
    aws_request_id = "request-1"


CONTEXT: Any = Context()


def call(
    method: str,
    path: str,
    *,
    by: Principal | None = None,
    body: Any = None,
    key: str | None = None,
    resource: str | None = None,
    **query: str,
) -> tuple[int, Any, dict[str, str]]:
    """One request; the answer's status, body and headers."""
    told = (
        {}
        if by is None
        else {"account_id": by.account_id, "role": by.role.value, "scope": by.scope, "person_id": by.person_id or ""}
    )
    event = {
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": {"content-type": "application/json", **({"Idempotency-Key": key} if key else {})},
        "multiValueHeaders": {"content-type": ["application/json"], **({"Idempotency-Key": [key]} if key else {})},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "r", "path": f"/v1{path}", "authorizer": told, "domainName": "localhost"},
    }
    answer = api.handler(event, CONTEXT)
    headers = {name.lower(): values[-1] for name, values in answer["multiValueHeaders"].items()}
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None, headers


def accountant(one: Somebody) -> Principal:
    return Principal(one.person_id, Role.ACCOUNTANT, one.person_id, one.person_id, "林*", "s")


@pytest.fixture
def lin(desk: CreditsDesk) -> Somebody:
    return desk.somebody()


def test_the_year_is_answered_from_one_call_and_in_exact_numbers(desk: CreditsDesk, lin: Somebody) -> None:
    desk.imported(
        table(
            [lin.row("准则", "2.5", no="C1"), lin.row("税法", "0.1"), lin.row("职业道德", "0.2", category="公需科目")]
        ).encode()
    )
    rule_book().current(desk.now)
    with desk.costing(1):
        status, year, _ = call("GET", "/me/credits", by=accountant(lin), year="2026")
    assert status == 200
    assert (year["year"], year["required"], year["open_until"]) == (
        2026,
        {"total": 90, "professional": 60},
        "2026-12-31",
    )
    assert year["earned"] == {"total": 2.8, "professional": 2.6, "public": 0.2}
    assert (year["shortfall"], year["fulfilled"]) == ({"total": 87.2, "professional": 57.4}, False)
    first = next(one for one in year["entries"] if one["course"] == "准则")
    told = ("source", "category", "course_no", "credits", "counted", "completed_on")
    assert [first[name] for name in told] == ["institution", "professional", "C1", 2.5, True, "2026-05-01"]
    assert first["entry_id"] and first["source_name"] and first["recorded_at"]
    assert not first.get("history") and not first.get("not_counted_reason")


def test_a_corrected_entry_shows_what_it_said_before(desk: CreditsDesk, lin: Somebody) -> None:
    for credits in ("20", "12.5"):
        desk.imported(table([lin.row("准则", credits)]).encode())
    _, year, _ = call("GET", "/me/credits", by=accountant(lin), year="2026")
    assert [version["credits"] for version in year["entries"][0]["history"]] == [20, 12.5]


def test_the_history_has_one_row_a_year_newest_first_page_by_page(desk: CreditsDesk, lin: Somebody) -> None:
    desk.imported(table([lin.row("准则", "90"), lin.row("旧课", "7", year="2025")]).encode())
    with desk.costing(1):
        _, first, _ = call("GET", "/me/credits/history", by=accountant(lin), limit="1")
    _, second, _ = call("GET", "/me/credits/history", by=accountant(lin), limit="1", cursor=first["next_cursor"])
    assert [
        (one["year"], one["earned"]["total"], one["fulfilled"]) for page in (first, second) for one in page["items"]
    ] == [
        (2026, 90, True),
        (2025, 7, False),
    ]
    assert second["next_cursor"] is None


def test_a_certificate_is_201_then_200_and_anybody_can_verify_it(desk: CreditsDesk, lin: Somebody) -> None:
    assert call("POST", "/me/credits/2026/certificate", by=accountant(lin))[:1] == (409,)
    desk.imported(table([lin.row("准则", "90")]).encode())
    (created, issued, _), (repeated, again, _) = [
        call("POST", "/me/credits/2026/certificate", by=accountant(lin)) for _ in range(2)
    ]
    assert (created, repeated) == (201, 200)
    number = issued["certificate_no"]
    assert again["certificate_no"] == number and issued["year"] == 2026
    assert issued["verify_url"] == f"https://registry.example/v1/verify/{number}"
    assert parse_qs(urlsplit(issued["download_url"]).query)["X-Amz-Expires"] == ["300"]
    status, verified, headers = call("GET", f"/verify/{number}")
    assert status == 200 and "max-age" in headers["cache-control"]
    assert verified["valid"] is True and verified["credits"] == {"total": 90, "professional": 90}
    assert lin.name not in json.dumps(verified, ensure_ascii=False) and verified["name_masked"].startswith(lin.name[0])
    status, unknown, _ = call("GET", "/verify/HB2026ABCDEFGHJK")
    assert (
        status == 200 and unknown["valid"] is False and unknown["state"] == "unknown" and not unknown.get("name_masked")
    )


@pytest.mark.parametrize("number", ["\0", '"', "\\", "\n", "号", "a/b", "a#b", "x/HB2026ABCDEFGHJK", "1" * 5000])
def test_whatever_somebody_takes_for_a_number_is_unknown_and_no_missing_page(desk: CreditsDesk, number: str) -> None:
    """The gateway has decoded the path."""
    status, told, _ = call("GET", f"/verify/{number}", resource="/verify/{certificate_no}")
    assert (status, told["valid"], told["state"]) == (200, False, "unknown")


def test_the_rules_are_served_as_they_were_written(desk: CreditsDesk) -> None:
    status, rules, _ = call("GET", "/credits/rules", year="2026")
    assert status == 200 and rules["required"] == {"total": 90, "professional": 60}
    assert {one["code"] for one in rules["activities"]} >= {"training", "paper"}
    assert call("GET", "/credits/rules", year="2025")[1]["window"]["closes"] == "2025-12-31"


FILE = {"filename": "年度学分.csv", "size": 100, "year": 2026}


def test_an_import_is_announced_with_a_form_bound_to_its_key_and_size(desk: CreditsDesk) -> None:
    with desk.costing(1):
        status, announced, _ = call("POST", "/institution/imports", by=desk.trainer, body=FILE)
    assert status == 201
    assert announced["upload"]["fields"]["key"] == f"incoming/{TRAINING}/{announced['import_id']}"
    status, watched, _ = call("GET", f"/institution/imports/{announced['import_id']}", by=desk.trainer)
    assert (watched["status"], watched["rows"]["total"], watched["rows"]["done"]) == ("awaiting_upload", None, 0)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"size": 200 * 2**20 + 1}, 413),
        ({"size": 2**40}, 413),
        ({"size": -1}, 422),
        ({"size": "many"}, 400),
        ({"filename": ""}, 422),
        ({"year": 26}, 422),
    ],
)
def test_an_impossible_announcement_is_refused(desk: CreditsDesk, changed: dict[str, Any], status: int) -> None:
    assert call("POST", "/institution/imports", by=desk.trainer, body={**FILE, **changed})[0] == status


def test_a_file_of_no_bytes_may_be_announced_and_a_path_in_its_name_goes_nowhere(desk: CreditsDesk) -> None:
    status, announced, _ = call(
        "POST", "/institution/imports", by=desk.trainer, body={**FILE, "size": 0, "filename": "../../other/a.csv"}
    )
    assert status == 201 and ".." not in announced["upload"]["fields"]["key"]


def test_a_repeated_request_with_one_key_is_one_import(desk: CreditsDesk) -> None:
    answers = [call("POST", "/institution/imports", by=desk.trainer, body=FILE, key="k")[1] for _ in range(2)]
    assert answers[0]["import_id"] == answers[1]["import_id"]
    assert call("POST", "/institution/imports", by=desk.trainer, body={**FILE, "size": 7}, key="k")[:1] == (422,)


def test_imports_are_the_institutions_own(desk: CreditsDesk, lin: Somebody) -> None:
    other = desk.institution("other-training")
    batch = desk.imported(table([lin.row("准则"), lin.row("错", "0")]).encode(), "一.csv")
    path = f"/institution/imports/{batch.import_id}"
    _, mine, _ = call("GET", path, by=desk.trainer)
    assert (mine["status"], mine["rows"]) == (
        "partly",
        {"total": 2, "done": 2, "accepted": 1, "rejected": 1, "unchanged": 0},
    )
    assert mine["reasons"] == [{"code": "credits_out_of_range", "count": 1}] and mine["finished_at"]
    assert parse_qs(urlsplit(mine["report_url"]).query)["X-Amz-Expires"] == ["300"]
    assert call("GET", path, by=other)[0] == 404
    assert call("GET", path, by=accountant(lin))[0] == 403
    with desk.costing(1):
        _, listed, _ = call("GET", "/institution/imports", by=desk.trainer)
    assert [(one["import_id"], one["status"], one["rows"]) for one in listed["items"]] == [
        (batch.import_id, "partly", mine["rows"])
    ]
    assert call("GET", "/institution/imports", by=other)[1]["items"] == []


def test_the_state_machines_steps_run_an_import_to_its_end(desk: CreditsDesk, lin: Somebody) -> None:
    data = table([lin.row("准则"), lin.row("税法", "abc")]).encode()
    _, announced, _ = call("POST", "/institution/imports", by=desk.trainer, body={**FILE, "size": len(data)})
    import_id = announced["import_id"]
    desk.files.put("uploads", announced["upload"]["fields"]["key"], data, content_type="text/csv")
    detail = {
        "bucket": {"name": "uploads"},
        "object": {"key": announced["upload"]["fields"]["key"], "size": len(data), "sequencer": "0A"},
    }
    event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
    assert tasks.intake(event, CONTEXT) == {"import_id": import_id}
    (start,) = [one["detail"] for one in desk.outbox("StartExecution")]
    subject = start["subject"]
    prepared = tasks.run({"do": "prepare", "subject": subject, "execution": start["name"]}, CONTEXT)
    assert prepared["outcome"] == "load"
    told = json.dumps([start, prepared], ensure_ascii=False)
    assert not any(secret in told for secret in (lin.id_number, lin.name, "年度学分"))
    for load in prepared["loads"]:
        assert tasks.run(load, CONTEXT) == {}
    assert tasks.run({"do": "report", "subject": subject}, CONTEXT)["outcome"] == "ended"
    assert call("GET", f"/institution/imports/{import_id}", by=desk.trainer)[1]["status"] == "partly"
    parked = {"do": "park", "subject": subject, "execution": start["name"], "failure": "Load: x"}
    assert tasks.run(parked, CONTEXT) == {"outcome": "parked"}
