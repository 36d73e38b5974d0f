"""What each route costs in AWS calls, counted on the wire: as its docstring says, and as the design allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from jingkuai.aws import clients
from tests.api.gateway import Answer, declared_routes, handler_of
from tests.api.registry import PASSWORD, STAFF_PASSWORD, Accountant, Registry, announcement
from tests.api.test_routes import handled_routes
from tools.local import samples

MADE = (clients.dynamodb, clients.s3, clients.kms, clients.sns, clients.secretsmanager, clients.appconfigdata)


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


@dataclass
class Life:
    """Somebody in the middle of everything, so that each route has something to work on."""

    registry: Registry
    approved: Accountant
    applicant: Accountant
    waiting: str
    task: str
    batch: str

    def sign_in(self) -> dict[str, Any]:
        body = {"username": self.approved.person["id_number"], "password": PASSWORD}
        tokens: dict[str, Any] = self.registry.nobody.post("/auth/login", body).json
        return tokens


@pytest.fixture(scope="module")
def life(registry: Registry) -> Life:
    approved, applicant = registry.fulfilled(), registry.newcomer()
    waiting = registry.submitted(applicant)
    batch = registry.institution().get("/institution/imports").json["items"][0]["import_id"]
    return Life(registry, approved, applicant, waiting, registry.task_of(waiting), batch)


def _newcomers_form(life: Life) -> Callable[[], Answer]:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    return lambda: newcomer.post("/me/submissions", form)


def _registration(life: Life) -> Callable[[], Answer]:
    body = life.registry.registration(life.registry.somebody())
    return lambda: life.registry.nobody.post("/auth/register", body)


def _login_by_code(life: Life) -> Callable[[], Answer]:
    phone = life.approved.person["phone"]
    code = life.registry.code(phone, "login")
    return lambda: life.registry.nobody.post("/auth/login/otp", {"phone": phone, "otp": code})


def _reset(life: Life) -> Callable[[], Answer]:
    somebody = life.registry.newcomer()
    known = {"id_number": somebody.person["id_number"], "phone": somebody.person["phone"]}
    body = {**known, "otp": life.registry.code(known["phone"], "reset"), "new_password": "Changed-2026-again"}
    return lambda: life.registry.nobody.post("/auth/password/reset", body)


def _staff_login(life: Life) -> Callable[[], Answer]:
    life.registry.reviewer("420102")
    username = "reviewer.420102"
    body = {"username": username, "password": STAFF_PASSWORD, "totp": life.registry.totp(username)}
    return lambda: life.registry.nobody.post("/auth/login", body)


def _returned(life: Life) -> Callable[[], Answer]:
    newcomer = life.registry.newcomer()
    form = life.registry.form(newcomer)
    submission = newcomer.post("/me/submissions", form).json["submission_id"]
    life.registry.workflows.settle()
    life.registry.decide(submission, "return")
    wish = {"payload": form["payload"], "attachment_ids": form["attachment_ids"]}
    return lambda: newcomer.post(f"/me/submissions/{submission}/resubmit", wish)


def _withdrawn(life: Life) -> Callable[[], Answer]:
    newcomer = life.registry.newcomer()
    submission = life.registry.submitted(newcomer)
    return lambda: newcomer.post(f"/me/submissions/{submission}/withdraw")


def _decision(life: Life) -> Callable[[], Answer]:
    submission = life.registry.submitted(life.registry.newcomer())
    task, bureau = life.registry.task_of(submission), life.registry.reviewer()
    body = {"decision": "reject", "reason": "非本人提交", "fields": []}
    return lambda: bureau.post(f"/review/tasks/{task}/decision", body)


def _released(life: Life) -> Callable[[], Answer]:
    bureau = life.registry.reviewer()
    bureau.post(f"/review/tasks/{life.task}/claim")
    return lambda: bureau.post(f"/review/tasks/{life.task}/release")


def _certificate(life: Life) -> Callable[[], Answer]:
    somebody = life.registry.fulfilled()
    return lambda: somebody.post("/me/credits/2026/certificate")


def _verified(life: Life) -> Callable[[], Answer]:
    number = life.approved.post("/me/credits/2026/certificate").json["certificate_no"]
    return lambda: life.registry.nobody.get(f"/verify/{number}")


def _refreshed(life: Life) -> Callable[[], Answer]:
    turn = {"refresh_token": life.sign_in()["refresh_token"]}
    return lambda: life.registry.nobody.post("/auth/refresh", turn)


def _signed_out(life: Life) -> Callable[[], Answer]:
    somebody = life.registry.nobody.holding(life.sign_in())
    return lambda: somebody.post("/auth/logout")


def _code(life: Life) -> Callable[[], Answer]:
    phone = life.registry.somebody()["phone"]
    return lambda: life.registry.nobody.post("/auth/otp", {"phone": phone, "purpose": "register"})


def _message(life: Life) -> Callable[[], Answer]:
    somebody = life.registry.accountant()
    first = somebody.get("/me/messages").json["items"][0]["message_id"]
    return lambda: somebody.post(f"/me/messages/{first}/read")


def _draft(life: Life) -> Callable[[], Answer]:
    newcomer = life.registry.newcomer()
    basic = samples.registration_of(newcomer.person)["basic"]
    return lambda: newcomer.put("/me/draft", {"payload": {"basic": basic}, "version": 0})


def _draft_with_phone(life: Life) -> Callable[[], Answer]:
    newcomer = life.registry.newcomer()
    contact = samples.registration_of(newcomer.person)["contact"]
    return lambda: newcomer.put("/me/draft", {"payload": {"contact": contact}, "version": 0})


def _scan_seen(life: Life) -> Callable[[], Answer]:
    scan = life.registry.scan(life.applicant)
    return lambda: life.applicant.get(f"/me/attachments/{scan}")


def _scan_announced(life: Life) -> Callable[[], Answer]:
    return lambda: life.applicant.post("/me/attachments", announcement(b"x"))


def _import_announced(life: Life) -> Callable[[], Answer]:
    body = {"filename": "a.csv", "size": 100, "year": 2026}
    return lambda: life.registry.institution().post("/institution/imports", body)


def _simple(path: str, who: Callable[[Life], Any]) -> Callable[[Life], Callable[[], Answer]]:
    return lambda life: lambda: who(life).get(path.format(**vars(life)))


def _nobody(life: Life) -> Any:
    return life.registry.nobody


COSTS: list[tuple[str, int, Callable[[Life], Callable[[], Answer]]]] = [
    ("GET /privacy-notice", 0, _simple("/privacy-notice", _nobody)),
    ("GET /dictionaries", 0, _simple("/dictionaries", _nobody)),
    ("GET /regions", 1, _simple("/regions", _nobody)),  # then none for a minute
    ("POST /auth/otp", 3, _code),
    ("POST /auth/register", 4, _registration),
    ("POST /auth/login/otp", 4, _login_by_code),
    ("POST /auth/refresh", 3, _refreshed),
    ("POST /auth/logout", 1, _signed_out),
    ("POST /auth/password/reset", 3, _reset),
    ("GET /me", 1, _simple("/me", lambda life: life.approved)),
    ("GET /me/profile", 1, _simple("/me/profile", lambda life: life.approved)),
    ("GET /me/draft", 1, _simple("/me/draft", lambda life: life.applicant)),
    ("PUT /me/draft", 1, _draft),
    ("POST /me/attachments", 1, _scan_announced),
    ("GET /me/attachments/{attachment_id}", 1, _scan_seen),
    ("GET /me/submissions", 1, _simple("/me/submissions", lambda life: life.approved)),
    ("POST /me/submissions", 2, _newcomers_form),
    ("GET /me/submissions/{submission_id}", 1, _simple("/me/submissions/{waiting}", lambda life: life.applicant)),
    ("POST /me/submissions/{submission_id}/resubmit", 2, _returned),
    ("POST /me/submissions/{submission_id}/withdraw", 2, _withdrawn),
    ("GET /review/tasks", 1, _simple("/review/tasks?state=open", lambda life: life.registry.reviewer())),
    ("GET /review/tasks/{task_id}", 5, _simple("/review/tasks/{task}", lambda life: life.registry.reviewer())),
    (
        "POST /review/tasks/{task_id}/claim",
        1,
        lambda life: lambda: life.registry.reviewer().post(f"/review/tasks/{life.task}/claim"),
    ),
    ("POST /review/tasks/{task_id}/release", 1, _released),
    ("POST /review/tasks/{task_id}/decision", 2, _decision),
    ("GET /me/credits", 1, _simple("/me/credits?year=2026", lambda life: life.approved)),
    ("GET /me/credits/history", 1, _simple("/me/credits/history", lambda life: life.approved)),
    ("POST /me/credits/{year}/certificate", 4, _certificate),
    ("GET /verify/{certificate_no}", 2, _verified),
    ("GET /credits/rules", 0, _simple("/credits/rules?year=2026", _nobody)),
    ("POST /institution/imports", 1, _import_announced),
    ("GET /institution/imports", 1, _simple("/institution/imports", lambda life: life.registry.institution())),
    (
        "GET /institution/imports/{import_id}",
        1,
        _simple("/institution/imports/{batch}", lambda life: life.registry.institution()),
    ),
    ("GET /me/messages", 1, _simple("/me/messages", lambda life: life.approved)),
    ("POST /me/messages/{message_id}/read", 1, _message),
    ("POST /me/messages/read-all", 1, lambda life: lambda: life.approved.post("/me/messages/read-all")),
]
# the same routes where a case costs more than the table of the design says, and why
DEARER: list[tuple[str, int, Callable[[Life], Callable[[], Answer]]]] = [
    ("POST /auth/login with a second factor: its secret is sealed by KMS", 5, _staff_login),
    ("PUT /me/draft with a phone in the form: it is sealed by KMS", 2, _draft_with_phone),
]


def spent(life: Life, prepare: Callable[[Life], Callable[[], Answer]]) -> tuple[int, list[str]]:
    """The status and the calls of a request in a warm process. Behind the gateway the authorizer's read comes first."""
    call = prepare(life)
    life.approved.get("/me")  # warms the authorizer's key
    with counted() as made:
        answer = call()
    return answer.status, made


@pytest.mark.parametrize(("route", "calls", "prepare"), COSTS, ids=[route for route, _, _ in COSTS])
def test_a_route_costs_what_it_says(life: Life, route: str, calls: int, prepare: Any) -> None:
    status, made = spent(life, prepare)
    declared = next(one for one in declared_routes() if f"{one.method} {one.path}" == route)
    if not declared.public:
        assert made.pop(0) == "BatchGetItem", "the authorizer's read comes first"
    assert status < 300, status
    assert len(made) == calls, made
    text = handled_routes(declared.function)[(declared.method, declared.path)].func.__doc__ or ""
    said = re.search(r"AWS calls: (\d+)", text)
    assert said is not None
    assert int(said[1]) == calls


@pytest.mark.parametrize(("case", "calls", "prepare"), DEARER, ids=[case for case, _, _ in DEARER])
def test_what_costs_more_than_the_design_says_is_known(life: Life, case: str, calls: int, prepare: Any) -> None:
    status, made = spent(life, prepare)
    if case.startswith("PUT"):
        made.pop(0)
    assert status < 300
    assert len(made) == calls, made


def test_signing_in_by_password_costs_four(life: Life) -> None:
    with counted() as made:
        life.sign_in()
    assert len(made) == 4, made


def test_every_route_is_counted() -> None:
    counted_here = {route for route, _, _ in COSTS} | {"POST /auth/login"}
    assert counted_here == {f"{route.method} {route.path}" for route in declared_routes()}


def test_the_authorizer_costs_one_read(life: Life) -> None:
    event = {
        "authorizationToken": f"Bearer {life.approved.token}",
        "methodArn": "arn:aws:execute-api:r:a:api/v1/GET/me",
    }
    with counted() as made:
        handler_of("Authorizer")(event, None)
    assert made == ["BatchGetItem"]
