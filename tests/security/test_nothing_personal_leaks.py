"""After a run: no ID number, phone, full name or one-time code in a log, an execution's name or input, an S3 key or a metric."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.e2e.files import imported, rows_as_csv
from tests.e2e.test_appeals import COUNTY, Appellant, decide, ended, task_of
from tests.house import House
from tools.local import aws
from tools.local.applicant import Applicant
from tools.local.client import Refused, messages_to

ID_NUMBER = re.compile(
    r"(?<![0-9a-fA-F.-])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9a-fA-F])"
)
PHONE = re.compile(r"(?<![0-9a-fA-F.-])1[3-9]\d{9}(?![0-9a-fA-F])")


@pytest.fixture(scope="module")
def traces(house: House) -> tuple[list[str], list[str]]:
    """Everything the stack wrote down about a life in it, and the words that must not be among that."""
    somebody = house.accountant()
    person = somebody.person
    row = [person["id_number"], person["name"], 2026, "专业科目", "会计准则", 20, "2026-05-01", "C1", ""]
    bad = [person["id_number"][:17] + "?", person["name"], 2026, "专业科目", "会计准则", 20, "2026-05-01", "C2", ""]
    imported(house.staff("institution"), rows_as_csv([row, bad]).encode(), f"{person['name']}.csv")
    with pytest.raises(Refused):
        house.public.post("/auth/login", {"username": person["id_number"], "password": "Wrong-2026-password"})
    appellant = _appealed(house, somebody)
    codes = [
        code
        for phone in (person["phone"], appellant.phone)
        for text in messages_to(phone, house.aws)
        for code in re.findall(r"(?<!\d)\d{6}(?!\d)", text)
    ]
    assert len(codes) >= 2
    written = [*_log_lines(house), *_emulator_log(house), *_executions(house), *_object_keys(house), *_metrics(house)]
    of_appeal = [appellant.phone, appellant.query_code, appellant.statement]
    return written, [person["id_number"], person["phone"], person["name"], *codes, *of_appeal]


@dataclass
class Appealed(Appellant):
    """An appeal that a bureau has looked at and rejected."""

    query_code: str = ""
    statement: str = ""


def _appealed(house: House, somebody: Applicant) -> Appealed:
    """Somebody else says that the number is theirs; both bureaus' work is left to the tests of appeals."""
    appellant = Appealed(house, somebody, people.person()["phone"])
    appellant.statement = appellant.body("id_number_taken", [])["statement"]
    filed = appellant.file("id_number_taken")
    appellant.query_code = filed["query_code"]
    house.public.get(f"/auth/appeals/{appellant.query_code}")
    house.staff(COUNTY).get(f"/review/tasks/{task_of(house, COUNTY, filed['appeal_id'])}")
    decide(house, COUNTY, filed["appeal_id"], "reject")
    ended(house, appellant.query_code, "rejected")
    return appellant


def test_something_was_written_down(traces: tuple[list[str], list[str]]) -> None:
    written, _ = traces
    assert any(line.startswith("log: ") for line in written)
    assert any(line.startswith("emulator: ") for line in written)
    assert any(line.startswith("execution: ") for line in written)
    assert any(line.startswith("key: ") for line in written)
    assert any("ScanAccepted" in line for line in written if line.startswith("metric: ")), "of the scans of this life"
    assert sum(line.startswith("execution: ") and "AP#" in line for line in written), "an appeal's review is among them"


def test_nothing_names_the_person(traces: tuple[list[str], list[str]]) -> None:
    written, words = traces
    found = [
        (word, line[:300])
        for line in written
        for word in words
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", line)
    ]
    assert found == []


def test_nothing_looks_like_an_id_number_or_a_phone(traces: tuple[list[str], list[str]]) -> None:
    written, _ = traces
    assert [line[:300] for line in written if ID_NUMBER.search(line) or PHONE.search(line)] == []


def _log_lines(house: House) -> Iterator[str]:
    logs = aws.client("logs", house.aws)
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            yield from (f"log: {event['message']}" for event in page["events"])


def _emulator_log(house: House) -> Iterator[str]:
    """What the emulator says itself, of everything that was done to it since it was started."""
    for line in Path(house.described["log"]).read_text(errors="replace").splitlines():
        yield f"emulator: {line}"


def _embedded(text: str) -> dict[str, Any]:
    """A log line as JSON, where it is an object."""
    try:
        told = json.loads(text[text.index("{") :])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _executions(house: House) -> Iterator[str]:
    workflows = aws.client("stepfunctions", house.aws)
    for arn in house.described["state_machines"].values():
        for page in workflows.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for execution in page["executions"]:
                described = workflows.describe_execution(executionArn=execution["executionArn"])
                yield f"execution: {described['name']} {described.get('input')} {described.get('output')} {described.get('cause')}"
                history = workflows.get_execution_history(executionArn=execution["executionArn"])
                yield f"execution: {history['events']}"


def _object_keys(house: House) -> Iterator[str]:
    s3 = aws.client("s3", house.aws)
    for bucket in house.described["buckets"].values():
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield from (f"key: {one['Key']}" for one in page.get("Contents", []))


def _metrics(house: House) -> Iterator[str]:
    """What CloudWatch lists, and what it makes of log lines: names and dimensions of embedded metrics."""
    for line in _log_lines(house):
        told = _embedded(line.removeprefix("log: "))
        for one in told.get("_aws", {}).get("CloudWatchMetrics", []):
            dimensions = {name: told.get(name) for some in one["Dimensions"] for name in some}
            yield f"metric: {one['Namespace']} {[metric['Name'] for metric in one['Metrics']]} {dimensions}"
    for page in aws.client("cloudwatch", house.aws).get_paginator("list_metrics").paginate():
        yield from (f"metric: {one}" for one in page["Metrics"])
