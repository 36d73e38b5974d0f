"""Whatever is sent to whatever route: never a fault of ours, always a problem with a code and a Chinese text."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.gateway import Answer, declared_routes
from tests.api.refusals import problem_of
from tests.api.registry import Caller, Registry
from tools import openapi

HALF_A_CHARACTER = "\ud800"
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [HALF_A_CHARACTER, "\x00", "9" * 400, "registration", "2026-13-40", "420106", "A" * 5000, "", " ", "‮"]
    ),
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TAKING_BODIES = [route for route in declared_routes() if route.method in ("POST", "PUT", "PATCH")]
DESCRIBED = json.loads(openapi.TARGET.read_text())
TRIES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def callers(registry: Registry) -> dict[str, Caller]:
    """Who has business with a context."""
    return {
        "identity": registry.nobody,
        "register": registry.newcomer(),
        "review": registry.reviewer(),
        "credits": registry.institution(),
        "notices": registry.newcomer(),
    }


def fields_of(path: str, method: str) -> list[str]:
    """The members a route's body is described with."""
    operation = DESCRIBED["paths"][path][method.lower()]
    shape = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = shape.get("$ref", "").rpartition("/")[2]
    return sorted(DESCRIBED["components"]["schemas"].get(name, {}).get("properties", {}))


def no_fault(answer: Answer) -> None:
    assert answer.status < 500, answer.text
    if answer.status >= 400:
        problem_of(answer)


def caller_of(callers: dict[str, Caller], path: str, method: str) -> Caller:
    return callers[DESCRIBED["paths"][path][method.lower()]["tags"][0]]


def with_ids(path: str) -> str:
    return path.replace("{year}", "2026").replace("{", "").replace("}", "")


@pytest.mark.parametrize("route", TAKING_BODIES, ids=lambda route: f"{route.method} {route.path}")
@TRIES
@given(data=st.data())
def test_members_of_any_kind_are_no_fault(callers: dict[str, Caller], route: Any, data: st.DataObject) -> None:
    names = fields_of(route.path, route.method)
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANY_JSON)) if names else ANY_JSON)
    if route.path != "/auth/logout":
        no_fault(
            caller_of(callers, route.path, route.method).call(route.method, with_ids(route.path), json.dumps(body))
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "\x00",
        '"text"',
        "NaN",
        "1e999",
        "[" * 10_000,
        '{"a":' * 2_000,
        '{"phone": "\\ud800"}',
        "{}{}",
        "é" * 100,
    ],
    ids=[
        "empty",
        "null",
        "list",
        "cut off",
        "NUL",
        "text",
        "NaN",
        "huge",
        "deep lists",
        "deep objects",
        "half",
        "two",
        "no JSON",
    ],
)
@pytest.mark.parametrize("route", TAKING_BODIES, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_no_form_is_no_fault(callers: dict[str, Caller], route: Any, text: str) -> None:
    if route.path != "/auth/logout":
        no_fault(caller_of(callers, route.path, route.method).call(route.method, with_ids(route.path), text))


@TRIES
@given(limit=st.text(max_size=5) | st.integers().map(str), cursor=st.text(max_size=30), state=st.text(max_size=8))
def test_queries_of_any_kind_are_no_fault(callers: dict[str, Caller], limit: str, cursor: str, state: str) -> None:
    for context, path in (
        ("register", "/me/submissions"),
        ("review", "/review/tasks"),
        ("credits", "/institution/imports"),
        ("notices", "/me/messages"),
    ):
        query = "&".join(
            f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}"
            for name, value in (("limit", limit), ("cursor", cursor), ("state", state))
        )
        no_fault(callers[context].get(f"{path}?{query}"))


@TRIES
@given(anything=st.text(min_size=1, max_size=40).filter(lambda text: "/" not in text and text not in (".", "..")))
def test_ids_of_any_kind_are_not_found(callers: dict[str, Caller], anything: str) -> None:
    named = quote(anything.encode("utf-8", "surrogatepass"), safe="")
    for context, path in (
        ("register", "/me/submissions/"),
        ("register", "/me/attachments/"),
        ("review", "/review/tasks/"),
        ("credits", "/institution/imports/"),
    ):
        answer = callers[context].get(path + named)
        no_fault(answer)
        assert answer.status in (404, 422), answer.text


def test_another_content_type_is_refused_by_name(callers: dict[str, Caller]) -> None:
    answer = callers["identity"].post("/auth/otp", "<phone/>", headers={"content-type": "application/xml"})
    assert (answer.status, problem_of(answer)["code"]) == (415, "unsupported_type")
