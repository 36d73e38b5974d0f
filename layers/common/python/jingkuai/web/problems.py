"""Refusals as RFC 9457 answers: `application/problem+json`, a Chinese text, a stable code, every problem at once."""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from jingkuai.domain.problem import (
    BadRequest,
    FieldProblem,
    Invalid,
    InvalidQuery,
    InvalidValue,
    Kind,
    Problem,
    UnreadableQuery,
)

PROBLEM_JSON = "application/problem+json"

STATUS = {
    Kind.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.LOCKED: HTTPStatus.LOCKED,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.FAULT: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# what pydantic finds, in words, `{}` being the bound it was held to; anything not listed reads as "invalid"
_MESSAGES = {
    "missing": "必填项没有填写，请补充后重新提交。",
    "extra_forbidden": "没有这个字段，请对照接口说明删除它。",
    "enum": "不在可选值之内，请从这些值中选择：{}。",
    "string_too_short": "内容太短，至少{}个字，请补充完整。",
    "string_too_long": "内容太长，不能超过{}个字，请删减。",
    "string_pattern_mismatch": "格式不正确，请对照接口说明修改。",
    "greater_than_equal": "数值太小，不能小于{}，请修改。",
    "greater_than": "数值太小，应大于{}，请修改。",
    "less_than_equal": "数值太大，不能大于{}，请修改。",
    "date_from_datetime_parsing": "日期不正确，请写成 2026-05-01 的形式。",
    "too_long": "项数太多，不能超过{}项，请减少。",
    "too_short": "项数太少，至少{}项，请补充。",
}
_BOUNDS = {
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "greater_than_equal": "ge",
    "greater_than": "gt",
    "less_than_equal": "le",
    "too_long": "max_length",
    "too_short": "min_length",
}
_MOST_VALUES = 12  # more of them are looked up rather than read
_MANY_VALUES = "不在可选值之内，请从接口说明列出的值中选择。"
_WRONG_TYPE = "值的类型不对，请对照接口说明修改。"
_INVALID = "填写的内容不正确，请对照接口说明修改。"


def answer(problem: Problem, request_id: str) -> Response[Any]:
    """The answer to a refused request."""
    status = STATUS[problem.kind]
    body = {
        "type": f"urn:jingkuai:problem:{problem.code}",
        "title": problem.title,
        "status": status.value,
        "code": problem.code,
        "detail": problem.detail,
        "errors": [{"field": one.field, "code": one.code, "message": one.message} for one in problem.errors],
        "request_id": request_id,
        **problem.extra,
    }
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return Response(
        status_code=status.value, content_type=PROBLEM_JSON, body=json.dumps(body, ensure_ascii=False), headers=headers
    )


def for_reading(problem: Problem) -> Problem:
    """The refusal as whoever only looks should read it: they handed in nothing, and have nothing to hand in again."""
    kind = {Invalid: InvalidQuery, BadRequest: UnreadableQuery}.get(type(problem))
    if kind is None or problem.detail != type(problem).detail:
        return problem
    return kind(errors=problem.errors, extra=problem.extra, retry_after=problem.retry_after)


def of_validation(errors: Sequence[Any]) -> Problem:
    """The refusal for what pydantic found: 400 where the request cannot be read, else 422 with a code per field."""
    if any(error["type"] == "json_invalid" for error in errors):
        return BadRequest()  # where in the text it breaks off is no field
    found = [_field_problem(error) for error in errors]
    if any(_is_wrong_type(error["type"]) for error in errors):
        return BadRequest(errors=found)
    return Invalid(errors=found)


def _is_wrong_type(kind: str) -> bool:
    return kind.endswith(("_type", "_parsing")) and not kind.startswith("date")


def _field_problem(error: Any) -> FieldProblem:
    field = ".".join(str(step) for step in error["loc"][1:])
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, InvalidValue):
        return FieldProblem(field, cause.code, cause.message)
    kind = "enum" if error["type"] == "literal_error" else str(error["type"])  # how we wrote the values down is no news
    if _is_wrong_type(kind):
        return FieldProblem(field, "wrong_type", _WRONG_TYPE)
    if kind.startswith("date"):
        return FieldProblem(field, "bad_date", _MESSAGES["date_from_datetime_parsing"])
    return FieldProblem(field, kind if kind in _MESSAGES else "invalid", _message(kind, error.get("ctx") or {}))


def _message(kind: str, found: Mapping[str, Any]) -> str:
    text = _MESSAGES.get(kind, _INVALID)
    if kind == "enum":
        values = re.findall(r"'([^']*)'", found["expected"])
        return text.format("、".join(values)) if len(values) <= _MOST_VALUES else _MANY_VALUES
    return text.format(found[_BOUNDS[kind]]) if kind in _BOUNDS else text
