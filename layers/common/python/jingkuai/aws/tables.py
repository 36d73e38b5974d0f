"""DynamoDB as the stores see it: items are plain dictionaries of Python values, writes are conditional, transactions retry conflicts.

The stores of the contexts read and write through it; use cases see values, not items.
Numbers come back as `int` where they are whole and as `Decimal` otherwise.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Key = Mapping[str, object]
TransactWrite = dict[str, Any]

BATCH_GET_LIMIT = 100
BATCH_WRITE_LIMIT = 25
TRANSACTION_ATTEMPTS = 6

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


class ConditionFailed(Exception):
    """The condition of a single write did not hold: somebody was first, or the item is not as it was read."""


class Cancelled(Exception):
    """A transaction was refused; `reasons[i]` is the code of its i-th write ("None" where that one would have held)."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = tuple(reasons)

    def failed(self, *places: int) -> bool:
        """Whether the condition of the write at one of these places was what failed."""
        return any(self.reasons[place] == "ConditionalCheckFailed" for place in places)


class Busy(Exception):
    """DynamoDB kept reporting conflicts or throttling past the last attempt; nothing was written."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; `next_start` names where the next one begins, or None at the end."""

    items: tuple[Item, ...]
    next_start: Item | None


def to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB takes it; members that are None are left out."""
    return {name: _serializer.serialize(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    """The item behind DynamoDB's typed form."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, Binary):
        return bytes(cast(Any, value).value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


class Table:
    """One DynamoDB table (Identity or Registry)."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """The item of this key, or None. AWS calls: 1."""
        found = self.client.get_item(TableName=self.name, Key=to_wire(key), ConsistentRead=consistent)
        return from_wire(found["Item"]) if "Item" in found else None

    def put(
        self,
        item: Item,
        *,
        condition: str | None = None,
        values: Item | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Write the whole item. Raises ConditionFailed. AWS calls: 1."""
        self._single("put_item", {"Item": to_wire(item), **_expressions(condition, values, names)})

    def update(
        self,
        key: Key,
        expression: str,
        *,
        condition: str | None = None,
        values: Item | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Item:
        """Change some members and answer the whole new item. Raises ConditionFailed. AWS calls: 1."""
        request = {"Key": to_wire(key), "UpdateExpression": expression, "ReturnValues": "ALL_NEW"}
        answer = self._single("update_item", {**request, **_expressions(condition, values, names)})
        return from_wire(answer["Attributes"])

    def delete(self, key: Key, *, condition: str | None = None, values: Item | None = None) -> None:
        """Remove the item, if it is there. Raises ConditionFailed. AWS calls: 1."""
        self._single("delete_item", {"Key": to_wire(key), **_expressions(condition, values, None)})

    def _single(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], getattr(self.client, operation)(TableName=self.name, **request))
        except self.client.exceptions.ConditionalCheckFailedException as failed:
            raise ConditionFailed(operation) from failed

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        prefix: str | None = None,
        between: tuple[str, str] | None = None,
        descending: bool = False,
        limit: int | None = None,
        start: Item | None = None,
        consistent: bool | None = None,
    ) -> Page:
        """One page of the items under `pk`, by sort key. Index reads are eventually consistent. AWS calls: 1."""
        pk_name, sk_name = ("pk", "sk") if index is None else (f"{index}pk", f"{index}sk")
        expression, values = f"{pk_name} = :pk", {":pk": pk}
        if prefix is not None:
            expression, values = f"{expression} AND begins_with({sk_name}, :sk)", {**values, ":sk": prefix}
        elif between is not None:
            expression = f"{expression} AND {sk_name} BETWEEN :from AND :to"
            values = {**values, ":from": between[0], ":to": between[1]}
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": expression,
            "ExpressionAttributeValues": to_wire(values),
            "ScanIndexForward": not descending,
            "ConsistentRead": index is None if consistent is None else consistent,
        }
        optional = {"IndexName": index, "Limit": limit, "ExclusiveStartKey": to_wire(start) if start else None}
        request |= {name: value for name, value in optional.items() if value is not None}
        answer = self.client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return Page(tuple(from_wire(item) for item in answer["Items"]), from_wire(last) if last else None)

    def query_all(
        self,
        pk: str,
        *,
        index: str | None = None,
        prefix: str | None = None,
        between: tuple[str, str] | None = None,
        descending: bool = False,
    ) -> Iterator[Item]:
        """Every item under `pk`, page after page: for partitions with a natural bound. AWS calls: 1 a page."""
        start: Item | None = None
        while True:
            page = self.query(pk, index=index, prefix=prefix, between=between, descending=descending, start=start)
            yield from page.items
            if (start := page.next_start) is None:
                return

    def scan(self, *, limit: int, start: Item | None) -> Page:
        """One page of the whole table, strongly consistent: for operators' commands, never for a request. AWS calls: 1."""
        request: dict[str, Any] = {"TableName": self.name, "Limit": limit, "ConsistentRead": True}
        answer = self.client.scan(**request | ({"ExclusiveStartKey": to_wire(start)} if start else {}))
        last = answer.get("LastEvaluatedKey")
        return Page(tuple(from_wire(item) for item in answer["Items"]), from_wire(last) if last else None)

    def batch_get(self, keys: Sequence[Key]) -> dict[tuple[str, str], Item]:
        """The items that exist, by (pk, sk), strongly consistent. AWS calls: 1 per 100 keys."""
        return batch_get(self.client, {self.name: keys}).get(self.name, {})

    def batch_write(self, items: Sequence[Item]) -> None:
        """Put items without conditions. AWS calls: 1 per 25 items."""
        for first in range(0, len(items), BATCH_WRITE_LIMIT):
            waiting: Any = {
                self.name: [{"PutRequest": {"Item": to_wire(one)}} for one in items[first : first + BATCH_WRITE_LIMIT]]
            }
            for attempt in range(TRANSACTION_ATTEMPTS):
                waiting = self.client.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
                if not waiting:
                    break
                _back_off(attempt)
            else:
                raise Busy("batch_write_item")


def batch_get(client: "DynamoDBClient", keys: Mapping[str, Sequence[Key]]) -> dict[str, dict[tuple[str, str], Item]]:
    """Items of one or two tables at once, strongly consistent: {table: {(pk, sk): item}}. AWS calls: 1 per 100 keys."""
    wanted = [(table, dict(key)) for table, some in keys.items() for key in some]
    found: dict[str, dict[tuple[str, str], Item]] = {table: {} for table in keys}
    for first in range(0, len(wanted), BATCH_GET_LIMIT):
        request: Any = {}
        for table, key in wanted[first : first + BATCH_GET_LIMIT]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(to_wire(key))
        for attempt in range(TRANSACTION_ATTEMPTS):
            answer = client.batch_get_item(RequestItems=request)
            for table, items in answer["Responses"].items():
                found[table].update({(item["pk"], item["sk"]): item for item in map(from_wire, items)})
            request = answer.get("UnprocessedKeys")
            if not request:
                break
            _back_off(attempt)
        else:
            raise Busy("batch_get_item")
    return found


def put_item(
    table: Table,
    item: Item,
    *,
    condition: str | None = None,
    values: Item | None = None,
    names: Mapping[str, str] | None = None,
) -> TransactWrite:
    """A Put for `transact`."""
    return {"Put": {"TableName": table.name, "Item": to_wire(item), **_expressions(condition, values, names)}}


def update_item(
    table: Table,
    key: Key,
    expression: str,
    *,
    condition: str | None = None,
    values: Item | None = None,
    names: Mapping[str, str] | None = None,
) -> TransactWrite:
    """An Update for `transact`."""
    request = {"TableName": table.name, "Key": to_wire(key), "UpdateExpression": expression}
    return {"Update": {**request, **_expressions(condition, values, names)}}


def delete_item(table: Table, key: Key, *, condition: str | None = None, values: Item | None = None) -> TransactWrite:
    """A Delete for `transact`."""
    return {"Delete": {"TableName": table.name, "Key": to_wire(key), **_expressions(condition, values, None)}}


def check_item(
    table: Table, key: Key, condition: str, *, values: Item | None = None, names: Mapping[str, str] | None = None
) -> TransactWrite:
    """A ConditionCheck for `transact`: the others hold only if this item is as stated."""
    return {"ConditionCheck": {"TableName": table.name, "Key": to_wire(key), **_expressions(condition, values, names)}}


def transact(client: "DynamoDBClient", writes: Sequence[TransactWrite]) -> None:
    """Write all or nothing (at most 100), over one or two tables.

    Conflicts with other transactions and throttling are tried again with jitter; a failed condition is final.
    Raises Cancelled with a reason per write, Busy when conflicts do not end. AWS calls: 1.
    """
    for attempt in range(TRANSACTION_ATTEMPTS):
        try:
            client.transact_write_items(TransactItems=cast(Any, list(writes)))
            return
        except client.exceptions.TransactionCanceledException as cancelled:
            reasons = [str(reason.get("Code", "None")) for reason in cancelled.response.get("CancellationReasons", [])]
            if not _passing(reasons):
                raise Cancelled(reasons) from cancelled
        except ClientError as failed:
            if failed.response["Error"]["Code"] not in (
                "TransactionInProgressException",
                "TransactionConflictException",
            ):
                raise
        _back_off(attempt)
    raise Busy("transact_write_items")


def _passing(reasons: Sequence[str]) -> bool:
    """Whether only others' traffic stood in the way: then the same transaction may hold a moment later."""
    causes = {reason for reason in reasons if reason != "None"}
    return bool(causes) and causes <= {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def _back_off(attempt: int) -> None:
    # full jitter, a quarter of a second at most in all: an API call has 29 s, and DynamoDB's own retries sit below this
    time.sleep(random.uniform(0, 0.01 * 2**attempt))


def _expressions(condition: str | None, values: Item | None, names: Mapping[str, str] | None) -> dict[str, Any]:
    optional = {
        "ConditionExpression": condition,
        "ExpressionAttributeValues": to_wire(values) if values else None,
        "ExpressionAttributeNames": dict(names) if names else None,
    }
    return {name: value for name, value in optional.items() if value is not None}
