"""How many states an execution enters: the workflow's bill. Followed in the definition, and checked against a real execution."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import ROOT

DEFINITION: dict[str, Any] = json.loads((ROOT / "infra" / "workflows" / "review.asl.json").read_text(encoding="utf-8"))
TOLD_BY = {
    "Check": "outcome",
    "Route": "outcome",
    "Apply": "outcome",
    "OpenTask": "decision",
    "AwaitResubmission": "decision",
}


def least(stages: int) -> int:
    """What any workflow with callbacks enters: one waiting state for each stage, and one that applies what was decided."""
    return stages + 1


def approved(stages: int) -> list[str]:
    """The states of a review that every stage approves."""
    return list(_entered([("Check", "review"), *[("Route", "review"), ("OpenTask", "approve")] * stages, *_APPLIED]))


def returned_once(stages: int) -> list[str]:
    """The same, returned and resubmitted once at the first stage."""
    detour = [("Check", "review"), ("Route", "review"), ("OpenTask", "return"), ("AwaitResubmission", "resubmitted")]
    return list(
        _entered([*detour, ("Check", "review"), *[("Route", "review"), ("OpenTask", "approve")] * stages, *_APPLIED])
    )


_APPLIED = [("Route", "apply"), ("Apply", "applied")]


def _entered(answers: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The states in order, where each task answers as told. Raises ValueError where the definition goes another way."""
    told: dict[str, str] = {}
    waiting = list(answers)
    name = DEFINITION["StartAt"]
    while (state := DEFINITION["States"][name])["Type"] not in ("Succeed", "Fail"):
        yield name
        if state["Type"] == "Choice":
            name = _way_out(state, told)
            continue
        expected, word = waiting.pop(0)
        if expected != name:
            raise ValueError(f"the definition is at {name}, not at {expected}")
        told[TOLD_BY[name]] = word
        name = state["Next"]
    yield name


def _way_out(state: dict[str, Any], told: dict[str, str]) -> str:
    """Where a choice leads: each of its conditions compares one variable with words."""
    for choice in state["Choices"]:
        (variable,) = re.findall(r"\$(\w+)", choice["Condition"])
        if f"'{told[variable]}'" in choice["Condition"]:
            return str(choice["Next"])
    return str(state["Default"])


def in_history(client: Any, execution_arn: str) -> list[str]:
    """The states a real execution has entered."""
    events = client.get_execution_history(executionArn=execution_arn, maxResults=1000)["events"]
    return [one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one]
