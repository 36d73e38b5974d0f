"""Outbox entries: what is promised reads back as it was promised, and waits where the deliverer looks."""

import pytest

from jingkuai.aws import keys, outbox
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import Entry, KeepScans, ResumeTask, SendMessage, SendSms, StartExecution
from tests.conftest import NOON

ENTRIES: list[Entry] = [
    StartExecution("review", "s-1.1", {"pk": "P#1", "sk": "SUB#s-1"}),
    ResumeTask("t-1", {"decision": "approve"}),
    SendMessage("a-1", "登记已通过", "您的登记已审核通过。"),
    SendSms("p-1", "您的登记已审核通过。"),
    KeepScans(["scans/1"]),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_an_entry_reads_back(entry: Entry) -> None:
    item = outbox.outbox_item(entry, at=NOON, new_id=uuid7)
    assert outbox.entry_of(item) == entry
    assert item["gsi1pk"] == keys.outbox_lane(outbox.lane_of(item["entry_id"]))
    assert item["gsi1sk"] == iso(NOON)


def test_ids_sort_by_time_and_are_version_seven() -> None:
    later = NOON.replace(second=1)
    first, second = uuid7(NOON), uuid7(later)
    assert first < second
    assert first[14] == "7" and first[19] in "89ab"
    assert (
        uuid7(NOON, lambda n: b"\xff" * n)
        == f"{int(NOON.timestamp() * 1000):012x}"[:8]
        + "-"
        + f"{int(NOON.timestamp() * 1000):012x}"[8:]
        + "-7fff-bfff-ffffffffffff"
    )


def test_times_read_back() -> None:
    assert parse_iso(iso(NOON)) == NOON
