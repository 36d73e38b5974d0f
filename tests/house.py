"""The deployed stack, once per run: every function's own rights enforced (AUTH=true), reached over HTTP and S3 alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import to_wire
from tests import people
from tools.local import aws
from tools.local.applicant import Applicant, approve
from tools.local.client import Client
from tools.local.place import STACK_NAME, free_port
from tools.local.stack import Stack


@dataclass
class House:
    """A running stack as its users meet it."""

    described: dict[str, Any]
    _signed_in: dict[str, Client] = field(default_factory=dict)

    @property
    def public(self) -> Client:
        return Client(self.described["api_url"])

    @property
    def aws(self) -> str:
        return str(self.described["aws_endpoint_url"])

    def staff(self, name: str) -> Client:
        """A demo account, signed in once."""
        if name not in self._signed_in:
            account = self.described["accounts"][name]
            self._signed_in[name] = self.public.signed_in(
                account["username"], account["password"], account.get("totp_secret")
            )
        return self._signed_in[name]

    def let_a_minute_pass(self, phone: str) -> None:
        """Until the phone may get its next code, as far as its limit is concerned: no test waits for that."""
        (stack,) = aws.client("cloudformation", self.aws).describe_stacks(StackName=STACK_NAME)["Stacks"]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        secret = aws.client("secretsmanager", self.aws).get_secret_value(SecretId=outputs["LookupSecretId"])
        limit = keys.limit_key(LookupKey(secret["SecretString"].encode()).of("phone", phone))
        table = self.described["tables"]["identity"]
        aws.client("dynamodb", self.aws).delete_item(TableName=table, Key=to_wire(limit))

    def applicant(self, person: dict[str, str] | None = None) -> Applicant:
        """Somebody at the API, with an account."""
        somebody = Applicant(person or people.person(), self.public, self.aws)
        somebody.arrive()
        return somebody

    def accountant(self, person: dict[str, str] | None = None) -> Applicant:
        """Somebody with an approved record."""
        somebody = self.applicant(person)
        submission = somebody.submit()
        approve(self.staff(f"reviewer_{somebody.person['region_code']}"), submission)
        assert somebody.outcome(submission) == "approved"
        return somebody


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A stack of this process's own, gone afterwards: the modules that a process runs share it, one after the other."""
    with tempfile.TemporaryDirectory(prefix="jingkuai-e2e-") as home, Stack.start(free_port(), Path(home)) as described:
        yield House(described)
