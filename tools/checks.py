"""Every check and every test, as `make test` and CI run them: `python -m tools.checks all | lint | types`.

What is independent runs side by side on two cores; each check prints a line, and its output only where it fails. The tests
of deployed stacks run in two processes, each with a stack of its own (tests/house.py); they mostly wait for it, so they run
beside everything else, and what they print follows when they are done.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.local.place import ROOT

BIN = ROOT / ".venv" / "bin"
RESULTS = ROOT / ".local" / "results"
BYTECODE = ROOT / ".local" / "bytecode"
CODE = ("functions", "layers", "tools", "tests", "benchmarks")
IMPORTS = {"PYTHONPATH": "layers/common/python:functions:."}
# Two processes, in the order of the files: the proofs, which take longest, begin, one in each.
MODULE_BY_MODULE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


@dataclass(frozen=True, slots=True)
class Check:
    """One command that ends with 0 where all is well."""

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


FORMAT = Check("format", ("ruff", "format", "--check", "."))
STYLE = Check("style", ("ruff", "check", "--quiet", "."))
IMPORT_FLOORS = Check("import floors", ("lint-imports", "--no-cache", "--no-logo"), tuple(IMPORTS.items()))
TEMPLATE = Check(
    "template, both partitions", ("cfn-lint", "--regions", "cn-northwest-1", "us-east-1", "--", "template.yaml")
)
TYPES = Check("types", ("mypy", *CODE))
LINT = (FORMAT, STYLE, IMPORT_FLOORS, TEMPLATE)


@dataclass(frozen=True, slots=True)
class Count:
    """How many passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def checked(check: Check) -> Count:
    """Run one check and tell how it went."""
    started = time.monotonic()
    done = subprocess.run(
        [str(BIN / check.command[0]), *check.command[1:]],
        cwd=ROOT,
        env={**os.environ, **dict(check.environment)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    good = done.returncode == 0
    line = f"{'✓' if good else '✗'} {check.name} ({time.monotonic() - started:.1f} s)"
    print(line if good else f"{line}\n{done.stdout.rstrip()}", flush=True)
    return Count(passed=1) if good else Count(failed=1)


def side_by_side(*checks: Check) -> Count:
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(checked, checks), Count())


def run_tests(name: str, folders: list[str], *options: str, at_once: bool = True) -> Count:
    """Run these test folders, with pytest's own output, at once or when they are done; those that do not exist yet are
    left out.
    """
    there = [folder for folder in folders if (ROOT / folder).is_dir()]
    if not there:
        return Count()
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = RESULTS / f"{name}.xml"
    result.unlink(missing_ok=True)
    heading = f"\n{name}: {' '.join(there)}"
    if at_once:
        print(heading, flush=True)
    command = [str(BIN / "python"), "-m", "pytest", "-q", *options, f"--junitxml={result}", *there]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_with_kept_bytecode(),
        stdout=None if at_once else subprocess.PIPE,
        stderr=None if at_once else subprocess.STDOUT,
        text=True,
    )
    if not at_once:
        print(f"{heading}\n{done.stdout.rstrip()}", flush=True)
    code = done.returncode
    count = counted(result)
    broken = code not in (0, 5) and count.failed == 0  # 5: no test collected; anything else is pytest itself failing
    return count + Count(failed=1) if broken else count


def _with_kept_bytecode() -> dict[str, str]:
    """The environment in which four processes of pytest, and the next run, read compiled modules instead of compiling each of
    them; outside of the folders that are packaged.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(BYTECODE)}


def counted(result: Path) -> Count:
    """What a pytest run came to, from the file it wrote."""
    if not result.exists():
        return Count(failed=1)
    suites = ElementTree.parse(result).getroot().iter("testsuite")
    numbers = [
        tuple(int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")) for suite in suites
    ]
    total, failures, errors, skipped = (sum(column) for column in zip(*numbers, strict=True))
    return Count(total - failures - errors - skipped, failures + errors, skipped)


def everything() -> Count:
    """All of it. The deployed tests begin with their stacks, and go on while the others run."""
    with ThreadPoolExecutor(1) as beside:
        folders = ["tests/proofs", "tests/e2e", "tests/security", "tests/workflows"]
        deployed = beside.submit(run_tests, "deployed stacks", folders, *MODULE_BY_MODULE, at_once=False)
        total = side_by_side(*LINT, TYPES)
        total += run_tests("unit and api", ["tests/unit", "tests/api"], "-n", "2")
        return total + deployed.result()


def main(asked: str) -> int:
    started = time.monotonic()
    run = {
        "lint": lambda: side_by_side(*LINT),
        "types": lambda: side_by_side(TYPES),
        "all": everything,
    }
    total = run[asked]()
    print(f"\n{time.monotonic() - started:.0f} s in all\n{total}", flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
