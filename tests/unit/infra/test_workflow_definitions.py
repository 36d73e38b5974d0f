"""Every state machine under infra/workflows is sound: what cfn-lint does not look for, and the emulator does not check."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

WORKFLOWS = Path(__file__).parents[3] / "infra" / "workflows"
DEFINITIONS = sorted(WORKFLOWS.glob("*.asl.json"))

State = dict[str, Any]
Scope = dict[str, State]

MADE_UP: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:${Partition}:states:::lambda:invoke.waitForTaskToken",
            "TimeoutSeconds": 60,
            "Retry": [{"ErrorEquals": ["States.ALL"]}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Follow",
        },
        "Follow": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Ask"}], "Default": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail"},
    },
}


def problems_of(definition: dict[str, Any]) -> list[str]:
    """Everything wrong with a definition, scope by scope: the machine itself and what is inside its maps and branches."""
    return [problem for start, states in scopes(definition) for problem in scope_problems(start, states)]


def scopes(machine: dict[str, Any]) -> Iterator[tuple[str, Scope]]:
    yield machine.get("StartAt", ""), machine["States"]
    for state in machine["States"].values():
        inner = [state[name] for name in ("ItemProcessor", "Iterator") if name in state]
        for one in (*inner, *state.get("Branches", [])):
            yield from scopes(one)


def scope_problems(start: str, states: Scope) -> Iterator[str]:
    if start not in states:
        yield f"starts at {start!r}, which is nowhere"
    for name, state in states.items():
        yield from (f"{name} leads to {target!r}, which is nowhere" for target in exits(state) if target not in states)
        yield from (f"{name} {problem}" for problem in state_problems(state))
    reached = closure(start, states)
    yield from (f"{name} is never reached" for name in states if name not in reached)
    yield from (f"{name} never ends" for name in states if not any(ends(states[one]) for one in closure(name, states)))


def state_problems(state: State) -> Iterator[str]:
    if state["Type"] == "Choice" and "Default" not in state:
        yield "has no Default"
    if state["Type"] not in ("Choice", "Succeed", "Fail") and not ends(state) and "Next" not in state:
        yield "has neither Next nor End"
    if state["Type"] != "Task":
        return
    if not state.get("Retry"):
        yield "has no Retry"
    if not any("States.ALL" in catch["ErrorEquals"] for catch in state.get("Catch", [])):
        yield "does not catch everything"
    if "arn:aws:" in state["Resource"]:
        yield "names a partition"
    if state["Resource"].endswith(".waitForTaskToken") and type(state.get("TimeoutSeconds")) is not int:
        yield "waits for a token without a literal TimeoutSeconds"


def exits(state: State) -> Iterator[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    yield from (one["Next"] for one in (*state.get("Choices", []), *state.get("Catch", [])))


def ends(state: State) -> bool:
    return state["Type"] in ("Succeed", "Fail") or state.get("End") is True


def closure(start: str, states: Scope) -> set[str]:
    """Every state that can be reached from this one, itself included."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting.extend(exits(states[name]))
    return reached


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_definition_is_sound(path: Path) -> None:
    assert problems_of(json.loads(path.read_text(encoding="utf-8"))) == []


def test_there_are_definitions_to_look_at() -> None:
    assert "review.asl.json" in [path.name for path in DEFINITIONS]


def lead_nowhere(states: Scope) -> None:
    states["Ask"]["Next"] = "Folow"


def catch_nowhere(states: Scope) -> None:
    states["Ask"]["Catch"][0]["Next"] = "Faild"


def choose_nowhere(states: Scope) -> None:
    states["Follow"]["Choices"][0]["Next"] = "Aks"


def forget_the_retry(states: Scope) -> None:
    del states["Ask"]["Retry"]


def forget_the_catch(states: Scope) -> None:
    states["Ask"]["Catch"][0]["ErrorEquals"] = ["States.Timeout"]


def wait_for_ever(states: Scope) -> None:
    del states["Ask"]["TimeoutSeconds"]


def wait_for_an_expression(states: Scope) -> None:
    states["Ask"]["TimeoutSeconds"] = "{% $days * 86400 %}"


def leave_a_state_out(states: Scope) -> None:
    states["Lost"] = {"Type": "Pass", "End": True}


def go_round_for_ever(states: Scope) -> None:
    states["Follow"]["Default"] = "Ask"
    states["Ask"]["Catch"][0]["Next"] = "Follow"


FAULTS = [
    (lead_nowhere, "Ask leads to 'Folow', which is nowhere"),
    (catch_nowhere, "Ask leads to 'Faild', which is nowhere"),
    (choose_nowhere, "Follow leads to 'Aks', which is nowhere"),
    (forget_the_retry, "Ask has no Retry"),
    (forget_the_catch, "Ask does not catch everything"),
    (wait_for_ever, "Ask waits for a token without a literal TimeoutSeconds"),
    (wait_for_an_expression, "Ask waits for a token without a literal TimeoutSeconds"),
    (leave_a_state_out, "Lost is never reached"),
    (go_round_for_ever, "Ask never ends"),
]


@pytest.mark.parametrize(("plant", "finding"), FAULTS, ids=lambda one: getattr(one, "__name__", ""))
@pytest.mark.parametrize("depth", ["machine", "map"])
def test_a_planted_fault_is_found(plant: Callable[[Scope], None], finding: str, depth: str) -> None:
    definition = deepcopy(MADE_UP)
    plant(definition["States"])
    if depth == "map":
        definition = {
            "StartAt": "Each",
            "States": {"Each": {"Type": "Map", "ItemProcessor": definition, "End": True}},
        }
    assert finding in problems_of(definition)


def test_a_sound_definition_has_no_problems() -> None:
    assert problems_of(MADE_UP) == []
