"""The credits routes through the gateway: the ledger, certificates and their verification, an institution's files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.tables import TransactWrite, transact
from jingkuai.aws.transfer_letters import mark_revoked, mark_used, own_letter
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.workdays import today_in_shanghai
from tests.api.letters import issued_letter
from tests.api.refusals import in_chinese, refused
from tests.api.registry import HEADINGS, OTHER_TRAINING, TRAINING, Accountant, Registry, table
from tools.local import samples

FILE = {"filename": "年度学分.csv", "size": 100, "year": 2026}
ENTRY = {
    "entry_id", "source", "source_name", "category", "course", "credits", "counted", "completed_on", "recorded_at",
}  # fmt: skip
IMPORT = {"import_id", "filename", "year", "dry_run", "created_at", "status", "rows", "reasons"}


@pytest.fixture(scope="module")
def accountant(registry: Registry) -> Accountant:
    """With a record, and two courses of 2026 and one of 2025."""
    somebody = registry.accountant()
    old = somebody.row("旧课", 7, year=2025, done="2025-05-01")
    registry.imported([somebody.row("准则", 12.5, no="C1"), somebody.row("职业道德", 0.2, "公需科目"), old])
    return somebody


@pytest.fixture(scope="module")
def fulfilled(registry: Registry) -> Accountant:
    """With a record and all the credits of 2026."""
    return registry.fulfilled()


def batch(registry: Registry, import_id: str) -> dict[str, Any]:
    answer = registry.institution().get(f"/institution/imports/{import_id}")
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


# ------------------------------------------------------------------ the ledger


def test_a_year_is_the_sum_of_its_entries(accountant: Accountant) -> None:
    answer = accountant.get("/me/credits?year=2026")
    assert answer.status == 200
    year = answer.json
    assert (year["year"], year["required"]) == (2026, {"total": 90, "professional": 60})
    assert year["earned"] == {"total": 12.7, "professional": 12.5, "public": 0.2}
    assert (year["shortfall"], year["fulfilled"]) == ({"total": 77.3, "professional": 47.5}, False)
    assert year["open_until"] == "2026-12-31"
    first = next(one for one in year["entries"] if one["course"] == "准则")
    assert set(first) >= ENTRY
    told = ("source", "category", "course_no", "credits", "counted", "completed_on")
    assert [first[name] for name in told] == ["institution", "professional", "C1", 12.5, True, "2026-05-01"]


def test_a_correction_shows_what_stood_before_and_a_course_counts_once(registry: Registry) -> None:
    somebody = registry.accountant()
    registry.institution(OTHER_TRAINING)
    registry.imported([somebody.row("准则", 20)])
    registry.imported([somebody.row("准则", 15)])
    registry.imported([somebody.row("准则", 40)], by=registry.institution(OTHER_TRAINING))
    year = somebody.get("/me/credits?year=2026").json
    assert year["earned"]["total"] == 15
    counted = next(one for one in year["entries"] if one["counted"])
    assert [version["credits"] for version in counted["history"]] == [20, 15]
    (twice,) = [one for one in year["entries"] if not one["counted"]]
    assert (twice["credits"], twice["not_counted_reason"]) == (40, "course_counted_once")


def test_a_year_without_entries_is_short_of_everything(registry: Registry) -> None:
    year = registry.newcomer().get("/me/credits").json
    assert (year["entries"], year["fulfilled"]) == ([], False)
    assert year["shortfall"] == year["required"]


def test_the_history_has_one_row_a_year_newest_first(registry: Registry, accountant: Accountant) -> None:
    first = accountant.get("/me/credits/history?limit=1")
    second = accountant.get(f"/me/credits/history?limit=100&cursor={first.json['next_cursor']}")
    rows = first.json["items"] + second.json["items"]
    years = [one["year"] for one in rows]
    assert years == sorted(years, reverse=True) and {2026, 2025} <= set(years)
    assert all(set(one) == {"year", "required", "earned", "shortfall", "fulfilled"} for one in rows)
    assert second.json["next_cursor"] is None
    stranger = registry.newcomer()
    refused(stranger.get(f"/me/credits/history?cursor={first.json['next_cursor']}"), 400, "bad_cursor")


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("/me/credits?year=26", 422, {"year": "greater_than_equal"}),
        ("/me/credits?year=99999", 422, {"year": "less_than_equal"}),
        ("/me/credits?year=now", 400, {"year": "wrong_type"}),
        ("/me/credits/history?limit=0", 422, {"limit": "greater_than_equal"}),
        ("/credits/rules?year=1999", 422, {"year": "greater_than_equal"}),
    ],
)
def test_a_query_out_of_range_names_its_part(
    accountant: Accountant, path: str, status: int, fields: dict[str, str]
) -> None:
    refused(accountant.get(path), status, "bad_request" if status == 400 else "invalid", fields)


# ------------------------------------------------------------------ certificates


def test_a_fulfilled_year_has_one_certificate_that_anybody_can_verify(
    registry: Registry, fulfilled: Accountant
) -> None:
    issued, again = (fulfilled.post("/me/credits/2026/certificate") for _ in range(2))
    assert (issued.status, again.status) == (201, 200)
    told = issued.json
    assert set(told) == {"certificate_no", "year", "issued_at", "download_url", "verify_url"}
    assert again.json["certificate_no"] == told["certificate_no"]
    assert told["verify_url"] == f"https://registry.example/v1/verify/{told['certificate_no']}"
    link = urlsplit(told["download_url"])
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    page = clients.s3().get_object(Bucket="records", Key=link.path.removeprefix("/records/"))["Body"].read()
    assert page.startswith(b"%PDF")

    answer = registry.nobody.get(f"/verify/{told['certificate_no']}")
    assert answer.status == 200 and answer.headers["cache-control"].startswith("public")
    verified = answer.json
    assert set(verified) == {"valid", "state", "kind", "name_masked", "year", "credits", "issued_on"}
    assert verified["kind"] == "certificate"
    assert (verified["valid"], verified["state"], verified["year"]) == (True, "valid", 2026)
    assert verified["credits"] == {"total": 90, "professional": 60}
    for secret in ("name", "id_number", "phone"):
        assert fulfilled.person[secret] not in answer.text
    assert fulfilled.account_id not in answer.text
    assert registry.nobody.get(f"/verify/{told['certificate_no'].lower()}").json == verified, "as somebody types it"


def test_a_changed_ledger_is_certified_anew_and_a_short_one_not_at_all(registry: Registry) -> None:
    somebody = registry.fulfilled()
    old = somebody.post("/me/credits/2026/certificate").json["certificate_no"]
    registry.imported([somebody.row("税法", 5)])
    assert registry.nobody.get(f"/verify/{old}").json["credits"]["total"] == 90, (
        "valid with the credits it was issued with"
    )
    new = somebody.post("/me/credits/2026/certificate")
    assert new.status == 201
    assert registry.nobody.get(f"/verify/{old}").json["state"] == "replaced"
    assert registry.nobody.get(f"/verify/{new.json['certificate_no']}").json["credits"]["total"] == 95
    registry.imported([somebody.row("准则", 1)])
    assert registry.nobody.get(f"/verify/{new.json['certificate_no']}").json["state"] == "revoked"
    problem = refused(somebody.post("/me/credits/2026/certificate"), 409, "credits_short")
    assert problem["shortfall"] == {"total": 54, "professional": 54}


def test_a_year_outside_the_calendar_has_no_certificate(accountant: Accountant) -> None:
    refused(accountant.post("/me/credits/26/certificate"), 422, "invalid", {"year": "greater_than_equal"})
    refused(accountant.post("/me/credits/now/certificate"), 400, "bad_request", {"year": "wrong_type"})
    refused(accountant.post("/me/credits/2026/certificate"), 409, "credits_short")


ODD = ["%00", "%22", "%5C", "%0A", "%E5%8F%B7", "%F0%9F%98%80", "a%23b", "a%3Fb", "%ED%A0%80", "..;", "'", "1" * 2000]


@pytest.mark.parametrize("number", ["HB2026ABCDEFGHJK", "DZ2026ABCDEFGHJK", "x", "%20", "HB2026", "1" * 64, *ODD])
def test_a_number_of_nobody_is_answered_and_not_valid(registry: Registry, number: str) -> None:
    answer = registry.nobody.get(f"/verify/{number}")
    assert (answer.status, answer.json["valid"], answer.json["state"]) == (200, False, "unknown")
    assert {name for name, value in answer.json.items() if value is not None} == {"valid", "state"}


def test_a_number_of_nobody_does_not_tell_of_what_it_might_be(registry: Registry) -> None:
    answers = {
        registry.nobody.get(f"/verify/{one}").text for one in ("HB2026ABCDEFGHJK", "DZ2026ABCDEFGHJK", "nonsense")
    }
    assert len(answers) == 1


def test_anybody_verifies_a_transfer_letter(registry: Registry, accountant: Accountant) -> None:
    number = issued_letter(registry, accountant)
    answer = registry.nobody.get(f"/verify/{number}")
    assert answer.status == 200 and answer.headers["cache-control"].startswith("public")
    assert answer.json == {
        "valid": True,
        "state": "valid",
        "kind": "transfer_letter",
        "name_masked": mask_name(accountant.person["name"]),
        "from_region": "420106",
        "from_bureau": "武汉市武昌区财政局",
        "to_region": "430100",
        "to_place": "湖南省长沙市",
        "issued_on": today_in_shanghai(utc_now()).isoformat(),
    }
    assert accountant.account_id not in answer.text
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number)
    for typed in (number.lower(), f"%20{number}%20", quote(wide), f"{number[:6]}%20{number[6:]}"):
        assert registry.nobody.get(f"/verify/{typed}").json == answer.json, "as somebody types it"


@pytest.mark.parametrize(("ended", "state"), [(mark_used, "used"), (mark_revoked, "revoked")])
def test_a_letter_that_has_ended_says_how(
    registry: Registry, accountant: Accountant, ended: Callable[..., TransactWrite], state: str
) -> None:
    number = issued_letter(registry, accountant)
    table = registry.cloud.registry
    letter = own_letter(table, number)
    assert letter is not None
    transact(table.client, [ended(table, letter, at=utc_now())])
    told = registry.nobody.get(f"/verify/{number}").json
    assert (told["valid"], told["state"]) == (False, state)


def test_anybody_reads_the_rules_in_force(registry: Registry) -> None:
    answer = registry.nobody.get("/credits/rules?year=2026")
    assert answer.status == 200 and answer.headers["cache-control"].startswith("public")
    assert answer.json["required"] == {"total": 90, "professional": 60}
    assert {one["code"] for one in answer.json["activities"]} >= {"training", "paper"}


# ------------------------------------------------------------------ an institution's files


def test_an_announced_file_gets_a_form_bound_to_its_key(registry: Registry) -> None:
    answer = registry.institution().post("/institution/imports", FILE)
    assert answer.status == 201
    assert set(answer.json) == {"import_id", "upload"}
    assert answer.json["upload"]["fields"]["key"] == f"incoming/{TRAINING}/{answer.json['import_id']}"
    waiting = batch(registry, answer.json["import_id"])
    assert set(waiting) >= IMPORT
    assert (waiting["filename"], waiting["status"]) == ("年度学分.csv", "awaiting_upload")
    assert waiting["rows"] == {"total": None, "done": 0, "accepted": 0, "rejected": 0, "unchanged": 0}


def test_a_file_is_imported_and_reports_row_by_row(registry: Registry, accountant: Accountant) -> None:
    rows = [
        accountant.row("审计", 1),
        accountant.row("审计二", "abc"),
        ["420106199202290012", "某人", 2026, "专业科目", "准则", 1, "2026-05-01", "", ""],
        accountant.row("审计", 1),
    ]
    done = batch(registry, registry.imported(rows, "报送.csv"))
    assert done["status"] == "partly" and done["finished_at"].endswith("Z")
    assert done["rows"] == {"total": 4, "done": 4, "accepted": 1, "rejected": 2, "unchanged": 1}
    assert {one["code"]: one["count"] for one in done["reasons"]} == {
        "credits_not_a_number": 1,
        "bad_check_digit": 1,
        "duplicate_in_file": 1,
    }
    link = urlsplit(done["report_url"])
    assert "报送-导入结果.csv" in unquote(unquote(link.query))
    report = clients.s3().get_object(Bucket="records", Key=link.path.removeprefix("/records/"))["Body"].read().decode()
    assert report.splitlines()[0].startswith("行号,结果,原因,")


def test_a_file_as_institutions_send_them_lands(registry: Registry) -> None:
    """GB18030 with a heading of their own; nobody of it is registered here."""
    content = (samples.SAMPLES / samples.CREDIT_FILE).read_bytes()
    told = {"filename": "2026.csv", "size": len(content), "year": 2026}
    announced = registry.institution().post("/institution/imports", told).json
    registry.arrive(announced["upload"]["fields"]["key"], content)
    done = batch(registry, announced["import_id"])
    assert (done["status"], done["rows"]["accepted"]) == ("failed", 0)
    assert done["rows"]["done"] == done["rows"]["total"] > 100
    assert next(one["code"] for one in done["reasons"]) == "not_registered"


def test_a_dry_run_reports_and_writes_nothing(registry: Registry, accountant: Accountant) -> None:
    before = accountant.get("/me/credits?year=2026").text
    content = table([accountant.row("试运行", 30)])
    told = {**FILE, "size": len(content), "dry_run": True}
    announced = registry.institution().post("/institution/imports", told).json
    registry.arrive(announced["upload"]["fields"]["key"], content)
    done = batch(registry, announced["import_id"])
    assert (done["dry_run"], done["status"], done["rows"]["accepted"]) == (True, "succeeded", 1)
    assert accountant.get("/me/credits?year=2026").text == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (table([]), "empty_file"),
        (table([[]], HEADINGS[:5]), "missing_column"),
        (samples.scan("id_front"), "not_a_table"),
    ],
    ids=["no bytes", "a heading alone", "half a heading", "a picture"],
)
def test_a_file_that_is_no_credit_table_fails_with_a_reason(registry: Registry, content: bytes, code: str) -> None:
    announced = registry.institution().post("/institution/imports", {**FILE, "size": len(content)}).json
    registry.arrive(announced["upload"]["fields"]["key"], content)
    done = batch(registry, announced["import_id"])
    assert (done["status"], done["problem"]["code"], done["rows"]["accepted"]) == ("failed", code, 0)
    assert in_chinese(done["problem"]["message"])


def test_the_same_file_twice_says_which_import_took_it(registry: Registry, accountant: Accountant) -> None:
    rows = [accountant.row("同一文件", 1)]
    first, second = (batch(registry, registry.imported(rows)) for _ in range(2))
    assert first["status"] == "succeeded"
    assert (second["status"], second["problem"]["code"]) == ("failed", "already_imported")


def test_a_file_put_straight_into_the_bucket_is_an_import_by_its_name(
    registry: Registry, accountant: Accountant
) -> None:
    registry.institution()
    registry.arrive(f"incoming/{TRAINING}/直接上传.csv", table([accountant.row("直接", 1)]))
    items = registry.institution().get("/institution/imports?limit=100").json["items"]
    (one,) = [one for one in items if one["filename"] == "直接上传.csv"]
    assert batch(registry, one["import_id"])["status"] == "succeeded"


def test_a_file_under_the_prefix_of_no_institution_is_removed(registry: Registry) -> None:
    registry.arrive("incoming/nobody/x.csv", table([]))
    left = clients.s3().list_objects_v2(Bucket="uploads", Prefix="incoming/nobody")
    assert left.get("KeyCount") == 0


def test_a_request_sent_again_with_its_key_is_one_import(registry: Registry) -> None:
    institution = registry.institution()
    first, again = (institution.post("/institution/imports", FILE, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json["import_id"] == again.json["import_id"]
    other = institution.post("/institution/imports", {**FILE, "size": 7}, headers={"Idempotency-Key": "k1"})
    refused(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changed", "status", "code", "fields"),
    [
        ({"size": 200 * 2**20 + 1}, 413, "too_large", {}),
        ({"size": 10**40}, 413, "too_large", {}),
        ({"size": -1}, 422, "invalid", {"size": "greater_than_equal"}),
        ({"year": 26}, 422, "invalid", {"year": "greater_than_equal"}),
        ({"filename": "a\x00b"}, 422, "invalid", {"filename": "string_pattern_mismatch"}),
        ({"filename": "  "}, 422, "invalid", {"filename": "string_too_short"}),
        ({"note": "x"}, 422, "invalid", {"note": "extra_forbidden"}),
        ({"size": "many"}, 400, "bad_request", {"size": "wrong_type"}),
    ],
)
def test_an_impossible_announcement_is_refused(
    registry: Registry, changed: dict[str, Any], status: int, code: str, fields: dict[str, str]
) -> None:
    refused(registry.institution().post("/institution/imports", {**FILE, **changed}), status, code, fields)


def test_an_institution_sees_its_own_imports_newest_first(registry: Registry) -> None:
    institution, other = registry.institution(), registry.institution(OTHER_TRAINING)
    made = [institution.post("/institution/imports", FILE).json["import_id"] for _ in range(2)]
    first = institution.get("/institution/imports?limit=1").json
    second = institution.get(f"/institution/imports?limit=1&cursor={first['next_cursor']}").json
    assert [one["import_id"] for one in first["items"] + second["items"]] == made[::-1]
    refused(other.get(f"/institution/imports?cursor={first['next_cursor']}"), 400, "bad_cursor")
    refused(other.get(f"/institution/imports/{made[0]}"), 404, "not_found")
    refused(institution.get("/institution/imports/nothing"), 404, "not_found")
    assert made[0] not in other.get("/institution/imports?limit=100").text
