"""`python -m benchmarks.credit_rows [--rows 50000]`: reading, dealing and checking rows, against csv.reader over the same bytes.

All of it runs in one process, in turns, so that a slow moment of the machine falls on everything alike. The file is made
here: computed ID numbers, made-up names, one row in twenty with something wrong, GB18030 as institutions send it.
"""

import argparse
import csv
import io
import json
import os
import platform
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

from benchmarks import ROOT
from credits.chunks import Chunks, chunk_count, rows_of
from credits.tables_as_sent import data_rows, open_table
from jingkuai.domain.credit_row import Column, check_row
from jingkuai.domain.credit_rules import RuleBook

TODAY = date(2026, 11, 24)
ROUNDS = 5
FAULTS = ("", "429999600101001", "专业科日", "二十", "2026-13-01")  # one of them in every twentieth row
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(number: int) -> str:
    """A computed ID number nobody was given: its region code is of no division."""
    body = f"429999{1960 + number % 40}{1 + number % 12:02d}{1 + number % 28:02d}{1 + number // 480 % 999:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def row(number: int) -> list[str]:
    cells = [
        id_number(number // 6),
        "示例" + chr(0x4E00 + number // 6 % 2000),
        "2026",
        "专业科目" if number % 3 else "公需科目",
        f"企业会计准则第{number % 42}号讲解",
        f"{1 + number % 12}.5",
        f"2026-{1 + number % 10:02d}-{1 + number % 28:02d}",
        f"ZY{number % 6:04d}",
        "",
    ]
    if number % 20 == 0:
        place = number // 20 % len(FAULTS)
        cells[(1, 0, 3, 5, 6)[place]] = FAULTS[place]
    return cells


def credit_file(rows: int) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.value for column in Column])
    writer.writerows(map(row, range(rows)))
    return text.getvalue().encode("gb18030")


def floor(content: bytes) -> int:
    """What Python itself needs to make rows of cells of these bytes."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="gb18030", newline=""))
    return sum(1 for _ in reader) - 1


def read(content: bytes) -> int:
    """As an import opens a file: encoding, separator and heading found out, broken rows refused."""
    return sum(1 for _ in data_rows(open_table(io.BytesIO(content), "file.csv")))


def dealt(content: bytes) -> list[bytes]:
    """As Prepare does: read, and every row put with the others of its person, packed."""
    chunks = Chunks(chunk_count(len(content), workbook=False), today=TODAY)
    for one in data_rows(open_table(io.BytesIO(content), "file.csv")):
        chunks.add(one)
    return list(chunks.bodies())


class Checking:
    """As Load does before it asks the registry: chunks unpacked, every row checked."""

    def __init__(self, content: bytes) -> None:
        policy = json.loads((ROOT / "infra" / "policies" / "credit_rules.json").read_text(encoding="utf-8"))
        self._rules = RuleBook.from_policy(policy)
        self._bodies = dealt(content)

    def __call__(self, _: bytes) -> Counter[str]:
        found: Counter[str] = Counter()
        for body in self._bodies:
            for one in rows_of(body):
                checked = check_row(one.by_column(), rules=self._rules, years_open=frozenset({2025, 2026}), today=TODAY)
                found[checked.problems[0].code if checked.problems else "faultless"] += 1
        return found


def seconds(act: Callable[[bytes], object], content: bytes) -> float:
    started = time.perf_counter()
    act(content)
    return time.perf_counter() - started


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.credit_rows")
    asked.add_argument("--rows", type=int, default=50_000)
    rows = asked.parse_args().rows
    content = credit_file(rows)
    check = Checking(content)
    assert floor(content) == read(content) == sum(check(content).values()) == rows
    contestants: dict[str, Callable[[bytes], object]] = {
        "csv.reader over the same bytes (floor)": floor,
        "read: encoding, heading, rows": read,
        "deal: read, and packed by person (Prepare)": dealt,
        "check: unpacked and checked (Load, without the table)": check,
    }
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, act in contestants.items():
            taken[name].append(seconds(act, content))
    print(f"{rows:,} rows, {len(content) / 1e6:.1f} MB, GB18030; median of {ROUNDS} rounds\n")
    print("| what | rows a second | µs a row | times the floor |\n| --- | ---: | ---: | ---: |")
    least = statistics.median(taken[next(iter(taken))])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"| {name} | {rows / median:,.0f} | {median / rows * 1e6:.1f} | {median / least:.1f} |")
    print(f"\nRows by first problem: {', '.join(f'{count:,} {code}' for code, count in check(content).most_common())}.")
    print(f"{machine()}.")


def machine() -> str:
    """Where and when, in general words."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"commit {commit or 'not committed yet'}, {datetime.now(UTC):%Y-%m-%d}"
    )


if __name__ == "__main__":
    main()
