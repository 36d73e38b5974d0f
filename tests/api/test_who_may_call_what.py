"""Every route with every role: who is let in, who is refused, and that nobody is forgotten. The table is the contract's, not the code's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jingkuai.domain.principal import Role
from tests.api.gateway import declared_routes
from tests.api.refusals import refused
from tests.api.registry import Caller, Registry

ACCOUNTANT, EMPLOYER, INSTITUTION = Role.ACCOUNTANT, Role.EMPLOYER, Role.INSTITUTION
REVIEWER, ADMIN, AUDITOR = Role.REVIEWER, Role.ADMIN, Role.AUDITOR
ANYBODY: frozenset[Role] | None = None  # without a token
SIGNED_IN = frozenset(Role)
BUREAU = frozenset({REVIEWER})

TABLE: dict[str, frozenset[Role] | None] = {
    "GET /privacy-notice": ANYBODY,
    "GET /regions": ANYBODY,
    "GET /dictionaries": ANYBODY,
    "POST /auth/otp": ANYBODY,
    "POST /auth/register": ANYBODY,
    "POST /auth/login": ANYBODY,
    "POST /auth/login/otp": ANYBODY,
    "POST /auth/refresh": ANYBODY,
    "POST /auth/password/reset": ANYBODY,
    "POST /auth/logout": SIGNED_IN,
    "GET /me": SIGNED_IN,
    "GET /me/profile": frozenset({ACCOUNTANT}),
    "GET /me/draft": frozenset({ACCOUNTANT}),
    "PUT /me/draft": frozenset({ACCOUNTANT}),
    "POST /me/attachments": frozenset({ACCOUNTANT, EMPLOYER}),
    "GET /me/attachments/{attachment_id}": frozenset({ACCOUNTANT, EMPLOYER}),
    "GET /me/submissions": frozenset({ACCOUNTANT}),
    "POST /me/submissions": frozenset({ACCOUNTANT}),
    "GET /me/submissions/{submission_id}": frozenset({ACCOUNTANT}),
    "POST /me/submissions/{submission_id}/resubmit": frozenset({ACCOUNTANT}),
    "POST /me/submissions/{submission_id}/withdraw": frozenset({ACCOUNTANT}),
    "GET /review/tasks": frozenset({REVIEWER, ADMIN}),
    "GET /review/tasks/{task_id}": BUREAU,
    "POST /review/tasks/{task_id}/claim": BUREAU,
    "POST /review/tasks/{task_id}/release": BUREAU,
    "POST /review/tasks/{task_id}/decision": BUREAU,
    "GET /me/credits": frozenset({ACCOUNTANT}),
    "GET /me/credits/history": frozenset({ACCOUNTANT}),
    "POST /me/credits/{year}/certificate": frozenset({ACCOUNTANT}),
    "GET /verify/{certificate_no}": ANYBODY,
    "GET /credits/rules": ANYBODY,
    "GET /institution/imports": frozenset({INSTITUTION}),
    "POST /institution/imports": frozenset({INSTITUTION}),
    "GET /institution/imports/{import_id}": frozenset({INSTITUTION}),
    "GET /me/messages": SIGNED_IN,
    "POST /me/messages/{message_id}/read": SIGNED_IN,
    "POST /me/messages/read-all": SIGNED_IN,
}
WHO: dict[Role, Callable[[Registry], Caller]] = {
    ACCOUNTANT: lambda registry: registry.newcomer(),
    EMPLOYER: lambda registry: registry.employer,
    INSTITUTION: lambda registry: registry.institution(),
    REVIEWER: lambda registry: registry.reviewer(),
    ADMIN: lambda registry: registry.admin,
    AUDITOR: lambda registry: registry.auditor,
}
RESTRICTED = [route for route, roles in TABLE.items() if roles is not ANYBODY]


@pytest.fixture(scope="module")
def callers(registry: Registry) -> dict[Role, Caller]:
    """Somebody of every role, signed in once for the module; who is signed out meanwhile is not asked again."""
    return {role: made(registry) for role, made in WHO.items()}


def asked(caller: Caller, route: str) -> int:
    """The status of a call with nothing in it: enough to see whether one is let in."""
    method, _, path = route.partition(" ")
    path = path.replace("{year}", "2026").replace("{", "").replace("}", "")
    return caller.call(method, path, None if method == "GET" else {}).status


def test_the_table_names_every_route() -> None:
    assert {f"{route.method} {route.path}" for route in declared_routes()} == set(TABLE)


@pytest.mark.parametrize("route", [route for route in RESTRICTED if route != "POST /auth/logout"])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_or_refused(callers: dict[Role, Caller], role: Role, route: str) -> None:
    roles = TABLE[route]
    assert roles is not None
    status = asked(callers[role], route)
    assert (status == 403) is (role not in roles), f"{role} at {route} got {status}"
    assert status < 500


@pytest.mark.parametrize("route", RESTRICTED)
def test_without_a_token_nobody_is_let_in(registry: Registry, route: str) -> None:
    assert asked(registry.nobody, route) == 401


@pytest.mark.parametrize("route", [route for route, roles in TABLE.items() if roles is ANYBODY])
def test_a_public_route_asks_for_no_token(registry: Registry, route: str) -> None:
    assert asked(registry.nobody, route) not in (401, 403)


@pytest.mark.parametrize("route", RESTRICTED)
def test_a_stranger_learns_nothing_from_a_bad_body(callers: dict[Role, Caller], route: str) -> None:
    """Powertools validates a request before it asks for the rule: a bad body must not tell whether one would be let in."""
    roles = TABLE[route]
    assert roles is not None
    for role in sorted(set(Role) - roles):
        method, _, path = route.partition(" ")
        path = path.replace("{year}", "2026").replace("{", "").replace("}", "")
        if method != "GET":
            refused(callers[role].call(method, path, "{not json"), 403, "forbidden")


def test_who_has_signed_out_is_let_in_nowhere(registry: Registry) -> None:
    somebody = registry.newcomer()
    assert somebody.post("/auth/logout").status == 204
    for route in RESTRICTED:
        assert asked(somebody, route) == 401
