"""The state machines on one's desk: the definitions of `infra/workflows/` followed step by step, with the real handlers.

moto keeps executions and runs none. Here the outbox delivers, what it starts begins, what it resumes goes on, until
everybody waits for a person.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import boto3

from jingkuai.aws import clients, keys
from tests.api.gateway import invoke
from tests.cloud import ROOT

MACHINES = ("review", "transfer", "credit_import", "bulk")
CHUNKS = "CreditsImport"  # whom the map over a file's chunks calls


@dataclass
class Execution:
    """One execution: its input, what its steps have answered so far, and the state it ended in."""

    machine: str
    name: str
    subject: dict[str, str]
    told: dict[str, Any] = field(default_factory=dict)
    waits: int = 0
    ended: str | None = None


class Workflows:
    """Every state machine of the deployment, with its executions by name."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self._definitions = {name: json.loads(_definition(name)) for name in MACHINES}
        self._promised: list[str] = []
        self._begun: list[Execution] = []
        self._resumed: list[tuple[str, dict[str, str]]] = []
        self._waiting: dict[str, tuple[Execution, str]] = {}
        states = boto3.client("stepfunctions")
        for name in MACHINES:
            role = "arn:aws:iam::123456789012:role/states"
            states.create_state_machine(
                name=f"jingkuai-{name.replace('_', '-')}", definition=_definition(name), roleArn=role
            )
        clients.dynamodb().meta.events.register("before-send.dynamodb.TransactWriteItems", self._note_promises)
        events = clients.stepfunctions().meta.events
        events.register("before-send.sfn.StartExecution", self._note_start)
        events.register("before-send.sfn.SendTaskSuccess", self._note_success)

    def settle(self) -> None:
        """Deliver what was promised and let the executions go on, until all of them wait or have ended."""
        while self._promised or self._begun or self._resumed:
            promised, self._promised = self._promised, []
            invoke("Outbox", {"Records": [_inserted(entry_id) for entry_id in promised]})
            begun, self._begun = self._begun, []
            resumed, self._resumed = self._resumed, []
            for execution in begun:
                self._follow(execution, self._definitions[execution.machine]["StartAt"])
            for token, outcome in resumed:
                execution, state = self._waiting.pop(token)
                execution.told |= outcome
                self._follow(execution, self._definitions[execution.machine]["States"][state]["Next"])

    def _note_promises(self, request: Any, **_: Any) -> None:
        """The entries of the outbox in a transaction, of which the table's stream would tell; one that failed has none."""
        writes = json.loads(request.body)["TransactItems"]
        put = [write["Put"]["Item"] for write in writes if "Put" in write]
        self._promised += [_text(item, "entry_id") for item in put if _text(item, "sk") == keys.outbox_key("")["sk"]]

    def _note_start(self, request: Any, **_: Any) -> None:
        asked = json.loads(request.body)
        machine = asked["stateMachineArn"].rpartition(":jingkuai-")[2].replace("-", "_")
        if asked["name"] not in self.executions:
            started = Execution(machine, asked["name"], json.loads(asked["input"])["subject"])
            self.executions[started.name] = started
            self._begun.append(started)

    def _note_success(self, request: Any, **_: Any) -> None:
        asked = json.loads(request.body)
        if asked["taskToken"] in self._waiting:
            self._resumed.append((asked["taskToken"], json.loads(asked["output"])))

    def _follow(self, execution: Execution, name: str) -> None:
        """From one state to the next, until one waits or is the last."""
        states = self._definitions[execution.machine]["States"]
        while (state := states[name])["Type"] not in ("Succeed", "Fail"):
            if state["Type"] == "Choice":
                name = _way_out(state, {**execution.subject, **execution.told})
                continue
            if state["Type"] == "Map":
                for chunk in execution.told["loads"]:
                    invoke(CHUNKS, chunk)
            elif state["Resource"].endswith(".waitForTaskToken"):
                self._wait(execution, name, state)
                return
            else:
                execution.told |= invoke(_function_of(state), _asked(state, execution))
            name = state["Next"]
        execution.ended = name

    def _wait(self, execution: Execution, name: str, state: dict[str, Any]) -> None:
        execution.waits += 1
        token = f"{execution.name}/{execution.waits}"
        self._waiting[token] = (execution, name)
        invoke(_function_of(state), _asked(state, execution, token=token))


def _function_of(state: dict[str, Any]) -> str:
    """The function of the template that a state calls: `${ReviewTasksFunction}` is ReviewTasks."""
    return str(state["Arguments"]["FunctionName"]).removeprefix("${").removesuffix("Function}")


def _text(item: dict[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _inserted(entry_id: str) -> dict[str, Any]:
    """A record of the table's stream, as far as the outbox reads it."""
    return {"eventName": "INSERT", "dynamodb": {"NewImage": {"entry_id": {"S": entry_id}}}}


def _asked(state: dict[str, Any], execution: Execution, **more: str) -> dict[str, Any]:
    """A step's payload; each expression in it stands for what its member is called."""
    values = {**execution.told, "subject": execution.subject, "execution": execution.name, **more}
    payload: dict[str, Any] = state["Arguments"]["Payload"]
    return {name: values[name] if str(said).startswith("{%") else said for name, said in payload.items()}


def _way_out(state: dict[str, Any], told: dict[str, Any]) -> str:
    """Where a choice leads: each of its conditions compares one variable, or a member of the input, with words."""
    for choice in state["Choices"]:
        (variable,) = re.findall(r"\$(?:states\.input\.subject\.)?(\w+)", choice["Condition"])
        if f"'{told[variable]}'" in choice["Condition"]:
            return str(choice["Next"])
    return str(state["Default"])


def _definition(name: str) -> str:
    return (ROOT / "infra" / "workflows" / f"{name}.asl.json").read_text()
