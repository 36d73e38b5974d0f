"""What each route costs in AWS calls, counted on the wire: as its docstring says, and as the design allows.

In a warm process. The poll for newer rules, once a minute and process, is no call of a request and not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import pytest

from jingkuai.aws import clients
from tests.api.gateway import Answer
from tests.api.registry import PASSWORD, STAFF_PASSWORD, Accountant, Caller, Registry, announcement
from tests.api.test_routes import handled_routes
from tests.api.who import MAIN_JOB
from tools.local import samples

MADE = (clients.dynamodb, clients.s3, clients.kms, clients.sns, clients.stepfunctions, clients.secretsmanager)

# the contract's table, "What each call costs"
DESIGN = {
    "GET /privacy-notice": 0,
    "GET /regions": 1,
    "GET /dictionaries": 0,
    "POST /auth/otp": 3,
    "POST /auth/register": 4,
    "POST /auth/login": 4,
    "POST /auth/login/otp": 4,
    "POST /auth/refresh": 3,
    "POST /auth/logout": 1,
    "POST /auth/password/reset": 3,
    "GET /me": 1,
    "GET /me/profile": 1,
    "GET /me/draft": 1,
    "PUT /me/draft": 1,
    "POST /me/attachments": 1,
    "GET /me/attachments/{attachment_id}": 1,
    "POST /me/submissions": 3,
    "GET /me/submissions": 1,
    "GET /me/submissions/{submission_id}": 1,
    "POST /me/submissions/{submission_id}/resubmit": 2,
    "POST /me/submissions/{submission_id}/withdraw": 2,
    "GET /review/tasks": 2,
    "GET /review/tasks/{task_id}": 5,
    "POST /review/tasks/{task_id}/claim": 1,
    "POST /review/tasks/{task_id}/release": 1,
    "POST /review/tasks/{task_id}/decision": 2,
    "GET /me/credits": 1,
    "GET /me/credits/history": 1,
    "POST /me/credits/{year}/certificate": 4,
    "GET /verify/{certificate_no}": 2,
    "GET /credits/rules": 0,
    "POST /institution/imports": 1,
    "GET /institution/imports": 1,
    "GET /institution/imports/{import_id}": 1,
    "GET /me/messages": 1,
    "POST /me/messages/{message_id}/read": 1,
    "POST /me/messages/read-all": 1,
}
# what costs more than that, and why it may
DEARER = {
    ("POST /auth/login", "with a second factor"): "KMS opens its secret",
    ("GET /me", "while a registration is on its way"): "its status stands on the submission alone",
    ("GET /me/draft", "with a phone in it"): "KMS opens it: no phone is stored readable",
    ("PUT /me/draft", "with a phone in the form"): "KMS seals it",
    ("POST /institution/imports", "with an Idempotency-Key"): "an earlier answer is looked for first",
    ("POST /me/messages/{message_id}/read", "where it was read already"): "read again, to tell it from one of nobody",
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The AWS calls made meanwhile, by operation. What a form or a link is signed with is no call."""
    made: list[str] = []

    def note(request: Any, event_name: str, **_: Any) -> None:
        made.append(event_name.rpartition(".")[2])

    events = [client().meta.events for client in MADE]
    for one in events:
        one.register("before-send", note, unique_id="count-calls")
    try:
        yield made
    finally:
        for one in events:
            one.unregister("before-send", unique_id="count-calls")


FILE = {"filename": "a.csv", "size": 100, "year": 2026}
Request = Callable[[], Answer]


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


@pytest.fixture(scope="module")
def life(registry: Registry) -> Life:
    approved, applicant = registry.fulfilled(), registry.newcomer()
    waiting = registry.submitted(applicant)
    batch = registry.institution().get("/institution/imports").json["items"][0]["import_id"]
    return Life(registry, approved, applicant, waiting, registry.task_of(waiting), batch)


def _newcomers_form(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    return lambda: newcomer.post("/me/submissions", form)


def _registration(life: Life) -> Request:
    body = life.registry.registration(life.registry.somebody())
    return lambda: life.registry.nobody.post("/auth/register", body)


def _login_by_code(life: Life) -> Request:
    phone = life.approved.person["phone"]
    code = life.registry.code(phone, "login")
    return lambda: life.registry.nobody.post("/auth/login/otp", {"phone": phone, "otp": code})


def _reset(life: Life) -> Request:
    somebody = life.registry.newcomer()
    known = {"id_number": somebody.person["id_number"], "phone": somebody.person["phone"]}
    body = {**known, "otp": life.registry.code(known["phone"], "reset"), "new_password": "Changed-2026-again"}
    return lambda: life.registry.nobody.post("/auth/password/reset", body)


def _staff_login(life: Life) -> Request:
    life.registry.reviewer("420102")
    username = "reviewer.420102"
    body = {"username": username, "password": STAFF_PASSWORD, "totp": life.registry.totp(username)}
    return lambda: life.registry.nobody.post("/auth/login", body)


def _returned(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    submission = newcomer.post("/me/submissions", form).json["submission_id"]
    life.registry.workflows.settle()
    life.registry.decide(submission, "return")
    wish = {"payload": form["payload"], "attachment_ids": form["attachment_ids"]}
    return lambda: newcomer.post(f"/me/submissions/{submission}/resubmit", wish)


def _withdrawn(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    submission = life.registry.submitted(newcomer)
    return lambda: newcomer.post(f"/me/submissions/{submission}/withdraw")


def _decision(life: Life) -> Request:
    submission = life.registry.submitted(life.registry.newcomer())
    task, bureau = life.registry.task_of(submission), life.registry.reviewer()
    body = {"decision": "reject", "reason": "非本人提交", "fields": []}
    return lambda: bureau.post(f"/review/tasks/{task}/decision", body)


def _released(life: Life) -> Request:
    bureau = life.registry.reviewer()
    bureau.post(f"/review/tasks/{life.task}/claim")
    return lambda: bureau.post(f"/review/tasks/{life.task}/release")


def _certificate(life: Life) -> Request:
    life.registry.imported(
        [life.approved.row(f"课程{next(life.courses)}", 1)]
    )  # the sums have changed: a new one is due
    return lambda: life.approved.post("/me/credits/2026/certificate")


def _verified(life: Life) -> Request:
    number = life.approved.post("/me/credits/2026/certificate").json["certificate_no"]
    return lambda: life.registry.nobody.get(f"/verify/{number}")


def _refreshed(life: Life) -> Request:
    turn = {"refresh_token": life.sign_in().json["refresh_token"]}
    return lambda: life.registry.nobody.post("/auth/refresh", turn)


def _signed_out(life: Life) -> Request:
    somebody = life.registry.nobody.holding(life.sign_in().json)
    return lambda: somebody.post("/auth/logout")


def _code(life: Life) -> Request:
    phone = life.registry.somebody()["phone"]
    return lambda: life.registry.nobody.post("/auth/otp", {"phone": phone, "purpose": "register"})


def _message(life: Life) -> Request:
    somebody = life.registry.accountant()
    first = somebody.get("/me/messages").json["items"][0]["message_id"]
    return lambda: somebody.post(f"/me/messages/{first}/read")


def _draft(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    basic = samples.registration_of(newcomer.person)["basic"]
    return lambda: newcomer.put("/me/draft", {"payload": {"basic": basic}, "version": 0})


def _draft_with_phone(life: Life) -> Request:
    newcomer = life.registry.newcomer()
    contact = samples.registration_of(newcomer.person)["contact"]
    return lambda: newcomer.put("/me/draft", {"payload": {"contact": contact}, "version": 0})


def _scan_seen(life: Life) -> Request:
    scan = life.registry.scan(life.applicant)
    return lambda: life.applicant.get(f"/me/attachments/{scan}")


def _second_read(life: Life) -> Request:
    again = _message(life)
    again()
    return again


def _with_key(request: str) -> Callable[[Life], Request]:
    def prepare(life: Life) -> Request:
        key = {"Idempotency-Key": request}
        if request == "POST /institution/imports":
            return lambda: life.registry.institution().post("/institution/imports", FILE, headers=key)
        newcomer = life.registry.newcomer()
        form = life.registry.form(newcomer)
        return lambda: newcomer.post("/me/submissions", form, headers=key)

    return prepare


def _draft_shown(section: str) -> Callable[[Life], Request]:
    def prepare(life: Life) -> Request:
        newcomer = life.registry.newcomer()
        form = samples.registration_of(newcomer.person)
        newcomer.put("/me/draft", {"payload": {section: form[section]}, "version": 0})
        return lambda: newcomer.get("/me/draft")

    return prepare


def _get(path: str, who: Callable[[Life], Caller]) -> Callable[[Life], Request]:
    return lambda life: lambda: who(life).get(path.format(**vars(life)))


def _post(path: str, who: Callable[[Life], Caller], body: Any = None) -> Callable[[Life], Request]:
    return lambda life: lambda: who(life).post(path.format(**vars(life)), body)


def _nobody(life: Life) -> Caller:
    return life.registry.nobody


def _approved(life: Life) -> Caller:
    return life.approved


def _applicant(life: Life) -> Caller:
    return life.applicant


def _reviewer(life: Life) -> Caller:
    return life.registry.reviewer()


def _institution(life: Life) -> Caller:
    return life.registry.institution()


class Case(NamedTuple):
    """A request of a route; `when` is the situation as the route's docstring names it, empty for the usual one."""

    route: str
    when: str
    prepare: Callable[[Life], Request]


CASES = [
    Case("GET /privacy-notice", "", _get("/privacy-notice", _nobody)),
    Case("GET /dictionaries", "", _get("/dictionaries", _nobody)),
    Case("GET /regions", "", _get("/regions", _nobody)),
    Case("POST /auth/otp", "", _code),
    Case("POST /auth/register", "", _registration),
    Case("POST /auth/login", "", lambda life: lambda: life.sign_in()),
    Case("POST /auth/login", "with a second factor", _staff_login),
    Case("POST /auth/login/otp", "", _login_by_code),
    Case("POST /auth/refresh", "", _refreshed),
    Case("POST /auth/logout", "", _signed_out),
    Case("POST /auth/password/reset", "", _reset),
    Case("GET /me", "", _get("/me", _approved)),
    Case("GET /me", "while a registration is on its way", _get("/me", _applicant)),
    Case("GET /me/profile", "", _get("/me/profile", _approved)),
    Case("GET /me/draft", "", _draft_shown("basic")),
    Case("GET /me/draft", "with a phone in it", _draft_shown("contact")),
    Case("PUT /me/draft", "", _draft),
    Case("PUT /me/draft", "with a phone in the form", _draft_with_phone),
    Case("POST /me/attachments", "", _post("/me/attachments", _applicant, announcement(b"x"))),
    Case("GET /me/attachments/{attachment_id}", "", _scan_seen),
    Case("GET /me/submissions", "", _get("/me/submissions", _approved)),
    Case("POST /me/submissions", "", _newcomers_form),
    Case("POST /me/submissions", "with an Idempotency-Key", _with_key("POST /me/submissions")),
    Case("GET /me/submissions/{submission_id}", "", _get("/me/submissions/{waiting}", _applicant)),
    Case("POST /me/submissions/{submission_id}/resubmit", "", _returned),
    Case("POST /me/submissions/{submission_id}/withdraw", "", _withdrawn),
    Case("GET /review/tasks", "", _get("/review/tasks?state=open", _reviewer)),
    Case("GET /review/tasks/{task_id}", "", _get("/review/tasks/{task}", _reviewer)),
    Case("POST /review/tasks/{task_id}/claim", "", _post("/review/tasks/{task}/claim", _reviewer)),
    Case("POST /review/tasks/{task_id}/release", "", _released),
    Case("POST /review/tasks/{task_id}/decision", "", _decision),
    Case("GET /me/credits", "", _get("/me/credits?year=2026", _approved)),
    Case("GET /me/credits/history", "", _get("/me/credits/history", _approved)),
    Case("POST /me/credits/{year}/certificate", "", _certificate),
    Case("GET /verify/{certificate_no}", "", _verified),
    Case("GET /verify/{certificate_no}", "for an unknown number", _get("/verify/HB2026ABCDEFGHJK", _nobody)),
    Case("GET /credits/rules", "", _get("/credits/rules?year=2026", _nobody)),
    Case("POST /institution/imports", "", _post("/institution/imports", _institution, FILE)),
    Case("POST /institution/imports", "with an Idempotency-Key", _with_key("POST /institution/imports")),
    Case("GET /institution/imports", "", _get("/institution/imports", _institution)),
    Case("GET /institution/imports/{import_id}", "", _get("/institution/imports/{batch}", _institution)),
    Case("GET /me/messages", "", _get("/me/messages", _approved)),
    Case("POST /me/messages/{message_id}/read", "", _message),
    Case("POST /me/messages/{message_id}/read", "where it was read already", _second_read),
    Case("POST /me/messages/read-all", "", _post("/me/messages/read-all", _approved)),
]
ROUTES = {str(route): route for route in MAIN_JOB}


@cache
def stated(route: str) -> dict[str, int]:
    """What the route's docstring says of its cost: by situation, the usual one without a name."""
    declared = ROUTES[route]
    text = handled_routes(declared.function)[(declared.method, declared.path)].func.__doc__ or ""
    usual, *others = text.partition("AWS calls: ")[2].strip().removesuffix(".").split(", ")
    found = [re.fullmatch(r"(.+?)(?: at most)? (\d+)", one) for one in others]
    assert all(found), text
    return {"": int(usual.removesuffix(" a minute")), **{one[1]: int(one[2]) for one in found if one}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.route} {case.when}".strip())
def test_a_route_costs_what_it_says(life: Life, case: Case) -> None:
    ask = case.prepare(life)
    life.approved.get("/me")  # the authorizer's key is fetched once in the life of a process
    with counted() as made:
        answer = ask()
    assert answer.status < 300, answer.text
    if not ROUTES[case.route].public:
        assert made.pop(0) == "BatchGetItem", "the authorizer's read of account and session comes first"
    assert len(made) == stated(case.route)[case.when], made


def test_every_situation_that_a_docstring_names_is_counted() -> None:
    assert {(case.route, case.when) for case in CASES} == {(route, when) for route in ROUTES for when in stated(route)}


def test_no_route_costs_more_than_the_design_but_for_a_reason() -> None:
    assert set(DESIGN) == set(ROUTES)
    over = {(route, when) for route in ROUTES for when, calls in stated(route).items() if calls > DESIGN[route]}
    assert over == set(DEARER)


def test_what_is_kept_in_memory_costs_nothing_the_second_time(life: Life) -> None:
    for path in ("/regions", "/privacy-notice", "/dictionaries", "/credits/rules"):
        life.registry.nobody.get(path)
        with counted() as made:
            assert life.registry.nobody.get(path).status == 200
        assert made == [], path


def test_a_refusal_costs_no_more_than_the_answer(life: Life) -> None:
    """A stranger pays with the authorizer's read, a wrong body with nothing else."""
    with counted() as made:
        assert life.registry.nobody.post("/auth/register", {"phone": "1"}).status == 422
    assert made == []
    with counted() as made:
        assert life.applicant.get("/review/tasks").status == 403
        assert life.applicant.post("/me/submissions", {"kind": "registration"}).status == 422
        assert life.applicant.get("/me/submissions?cursor=x").status == 400
    assert made == ["BatchGetItem"] * 3
