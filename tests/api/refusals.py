"""What every refusal of the API has in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.api.gateway import REQUEST_ID, Answer

MEMBERS = {"type", "title", "status", "code", "detail", "errors", "request_id"}


def in_chinese(text: str) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", text))


def refused(answer: Answer, status: int, code: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The problem of an answer that had to be this refusal; `fields` are the codes of the fields complained of, all of them."""
    problem = problem_of(answer)
    assert (answer.status, problem["code"]) == (status, code), answer.text
    if fields is not None:
        assert {one["field"]: one["code"] for one in problem["errors"]} == fields
    return problem


def problem_of(answer: Answer) -> dict[str, Any]:
    """The problem, well formed: RFC 9457 with a stable code, and Chinese for the person."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json
    assert set(problem) >= MEMBERS
    assert problem["status"] == answer.status
    assert problem["request_id"] == REQUEST_ID
    assert re.fullmatch("[a-z0-9_]+", problem["code"])
    assert problem["type"] == f"urn:jingkuai:problem:{problem['code']}"
    for text in (problem["title"], problem["detail"], *(one["message"] for one in problem["errors"])):
        assert in_chinese(text), text
    for one in problem["errors"]:
        assert set(one) == {"field", "code", "message"}
        assert re.fullmatch("[a-z0-9_]+", one["code"])
    return problem
