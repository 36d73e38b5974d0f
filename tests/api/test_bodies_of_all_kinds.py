"""Whatever is sent to whatever route: never a fault of ours, always a problem with a code and a Chinese text.

Three sources: the API's own description (schemathesis makes requests it allows and requests it forbids), right forms
with one member gone strange, and texts that are no form at all.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from tests import people
from tests.api.gateway import Answer, Route
from tests.api.refusals import problem_of
from tests.api.registry import PASSWORD, SECRET, Caller, Registry, announcement
from tests.api.who import ROUTES, Cast, somebody_for
from tools import openapi
from tools.local import samples

# a failing example is not made smaller: every try leaves something behind, and moto grows slower with it
TRIES = settings(
    max_examples=10, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
DESCRIBED = json.loads(openapi.TARGET.read_text())["paths"]
ENDLESS = "9" * 5_000  # more digits than Python reads
SOMEBODY = people.person(random.Random(0))
WISH = {"payload": samples.registration_of(SOMEBODY), "attachment_ids": ["x"]}
PROVEN = {"id_number": SOMEBODY["id_number"], "phone": SOMEBODY["phone"], "otp": "000000"}
KNOWN = {name: SOMEBODY[name] for name in ("id_number", "name", "phone")}
APPEAL = {**KNOWN, "kind": "phone_changed", "statement": "换号了", "region_code": "420106", "attachment_ids": ["x"]}
FORMS: dict[str, dict[str, Any]] = {
    "POST /auth/otp": {"phone": SOMEBODY["phone"], "purpose": "login"},
    "POST /auth/register": {
        **PROVEN, "id_type": "resident_id", "name": SOMEBODY["name"], "password": PASSWORD, "consent_version": "1"
    },
    "POST /auth/login": {"username": SOMEBODY["phone"], "password": PASSWORD, "totp": "000000"},
    "POST /auth/login/otp": {"phone": SOMEBODY["phone"], "otp": "000000"},
    "POST /auth/refresh": {"refresh_token": "a.b.c"},
    "POST /auth/password/reset": {**PROVEN, "new_password": PASSWORD},
    "POST /me/profile/reveal": {"otp": "000000"},
    "POST /me/deactivate": {"otp": "000000"},
    "PUT /me/draft": {"payload": WISH["payload"], "version": 0},
    "POST /me/attachments": announcement(b"x" * 999),
    "POST /me/profile/confirmed": {"version": 1},
    "PATCH /me/contact": {
        "phone": SOMEBODY["phone"], "otp": "000000", "email": "someone@example.invalid", "address": "湖北省示例路1号"
    },
    "POST /me/submissions": {**WISH, "kind": "registration"},
    "POST /me/submissions/{submission_id}/resubmit": WISH,
    "POST /me/transfers": {
        "to_region": "420502", "to_employer": {"uscc": SOMEBODY["uscc"], "name": "湖北示例迁入会计有限公司"},
        "employment_status": "employed", "position": "accountant", "reason": "到新单位任职", "start_date": "2026-12-01",
        "letter": {"number": "湘1", "from_region": "430100", "issued_on": "2026-01-01"},
        "earlier_credits": [{"year": 2025, "total": 90, "professional": 60}], "attachment_ids": ["x"],
    },
    "POST /me/transfers/{transfer_id}/papers": {"attachment_ids": ["x"]},
    "POST /employer/confirmations/{confirmation_id}": {"decision": "refuse", "reason": "工作交接尚未办结"},
    "POST /review/tasks/{task_id}/decision": {"decision": "return", "reason": "请补充", "fields": ["basic.name"]},
    "POST /review/tasks/{task_id}/assign": {"account_id": "x"},
    "POST /review/decisions": {"task_ids": ["x", "y"], "decision": "return", "reason": "请补充"},
    "POST /auth/invitations/{token}": {"password": PASSWORD},
    "POST /auth/totp": {"username": "nobody", "password": PASSWORD, "secret": SECRET, "totp": "000000"},
    "POST /auth/appeals/attachments": {**announcement(b"x" * 999), "phone": SOMEBODY["phone"], "otp": "000000"},
    "POST /auth/appeals": APPEAL | {"otp": "000000"},
    "POST /review/appeals": APPEAL,
    "POST /review/people/{id}/same-person": {"other_person_id": "x", "same": True, "reason": "同一人"},
    "PUT /admin/regions/{code}/office": {"name": "财政局会计科", "phone": "027-87654321", "address": "示例路1号"},
    "PUT /review/return-reasons": {"reasons": ["请补盖公章。"], "version": 0},
    "POST /review/people/search": {"name": SOMEBODY["name"], "purpose": "核对材料"},
    "POST /admin/staff": {**KNOWN, "username": "x", "role": "reviewer", "scope": "420106", "head": True},
    "PATCH /admin/staff/{id}": {"suspended": True, "scope": "4201", "reset": "totp"},
    "POST /admin/institutions": {
        "institution_id": "x", "name": "某某培训", "uscc": "x", "contact_phone": "02700000000", "years_open": [2026]
    },
    "PATCH /admin/institutions/{id}": {"suspended": True, "reset": "password"},
    "POST /admin/employers": {
        "uscc": "x", "name": "某某公司", "region_code": "420106", "administrator": {**KNOWN, "username": "x"}
    },
    "PATCH /admin/employers/{id}": {"scope": SOMEBODY["uscc"]},
    "POST /admin/employers/{id}/successor": {"uscc": SOMEBODY["uscc"], "name": "某某有限公司", "preview": True},
    "POST /me/integrity-records/{id}/objection": {"statement": "本人没有任何不实", "attachment_ids": ["x"]},
    "POST /review/people/{id}/integrity-records": {
        "kind": "reward", "title": "先进会计工作者", "facts": "省财政厅表彰", "decided_on": "2026-05-01",
        "document_no": "鄂财会发〔2026〕1号", "effective_until": "2028-05-01",
    },
    "POST /review/people/{id}/integrity-records/{record_id}/revoke": {"reason": "依据的文件已被撤销"},
    "POST /review/people/{id}/integrity-records/{record_id}/uphold": {"reason": "经核实，处罚决定有效"},
    "POST /employer/members/{id}/left": {"kind": "left", "reason": "已办理离职"},
    "POST /employer/invitations": {"name": SOMEBODY["name"], "phone": SOMEBODY["phone"]},
    "POST /institution/imports": {"filename": "a.csv", "size": 1, "year": 2026, "dry_run": True},
}  # fmt: skip
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        *("", " ", "\x00", "a\x00b", "\ud800", "a\u0301", "\u202e", "٢٠٢٦", "１９９０", "A" * 5_000, "\U0001f600" * 50),
        *("9" * 400, "-1", "1e5", "0001-01-01", "9999-12-31", "2026-02-30", "+8619900000001", "\u2028"),
        *(None, True, -1, 0.1, 1e308, 10**30, [], {}, [[]], {"a": 1}, {"": ""}, {"\ud800": "x"}, {"$": {"\x00": 1}}),
    ]
)
ANY_JSON = st.recursive(
    STRANGE | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
Path = tuple[str | int, ...]
ASKED = [one for one in ROUTES if one.path != "/auth/logout"]  # takes nothing, and ends the session that asks
WITH_FORM = [one for one in ASKED if str(one) in FORMS]


@cache
def description() -> Any:
    return schemathesis.openapi.from_dict(json.loads(openapi.TARGET.read_text()))


@pytest.fixture
def ask(registry: Registry, cast: Cast) -> Any:
    """Sends a request as somebody whom its route is for, and looks at what came back."""

    def asked(route: Route, path: str, text: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        role = somebody_for(route)
        caller: Caller = registry.nobody if route.public else cast.one(role)
        answer = caller.call(route.method, path, text, headers=headers)
        assert answer.status < 500, answer.text
        if answer.status >= 400:
            problem_of(answer)
        else:
            assert str(answer.status) in DESCRIBED[route.path][route.method.lower()]["responses"]
        return answer

    return asked


@pytest.mark.parametrize("route", ASKED, ids=str)
@TRIES
@given(data=st.data())
def test_what_the_description_allows_and_what_it_forbids_is_answered(
    ask: Any, route: Route, data: st.DataObject
) -> None:
    operation = description()[route.path][route.method]
    modes = (
        list(GenerationMode)
        if route.method != "GET" or "parameters" in operation.definition.raw
        else [GenerationMode.POSITIVE]
    )
    case = data.draw(st.sampled_from(modes).flatmap(lambda mode: operation.as_strategy(generation_mode=mode)))
    query = urlencode({name: _text(value) for name, value in (case.query or {}).items()})
    ask(route, f"{case.formatted_path}?{query}", None if isinstance(case.body, NotSet) else _text(case.body))


def _text(value: Any) -> str:
    """A value as it travels."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else json.dumps(value)


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value, the whole first."""
    yield at
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*at, name))


def replaced(value: Any, at: Path, new: Any) -> Any:
    """The value with another in one place."""
    if not at:
        return new
    first, *rest = at
    if isinstance(value, dict):
        return {**value, first: replaced(value[first], tuple(rest), new)}
    return [replaced(one, tuple(rest), new) if number == first else one for number, one in enumerate(value)]


def test_every_route_with_a_body_has_a_right_form() -> None:
    with_body = {str(one) for one in ROUTES if "requestBody" in DESCRIBED[one.path][one.method.lower()]}
    assert set(FORMS) == with_body


@pytest.mark.parametrize("route", WITH_FORM, ids=str)
@settings(TRIES, max_examples=20)
@given(data=st.data())
def test_a_right_form_with_one_strange_member_is_answered(ask: Any, route: Route, data: st.DataObject) -> None:
    form = FORMS[str(route)]
    at = data.draw(st.sampled_from(list(places(form))))
    new = data.draw(STRANGE | ANY_JSON)
    ask(route, route.at(), json.dumps(replaced(form, at, new)))


NO_FORMS = {
    "nothing": "",
    "NUL": "\x00",
    "cut off": "{",
    "NaN": "NaN",
    "infinite": "-Infinity",
    "past all floats": "1e999",
    "a number without end": ENDLESS,
    "a list": "[]",
    "two forms": "{}{}",
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "lists never closed": "[" * 100_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "half a character": '{"phone": "\\ud800"}',
    "a name twice": '{"phone": 1, "phone": 2}',
    "a name of no letters": '{"": 1, "\\u0000": 2}',
    "a byte order mark": "\ufeff{}",
    "no JSON": "é" * 100,
}


@pytest.mark.parametrize("text", NO_FORMS.values(), ids=NO_FORMS)
@pytest.mark.parametrize("route", [one for one in ASKED if one.method != "GET"], ids=str)
def test_what_is_no_form_is_answered(ask: Any, route: Route, text: str) -> None:
    ask(route, route.at(year=2026), text)


@pytest.mark.parametrize(
    "deep", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, ENDLESS], ids=["lists", "objects", "digits"]
)
@pytest.mark.parametrize("route", WITH_FORM, ids=str)
def test_a_right_form_with_a_member_too_deep_or_too_long_is_answered(ask: Any, route: Route, deep: str) -> None:
    for name in FORMS[str(route)]:
        ask(route, route.at(), json.dumps({**FORMS[str(route)], name: "HERE"}).replace('"HERE"', deep))


QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["limit", "cursor", "year", "state", "kind", "region", "as_of", "from", "to", "limit[]", "x"]),
        st.text(max_size=12)
        | st.integers().map(str)
        | st.sampled_from(["open", "420106", "\x00", "a.b", "=", "e30.00"]),
    ),
    max_size=5,
)


@pytest.mark.parametrize("route", [one for one in ASKED if one.method == "GET"], ids=str)
@TRIES
@given(query=QUERIES)
def test_a_query_of_any_kind_is_answered(ask: Any, route: Route, query: list[tuple[str, str]]) -> None:
    """Also names given twice, and names that nobody knows."""
    sent = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query)
    ask(route, f"{route.at(year=2026)}?{sent}")


@TRIES
@given(value=st.text(st.characters(max_codepoint=255), max_size=300))
def test_headers_of_any_kind_are_answered(ask: Any, value: str) -> None:
    headers = {"Idempotency-Key": value, "If-None-Match": value, "Accept": value, "X-Forwarded-For": value}
    for route in ROUTES:
        if str(route) in ("POST /institution/imports", "GET /privacy-notice", "GET /me"):
            ask(route, route.at(), json.dumps(FORMS.get(str(route))), headers=headers)


@TRIES
@given(value=st.text(st.characters(max_codepoint=255), max_size=40))
def test_content_types_of_any_kind_are_answered(ask: Any, value: str) -> None:
    for route in ROUTES:
        if str(route) in ("POST /auth/login", "PUT /me/draft", "POST /me/messages/read-all"):
            ask(route, route.at(), "{}", headers={"Content-Type": value})
