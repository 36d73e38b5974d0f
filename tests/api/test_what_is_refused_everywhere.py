"""Refusals that are the same on every route: what cannot be read, what is of another type, what is not there at all."""

from __future__ import annotations

import json

import pytest

from tests.api.gateway import Route
from tests.api.refusals import problem_of, refused
from tests.api.registry import Registry
from tests.api.who import ROUTES, Cast, somebody_for
from tests.cloud import ROOT

DESCRIBED = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
WITH_BODY = [one for one in ROUTES if "requestBody" in DESCRIBED[one.path][one.method.lower()]]
WITHOUT_BODY = [one for one in ROUTES if one.method != "GET" and one not in WITH_BODY]


@pytest.mark.parametrize("text", ["{", "{'a': 1}", '{"a": }', "nonsense", "\ufeff{}", '{"a": "\x00"}', "[1, 2", "\\"])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_body_that_is_no_json_is_a_bad_request(cast: Cast, route: Route, text: str) -> None:
    answer = cast.one(somebody_for(route)).call(route.method, route.at(), text)
    refused(answer, 400, "bad_request", fields={})


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "0", "true", "[{}]"])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_body_that_is_no_object_is_refused(cast: Cast, route: Route, text: str) -> None:
    answer = cast.one(somebody_for(route)).call(route.method, route.at(), text)
    assert problem_of(answer)["code"] in ("bad_request", "invalid", "consent_outdated", "nothing_to_change")


@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "application/octet-stream", "x"])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_body_of_another_type_is_not_supported(cast: Cast, route: Route, content_type: str) -> None:
    answer = cast.one(somebody_for(route)).call(
        route.method, route.at(), "<x/>", headers={"Content-Type": content_type}
    )
    refused(answer, 415, "unsupported_type", fields={})


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_form_is_no_way_in(cast: Cast, route: Route, content_type: str) -> None:
    answer = cast.one(somebody_for(route)).call(
        route.method, route.at(), "username=a&password=b", headers={"Content-Type": content_type}
    )
    refused(answer, 415, "unsupported_type", fields={})


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", ""])
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_json_is_read_with_a_charset_and_without_a_type(cast: Cast, route: Route, content_type: str) -> None:
    answer = cast.one(somebody_for(route)).call(route.method, route.at(), {}, headers={"Content-Type": content_type})
    assert problem_of(answer)["status"] == 422, answer.text


@pytest.mark.parametrize("text", ["", "{", "null", "<x/>"])
@pytest.mark.parametrize("route", WITHOUT_BODY, ids=str)
def test_a_route_that_takes_no_body_looks_at_none(cast: Cast, route: Route, text: str) -> None:
    caller = somebody_for(route)
    answer = cast.one(caller).call(route.method, route.at(year=2026), text)
    assert answer.status in (202, 204, 404, 409), answer.text
    if route.path == "/auth/logout":
        cast.signed_out(caller)


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/me/", "/me/submissions/1/2/3", "/admin/nobody", "/review", "/v1/me"]
)
def test_a_path_that_is_none_is_not_found_in_our_own_words(registry: Registry, path: str) -> None:
    if path != "/me/":  # API Gateway takes a slash at the end as none
        refused(registry.nobody.get(path), 404, "not_found")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_another_method_of_a_path_is_not_found(cast: Cast, route: Route) -> None:
    for method in ("DELETE", "PATCH", "PUT"):
        if method.lower() not in DESCRIBED[route.path]:
            refused(cast.one(somebody_for(route)).call(method, route.at(), {}), 404, "not_found")


@pytest.mark.parametrize("strange", ["%00", "%2e%2e%2f", "..", "P%23x", "'", "%F0%9F%98%80", "*", "a" * 64])
@pytest.mark.parametrize("route", [one for one in ROUTES if "_id}" in one.path], ids=str)
def test_an_id_that_is_none_is_not_found(cast: Cast, route: Route, strange: str) -> None:
    path = route.path.partition("{")[0] + strange + route.path.partition("}")[2]
    body: dict[str, object] = {"payload": {}, "attachment_ids": []}
    if path.endswith("/decision"):
        body = {"decision": "approve"}
    if path.endswith("/assign"):
        body = {"account_id": "x"}
    if path.endswith(("/revoke", "/uphold")):
        body = {"reason": "记录有误，予以撤销"}
    if path.startswith("/employer/confirmations/"):
        body = {"decision": "confirm"}
    answer = cast.one(somebody_for(route)).call(route.method, path, None if route.method == "GET" else body)
    refused(answer, 404, "not_found")
