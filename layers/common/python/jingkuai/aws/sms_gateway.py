"""Short messages through a provider's HTTP gateway (短信网关), as China's regions need it: each request is signed.

The signature is HMAC-SHA256 under the account's secret, over method, path, timestamp, nonce and the body's SHA-256, a line
each. A request that is tried again is signed anew and keeps its `message_id`, by which the provider sends a text once.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import urllib3

from jingkuai.aws.sms import SmsFailed

ATTEMPTS = 3
_TIMEOUT = urllib3.Timeout(connect=2, read=5)  # three attempts stay below a request's 29 s
_WORTH_ANOTHER = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """Who sends, as the provider knows it: where to, the account's key, its secret, the registered signature (签名)."""

    endpoint: str
    app_key: str
    app_secret: str = field(repr=False)
    signature: str = ""


class Http(Protocol):
    """What this module needs of urllib3."""

    def request(
        self, method: str, url: str, *, body: bytes, headers: dict[str, str], timeout: urllib3.Timeout, retries: bool
    ) -> urllib3.BaseHTTPResponse: ...


class GatewaySms:
    """Sends through a provider's gateway."""

    def __init__(
        self, account: GatewayAccount, *, http: Http, clock: Callable[[], datetime], random: Callable[[int], bytes]
    ) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._random = random

    def send(self, phone: str, text: str) -> None:
        """Send now; tried again where the provider was out of reach or busy. Raises SmsFailed. HTTP calls: 1, at most 3."""
        message = {
            "message_id": self._random(16).hex(),
            "phone": f"+86{phone}",
            "sign_name": self._account.signature,
            "content": f"【{self._account.signature}】{text}",
        }
        body = json.dumps(message, ensure_ascii=False).encode()
        for _ in range(ATTEMPTS):
            why = self._tried(body)
            if why is None:
                return
        raise SmsFailed(why)

    def _tried(self, body: bytes) -> str | None:
        """None where the provider took the message, else why another attempt may do. Raises SmsFailed where none will."""
        try:
            answer = self._http.request(
                "POST", self._account.endpoint, body=body, headers=self._headers(body), timeout=_TIMEOUT, retries=False
            )
        except urllib3.exceptions.HTTPError as failed:
            return type(failed).__name__
        if 200 <= answer.status < 300:
            return None
        if answer.status in _WORTH_ANOTHER:
            return f"status_{answer.status}"
        raise SmsFailed(f"status_{answer.status}")

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock().timestamp())), self._random(16).hex()
        path = urlsplit(self._account.endpoint).path or "/"
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-App-Key": self._account.app_key,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._account.app_secret, path, timestamp, nonce, body),
        }


def signature(secret: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The request's signature in lower-case hex, which the provider computes likewise."""
    signed = "\n".join(("POST", path, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
