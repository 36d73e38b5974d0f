"""A table whose tasks, people and years change by themselves, its stream, and a count of it made by hand."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from jingkuai.aws import keys
from jingkuai.aws.clock import iso, utc_now
from jingkuai.aws.counters import counts_of
from jingkuai.aws.tables import Item, Table, from_wire
from jingkuai.domain.workdays import shanghai_year
from projections import tasks
from tests.cloud import Cloud

REGIONS = ("420106", "420100", "420502")
Counts = dict[tuple[str, str, str], int]


class Context:
    """What Lambda tells a handler about itself; `calls` is how often it still says that there is time."""

    function_name = "projections"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:projections"
    aws_request_id = "1"

    def __init__(self, calls: int = 10**6) -> None:
        self._calls = calls

    def get_remaining_time_in_millis(self) -> int:
        self._calls -= 1
        return 60_000 if self._calls >= 0 else 0


class World:
    """What is counted, and the records of the stream that tell of each change."""

    def __init__(self, cloud: Cloud) -> None:
        self.table: Table = cloud.registry
        self.told: list[keys.Key] = []

    # --- what happens

    def open_task(self, task_id: str, owner: str = "420106", due: str = "2026-12-01", **over: Any) -> None:
        item = {
            "kind": "registration",
            "stage": "county",
            "owner": owner,
            "opened_at": "2026-11-24T04:00:00.000Z",  # a Tuesday
            "due_on": due,
            "v": 1,
            **over,
        }
        self._write({**keys.task_key(task_id), **item})

    def change_task(self, task_id: str, **over: Any) -> None:
        self._write({**(self.table.get(keys.task_key(task_id)) or {}), **over})

    def decide(self, task_id: str, decision: str = "approve", *, after: int = 2, **over: Any) -> None:
        """Some days after it was opened."""
        at = datetime.fromisoformat("2026-11-24T05:00:00+00:00") + timedelta(days=after)
        self.change_task(task_id, decision=decision, decided_at=iso(at), **over)

    def person(self, person_id: str, region: str = "420106", status: str = "active", **over: Any) -> None:
        known = {"person_id": person_id, "name_masked": "王*", "status": status, "v": 1}
        self._write({**keys.person_key(person_id), **known, "region_code": region, **over})

    def entry(self, person_id: str, credits: int, year: int = 2026, **over: Any) -> None:
        item = {
            **keys.entry_key(person_id, year, "wh-training", f"course-{credits}"),
            "entry_id": f"{person_id}-{year}-{credits}",
            "source": "institution",
            "source_name": "武汉示例培训中心",
            "category": "professional",
            "course": f"会计准则{credits}",
            "credits": Decimal(credits),
            "completed_on": f"{year}-05-01",
            "recorded_at": "2026-11-24T03:00:00.000Z",
            **over,
        }
        self._write(item)

    def _write(self, item: Item) -> None:
        self.table.put(item)
        self.told.append({"pk": item["pk"], "sk": item["sk"]})

    # --- what is told

    def deliver(self, *told: keys.Key) -> list[str]:
        """Records of the stream, in this order; what could not be counted."""
        return failures(tasks.run(records(*told), Context()))

    def deliver_all(self) -> None:
        assert self.deliver(*self.told) == []

    def recount(self, calls: int = 10**6) -> dict[str, Any]:
        done: dict[str, Any] = tasks.run({"command": "recount"}, Context(calls))
        return done

    # --- what is there

    def items(self) -> list[Item]:
        return [from_wire(item) for item in self.table.client.scan(TableName=self.table.name)["Items"]]

    def counts(self) -> Counts:
        """What the counters show, without what is at zero."""
        return {
            (item["pk"], item["sk"], name): count
            for item in self.items()
            if item["pk"].startswith("ST#")
            for name, count in counts_of(item).items()
        }

    def by_hand(self) -> Counts:
        """The same from what is there, item by item."""
        items = {(item["pk"], item["sk"]): item for item in self.items()}
        found: Counter[tuple[str, str, str]] = Counter()
        for (_, sk), item in items.items():
            if sk == "TASK" and item["owner"].isdecimal():
                found.update(_of_task(item))
            elif sk == "PROFILE" and item["status"] == "active":
                found["ST#now", item["region_code"], "registered"] += 1
                found.update(self._years_of(item, items))
        return dict(found)

    def _years_of(self, person: Item, items: dict[tuple[str, str], Item]) -> Counter[tuple[str, str, str]]:
        earned: Counter[int] = Counter({shanghai_year(utc_now()): 0})
        for (pk, sk), item in items.items():
            if pk == person["pk"] and "#E#" in sk:
                earned[int(sk[3:7])] += 0 if item.get("taken_back") else int(item["credits"])
        regional = ((f"ST#{year}", person["region_code"], credits) for year, credits in earned.items())
        return Counter({(pk, region, "fulfilled" if credits >= 90 else "short"): 1 for pk, region, credits in regional})


def records(*told: keys.Key) -> dict[str, Any]:
    """The stream's records of writes to these items."""
    wire = TypeSerializer().serialize
    return {
        "Records": [
            {
                "eventName": "MODIFY",
                "dynamodb": {
                    "Keys": {"pk": wire(key["pk"]), "sk": wire(key["sk"])},
                    "NewImage": {},
                    "SequenceNumber": str(number),
                },
            }
            for number, key in enumerate(told)
        ]
    }


def failures(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def _of_task(item: Item) -> Counter[tuple[str, str, str]]:
    owner, kind = item["owner"], item["kind"]
    if "decision" not in item:
        return Counter({("ST#now", owner, f"due.{item['due_on']}"): 1, ("ST#now", owner, f"kind.{kind}"): 1})
    year = f"ST#{item['decided_at'][:4]}"
    found = Counter({(year, owner, f"decided.{kind}.{item['decision']}"): 1})
    if item["decision"] in ("approve", "return", "reject"):
        # business days after Tuesday 24 November: Wednesday to Friday, not the weekend
        days = {"24": 0, "25": 1, "26": 2, "27": 3, "28": 3, "29": 3, "30": 4}[item["decided_at"][8:10]]
        found[year, owner, f"days.{item['stage']}.{days}"] += 1
    if item["decision"] == "return":
        for field in {one.replace(".0", "") for one in item.get("fields", [])}:
            found[year, owner, f"field.{field}"] += 1
    return found
