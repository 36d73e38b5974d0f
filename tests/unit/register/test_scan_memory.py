"""The inspection holds within its function's memory, whatever the file: measured in a process of its own, the corpus one by one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cloud import ROOT, template
from tests.unit.register.corpus import BAD, GOOD, Case, data_of

ROOMS = [str(ROOT), str(ROOT / "functions"), str(ROOT / "layers/common/python")]


def test_no_file_of_the_corpus_takes_the_function_beyond_its_memory(tmp_path: Path) -> None:
    memory = template()["Resources"]["RegisterInspect"]["Properties"]["MemorySize"]
    cases: dict[str, Case] = {f"{number}": case for number, case in enumerate((*GOOD, *BAD))}
    for number, case in cases.items():
        (tmp_path / number).write_bytes(data_of(case))
    found = measured(tmp_path, {number: case.content_type for number, case in cases.items()})
    told = {cases[number].name: set(one["codes"]) for number, one in found.items()}
    assert told == {case.name: case.codes for case in cases.values()}
    over = {cases[number].name: one["megabytes"] for number, one in found.items() if one["megabytes"] >= memory}
    assert (memory, over) == (512, {})


def measured(files: Path, content_types: dict[str, str]) -> dict[str, dict[str, Any]]:
    """For each file what was found, and the megabytes that the function and what it started took at most until then."""
    where = {"rooms": ROOMS, "files": str(files), "policies": str(ROOT / "infra/policies")}
    program = Path(__file__).with_name("measured_inspection.py")
    run = subprocess.run(
        [sys.executable, str(program)],
        input=json.dumps({**where, "content_types": content_types}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return found
