"""The registry as its users reach it: JSON over HTTP and forms to S3. Knows the contract, nothing of the inside."""

import base64
import hashlib
import hmac
import json
import struct
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.local.waiting import eventually

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TOTP_STEP = 30


class Refused(Exception):
    """The API answered with a problem, or S3 refused an upload."""

    def __init__(self, call: str, status: int, body: Any, retry_after: float | None = None) -> None:
        self.status = status
        self.body = body
        self.code = body.get("code") if isinstance(body, dict) else None
        self.errors: list[dict[str, str]] = body.get("errors", []) if isinstance(body, dict) else []
        self.retry_after = retry_after
        told = json.dumps(body, ensure_ascii=False) if isinstance(body, dict) else str(body)
        super().__init__(f"{call} answered {status}: {told[:300]}")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers (names in lower case) of one response."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}


def send(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One HTTP request; every status is an answer, only a missing answer is an error."""
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
    try:
        with _OPENER.open(request, timeout=60) as response:
            return Answer(response.status, response.read(), {k.lower(): v for k, v in response.headers.items()})
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.read(), {k.lower(): v for k, v in refused.headers.items()})


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody at the API: nobody yet, or the holder of an access token."""

    api_url: str
    token: str | None = None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.call("POST", path, body or {})

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. Raises Refused for anything but success."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = send(method, self.api_url + path, json.dumps(body).encode() if body is not None else None, headers)
        if answer.status >= 300:
            raise _refused(f"{method} {path}", answer)
        return answer.json()

    def signed_in(self, username: str, password: str, totp_secret: str | None = None) -> "Client":
        """The same client as this account. A second factor's code works once: a used one is followed by the next."""
        for step in (0, 1, None) if totp_secret else (0,):
            if step is None:
                time.sleep(_TOTP_STEP - time.time() % _TOTP_STEP)
            code = {"totp": totp(totp_secret, step or 0)} if totp_secret else {}
            try:
                tokens = self.post("/auth/login", {"username": username, "password": password, **code})
            except Refused as refused:
                if refused.code != "bad_credentials" or step is None or not totp_secret:
                    raise
                continue
            return Client(self.api_url, tokens["access_token"])
        raise AssertionError("the last try answers or raises")


def upload(form: Mapping[str, Any], content: bytes, filename: str, content_type: str) -> None:
    """Send a file by a presigned form: its fields as they are, then the file, nothing else. Raises Refused."""
    boundary = uuid.uuid4().hex
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
    head += f"Content-Type: {content_type}\r\n\r\n"
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    answer = send("POST", form["url"], body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    if answer.status >= 300:
        raise _refused(f"the upload of {filename}", answer)


def code_sent_to(phone: str, aws_endpoint_url: str, *, after: int) -> str:
    """The newest one-time code in the emulator's short-message outbox, beyond the first `after` messages of this phone."""

    def newest() -> str | None:
        texts = messages_to(phone, aws_endpoint_url)[after:]
        codes = [word for text in texts for word in _six_digits(text)]
        return codes[-1] if codes else None

    return eventually(newest, what=f"a one-time code for {phone[:3]}****{phone[-4:]}", within_s=20)


def messages_to(phone: str, aws_endpoint_url: str) -> list[str]:
    """Every short message the emulator has kept for this phone, oldest first."""
    kept = send("GET", aws_endpoint_url + "/_ministack/sns/sms-messages").json().get("sms_messages") or {}
    return [
        message.get("Message") or "" for number, messages in kept.items() if phone in number for message in messages
    ]


def totp(secret: str, steps_ahead: int = 0) -> str:
    """The six digits an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // _TOTP_STEP + steps_ahead), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _six_digits(text: str) -> list[str]:
    runs = "".join(letter if letter in "0123456789" else " " for letter in text).split()
    return [run for run in runs if len(run) == 6]


def _refused(call: str, answer: Answer) -> Refused:
    try:
        body = answer.json()
    except ValueError:
        body = answer.body[:200].decode("utf-8", "replace")
    after = answer.headers.get("retry-after")
    return Refused(call, answer.status, body, float(after) if after and after.isdigit() else None)
