"""Which records of the table's stream wake the projections: what is counted, and never what they write themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jingkuai.aws import keys
from tests.transformed import of_type, references

PERSON = "01990000-0000-7000-8000-000000000001"
ENTRY = {"course": {"S": "会计准则"}}
RECORD = {"region_code": {"S": "420106"}}


def wakes(key: keys.Key, image: dict[str, Any] | None = None, event: str = "MODIFY") -> bool:
    """Whether one of the filters lets a record through: every member of a pattern has to match one of its values."""
    record = {
        "eventName": event,
        "dynamodb": {"Keys": {name: {"S": value} for name, value in key.items()}, "NewImage": image or {}},
    }
    (mapping,) = [
        one
        for one in of_type("AWS::Lambda::EventSourceMapping").values()
        if "Projections" in references(one["FunctionName"])
    ]
    return any(_matches(json.loads(str(one["Pattern"])), record) for one in mapping["FilterCriteria"]["Filters"])


def _matches(pattern: Any, found: Any) -> bool:
    if isinstance(pattern, dict):
        return all(_matches(some, (found or {}).get(name)) for name, some in pattern.items())
    return any(_one_of(some, found) for some in pattern)


def _one_of(pattern: Any, found: Any) -> bool:
    if not isinstance(pattern, dict):
        return bool(found == pattern)
    if "exists" in pattern:
        return (found is not None) is pattern["exists"]
    return isinstance(found, str) and found.startswith(pattern["prefix"])


@pytest.mark.parametrize("event", ["INSERT", "MODIFY"])
def test_tasks_records_and_entries_wake(event: str) -> None:
    assert wakes(keys.task_key("1"), event=event)
    assert wakes(keys.person_key(PERSON), RECORD, event)
    assert wakes(keys.entry_key(PERSON, 2026, "institution", "digest"), ENTRY, event)


@pytest.mark.parametrize(
    "key",
    [
        keys.task_count_key("1"),
        keys.person_count_key(PERSON),
        keys.statistics_key("now", "420106"),
        keys.recount_key(),
        keys.year_summary_key(PERSON, 2026),
    ],
    ids=str,
)
def test_what_is_written_here_wakes_nothing(key: keys.Key) -> None:
    assert not wakes(key, RECORD)


def test_an_account_without_a_record_and_what_is_removed_wake_nothing() -> None:
    assert not wakes(keys.person_key(PERSON))
    assert not wakes(keys.submission_key(PERSON, "1"), RECORD)
    assert not wakes(keys.task_key("1"), event="REMOVE")
