"""Every route for every role, against the one table of `who.py`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jingkuai.aws.settings import settings
from jingkuai.aws.signing import Signer, signer
from jingkuai.domain.principal import Role
from tests.api.gateway import Route
from tests.api.refusals import problem_of, refused
from tests.api.registry import Accountant, Caller, Registry
from tests.api.who import ANY, CALLERS, EVERYBODY, NOBODY, ROUTES, WHO, Cast, is_allowed
from tests.cloud import template


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(WHO) == {str(route) for route in ROUTES}


def test_the_gateway_lets_in_without_a_token_whom_the_table_does() -> None:
    assert {str(route) for route in ROUTES if route.public} == {name for name, who in WHO.items() if who == EVERYBODY}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_answers_whom_it_is_for(cast: Cast, route: Route, caller: str) -> None:
    """The ids are nobody's and the bodies empty: whoever is let in gets as far as 404 or 422."""
    answer = cast.one(caller).call(route.method, route.at(year=2026), None if route.method == "GET" else {})
    if is_allowed(route, caller):
        assert answer.status not in (401, 403), answer.text
        assert answer.status < 500, answer.text
    else:
        refused(answer, *((401, "unauthenticated") if caller == NOBODY else (403, "forbidden")), fields={})
    if route.path == "/auth/logout" and answer.status == 204:
        cast.signed_out(caller)


@pytest.mark.parametrize("route", [one for one in ROUTES if WHO[str(one)] not in (EVERYBODY, ANY)], ids=str)
def test_a_stranger_is_refused_as_a_stranger_whatever_is_sent(cast: Cast, route: Route) -> None:
    """A body nobody could read, or of another type, says nothing more to whoever may not send any."""
    caller = cast.one(next(role for role in Role if not is_allowed(route, role)))
    for body, headers in (("{", {}), ('{"kind": 1}', {}), ("<x/>", {"Content-Type": "application/xml"})):
        answer = caller.call(route.method, f"{route.at(year='x')}?limit=many", body, headers=headers)
        assert problem_of(answer)["code"] == "forbidden", answer.text


CLOSED = [one for one in ROUTES if not one.public]


@pytest.fixture(scope="module")
def genuine(registry: Registry) -> Accountant:
    """Somebody whose token is good, and stays so while all that only looks like it is refused."""
    return registry.newcomer()


def _told(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _written(told: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def _signed(head: str, body: str, key: Signer) -> str:
    signature = base64.urlsafe_b64encode(key.sign(f"{head}.{body}".encode())).rstrip(b"=")
    return f"{head}.{body}.{signature.decode()}"


def _symmetric(head: Mapping[str, Any], body: str, secret: bytes) -> str:
    text = f"{_written({**head, 'alg': 'HS256'})}.{body}"
    signature = base64.urlsafe_b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).rstrip(b"=")
    return f"{text}.{signature.decode()}"


@pytest.fixture(scope="module")
def forged(genuine: Accountant) -> dict[str, str]:
    """What is no token, by what is wrong with it; each is a header of a request."""
    ours, other = signer(settings().token_key_id), signer(settings().certificate_key_id)
    token = str(genuine.token)
    head, body, signature = token.split(".")
    header, claims = _told(head), _told(body)
    admin = _written({**claims, "role": "admin", "scope": "42"})
    expired = _written({**claims, "iat": claims["iat"] - 3600, "exp": claims["iat"] - 1800})
    another = _written({**claims, "sub": "01990000-0000-7000-8000-00000000dead"})
    nobodys_session = _written({**claims, "session": "01990000-0000-7000-8000-00000000dead"})
    older = _written({**claims, "epoch": claims["epoch"] - 1})
    public = ours.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    tokens = {
        "alg none": f"{_written({**header, 'alg': 'none'})}.{body}.",
        "alg none, as an admin": f"{_written({**header, 'alg': 'none'})}.{admin}.",
        "HS256 under an empty key": _symmetric(header, body, b""),
        "HS256 under the public key": _symmetric(header, admin, public),
        "no signature": f"{head}.{body}.",
        "another signature": f"{head}.{body}.{signature[::-1]}",
        "altered role and scope": f"{head}.{admin}.{signature}",
        "altered scope": f"{head}.{_written({**claims, 'scope': '42'})}.{signature}",
        "another key of ours": _signed(_written({**header, "kid": other.key_id}), body, other),
        "another key under our name": _signed(head, body, other),
        "a key nobody knows": _signed(_written({**header, "kid": "stranger"}), body, other),
        "expired": _signed(head, expired, ours),
        "of an account that is none": _signed(head, another, ours),
        "of a session that is none": _signed(head, nobodys_session, ours),
        "of an epoch before": _signed(head, older, ours),
    }
    headers = {"a space at the end": f"Bearer {token} ", "Basic": f"Basic {token}", "bare": token}
    return {**{name: f"Bearer {one}" for name, one in tokens.items()}, **headers, "empty": "Bearer ", "none": ""}


@pytest.mark.parametrize("route", CLOSED, ids=str)
def test_what_is_no_token_opens_nothing(
    registry: Registry, genuine: Accountant, forged: dict[str, str], route: Route
) -> None:
    for name, header in forged.items():
        answer = registry.nobody.call(route.method, route.at(year=2026), {}, headers={"Authorization": header})
        assert answer.status == 401, name
        refused(answer, 401, "unauthenticated")
    assert genuine.get("/me").status == 200


def test_what_is_revoked_bites_within_a_minute() -> None:
    """The authorizer asks the table at every call; API Gateway keeps its answer this long and no longer."""
    schemes = template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["components"]["securitySchemes"]
    assert schemes["token"]["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"] <= 30


def signed_out(registry: Registry) -> Caller:
    somebody = registry.newcomer()
    assert somebody.post("/auth/logout").status == 204
    return somebody


def reset(registry: Registry) -> Caller:
    somebody = registry.newcomer()
    known = {"id_number": somebody.person["id_number"], "phone": somebody.person["phone"]}
    body = {**known, "otp": registry.code(known["phone"], "reset"), "new_password": "Changed-2026-again"}
    assert registry.nobody.post("/auth/password/reset", body).status == 204
    return somebody


def copied(registry: Registry) -> Caller:
    """An old refresh token comes back, so the whole family ends."""
    somebody = registry.newcomer()
    turn = {"refresh_token": somebody.refresh_token}
    assert [registry.nobody.post("/auth/refresh", turn).status for _ in range(2)] == [200, 401]
    return somebody


def changed(username: str, change: dict[str, Any]) -> Callable[[Registry], Caller]:
    def prepare(registry: Registry) -> Caller:
        account_id = registry.open(Role.REVIEWER, "420106", username)
        somebody = registry.sign_in(Role.REVIEWER, username)
        assert somebody.get("/me").status == 200
        assert registry.admin.call("PATCH", f"/admin/staff/{account_id}", change).status == 200
        return somebody

    return prepare


@pytest.mark.parametrize(
    "revoked",
    [
        signed_out,
        reset,
        copied,
        changed("suspended", {"suspended": True}),
        changed("re-scoped", {"scope": "420105"}),
        changed("reset.password", {"reset": "password"}),
        changed("reset.totp", {"reset": "totp"}),
    ],
    ids=["signed out", "password reset", "copied", "suspended", "re-scoped", "reset by admin", "second factor reset"],
)
def test_a_revoked_token_opens_nothing_and_renews_nothing(
    registry: Registry, revoked: Callable[[Registry], Caller]
) -> None:
    somebody = revoked(registry)
    for route in CLOSED:
        refused(somebody.call(route.method, route.at(year=2026), {}), 401, "unauthenticated")
    renewed = registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token})
    refused(renewed, 401, "unauthenticated")
