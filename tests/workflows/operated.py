"""A deployed stack in an operator's hands: commands, executions with their histories, and the items themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.tables import Item, Table
from tests.house import House
from tools.local import aws
from tools.local.applicant import Applicant
from tools.local.place import STACK_NAME


class Operated(House):
    """What its users meet, and what only an operator or an accident can do."""

    def morning(self, today: date) -> dict[str, int]:
        changed: dict[str, int] = self.called("ReviewTasks", {"do": "morning", "today": today.isoformat()})
        return changed

    def redrive(self) -> list[str]:
        """Which attempts were started."""
        started: list[str] = self.called("Outbox", {"command": "redrive"})["started"]
        return started

    def called(self, function: str, payload: Mapping[str, Any]) -> Any:
        """What a function of the template answers to an event of its own. An error of the function fails the test."""
        answer = self._client("lambda").invoke(FunctionName=self.named(function), Payload=json.dumps(payload).encode())
        told = answer["Payload"].read()
        assert "FunctionError" not in answer, told
        return json.loads(told)

    def named(self, logical_id: str) -> str:
        """What the deployment named a resource of the template."""
        found = self._client("cloudformation").describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    # --- executions

    @property
    def states(self) -> Any:
        return self._client("stepfunctions")

    @property
    def review_machine(self) -> str:
        return str(self.described["state_machines"]["review"])

    @property
    def machine(self) -> str:
        """Whose executions are meant."""
        return self.review_machine

    def executions(self, subject_id: str = "", *states: str) -> list[dict[str, Any]]:
        """The executions of a submission, or of all; in these states, or in any. Oldest first."""
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        found = [one for page in pages for one in page["executions"]]
        mine = [one for one in found if one["name"].startswith(subject_id) and (not states or one["status"] in states)]
        return sorted(mine, key=lambda one: str(one["name"]))

    def histories(self) -> Iterator[list[dict[str, Any]]]:
        """What each execution of the machine has gone through."""
        for one in self.executions():
            pages = self.states.get_paginator("get_execution_history").paginate(executionArn=one["executionArn"])
            yield [event for page in pages for event in page["events"]]

    def stop(self, subject_id: str) -> None:
        """Lose the execution that runs for a submission."""
        (running,) = self.executions(subject_id, "RUNNING")
        self.states.stop_execution(executionArn=running["executionArn"])

    def say(self, token: str, decision: str) -> None:
        """Return a task's token with a word, as only the outbox does."""
        self.states.send_task_success(taskToken=token, output=json.dumps({"decision": decision}))

    # --- items

    @property
    def registry(self) -> Table:
        return Table(self._client("dynamodb"), self.described["tables"]["registry"])

    def item(self, key: Mapping[str, object]) -> Item:
        found = self.registry.get(key)
        assert found is not None, key
        return found

    def set(self, key: Mapping[str, object], member: str, value: Any) -> Any:
        """Put something else into an item, or nothing (None); what was there."""
        before = self.item(key).get(member)
        expression = "REMOVE #member" if value is None else "SET #member = :value"
        self.registry.update(
            key, expression, values={} if value is None else {":value": value}, names={"#member": member}
        )
        return before

    def _client(self, service: str) -> Any:
        return aws.client(service, self.aws)


def person_of(somebody: Applicant) -> keys.Key:
    return keys.person_key(somebody.me.get("/me")["account"]["account_id"])


def submission_at(somebody: Applicant, submission: str) -> dict[str, str]:
    key = keys.submission_key(somebody.me.get("/me")["account"]["account_id"], submission)
    return {"pk": key["pk"], "sk": key["sk"]}
