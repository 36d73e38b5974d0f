"""Refusals: every one has a code and a Chinese text, and none carries the caller's values into a log."""

from __future__ import annotations

import re
from typing import TypeVar

import pytest

from jingkuai.domain import (
    attachment,
    disputed_account,
    identity_document,
    person_name,
    phone,
    profile_draft,
    profile_fields,
    social_credit_code,
)
from jingkuai.domain.problem import FieldProblem, Invalid, InvalidValue, Problem, TooManyRequests

T = TypeVar("T")
MODULES = (
    attachment,
    disputed_account,
    identity_document,
    person_name,
    phone,
    profile_draft,
    profile_fields,
    social_credit_code,
)


def below(kind: type[T]) -> list[type[T]]:
    children = kind.__subclasses__()
    return [*children, *(grandchild for child in children for grandchild in below(child))]


@pytest.mark.parametrize("problem", [kind for kind in below(Problem) if kind.__module__.startswith("jingkuai.domain")])
def test_a_problem_has_a_stable_code_and_says_what_to_do(problem: type[Problem]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", problem.code)
    assert re.search(r"[一-鿿]", problem.title)
    assert "请" in problem.detail


@pytest.mark.parametrize(
    "kind", [kind for kind in below(InvalidValue) if kind.__module__.startswith("jingkuai.domain")]
)
def test_every_code_of_a_value_type_has_its_text(kind: type[InvalidValue]) -> None:
    assert kind.messages
    for code in kind.messages:
        refused = kind(code)
        assert (refused.code, refused.message) == (code, kind.messages[code])
        assert re.search(r"[一-鿿]", refused.message)


def test_a_problem_takes_a_detail_errors_members_and_a_wait() -> None:
    wrong = FieldProblem("basic.name", "required", "请填写姓名。")
    problem = Invalid("请修改。", errors=[wrong], extra={"current": 3})
    assert (problem.detail, problem.errors, problem.extra, problem.retry_after) == (
        "请修改。",
        (wrong,),
        {"current": 3},
        None,
    )
    assert Invalid.detail != "请修改。"
    assert TooManyRequests(retry_after=60).retry_after == 60
    assert str(problem) == "invalid (required)"


def test_a_problem_of_a_part_is_seen_from_the_whole() -> None:
    assert FieldProblem("school", "required", "请填写。").below("education.0").field == "education.0.school"
    assert InvalidValue("bad", "请修改。").at("phone") == FieldProblem("phone", "bad", "请修改。")
