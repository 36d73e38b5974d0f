"""The `Idempotency-Key` header of creating requests."""

import hashlib
from typing import Any

from jingkuai.aws.idempotency import RequestKey
from jingkuai.domain.problem import BadRequest
from jingkuai.web.principal import principal

_LONGEST = 200


def request_key(app: Any, *, caller: str | None = None) -> RequestKey | None:
    """The caller's key for this request, or None where none was sent. Raises BadRequest for one over 200 characters.

    `caller` names somebody without an account.
    """
    event = app.current_event
    text = event.headers.get("idempotency-key")
    if not text:
        return None
    if len(text) > _LONGEST:
        raise BadRequest("Idempotency-Key 最长 200 个字符，请缩短后重新提交。")
    body = f"{event.http_method}\x1f{event.path}\x1f{event.body or ''}"
    return RequestKey(caller or principal(app).account_id, _digest(text), _digest(body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
