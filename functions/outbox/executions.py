"""Starts state machines and names their attempts: `<id>.<attempt>`, the same name never twice."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from jingkuai.aws.outbox import Machine, StartExecution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

ENDED_BADLY: tuple["ExecutionStatusType", ...] = ("FAILED", "ABORTED", "TIMED_OUT")
MACHINES: tuple[Machine, ...] = get_args(Machine)
_NAME = re.compile(r"(?P<case>.+)\.(?P<attempt>[1-9]\d*)")


class Executions:
    """The deployment's state machines, by the short name an entry knows them by."""

    def __init__(self, client: "SFNClient", arns: Mapping[Machine, str]) -> None:
        self._client = client
        self._arns = arns

    def start(self, entry: StartExecution, *, tried_before: bool) -> None:
        """Start an execution; one that is there already under this name is the one that was meant.

        AWS knows a repeated name by itself. After an earlier try it is asked for first all the same: the local
        emulator has been seen to start a second execution. AWS calls: 1, after an earlier try 2.
        """
        if tried_before and self.exists(entry.machine, entry.name):
            return
        try:
            self._client.start_execution(
                stateMachineArn=self._arns[entry.machine],
                name=entry.name,
                input=json.dumps({"subject": entry.subject}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

    def exists(self, machine: Machine, name: str) -> bool:
        """Whether an execution of this name was ever started. AWS calls: 1."""
        try:
            self._client.describe_execution(executionArn=self._arn(machine, name))
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return True

    def subject_of(self, machine: Machine, name: str) -> dict[str, str]:
        """The item an execution was started for. AWS calls: 1."""
        told = self._client.describe_execution(executionArn=self._arn(machine, name))
        subject: dict[str, str] = json.loads(told["input"])["subject"]
        return subject

    def last_failed_attempts(self, machine: Machine) -> Iterator[tuple[str, int]]:
        """Of each case with executions that ended badly, the last of those: (case, attempt). AWS calls: 1 a page."""
        last: dict[str, int] = {}
        for status in ENDED_BADLY:
            pages = self._client.get_paginator("list_executions").paginate(
                stateMachineArn=self._arns[machine], statusFilter=status
            )
            for name in (one["name"] for page in pages for one in page["executions"]):
                if found := _NAME.fullmatch(name):  # a map's child executions have names of another form
                    last[found["case"]] = max(last.get(found["case"], 0), int(found["attempt"]))
        yield from last.items()

    def _arn(self, machine: Machine, name: str) -> str:
        return f"{self._arns[machine].replace(':stateMachine:', ':execution:')}:{name}"
