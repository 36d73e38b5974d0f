"""What goes wrong on a deployed stack, without a stand-in for any step: an item that lacks something (put back afterwards), a
key that is disabled, or for a moment the code of a version that was rolled back; and how a case reads that waits for a person.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Final
from zipfile import ZipFile

from jingkuai.aws import keys
from tests.cloud import ROOT
from tests.workflows.operated import Operated
from tools.local import aws
from tools.local.waiting import eventually

PATIENCE: Final = 120  # seconds; a step that fails costs the emulator a cold start each time
_ANOTHER_VERSION: Final = """
from functools import partial
from review import tasks

def answer(step, member, event, context):
    told = tasks.run(event, context)
    return {**told, member: "asked_a_colleague"} if event.get("do") == step else told

outcome_in_check = partial(answer, "check", "outcome")
outcome_in_route, outcome_in_apply = (partial(answer, step, "outcome") for step in ("route", "apply"))
stage_in_route = partial(answer, "route", "stage")
"""


@contextmanager
def lacking(house: Operated, key: Mapping[str, object], member: str) -> Iterator[None]:
    """An item without something that every reader needs."""
    kept = house.set(key, member, None)
    assert kept is not None
    try:
        yield
    finally:
        house.set(key, member, kept)


@contextmanager
def unable_to_sign(house: Operated) -> Iterator[None]:
    """No certificate and no letter is signed."""
    kms, key = aws.client("kms", house.aws), house.named("CertificateKey")
    kms.disable_key(KeyId=key)
    try:
        yield
    finally:
        kms.enable_key(KeyId=key)


@contextmanager
def another_version(house: Operated) -> Iterator[Callable[[str], None]]:
    """The deployed steps with one word that this definition does not know, by the name of a handler of that version;
    afterwards the code as it was.
    """
    functions, name = aws.client("lambda", house.aws), house.named("ReviewTasks")
    handler = functions.get_function_configuration(FunctionName=name)["Handler"]
    functions.update_function_code(FunctionName=name, ZipFile=_code({"another_version.py": _ANOTHER_VERSION}))

    def answers(word: str) -> None:
        functions.update_function_configuration(FunctionName=name, Handler=f"another_version.{word}")

    try:
        yield answers
    finally:
        functions.update_function_configuration(FunctionName=name, Handler=handler)
        functions.update_function_code(FunctionName=name, ZipFile=_code({}))


def _code(more: Mapping[str, str]) -> bytes:
    """The functions as they are deployed, and these files."""
    packed, folder = BytesIO(), ROOT / "functions"
    with ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder))
        for name, text in more.items():
            archive.writestr(name, text)
    return packed.getvalue()


def retries_come_at_once(house: Operated) -> None:
    """The emulator's own switch: the pauses between tries are a thousandth of the definition's."""
    body = json.dumps({"stepfunctions._SFN_WAIT_SCALE": 0.001}).encode()
    request = urllib.request.Request(f"{house.aws}/_ministack/config", data=body, method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        assert json.loads(answer.read())["applied"]


def is_parked(house: Operated, subject_id: str, state: str, *, attempt: int = 1) -> None:
    """It waits for a person: an item that says where it failed, an execution that says it needs attention."""
    name = f"{subject_id}.{attempt}"
    item = eventually(lambda: house.registry.get(keys.parked_key(name)), what=f"{name} parked", within_s=PATIENCE)
    assert item["failure"].startswith(f"{state}: ") and item["gsi1pk"] == keys.PARKED
    (failed,) = eventually(lambda: house.executions(name, "FAILED") or None, what=f"{name} failed", within_s=PATIENCE)
    assert house.states.describe_execution(executionArn=failed["executionArn"])["error"] == "NeedsAttention"


def parked(house: Operated) -> list[str]:
    return [one["pk"] for one in house.registry.query_all(keys.PARKED, index="gsi1")]
