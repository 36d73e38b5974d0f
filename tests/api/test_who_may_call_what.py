"""Every route for every role, against the one table of `who.py`."""

from __future__ import annotations

import pytest

from jingkuai.domain.principal import Role
from tests.api.gateway import Route
from tests.api.refusals import problem_of, refused
from tests.api.registry import Registry
from tests.api.who import ANY, CALLERS, EVERYBODY, NOBODY, ROUTES, WHO, Cast, is_allowed


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


@pytest.mark.parametrize("route", [one for one in ROUTES if not one.public], ids=str)
def test_what_is_no_token_opens_nothing(registry: Registry, cast: Cast, route: Route) -> None:
    genuine = str(cast.one(Role.ACCOUNTANT).token)
    head, claims, signature = genuine.split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    for header in (
        f"Bearer {head}.{claims}.",
        f"Bearer {head}.{claims}.{signature[::-1]}",
        f"Bearer {unsigned}.{claims}.",
        f"Bearer {genuine} ",
        f"Basic {genuine}",
        genuine,
        "Bearer ",
        "",
    ):
        answer = registry.nobody.call(route.method, route.at(year=2026), {}, headers={"Authorization": header})
        refused(answer, 401, "unauthenticated")


def test_whoever_has_signed_out_is_let_in_nowhere(registry: Registry) -> None:
    somebody = registry.newcomer()
    assert somebody.post("/auth/logout").status == 204
    for route in ROUTES:
        if not route.public:
            refused(somebody.call(route.method, route.at(year=2026), {}), 401, "unauthenticated")
