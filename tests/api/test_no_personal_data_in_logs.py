"""After a life with all its mishaps: nothing that names, reaches or lets in a person was written to a log."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from jingkuai.aws import clients, keys
from tests.api.gateway import invoke
from tests.api.registry import PASSWORD, SECRET, STAFF_PASSWORD, Accountant, Registry, announcement
from tools.local import samples

ID_NUMBER = re.compile(
    r"(?<![0-9a-fA-F.-])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9a-fA-F])"
)
PHONE = re.compile(r"(?<![0-9a-fA-F.-])1[3-9]\d{9}(?![0-9a-fA-F])")
CODE = re.compile(r"验证码(\d{6})")


@contextlib.contextmanager
def written_down() -> Iterator[io.StringIO]:
    """All that is printed or logged meanwhile, by whatever logger: what Lambda would send to CloudWatch."""
    told = io.StringIO()
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    handlers = {
        one for logger in loggers for one in logger.handlers if type(one) is logging.StreamHandler
    }  # not pytest's
    before = {one: one.setStream(told) for one in handlers}
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            yield told
    finally:
        for handler, stream in before.items():
            handler.setStream(stream)


def a_life(registry: Registry) -> tuple[Accountant, list[str]]:
    """Registered with slips of the pen, returned, approved, credited with a bad row beside, certified, reset; and the tokens of it."""
    person = registry.somebody()
    for changed in ({"otp": "000000"}, {"id_number": person["id_number"][:17] + "?"}, {"phone": person["phone"] + "0"}):
        registry.nobody.post("/auth/register", registry.registration(person, **changed))
    registry.nobody.post("/auth/register", json.dumps({**person, "id_number": [person["id_number"]]}))
    registry.nobody.post("/auth/register", f'{{"id_number": "{person["id_number"]}", ')
    registry.nobody.post("/auth/login", {"username": person["id_number"], "password": PASSWORD})
    somebody = registry.newcomer(person)
    registry.nobody.post("/auth/register", registry.registration(person))
    registry.nobody.post("/auth/login", {"username": person["phone"], "password": "Wrong-password-1"})

    somebody.put("/me/draft", {"payload": samples.registration_of(person), "version": 0})
    somebody.get("/me/draft")
    somebody.post("/me/attachments", announcement(b"x" * 9, filename=f"{person['name']}{person['id_number']}.jpg"))
    registry.scan(somebody, content=f"%PDF-1.4 {person['name']}".encode(), content_type="application/pdf")
    wrong = samples.registration_of(person) | {"region_code": person["phone"]}
    somebody.post("/me/submissions", {"kind": "registration", "payload": wrong, "attachment_ids": [person["phone"]]})

    submission_id = registry.submitted(somebody)
    registry.reviewer().get(f"/review/tasks/{registry.task_of(submission_id)}")
    registry.decide(submission_id, "return", reason=f"{person['name']}的证件号码{person['id_number']}不清")
    seen = somebody.get(f"/me/submissions/{submission_id}").json
    again = {"payload": seen["payload"], "attachment_ids": seen["attachment_ids"]}
    somebody.post(f"/me/submissions/{submission_id}/resubmit", again)
    registry.workflows.settle()
    registry.decide(submission_id, "approve")
    for typed in (
        {"id_number": person["id_number"]},
        {"name": person["name"]},
        {"id_number": person["id_number"] + "0"},
    ):
        for purpose in ("核对材料", f"核对{person['name']}{person['id_number']}"):
            registry.reviewer().post("/review/people/search", {**typed, "purpose": purpose})
    registry.reviewer().get(f"/review/people/{somebody.account_id}?purpose=%E5%A4%8D%E6%A0%B8")
    verdict = {"other_person_id": somebody.account_id, "same": True, "reason": person["name"]}
    registry.reviewer().post(f"/review/people/{somebody.account_id}/same-person", verdict)

    rows = [somebody.row("准则", 60), somebody.row("职业道德", 30, "公需科目"), somebody.row("税法", person["phone"])]
    registry.imported(rows, f"{person['name']}.csv")
    somebody.post("/me/credits/2026/certificate")
    somebody.post("/me/profile/reveal", {"otp": registry.code(person["phone"], "confirm")})
    somebody.get("/me/access-log")
    somebody.post("/me/export")
    registry.workflows.settle()
    assert somebody.get("/me/export").json["status"] == "ready"
    reset = {"id_number": person["id_number"], "phone": person["phone"], "otp": registry.code(person["phone"], "reset")}
    registry.nobody.post("/auth/password/reset", {**reset, "new_password": "another-Password-of-2026"})
    code = registry.code(person["phone"], "login")
    tokens = registry.nobody.post("/auth/login/otp", {"phone": person["phone"], "otp": code}).json
    left = registry.accountant(registry.somebody(name=person["name"]))
    left.post("/me/deactivate", {"otp": registry.code(left.person["phone"], "confirm")})
    registry.workflows.settle()
    return somebody, [tokens["access_token"], tokens["refresh_token"], str(somebody.token), somebody.refresh_token]


@pytest.fixture(scope="module")
def traces(registry: Registry) -> tuple[str, list[str]]:
    """What the life left in the logs, and the words that must not be there."""
    registry.institution()
    with written_down() as told:
        somebody, tokens = a_life(registry)
    person = somebody.person
    codes = [code for text in registry.messages_to(person["phone"]) for code in CODE.findall(text)]
    assert len(codes) > 3
    secrets = [PASSWORD, STAFF_PASSWORD, SECRET, "another-Password-of-2026", "Wrong-password-1"]
    named = [person["id_number"], person["id_number"][:17], person["name"], person["phone"], person["employer"]]
    return told.getvalue(), [*named, *codes, *tokens, *secrets]


def test_something_was_written_down(traces: tuple[str, list[str]]) -> None:
    told, _ = traces
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    messages = {one.get("message") for one in lines}
    assert {"allowed", "inspected", "file_arrived"} <= messages
    assert any("_aws" in one for one in lines), "metrics are lines of the log as well"


def test_no_line_names_the_person_or_lets_anybody_in(traces: tuple[str, list[str]]) -> None:
    told, words = traces
    found = [(word, line[:300]) for line in told.splitlines() for word in words if _word(word, line)]
    assert found == []


def _word(word: str, line: str) -> bool:
    return bool(re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", line))


def test_no_line_holds_what_looks_like_an_id_number_or_a_phone(traces: tuple[str, list[str]]) -> None:
    told, _ = traces
    assert [line[:300] for line in told.splitlines() if ID_NUMBER.search(line) or PHONE.search(line)] == []


def test_executions_and_keys_of_files_name_nobody(registry: Registry, traces: tuple[str, list[str]]) -> None:
    _, words = traces
    kept = [f"{one.machine} {one.name} {one.subject} {one.told}" for one in registry.workflows.executions.values()]
    for bucket in (registry.cloud.uploads, registry.cloud.records):
        listed = clients.s3().list_objects_v2(Bucket=bucket).get("Contents", [])
        kept += [
            f"{one['Key']} {clients.s3().head_object(Bucket=bucket, Key=one['Key'])['Metadata']}" for one in listed
        ]
    assert len(kept) > 5
    assert [(word, text) for text in kept for word in words if _word(word, text)] == []


def test_a_fault_writes_down_its_place_and_not_what_was_typed(registry: Registry) -> None:
    """A record that cannot be read, as after a bad restore: the caller learns nothing, the operator where to look."""
    somebody = registry.newcomer()
    broken = {":odd": somebody.person["id_number"]}
    registry.cloud.registry.update(keys.person_key(somebody.account_id), "SET birth_date = :odd", values=broken)
    with written_down() as told:
        answer = somebody.get("/me/profile")
        registry.nobody.post("/auth/login", {"username": somebody.person["phone"], "password": "\ud800"})
        with pytest.raises(Exception, match=r"discriminator|union_tag"):
            invoke("ReviewTasks", {"do": somebody.person["id_number"], "subject": {}, "token": "secret-token"})
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    lines = told.getvalue()
    (fault,) = [json.loads(line) for line in lines.splitlines() if "request_failed" in line]
    assert (fault["fault"], fault["request_id"]) == ("ValueError", answer.json["request_id"])
    assert "person_of" in fault["place"]
    for word in (*somebody.person.values(), "secret-token"):
        if len(word) > 6:
            assert word not in lines + answer.text
