"""moto's DynamoDB without its three slowest habits.

For every single write of a transaction it copies the whole table, to roll back to, and with it all that its stream has ever
said: the more a test has done, the longer its next write takes. A transaction touches the items it names and no others, so
those alone are copied here, and put back where it fails. No test reads a stream of moto's; the deployed stack has a real one.

And of every value it answers with, however deep, it asks for each of the ten types that a value may have. Most values are
JSON already: they are written as they are.

For every query it puts the whole table in order, and asks of each key, at each comparison, of which type it is. The keys of
both tables are strings, and are compared as such.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.core.serialize import JSONSerializer
from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

REGION = "us-east-1"  # of every account in memory


class _Copies:
    """Stands for the module `copy` in moto's transactions: a table is not copied, see `_Touched`."""

    def deepcopy(self, value: Any) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value)


class _Touched:
    """The items that a transaction names, as they were before it."""

    def __init__(self, tables: Mapping[str, Table], writes: Sequence[Mapping[str, Any]]) -> None:
        self._before: list[tuple[dict[Any, Any], Any, Any]] = []
        for write in writes:
            ((_, told),) = write.items()
            table = tables[told["TableName"]]
            named = told.get("Key") or told["Item"]
            first = DynamoType(named[table.hash_key_attr])
            second = DynamoType(named[table.range_key_attr])
            found = table.items.get(first, {}).get(second)
            self._before.append((table.items, (first, second), copy.deepcopy(found)))

    def put_back(self) -> None:
        """Undo whatever the transaction did before it failed."""
        for items, (first, second), before in self._before:
            if before is None:
                items.get(first, {}).pop(second, None)
            else:
                items[first][second] = before


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


def _in_order(self: Table) -> list[Item]:
    """Every item, by its key."""
    items = [item for of_one in self.items.values() for item in of_one.values()]
    items.sort(key=lambda item: (item.hash_key.value, item.range_key.value))
    return items


_differs = DynamoType.__ne__


def _differing(self: DynamoType, other: DynamoType) -> bool:
    if self.type == "S" == other.type:
        return bool(self.value != other.value)
    return _differs(self, other)


@contextmanager
def quick_tables() -> Iterator[None]:
    """While this lasts, a transaction copies what it touches, without a stream, and keys are strings."""
    backend = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION]
    for table in backend.tables.values():
        table.stream_shard = None
    transact = backend.transact_write_items

    def transact_write_items(writes: list[dict[str, Any]]) -> None:
        touched = _Touched(backend.tables, writes)
        try:
            transact(writes)
        except Exception:
            touched.put_back()
            raise

    with (
        patch.object(models, "copy", _Copies()),
        patch.object(backend, "transact_write_items", transact_write_items),
        patch.object(JSONSerializer, "_serialize_type_structure", _structure),
        patch.object(Table, "all_items", _in_order),
        patch.object(DynamoType, "__ne__", _differing),
    ):
        yield
