"""The table adapter: values go in and come out as they are, conditions have names, transactions are all or nothing."""

from decimal import Decimal

import pytest

from jingkuai.aws import tables
from jingkuai.aws.tables import Cancelled, ConditionFailed, check_item, put_item, transact, update_item
from tests.cloud import Cloud

KEY = {"pk": "P#1", "sk": "PROFILE"}


def test_values_come_back_as_they_went_in(cloud: Cloud) -> None:
    item = {
        **KEY,
        "text": "㛃",
        "whole": 3,
        "part": Decimal("2.5"),
        "bytes": b"\x00",
        "list": [1, {"a": True}],
        "none": None,
    }
    cloud.registry.put(item)
    assert cloud.registry.get(KEY) == {name: value for name, value in item.items() if value is not None}


def test_what_is_not_there_is_none(cloud: Cloud) -> None:
    assert cloud.registry.get(KEY) is None
    assert cloud.registry.batch_get([KEY]) == {}


def test_a_failed_condition_has_a_name_and_changes_nothing(cloud: Cloud) -> None:
    cloud.registry.put({**KEY, "n": 1})
    with pytest.raises(ConditionFailed):
        cloud.registry.put({**KEY, "n": 2}, condition="attribute_not_exists(pk)")
    with pytest.raises(ConditionFailed):
        cloud.registry.update(KEY, "SET n = :n", condition="n = :seen", values={":n": 3, ":seen": 9})
    assert cloud.registry.get(KEY) == {**KEY, "n": 1}


def test_an_update_answers_the_whole_new_item(cloud: Cloud) -> None:
    cloud.registry.put({**KEY, "n": 1})
    assert cloud.registry.update(KEY, "ADD n :one", values={":one": 1}) == {**KEY, "n": 2}


def test_a_query_pages_and_reads_both_ways(cloud: Cloud) -> None:
    for n in range(5):
        cloud.registry.put({"pk": "P#1", "sk": f"SUB#{n}"})
    first = cloud.registry.query("P#1", prefix="SUB#", limit=2, descending=True)
    assert [item["sk"] for item in first.items] == ["SUB#4", "SUB#3"]
    second = cloud.registry.query("P#1", prefix="SUB#", limit=2, descending=True, start=first.next_start)
    assert [item["sk"] for item in second.items] == ["SUB#2", "SUB#1"]
    assert [item["sk"] for item in cloud.registry.query_all("P#1", between=("SUB#1", "SUB#2"))] == ["SUB#1", "SUB#2"]


def test_a_batch_reads_more_than_one_call_holds(cloud: Cloud) -> None:
    cloud.registry.batch_write([{"pk": f"P#{n}", "sk": "X", "n": n} for n in range(130)])
    found = cloud.registry.batch_get([{"pk": f"P#{n}", "sk": "X"} for n in range(131)])
    assert len(found) == 130
    assert found[("P#129", "X")]["n"] == 129


def test_a_transaction_holds_in_both_tables_or_in_none(cloud: Cloud) -> None:
    writes = [put_item(cloud.identity, {**KEY}), check_item(cloud.registry, KEY, "attribute_exists(pk)")]
    with pytest.raises(Cancelled) as cancelled:
        transact(cloud.registry.client, writes)
    assert cancelled.value.reasons == ("None", "ConditionalCheckFailed")
    assert cancelled.value.failed(1) and not cancelled.value.failed(0)
    assert cloud.identity.get(KEY) is None


def test_conflicts_are_tried_again_and_then_said(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto and the emulator never conflict: a client that answers like DynamoDB under load stands in."""
    client = cloud.registry.client
    refusal = client.exceptions.TransactionCanceledException(
        {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": "TransactionConflict"}]},
        "TransactWriteItems",
    )
    tries: list[int] = []

    class Contended:
        exceptions = client.exceptions

        def __init__(self, conflicts: int) -> None:
            self.conflicts = conflicts

        def transact_write_items(self, **request: object) -> None:
            tries.append(1)
            if len(tries) <= self.conflicts:
                raise refusal

    monkeypatch.setattr("jingkuai.aws.tables.time.sleep", lambda _: None)
    transact(Contended(2), [])  # type: ignore[arg-type]
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(tables.Busy):
        transact(Contended(99), [])  # type: ignore[arg-type]
    assert len(tries) == tables.TRANSACTION_ATTEMPTS


def test_an_update_in_a_transaction_keeps_its_condition(cloud: Cloud) -> None:
    cloud.registry.put({**KEY, "version": 1})
    write = update_item(
        cloud.registry, KEY, "SET version = :next", condition="version = :seen", values={":next": 2, ":seen": 1}
    )
    transact(cloud.registry.client, [write])
    with pytest.raises(Cancelled):
        transact(cloud.registry.client, [write])
