"""The HTTP gateway for short messages against a real local server: what is sent, how it is signed, what is tried again."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from typing import Any

import boto3
import pytest
import urllib3

from jingkuai.aws import settings
from jingkuai.aws.sms import SmsFailed, SnsSms
from jingkuai.aws.sms_gateway import GatewayAccount, GatewaySms, signature
from jingkuai.aws.sms_provider import sms_sender
from tests.cloud import Cloud
from tests.conftest import NOON


@dataclass
class Provider:
    """A provider that answers with these statuses in turn, and keeps what it was sent."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2/send"


@pytest.fixture
def provider() -> Iterator[Provider]:
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(told.statuses.pop(0) if told.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


def sender(endpoint: str) -> GatewaySms:
    numbers = count(1)
    account = GatewayAccount(endpoint, "app-1", "secret-of-app-1", "湖北会计")
    return GatewaySms(
        account, http=urllib3.PoolManager(), clock=lambda: NOON, random=lambda n: next(numbers).to_bytes(n, "big")
    )


def test_a_message_is_signed_over_everything_that_is_sent(provider: Provider) -> None:
    sender(provider.endpoint).send("19901327120", "验证码123456，用于登录。")
    ((headers, body),) = provider.seen
    told = json.loads(body)
    assert (told["phone"], told["sign_name"]) == ("+8619901327120", "湖北会计")
    assert told["content"] == "【湖北会计】验证码123456，用于登录。"
    assert headers["x-app-key"] == "app-1"
    assert headers["x-timestamp"] == str(int(NOON.timestamp()))
    signed = signature("secret-of-app-1", "/v2/send", headers["x-timestamp"], headers["x-nonce"], body)
    assert headers["x-signature"] == signed


def test_any_change_makes_another_signature() -> None:
    given = ("secret", "/v2/send", "1", "nonce", b"body")
    others = [
        ("Secret", "/v2/send", "1", "nonce", b"body"),
        ("secret", "/v2/sent", "1", "nonce", b"body"),
        ("secret", "/v2/send", "2", "nonce", b"body"),
        ("secret", "/v2/send", "1", "Nonce", b"body"),
        ("secret", "/v2/send", "1", "nonce", b"Body"),
    ]
    assert len({signature(*given), *(signature(*one) for one in others)}) == 6


def test_a_busy_provider_is_tried_again_with_a_new_signature_for_the_same_message(provider: Provider) -> None:
    provider.statuses = [503, 429]
    sender(provider.endpoint).send("19901327120", "text")
    assert len({headers["x-nonce"] for headers, _ in provider.seen}) == 3
    assert len({headers["x-signature"] for headers, _ in provider.seen}) == 3
    assert len({json.loads(body)["message_id"] for _, body in provider.seen}) == 1


@pytest.mark.parametrize(("statuses", "calls"), [([500, 502, 504], 3), ([403], 1), ([302], 1)])
def test_a_provider_that_does_not_take_it_is_told(provider: Provider, statuses: list[int], calls: int) -> None:
    provider.statuses = list(statuses)
    with pytest.raises(SmsFailed, match=f"status_{statuses[-1]}"):
        sender(provider.endpoint).send("19901327120", "text")
    assert len(provider.seen) == calls


def test_a_provider_out_of_reach_is_told() -> None:
    with pytest.raises(SmsFailed) as failed:
        sender("http://127.0.0.1:1/v2/send").send("19901327120", "text")
    assert "19901327120" not in str(failed.value)


def test_the_parameter_chooses_the_way(cloud: Cloud, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(sms_sender(), SnsSms)
    known = json.dumps({"app_key": "app-2", "app_secret": "secret-2"})
    boto3.client("secretsmanager").create_secret(Name="sms", SecretString=known)
    for name, value in {"SMS_PROVIDER": "gateway", "SMS_ENDPOINT": provider.endpoint, "SMS_SECRET_ID": "sms"}.items():
        monkeypatch.setenv(name, value)
    settings.settings.cache_clear()
    sms_sender().send("19901327120", "text")
    ((headers, _),) = provider.seen
    assert headers["x-app-key"] == "app-2"
