"""`make admin`: what it asks the deployed function for, and what it tells the operator."""

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tools import bootstrap_admin

NEW = ["--username", "hubei.admin", "--name", "王管理", "--phone", "19901332460"]
Answering = Callable[[dict[str, Any]], None]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """A deployed stack whose identity function gives this answer."""
    clients: dict[str, Any] = {
        name: boto3.client(name, "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        for name in ("cloudformation", "lambda")
    }
    monkeypatch.setattr(boto3, "client", lambda name: clients[name])

    def answering(answer: dict[str, Any]) -> None:
        outputs = {"IdentityFunction": "identity-1", "ApiUrl": "https://api.example/v1"}
        stack = {"StackName": "jingkuai", "CreationTime": "2026-11-24T00:00:00Z", "StackStatus": "CREATE_COMPLETE"}
        told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
        described = Stubber(clients["cloudformation"])
        described.add_response("describe_stacks", {"Stacks": [{**stack, "Outputs": told}]}, {"StackName": "jingkuai"})
        described.activate()
        body = json.dumps(answer).encode()
        invoked = Stubber(clients["lambda"])
        invoked.add_response("invoke", {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body))})
        invoked.activate()

    return answering


def test_the_link_is_shown(deployment: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    deployment({"account_id": "a1", "username": "hubei.admin", "invitation_token": "token-1"})
    assert bootstrap_admin.main(NEW) == 0
    assert "https://api.example/v1/auth/invitations/token-1" in capsys.readouterr().out


def test_a_refusal_is_told_and_ends_with_1(deployment: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"field": "phone", "code": "bad_phone", "message": "请填写手机号。"}
    deployment({"refused": "invalid", "detail": "填写的内容有误。", "errors": [problem]})
    assert bootstrap_admin.main(NEW) == 1
    assert "phone: 请填写手机号。" in capsys.readouterr().err


@pytest.mark.parametrize("typed", [[], NEW[:4]])
def test_an_admin_has_a_name_and_a_phone(typed: list[str]) -> None:
    with pytest.raises(SystemExit):
        bootstrap_admin.main(typed)
