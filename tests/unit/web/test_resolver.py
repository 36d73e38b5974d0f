"""The HTTP edge: strangers learn nothing, every problem comes at once, a fault says nothing of what was typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field, field_validator

from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Conflict, InvalidValue
from jingkuai.web.access import allow, public
from jingkuai.web.problems import PROBLEM_JSON
from jingkuai.web.resolver import new_api
from jingkuai.web.responses import created, no_content


class BadName(InvalidValue):
    messages: ClassVar[Mapping[str, str]] = {"bad_name": "请填写姓名。"}


class Form(BaseModel):
    name: str
    size: int

    @field_validator("name")
    @classmethod
    def _checked(cls, name: str) -> str:
        if name == "?":
            raise BadName("bad_name")
        return name


class Seen(BaseModel):
    name: str


Letter = StrEnum("Letter", ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"])


class Bounded(BaseModel):
    size: Annotated[int, Field(ge=2, le=9)] = 2
    share: Annotated[int, Field(gt=0)] = 1
    text: Annotated[str, Field(min_length=3, max_length=5)] = "four"
    parts: Annotated[list[str], Field(min_length=1, max_length=4)] = ["one"]
    role: Role = Role.REVIEWER
    said: Literal["yes", "no"] = "yes"
    letter: Letter = Letter.a


app = new_api("test")
GIVEN: dict[str, Any] = {"headers": {}, "requestContext": {"authorizer": {"account_id": "a", "role": "reviewer"}}}


@app.post("/things", middlewares=[allow(Role.REVIEWER)])
def make(body: Annotated[Form, Body()]) -> Any:
    if body.name == "taken":
        raise Conflict(extra={"current": 3}, retry_after=5)
    if body.name == "secret":
        raise RuntimeError("420106199202290011")
    return created(Seen(name=body.name))


@app.post("/bounded", middlewares=[public()])
def bound(body: Annotated[Bounded, Body()]) -> Seen:
    return Seen(name=body.text)


@app.get("/open", middlewares=[public()])
def look(year: Annotated[int, Query(ge=2000)] = 2026) -> Seen:
    return Seen(name=str(year))


@app.delete("/things", middlewares=[allow(Role.REVIEWER)])
def drop() -> Any:
    return no_content()


@app.get("/forgotten")
def forgotten() -> Seen:
    return Seen(name="never")


def call(
    method: str, path: str, body: Any = None, role: str | None = "reviewer", **query: str
) -> tuple[int, Any, dict[str, Any]]:
    event: dict[str, Any] = {
        "httpMethod": method,
        "path": path,
        "headers": {"content-type": "application/json"},
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "requestContext": {
            "requestId": "r-1",
            "authorizer": {"account_id": "a", "role": role, "scope": "42"} if role else None,
        },
    }
    answer = app.resolve(event, LambdaContext())
    headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    return answer["statusCode"], json.loads(answer["body"]) if answer.get("body") else None, headers


def test_what_is_created_is_answered() -> None:
    assert call("POST", "/things", {"name": "x", "size": 1})[:2] == (201, {"name": "x"})
    assert call("DELETE", "/things")[:2] == (204, None)
    assert app.resolve({"httpMethod": "DELETE", "path": "/things", **GIVEN}, LambdaContext())["body"] == "", (
        "null is no body"
    )


@pytest.mark.parametrize("body", [{"name": 1}, "{", {}, {"name": "x", "size": 1}])
def test_a_stranger_is_refused_as_a_stranger_whatever_the_body(body: Any) -> None:
    assert call("POST", "/things", body, role="accountant")[0] == 403
    assert call("POST", "/things", body, role=None)[0] == 401


def test_a_route_without_a_rule_answers_nobody() -> None:
    status, problem, _ = call("GET", "/forgotten")
    assert (status, problem["code"]) == (403, "forbidden")


def test_every_problem_comes_at_once_with_its_own_code() -> None:
    status, problem, headers = call("POST", "/things", {"name": "?"})
    assert (status, problem["code"], headers["Content-Type"]) == (422, "invalid", PROBLEM_JSON)
    assert {(one["field"], one["code"]) for one in problem["errors"]} == {("name", "bad_name"), ("size", "missing")}
    assert problem["errors"][0]["message"] == "请填写姓名。"
    assert problem["request_id"] == "r-1"


@pytest.mark.parametrize(
    "body", ["{", '{"name": 1, "size": 2}', '{"name": "x", "size": "many"}', "[]", '"text"', "", "null"]
)
def test_what_cannot_be_read_is_a_bad_request(body: str) -> None:
    status, problem, _ = call("POST", "/things", body)
    assert (status, problem["code"]) in ((400, "bad_request"), (422, "invalid")), problem
    assert problem["detail"]


def test_a_query_out_of_range_is_named() -> None:
    assert call("GET", "/open", role=None)[0] == 200
    status, problem, _ = call("GET", "/open", role=None, year="1")
    assert (status, problem["errors"][0]["field"]) == (422, "year")
    assert call("GET", "/open", role=None, year="x")[0] == 400


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({"size": 1}, "greater_than_equal", "不能小于2，"),
        ({"size": 10}, "less_than_equal", "不能大于9，"),
        ({"share": 0}, "greater_than", "应大于0，"),
        ({"text": "x"}, "string_too_short", "至少3个字，"),
        ({"text": "longer"}, "string_too_long", "不能超过5个字，"),
        ({"parts": []}, "too_short", "至少1项，"),
        ({"parts": ["x"] * 5}, "too_long", "不能超过4项，"),
        ({"role": "king"}, "enum", f"：{'、'.join(Role)}。"),
        ({"said": "perhaps"}, "enum", "：yes、no。"),
        ({"letter": "z"}, "enum", "接口说明"),  # thirteen of them: too many to read
    ],
)
def test_what_is_out_of_bounds_is_told_the_bound(body: Any, code: str, says: str) -> None:
    (problem,) = call("POST", "/bounded", body, role=None)[1]["errors"]
    assert problem["code"] == code
    assert says in problem["message"]


@pytest.mark.parametrize("year", ["1", "x"])
def test_who_only_looks_is_not_told_to_hand_in_anything_again(year: str) -> None:
    problem = call("GET", "/open", role=None, year=year)[1]
    assert "查询条件" in problem["title"]
    assert "提交" not in problem["detail"]
    assert "提交" in call("POST", "/things", {"name": year})[1]["detail"]


def test_a_refusal_carries_its_members_and_when_to_try_again() -> None:
    status, problem, headers = call("POST", "/things", {"name": "taken", "size": 1})
    assert (status, problem["code"], problem["current"], headers["Retry-After"]) == (409, "conflict", 3, "5")
    assert problem["status"] == 409


def test_an_unknown_path_is_not_found() -> None:
    assert call("GET", "/nowhere")[:2][0] == 404


def test_a_fault_tells_and_logs_nothing_of_what_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    status, problem, _ = call("POST", "/things", {"name": "secret", "size": 1})
    assert (status, problem["code"], problem["status"]) == (500, "internal_error", 500)
    seen = capsys.readouterr()
    assert "420106199202290011" not in seen.out + seen.err + json.dumps(problem)
