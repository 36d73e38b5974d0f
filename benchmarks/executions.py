"""How many states an execution enters: the workflow's bill. Followed in a definition, and read from a real execution."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks import ROOT

Answer = tuple[str, Mapping[str, str]]  # a task, and the variables that its answer is assigned to


@dataclass(frozen=True)
class Machine:
    """A state machine of ours, by its name under `infra/workflows/`."""

    name: str

    @cached_property
    def states(self) -> dict[str, Any]:
        return dict(self._definition["States"])

    @cached_property
    def _definition(self) -> dict[str, Any]:
        path = ROOT / "infra" / "workflows" / f"{self.name}.asl.json"
        return dict(json.loads(path.read_text(encoding="utf-8")))

    def entered(self, answers: Sequence[Answer]) -> list[str]:
        """The states in order, where each task answers as told. Raises ValueError where the definition goes another way."""
        return list(self._entered(answers))

    def tasks(self, entered: Sequence[str]) -> int:
        """How many of these states call a function."""
        return sum(self.states[one]["Type"] == "Task" for one in entered)

    def _entered(self, answers: Sequence[Answer]) -> Iterator[str]:
        told: dict[str, str] = {}
        waiting = list(answers)
        name = str(self._definition["StartAt"])
        while (state := self.states[name])["Type"] not in ("Succeed", "Fail"):
            yield name
            if state["Type"] == "Choice":
                name = _way_out(state, told)
                continue
            expected, words = waiting.pop(0)
            if expected != name:
                raise ValueError(f"the definition is at {name}, not at {expected}")
            told |= words
            name = state["Next"]
        yield name


def _way_out(state: Mapping[str, Any], told: Mapping[str, str]) -> str:
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
