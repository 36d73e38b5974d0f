"""moto's DynamoDB without its two slowest habits.

For every single write of a transaction it copies the whole table, to roll back to, and with it all that its stream has ever
said. The copies are all alike, as nothing is written before the last of them: here the first one serves for all. No test
reads a stream of moto's; the deployed stack has a real one.

And of every value it answers with, however deep, it asks for each of the ten types that a value may have. Most values are
JSON already: they are written as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.core.serialize import JSONSerializer
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


class _NoPlainValue(Exception):
    """A value that the serializer has to look at: binary, or an object of moto's."""


def _plain(value: Any) -> dict[str, Any]:
    """An attribute value as it travels, where it is JSON already. Raises _NoPlainValue."""
    if type(value) is not dict or len(value) != 1:
        raise _NoPlainValue
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "N" | "BOOL" | "NULL" | "SS" | "NS":
            return value
        case "M":
            return {"M": {name: _plain(one) for name, one in inner.items()}}
        case "L":
            return {"L": [_plain(one) for one in inner]}
        case _:
            raise _NoPlainValue


_every_member = JSONSerializer._serialize_type_structure


def _structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """A structure as moto writes it, an attribute value at once."""
    if shape.name == "AttributeValue" and key:
        try:
            serialized[self.get_serialized_name(shape, key)] = _plain(value)
            return
        except _NoPlainValue:
            pass
    _every_member(self, serialized, value, shape, key)


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

    with (
        patch.object(models, "copy", copies),
        patch.object(backend, "transact_write_items", transact_write_items),
        patch.object(JSONSerializer, "_serialize_type_structure", _structure),
    ):
        yield
