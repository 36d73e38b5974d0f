"""moto's DynamoDB without its slowest habit: for every single write of a transaction it copies the whole table, to roll back to,
and with it all that its stream has ever said.

The copies are all alike, as nothing is written before the last of them: here the first one serves for all. No test reads a
stream of moto's; the deployed stack has a real one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.dynamodb import models
from moto.dynamodb.models.table import Table

REGION = "us-east-1"  # of every account in memory


class _Copies:
    """Stands for the module `copy` in moto's transactions."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}

    def forget(self) -> None:
        self._tables = {}

    def deepcopy(self, value: Any) -> Any:
        if not isinstance(value, Table):
            return copy.deepcopy(value)
        if value.name not in self._tables:
            self._tables[value.name] = copy.deepcopy(value)
        return self._tables[value.name]


@contextmanager
def quick_tables() -> Iterator[None]:
    """While this lasts, a transaction copies each of its tables once, without a stream."""
    backend = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION]
    for table in backend.tables.values():
        table.stream_shard = None
    copies, transact = _Copies(), backend.transact_write_items

    def transact_write_items(writes: list[dict[str, Any]]) -> None:
        copies.forget()
        transact(writes)

    with patch.object(models, "copy", copies), patch.object(backend, "transact_write_items", transact_write_items):
        yield
