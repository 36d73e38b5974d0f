"""The year's summary follows the entries, whatever the stream repeats, and is written only when it changes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from projections import tasks
from projections.store import SummaryStore
from projections.year_summaries import Ledger, LostRace, YearSummary, recompute
from tests.cloud import Cloud
from tests.conftest import NOON

PERSON = "01990000-0000-7000-8000-000000000001"


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "projections"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:projections"
    aws_request_id = "1"


class Ledgers:
    """One person's ledger in memory, and the stream that tells of it."""

    def __init__(self, cloud: Cloud) -> None:
        self.table = cloud.registry
        self.store = SummaryStore(cloud.registry)

    def person(self, **over: Any) -> None:
        record = {"name_masked": "王*", "region_code": "420106", "status": "active", "version": 1}
        self.table.put({**keys.person_key(PERSON), "person_id": PERSON, **record, **over})

    def entry(
        self, course: str, credits: str, *, year: int = 2026, category: str = "professional", **over: Any
    ) -> Item:
        item = {
            **keys.entry_key(PERSON, year, "wh-training", course),
            "entry_id": f"{year}-{course}",
            "source": "institution",
            "source_name": "武汉示例培训中心",
            "category": category,
            "course": course,
            "credits": Decimal(credits),
            "completed_on": f"{year}-05-01",
            "recorded_at": "2026-11-24T03:00:00.000Z",
            **over,
        }
        self.table.put(item)
        return item

    def summary(self, year: int = 2026) -> Item:
        return self.table.get(keys.year_summary_key(PERSON, year)) or {}

    def listed(self, year: int = 2026, region: str = "420106", *, short: bool) -> list[dict[str, Any]]:
        found = self.table.query(keys.year_list(year, region, short=short), index="gsi1")
        return [one["card"] for one in found.items]


@pytest.fixture
def ledgers(cloud: Cloud) -> Ledgers:
    found = Ledgers(cloud)
    found.person()
    return found


def told(*items: Item) -> dict[str, Any]:
    """The stream's records of these writes."""
    wire = TypeSerializer().serialize
    return {
        "Records": [
            {
                "eventName": "MODIFY",
                "dynamodb": {
                    "Keys": {name: wire(item[name]) for name in ("pk", "sk")},
                    "NewImage": {name: wire(value) for name, value in item.items()},
                    "SequenceNumber": str(number),
                },
            }
            for number, item in enumerate(items)
        ]
    }


def run(*items: Item) -> list[str]:
    answer = tasks.run(told(*items), Context())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_the_summary_is_the_sum_of_what_counts(ledgers: Ledgers) -> None:
    items = [ledgers.entry("会计准则", "62.5"), ledgers.entry("职业道德", "15", category="public")]
    assert run(*items) == []
    summary = ledgers.summary()
    assert summary["earned"] == {"total": Decimal("77.5"), "professional": Decimal("62.5"), "public": 15}
    assert summary["shortfall"] == {"total": Decimal("12.5"), "professional": 0}
    assert not summary["fulfilled"]
    [card] = ledgers.listed(short=True)
    assert card["person_id"] == PERSON and card["name_masked"] == "王*" and card["shortfall"] == summary["shortfall"]
    assert ledgers.listed(short=False) == []


def test_a_fulfilled_year_changes_lists_and_back_when_a_batch_is_taken_back(ledgers: Ledgers) -> None:
    run(ledgers.entry("会计准则", "90"))
    assert len(ledgers.listed(short=False)) == 1 and ledgers.listed(short=True) == []
    run(ledgers.entry("会计准则", "90", taken_back=True))
    assert ledgers.listed(short=False) == [] and len(ledgers.listed(short=True)) == 1


def test_a_replayed_stream_changes_nothing(ledgers: Ledgers) -> None:
    item = ledgers.entry("会计准则", "20")
    run(item, item)
    before = ledgers.summary()
    run(item)
    assert ledgers.summary() == before
    assert before["revision"] == 1


def test_an_old_record_of_the_stream_never_brings_old_sums(ledgers: Ledgers) -> None:
    old = ledgers.entry("会计准则", "20")
    run(ledgers.entry("会计准则", "30"))
    run(old)
    assert ledgers.summary()["earned"]["total"] == 30


def test_each_year_of_each_person_is_summed_for_itself(ledgers: Ledgers) -> None:
    run(ledgers.entry("旧准则", "10", year=2025), ledgers.entry("会计准则", "20"))
    assert ledgers.summary(2025)["earned"]["total"] == 10
    assert ledgers.summary(2026)["earned"]["total"] == 20


def test_other_items_of_the_year_wake_nothing(ledgers: Ledgers) -> None:
    item = ledgers.entry("会计准则", "20")
    others = [keys.year_summary_key(PERSON, 2026), keys.year_certificate_key(PERSON, 2026), keys.draft_key(PERSON)]
    assert run(*({**key} for key in others)) == []
    assert ledgers.summary() == {}
    run(item)
    assert ledgers.summary()["revision"] == 1


class Overtaken(SummaryStore):
    """A store whose reader is overtaken by others between reading and writing, so many times."""

    def __init__(self, ledgers: Ledgers, times: int) -> None:
        super().__init__(ledgers.table)
        self._ledgers, self._times = ledgers, times

    def ledger(self, person_id: str, year: int) -> Ledger:
        read = super().ledger(person_id, year)
        if self._times:
            self._times -= 1
            self._ledgers.entry(f"course {self._times}", "10")
            recompute(PERSON, 2026, store=self._ledgers.store, rules=tasks.rule_book().current(NOON), at=NOON)
        return read


def test_who_overtakes_between_reading_and_writing_is_not_overwritten(ledgers: Ledgers) -> None:
    ledgers.entry("会计准则", "20")
    rules = tasks.rule_book().current(NOON)
    recompute(PERSON, 2026, store=Overtaken(ledgers, times=2), rules=rules, at=NOON)
    assert ledgers.summary()["earned"]["total"] == 40


def test_a_race_that_never_ends_is_given_up(ledgers: Ledgers) -> None:
    class NeverFirst(SummaryStore):
        def save(self, summary: YearSummary, ledger: Ledger, *, at: datetime) -> bool:
            return False

    ledgers.entry("会计准则", "20")
    with pytest.raises(LostRace):
        recompute(PERSON, 2026, store=NeverFirst(ledgers.table), rules=tasks.rule_book().current(NOON), at=NOON)


def test_somebody_without_a_record_has_no_summary(ledgers: Ledgers) -> None:
    ledgers.person(region_code=None)
    assert run(ledgers.entry("会计准则", "20")) == []
    assert ledgers.summary() == {}


def test_one_bad_entry_holds_nobody_else_up_and_is_named_to_the_stream(ledgers: Ledgers) -> None:
    bad = ledgers.entry("坏", "1", year=2024, category="unknown")
    good = ledgers.entry("会计准则", "20")
    assert run(bad, good) == ["0"]
    assert ledgers.summary()["earned"]["total"] == 20


def test_a_move_of_the_record_shows_with_the_next_entry(ledgers: Ledgers) -> None:
    run(ledgers.entry("会计准则", "20"))
    ledgers.person(region_code="420502")
    run(ledgers.entry("会计准则二", "20"))
    assert ledgers.listed(short=True) == [] and len(ledgers.listed(region="420502", short=True)) == 1


def test_a_closed_account_is_on_no_list(ledgers: Ledgers) -> None:
    """A late correction of a course changes the ledger, and nobody is called short who has left."""
    ledgers.person(status="deactivated")
    ledgers.entry("准则", "60")
    assert recompute(PERSON, 2026, store=ledgers.store, rules=tasks.rule_book().current(NOON), at=NOON) is None
    assert ledgers.summary() == {}
