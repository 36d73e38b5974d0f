"""An outbox of its own for each test: a real store on moto, and a Step Functions that remembers what it was told."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import Entry, outbox_item
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item, Table
from outbox.delivery import Couriers, Outcome, deliver, deliver_all, due_entries
from outbox.executions import MACHINES, Executions
from outbox.store import OutboxStore
from outbox.tokens import TaskTokens
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.doubles import Now, Texts

PERSON = "0193f3a0-0000-7000-8000-000000000001"
PHONE = "19901327120"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:jingkuai-"


class Refused(Exception):
    """What a service answers instead."""


class StepFunctions:
    """Executions and tokens as AWS keeps them, as far as the outbox asks; `names_are_unique=False` is the emulator's flaw."""

    class exceptions:  # noqa: N801 - as boto3 names it
        class ExecutionAlreadyExists(Refused): ...

        class ExecutionDoesNotExist(Refused): ...

        class TaskTimedOut(Refused): ...

        class InvalidToken(Refused): ...

        class TaskDoesNotExist(Refused): ...

    def __init__(self) -> None:
        self.started: list[tuple[str, str]] = []
        self.executions: dict[str, dict[str, str]] = {}
        self.living: set[str] = set()
        self.returned: list[tuple[str, dict[str, str]]] = []
        self.names_are_unique = True
        self.broken: Exception | None = None
        self.before_token: Any = None
        self.calls: list[str] = []

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803
        self.calls.append("start")
        self._fail_if_broken()
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        if arn in self.executions and self.names_are_unique:
            raise self.exceptions.ExecutionAlreadyExists()
        self.executions[arn] = {"name": name, "input": input, "status": "RUNNING", "machine": stateMachineArn}
        self.started.append((stateMachineArn, name))

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803
        self.calls.append("describe")
        if executionArn not in self.executions:
            raise self.exceptions.ExecutionDoesNotExist()
        return self.executions[executionArn]

    def get_paginator(self, _: str) -> "StepFunctions":
        return self

    def paginate(self, *, stateMachineArn: str, statusFilter: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """One execution a page: whoever reads the first page only is found out."""
        for one in self.executions.values():
            if (one["machine"], one["status"]) == (stateMachineArn, statusFilter):
                yield {"executions": [one]}
        yield {"executions": []}

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803
        self.calls.append("token")
        if self.before_token:
            self.before_token()
        self._fail_if_broken()
        if taskToken not in self.living:
            raise self.exceptions.TaskTimedOut()
        self.living.remove(taskToken)
        self.returned.append((taskToken, json.loads(output)))

    def ended(self, name: str, status: str, machine: str = "review", subject: dict[str, str] | None = None) -> None:
        """An execution that was started and has ended."""
        arn = f"{MACHINE}{machine}"
        told = {"name": name, "input": json.dumps({"subject": subject or {"pk": "P#p", "sk": f"SUB#{name}"}})}
        place = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        self.executions[place] = {**told, "status": status, "machine": arn}

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise self.broken


@dataclass
class PostRoom:
    """The outbox with everything that delivers."""

    registry: Table
    couriers: Couriers
    stepfunctions: StepFunctions
    texts: Texts
    clock: Now

    @property
    def store(self) -> OutboxStore:
        return self.couriers.store

    def promise(self, entry: Entry) -> str:
        """Put an entry there, as a transaction would; its id."""
        item = outbox_item(entry, at=self.clock(), new_id=uuid7)
        self.registry.put(item)
        return str(item["entry_id"])

    def deliver(self, entry_id: str) -> Outcome:
        return deliver(entry_id, couriers=self.couriers, clock=self.clock)

    def deliver_due(self) -> list[Outcome]:
        due = due_entries(self.store, clock=self.clock)
        return deliver_all(due, couriers=self.couriers, clock=self.clock, time_left=lambda: True)

    def entry(self, entry_id: str) -> Item:
        found = self.registry.get(keys.outbox_key(entry_id))
        assert found is not None
        return found

    def task(self, token: str | None, task_id: str = "task-1") -> None:
        """A waiting task; with a token its workflow has opened it, and Step Functions knows the token."""
        self.registry.put({**keys.task_key(task_id), "v": 1, "token": token})
        if token:
            self.stepfunctions.living.add(token)


@pytest.fixture
def post_room(cloud: Cloud) -> PostRoom:
    store, stepfunctions, texts = OutboxStore(cloud.registry), StepFunctions(), Texts()
    sealer = Sealer(clients.kms(), settings().data_key_id)
    cipher = sealer.seal_together({"id_number": "429004196505317038", "phone": PHONE}, PERSON)
    cloud.registry.put({**keys.person_key(PERSON), "v": 1, "phone_cipher": cipher})
    arns = {name: f"{MACHINE}{name.replace('_', '-')}" for name in MACHINES}
    return PostRoom(
        registry=cloud.registry,
        couriers=Couriers(
            store=store,
            executions=Executions(stepfunctions, arns),  # type: ignore[arg-type]
            tokens=TaskTokens(stepfunctions, store),  # type: ignore[arg-type]
            sealer=sealer,
            sender=texts,
            files=Files(clients.s3()),
            records_bucket=settings().records_bucket,
        ),
        stepfunctions=stepfunctions,
        texts=texts,
        clock=Now(NOON),
    )


@pytest.fixture(autouse=True)
def no_personal_data_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test did, its logs name no phone."""
    caplog.set_level(logging.INFO)
    yield
    assert PHONE not in caplog.text
