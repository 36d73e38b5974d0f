"""moto's DynamoDB without its slowest habit: for every single write of a transaction it copies the whole table, to roll back to.

The copies are all alike, as nothing is written before the last of them: here the first one serves for all.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb import models
from moto.dynamodb.models.table import Table


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
def one_copy_a_transaction(backend: Any) -> Iterator[None]:
    """While this lasts, a transaction of this backend copies each of its tables once."""
    copies, transact = _Copies(), backend.transact_write_items

    def transact_write_items(writes: list[dict[str, Any]]) -> None:
        copies.forget()
        transact(writes)

    with patch.object(models, "copy", copies), patch.object(backend, "transact_write_items", transact_write_items):
        yield
