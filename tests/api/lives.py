"""Somebody in the middle of the main job, and requests about to be made in it: what `test_costs.py` counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import register.record_api
from identity.wiring import sealer
from jingkuai.aws import keys
from jingkuai.aws.clock import iso, utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import SendMessage
from outbox.store import OutboxStore
from tests.api.counting import Request
from tests.api.gateway import Answer
from tests.api.letters import issued_letter
from tests.api.registry import PASSWORD, STAFF_PASSWORD, WUCHANG, Accountant, Caller, Registry, announcement
from tools.local import samples

FILE = {"filename": "a.csv", "size": 100, "year": 2026}


@dataclass
class Life:
    """Somebody in the middle of everything, so that each route has something to work on."""

    registry: Registry
    approved: Accountant
    applicant: Accountant
    waiting: str
    task: str
    batch: str
    courses: Iterator[int] = field(default_factory=count)

    def sign_in(self) -> Answer:
        body = {"username": self.approved.person["id_number"], "password": PASSWORD}
        return self.registry.nobody.post("/auth/login", body)


def newcomers_form(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    return lambda: newcomer.post("/me/submissions", form)


def registration(life: Life) -> Request:
    body = life.registry.registration(life.registry.somebody())
    return lambda: life.registry.nobody.post("/auth/register", body)


def login_by_code(life: Life) -> Request:
    phone = life.approved.person["phone"]
    code = life.registry.code(phone, "login")
    return lambda: life.registry.nobody.post("/auth/login/otp", {"phone": phone, "otp": code})


def reset(life: Life) -> Request:
    somebody = life.registry.newcomer()
    known = {"id_number": somebody.person["id_number"], "phone": somebody.person["phone"]}
    body = {**known, "otp": life.registry.code(known["phone"], "reset"), "new_password": "Changed-2026-again"}
    return lambda: life.registry.nobody.post("/auth/password/reset", body)


def staff_login(life: Life) -> Request:
    life.registry.reviewer("420102")
    username = "reviewer.420102"
    body = {"username": username, "password": STAFF_PASSWORD, "totp": life.registry.totp(username)}
    return lambda: life.registry.nobody.post("/auth/login", body)


def returned(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    submission = newcomer.post("/me/submissions", form).json["submission_id"]
    life.registry.workflows.settle()
    life.registry.decide(submission, "return")
    wish = {"payload": form["payload"], "attachment_ids": form["attachment_ids"]}
    return lambda: newcomer.post(f"/me/submissions/{submission}/resubmit", wish)


def identity_form(life: Life) -> Request:
    somebody = life.registry.accountant()
    form = life.registry.identity_change(somebody)
    return lambda: somebody.post("/me/submissions", form)


def identity_returned(life: Life) -> Request:
    somebody, submission = _identity_changing(life)
    life.registry.decide(submission, "return")
    form = life.registry.identity_change(somebody)
    wish = {"payload": form["payload"], "attachment_ids": form["attachment_ids"]}
    return lambda: somebody.post(f"/me/submissions/{submission}/resubmit", wish)


def identity_seen(life: Life) -> Request:
    _, submission = _identity_changing(life)
    task, bureau = life.registry.task_of(submission), life.registry.reviewer()
    return lambda: bureau.get(f"/review/tasks/{task}")


def _identity_changing(life: Life) -> tuple[Accountant, str]:
    somebody = life.registry.accountant()
    filed = somebody.post("/me/submissions", life.registry.identity_change(somebody))
    life.registry.workflows.settle()
    return somebody, filed.json["submission_id"]


def withdrawn(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    submission = life.registry.submitted(newcomer)
    return lambda: newcomer.post(f"/me/submissions/{submission}/withdraw")


def decision(life: Life) -> Request:
    submission = life.registry.submitted(life.registry.newcomer())
    task, bureau = life.registry.task_of(submission), life.registry.reviewer()
    body = {"decision": "reject", "reason": "非本人提交", "fields": []}
    return lambda: bureau.post(f"/review/tasks/{task}/decision", body)


def handed_out(life: Life) -> Request:
    task = life.registry.task_of(life.registry.submitted(life.registry.newcomer()))
    head, colleague = life.registry.head(), life.registry.reviewer()
    return lambda: head.post(f"/review/tasks/{task}/assign", {"account_id": colleague.account_id})


def approved_too_soon(life: Life) -> Request:
    _, submission = _identity_changing(life)
    task = life.registry.decide(submission, "approve")
    return lambda: life.registry.reviewer().post(f"/review/tasks/{task}/undo")


def decided_together(life: Life) -> Request:
    return _batch(life, 1)


def two_decided_together(life: Life) -> Request:
    return _batch(life, 2)


def _batch(life: Life, count: int) -> Request:
    filed = [life.registry.submitted(life.registry.newcomer()) for _ in range(count)]
    bureau = life.registry.reviewer()
    body = {"task_ids": [life.registry.task_of(one) for one in filed], "decision": "reject", "reason": "非本人提交"}
    return lambda: bureau.post("/review/decisions", body)


def released(life: Life) -> Request:
    bureau = life.registry.reviewer()
    bureau.post(f"/review/tasks/{life.task}/claim")
    return lambda: bureau.post(f"/review/tasks/{life.task}/release")


def certificate(life: Life) -> Request:
    life.registry.imported(
        [life.approved.row(f"课程{next(life.courses)}", 1)]
    )  # the sums have changed: a new one is due
    return lambda: life.approved.post("/me/credits/2026/certificate")


def verified(life: Life) -> Request:
    number = life.approved.post("/me/credits/2026/certificate").json["certificate_no"]
    return lambda: life.registry.nobody.get(f"/verify/{number}")


def letter_verified(life: Life) -> Request:
    number = issued_letter(life.registry, life.approved)
    return lambda: life.registry.nobody.get(f"/verify/{number}")


def profile_seen_again(life: Life) -> Request:
    life.approved.get("/me/profile")
    return lambda: life.approved.get("/me/profile")


def profile_first_seen(life: Life) -> Request:
    register.record_api.offices.cache_clear()
    return lambda: life.approved.get("/me/profile")


def refreshed(life: Life) -> Request:
    turn = {"refresh_token": life.sign_in().json["refresh_token"]}
    return lambda: life.registry.nobody.post("/auth/refresh", turn)


def signed_out(life: Life) -> Request:
    somebody = life.registry.nobody.holding(life.sign_in().json)
    return lambda: somebody.post("/auth/logout")


def code(life: Life) -> Request:
    phone = life.registry.somebody()["phone"]
    return lambda: life.registry.nobody.post("/auth/otp", {"phone": phone, "purpose": "register"})


def message(life: Life) -> Request:
    somebody = life.registry.accountant()
    first = somebody.get("/me/messages").json["items"][0]["message_id"]
    return lambda: somebody.post(f"/me/messages/{first}/read")


def bureau_message(life: Life) -> Request:
    registry, at = life.registry, utc_now()
    note, message_id = SendMessage(bureau_mailbox(WUCHANG), "审核任务超期提醒", "请尽快办理。"), uuid7(at)
    OutboxStore(registry.cloud.registry).add_message(note, message_id=message_id, created_at=iso(at))
    return lambda: registry.reviewer().post(f"/me/messages/{message_id}/read")


def revealed(life: Life) -> Request:
    body = {"otp": life.registry.code(life.approved.person["phone"], "confirm")}
    return lambda: life.approved.post("/me/profile/reveal", body)


def revealed_after_a_change(life: Life) -> Request:
    """Somebody whose phone has a cipher of its own, as an appeal leaves it."""
    somebody = life.registry.accountant()
    cipher = sealer().seal_together({"phone": somebody.person["phone"]}, somebody.account_id)
    person_at = keys.person_key(somebody.account_id)
    life.registry.cloud.registry.update(person_at, "SET phone_cipher = :cipher", values={":cipher": cipher})
    body = {"otp": life.registry.code(somebody.person["phone"], "confirm")}
    return lambda: somebody.post("/me/profile/reveal", body)


def copy_asked_for(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    return lambda: newcomer.post("/me/export")


def copy_asked_for_again(life: Life) -> Request:
    again = copy_asked_for(life)
    again()
    return again


def leaving(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    body = {"otp": life.registry.code(newcomer.person["phone"], "confirm")}
    return lambda: newcomer.post("/me/deactivate", body)


def confirmed(life: Life) -> Request:
    """The approval itself was a confirmation: a record has to be older than today to be confirmed."""
    at = keys.person_key(life.approved.account_id)
    life.registry.cloud.registry.update(at, "SET confirmed_on = :then", values={":then": "2026-01-01"})
    return lambda: life.approved.post("/me/profile/confirmed", {"version": 1})


def new_phone(life: Life) -> Request:
    newcomer, phone = life.registry.newcomer(), life.registry.somebody()["phone"]
    body = {"phone": phone, "otp": life.registry.code(phone, "contact")}
    return lambda: newcomer.call("PATCH", "/me/contact", body)


def new_address(life: Life) -> Request:
    body = {"email": "new@example.invalid", "address": f"示例路{next(life.courses)}号"}
    return lambda: life.approved.call("PATCH", "/me/contact", body)


def draft(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    basic = samples.registration_of(newcomer.person)["basic"]
    return lambda: newcomer.put("/me/draft", {"payload": {"basic": basic}, "version": 0})


def draft_with_phone(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    contact = samples.registration_of(newcomer.person)["contact"]
    return lambda: newcomer.put("/me/draft", {"payload": {"contact": contact}, "version": 0})


def scan_seen(life: Life) -> Request:
    scan = life.registry.scan(life.applicant)
    return lambda: life.applicant.get(f"/me/attachments/{scan}")


def second_read(life: Life) -> Request:
    again = message(life)
    again()
    return again


def with_key(request: str) -> Callable[[Life], Request]:
    def prepare(life: Life) -> Request:
        key = {"Idempotency-Key": request}
        if request == "POST /institution/imports":
            return lambda: life.registry.institution().post("/institution/imports", FILE, headers=key)
        newcomer = life.registry.newcomer()
        if request == "POST /me/attachments":
            return lambda: newcomer.post("/me/attachments", announcement(b"x"), headers=key)
        form = life.registry.form(newcomer)
        return lambda: newcomer.post("/me/submissions", form, headers=key)

    return prepare


def draft_shown(section: str) -> Callable[[Life], Request]:
    def prepare(life: Life) -> Request:
        newcomer = life.registry.newcomer()
        form = samples.registration_of(newcomer.person)
        newcomer.put("/me/draft", {"payload": {section: form[section]}, "version": 0})
        return lambda: newcomer.get("/me/draft")

    return prepare


def get(path: str, who: Callable[[Life], Caller]) -> Callable[[Life], Request]:
    return lambda life: lambda: who(life).get(path.format(**vars(life)))


def post(path: str, who: Callable[[Life], Caller], body: Any = None) -> Callable[[Life], Request]:
    return lambda life: lambda: who(life).post(path.format(**vars(life)), body)


def nobody(life: Life) -> Caller:
    return life.registry.nobody


def approved(life: Life) -> Caller:
    return life.approved


def applicant(life: Life) -> Caller:
    return life.applicant


def reviewer(life: Life) -> Caller:
    return life.registry.reviewer()


def institution(life: Life) -> Caller:
    return life.registry.institution()
