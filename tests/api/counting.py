"""AWS calls counted on the wire, and what the docstring of a route says of them.

In a warm process. The poll for newer rules, once a minute and process, is no call of a request and not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from jingkuai.aws import clients
from tests.api.gateway import Answer
from tests.api.registry import Caller
from tests.api.test_routes import handled_routes
from tests.api.who import ROUTES

MADE = (clients.dynamodb, clients.s3, clients.kms, clients.sns, clients.stepfunctions, clients.secretsmanager)
BY_NAME = {str(route): route for route in ROUTES}
Request = Callable[[], Answer]
Life = TypeVar("Life")


class Case(NamedTuple, Generic[Life]):
    """A request of a route; `when` is the situation as the route's docstring names it, empty for the usual one."""

    route: str
    when: str
    prepare: Callable[[Life], Request]

    def __str__(self) -> str:
        return f"{self.route} {self.when}".strip()


@contextmanager
def counted() -> Iterator[list[str]]:
    """The AWS calls made meanwhile, by operation. What a form or a link is signed with is no call."""
    made: list[str] = []

    def note(request: Any, event_name: str, **_: Any) -> None:
        made.append(event_name.rpartition(".")[2])

    events = [client().meta.events for client in MADE]
    for one in events:
        one.register("before-send", note, unique_id="count-calls")
    try:
        yield made
    finally:
        for one in events:
            one.unregister("before-send", unique_id="count-calls")


def costs_what_it_says(case: Case[Life], life: Life, warm: Caller) -> None:
    """Asserts that a request makes the calls its route speaks of; `warm` is somebody with a token."""
    ask = case.prepare(life)
    warm.get("/me")  # the authorizer's key is fetched once in the life of a process
    with counted() as made:
        answer = ask()
    assert answer.status < 300, answer.text
    if not BY_NAME[case.route].public:
        assert made.pop(0) == "BatchGetItem", "the authorizer's read of account and session comes first"
    assert len(made) == stated(case.route)[case.when], made


@cache
def stated(route: str) -> dict[str, int]:
    """What the route's docstring says of its cost: by situation, the usual one without a name."""
    declared = BY_NAME[route]
    text = handled_routes(declared.function)[(declared.method, declared.path)].func.__doc__ or ""
    usual, *others = text.partition("AWS calls: ")[2].strip().removesuffix(".").split(", ")
    found = [re.fullmatch(r"(.+?)(?: at most)? (\d+)", one) for one in others]
    assert all(found), text
    return {"": int(usual.removesuffix(" a minute")), **{one[1]: int(one[2]) for one in found if one}}
