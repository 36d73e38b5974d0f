"""The ways through a state machine: all that its definition offers, and those that an execution's history took.

A way is a state, why it was left in this direction (the word a choice heard, `fails`, or nothing), and the state after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

Way: TypeAlias = tuple[str, str, str]
ANY_OTHER: Final = "any other word"
FAILS: Final = "fails"


def ways_of(definition: Mapping[str, Any]) -> set[Way]:
    """Every way the definition offers, each word of a choice by itself."""
    return {(name, why, after) for name, state in definition["States"].items() for why, after in _ways_out(state)}


def _ways_out(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if state["Type"] == "Choice":
        for choice in state["Choices"]:
            yield from ((word, choice["Next"]) for word in _words(choice))
        yield ANY_OTHER, state["Default"]
    elif "Next" in state:
        yield "", state["Next"]
    yield from ((FAILS, catch["Next"]) for catch in state.get("Catch", ()))


def _words(choice: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'(\w+)'", choice["Condition"])


def ways_taken(history: Sequence[Mapping[str, Any]], definition: Mapping[str, Any]) -> set[Way]:
    """The ways that one execution has gone."""
    taken: set[Way] = set()
    here, why = "", ""
    for event in history:
        if event["type"] in ("TaskSucceeded", "TaskFailed", "TaskTimedOut"):
            why = "" if event["type"] == "TaskSucceeded" else FAILS
        if "stateEnteredEventDetails" not in event:
            continue
        entered = event["stateEnteredEventDetails"]
        if here:
            taken.add((here, why, entered["name"]))
        here, why = entered["name"], ""
        if (state := definition["States"][here])["Type"] == "Choice":
            why = _heard(json.loads(entered["input"]), state)
    return taken


def _heard(told: Mapping[str, Any], choice: Mapping[str, Any]) -> str:
    """The word a choice decides by, as the step before it answered: the member that the choice's variable was taken from."""
    answer = told.get("Payload", told)
    (variable,) = {re.findall(r"\$(\w+)", one["Condition"])[0] for one in choice["Choices"]}
    word = str(answer.get(variable))
    return word if word in [one for each in choice["Choices"] for one in _words(each)] else ANY_OTHER
