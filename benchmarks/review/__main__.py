"""`python -m benchmarks.review [--sizes 100 10000 100000]`: inboxes on a local stack of its own, and the workflow's bill.

The stack is started and forgotten again. Its stream has no readers while inboxes are filled: what the counters would
have come to is written with the tasks.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.config import Config

from benchmarks.credit_rows.__main__ import machine
from benchmarks.executions import in_history
from benchmarks.review import transitions
from benchmarks.review.inbox import Measured, Questions, fill
from jingkuai.aws.tables import Table
from tests import people
from tests.house import House
from tools.local import aws
from tools.local.applicant import approve
from tools.local.place import ROOT_KEYS
from tools.local.stack import Stack

PORT = 4697


def bill(house: House) -> None:
    """State transitions of a review, checked against one that has just been held."""
    somebody = house.applicant(people.person())
    submission = somebody.submit()
    approve(house.staff(f"reviewer_{somebody.person['region_code']}"), submission)
    assert somebody.outcome(submission) == "approved"
    machine_arn = house.described["state_machines"]["review"]
    execution = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{submission}.1"
    entered = in_history(aws.client("stepfunctions", house.aws), execution)
    assert entered == transitions.approved(1), entered
    print("\n| a review | states entered | least | times the least |")
    print("| --- | ---: | ---: | ---: |")
    for title, states, least in (
        ("one stage, approved", transitions.approved(1), transitions.least(1)),
        ("two stages, approved", transitions.approved(2), transitions.least(2)),
        ("three stages, approved", transitions.approved(3), transitions.least(3)),
        ("one stage, returned and resubmitted once", transitions.returned_once(1), transitions.least(1) + 2),
    ):
        print(f"| {title} | {len(states)} | {least} | {len(states) / least:.1f} |")
    tasks = transitions.REVIEW.tasks(entered)
    print(f"\nOf the {len(entered)} of one stage, {tasks} call a function; a real execution entered the same states.")


def stop_reading_the_stream(endpoint: str) -> None:
    client = aws.client("lambda", endpoint)
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.delete_event_source_mapping(UUID=mapping["UUID"])


def tables(house: House) -> tuple[Table, Table]:
    client = boto3.client(
        "dynamodb",
        endpoint_url=house.aws,
        region_name=ROOT_KEYS["AWS_DEFAULT_REGION"],
        aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=120, proxies={}, max_pool_connections=20),
    )
    told = house.described["tables"]
    return Table(client, told["registry"]), Table(client, told["identity"])


def inboxes(house: House, sizes: Sequence[int]) -> dict[str, dict[int, Measured]]:
    registry, identity = tables(house)
    found: dict[str, dict[int, Measured]] = {}
    filled = 0
    for size in sizes:
        began = time.perf_counter()
        fill(lambda: registry, filled, size)
        print(f"[inbox] {size - filled:,} tasks put in {time.perf_counter() - began:.0f} s", flush=True)
        filled = size
        questions = Questions(registry, identity)
        for title, (ask, rounds) in questions.all_of_them().items():
            found.setdefault(title, {})[size] = questions.measured(ask, rounds)
    return found


def show(found: dict[str, dict[int, Measured]], sizes: Sequence[int]) -> None:
    print(
        "\n| what is asked | open tasks | AWS calls | items read | time, × the smallest inbox | the emulator's share |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for title, by_size in found.items():
        for size in sizes:
            one = by_size[size]
            times = one.seconds / by_size[sizes[0]].seconds
            print(f"| {title} | {size:,} | {one.calls} | {one.items:,} | {times:.1f} | {one.emulators_share:.0%} |")
    first = found[next(iter(found))]
    own = {size: (first[size].seconds - first[size].waited) * 1e3 for size in sizes}
    print(f"\nOur own part of the first page, ms: {', '.join(f'{size:,} tasks {ms:.1f}' for size, ms in own.items())}.")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.review")
    asked.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    sizes: list[int] = sorted(asked.parse_args().sizes)
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    with tempfile.TemporaryDirectory(prefix="jingkuai-bench-") as home, Stack.start(PORT, Path(home)) as described:
        house = House(described)
        bill(house)
        stop_reading_the_stream(house.aws)
        show(inboxes(house, sizes), sizes)
    print(f"{machine()}.")


if __name__ == "__main__":
    main()
