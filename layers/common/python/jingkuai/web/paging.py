"""Lists: `?limit=&cursor=` and `{items, next_cursor}`. A cursor is opaque and good only for the caller and query it was given to."""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Item
from jingkuai.domain.problem import Kind, Problem

View = TypeVar("View")
_MAC = 16  # hex characters of the cursor's code

Limit = Annotated[int, Query(ge=1, le=100, description="一页的条数，1 到 100")]
CursorText = Annotated[str | None, Query(max_length=2000, description="上一页回答中的 next_cursor")]
DEFAULT_LIMIT = 20


class BadCursor(Problem):
    """The cursor is not one this caller was given for this query."""

    kind = Kind.BAD_REQUEST
    code = "bad_cursor"
    title = "翻页标记无效"
    detail = "翻页标记无效，或者不属于当前的查询条件。请从第一页重新查询。"


class ListOf(BaseModel, Generic[View]):
    """One page of a list."""

    items: list[View]
    next_cursor: str | None


class Cursors:
    """Writes and reads the cursors of one caller's query; `query` is the path with its filters."""

    def __init__(self, key: LookupKey, *, account_id: str, query: str) -> None:
        self._key = key
        self._bound = f"{account_id}\x1f{query}"

    def read(self, text: str | None) -> Item | None:
        """Where the page begins. Raises BadCursor."""
        if not text:
            return None
        body, _, mac = text.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            raise BadCursor()
        try:
            start: Item = json.loads(base64.urlsafe_b64decode(body.encode()))
        except (ValueError, binascii.Error) as malformed:
            raise BadCursor() from malformed
        return start

    def page(self, items: Sequence[View], next_start: Item | None) -> ListOf[View]:
        """The answer: the items and, where there are more, the cursor of the next page."""
        return ListOf(items=list(items), next_cursor=self._text(next_start) if next_start else None)

    def _text(self, start: Item) -> str:
        body = base64.urlsafe_b64encode(json.dumps(start, separators=(",", ":"), sort_keys=True).encode()).decode()
        return f"{body}.{self._mac(body)}"

    def _mac(self, body: str) -> str:
        return self._key.of("cursor", f"{self._bound}\x1f{body}").partition(".")[2][:_MAC]
