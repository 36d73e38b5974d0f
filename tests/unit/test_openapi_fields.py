"""What properties of the API mean is said of each, of none that is not there, and with every word that the code knows."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from credits.batches import ImportStatus
from jingkuai.domain.appeal import APPEAL, AppealKind
from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus
from jingkuai.domain.certificate import CertificateState
from jingkuai.domain.credit_rules import Category, NotCounted, Source
from jingkuai.domain.dictionaries import codes
from jingkuai.domain.integrity import INTEGRITY_RECORD, IntegrityKind, IntegrityState
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.principal import Role
from jingkuai.domain.regions import Level
from jingkuai.domain.statistics import SECOND_LOOK
from jingkuai.domain.submission import TRANSFER, Stage, SubmissionKind, SubmissionStatus, TimelineEvent
from jingkuai.domain.transfer import TRANSFERRED_OUT, Route, Step, StepState, TransferStatus
from jingkuai.domain.transfer_letter import LetterState
from register.exports import ExportStatus
from register.records import ACTIVE, DEACTIVATED, REGISTERED
from review.case import task_kind
from review.checks import Result
from review.employers.departure_reports import DepartureKind
from review.employers.succession import SuccessionStatus
from review.employers.succession_member_store import VERSION_KIND
from review.review_task import Choice, TaskState
from tools import openapi, openapi_fields
from tools.openapi_fields import EVERYWHERE

ROOT = Path(__file__).parent.parent.parent
GLOSSARY = openapi_fields.read()
DESCRIBED = json.loads(openapi.TARGET.read_text())
SCHEMAS: dict[str, Any] = DESCRIBED["components"]["schemas"]
PROPERTIES: dict[tuple[str, str], Any] = {
    (name, schema): member for schema, shape in SCHEMAS.items() for name, member in shape.get("properties", {}).items()
}
WORDS: dict[str, Iterable[str]] = {
    "appeal_kind": AppealKind,
    "attachment_kind": AttachmentKind,
    "attachment_status": AttachmentStatus,
    "certificate_state": CertificateState,
    "check_result": Result,
    "code_purpose": Purpose,
    "credit_category": Category,
    "credit_source": Source,
    "decision": Choice,
    "departure_kind": DepartureKind,
    "employment_status": codes("employment_status"),
    "export_status": ExportStatus,
    "id_type": codes("id_type"),
    "import_status": ImportStatus,
    "integrity_kind": IntegrityKind,
    "integrity_state": IntegrityState,
    "letter_state": LetterState,
    "level": Level,
    "not_counted_reason": NotCounted,
    "person_status": (REGISTERED, ACTIVE, TRANSFERRED_OUT, DEACTIVATED),
    "role": Role,
    "stage": Stage,
    "step_state": StepState,
    "submission_kind": SubmissionKind,
    "submission_status": SubmissionStatus,
    "succession_status": SuccessionStatus,
    "task_state": TaskState,
    "timeline_event": TimelineEvent,
    "transfer_route": Route,
    "transfer_status": TransferStatus,
    "transfer_step": Step,
}


def told(name: str, schema: str) -> set[str]:
    """The words that a description names."""
    return set(re.findall(r"`(\w+)`", PROPERTIES[name, schema]["description"]))


def test_every_property_and_parameter_says_in_chinese_what_it_means() -> None:
    parameters = [
        (path, one["name"], one)
        for path, operations in DESCRIBED["paths"].items()
        for operation in operations.values()
        for one in operation.get("parameters", ())
    ]
    described = [(*at, member) for at, member in PROPERTIES.items()] + parameters
    mute = [
        at for *at, member in described if not re.search("[\u4e00-\u9fff]|^`Bearer`$", member.get("description", ""))
    ]
    assert mute == []


def test_what_is_said_is_said_of_a_property_that_is_there() -> None:
    said = set(GLOSSARY.texts)
    used = {at if at in said else (at[0], EVERYWHERE) for at in PROPERTIES}
    assert said - used == set()


@pytest.mark.parametrize("name", sorted(GLOSSARY.values))
def test_a_list_of_words_is_what_the_code_knows(name: str) -> None:
    assert set(GLOSSARY.values[name]) == set(WORDS[name])
    assert any(f"`{word}`" in text for word in WORDS[name] for text in GLOSSARY.texts.values())


def test_no_list_is_named_that_is_not_there() -> None:
    for at, text in GLOSSARY.texts.items():
        assert not re.search(r"(?<!/)\{", text), at


def test_where_only_some_words_are_possible_each_is_explained() -> None:
    for (name, schema), member in PROPERTIES.items():
        assert set(possible(member)) <= told(name, schema), (name, schema)


def test_tasks_and_versions_are_told_by_every_kind_there_is() -> None:
    bureaus = {task_kind(TRANSFER, one) for one in (Stage.RELEASE, Stage.ACCEPTANCE)}
    assert told("kind", "TaskView") == {*SubmissionKind, *bureaus, APPEAL, INTEGRITY_RECORD, SECOND_LOOK}
    by_others = {VERSION_KIND, *(one.version_kind for one in DepartureKind)}
    assert told("kind", "RecordVersionView") == {*SubmissionKind, *by_others, TRANSFER}


def test_whatever_a_refusal_carries_besides_is_described() -> None:
    carried = {name for part in ("functions", "layers/common") for name in carried_by_refusals(ROOT / part)}
    assert {"transfer_id", "name", "enrolment"} <= carried <= set(SCHEMAS["Problem"]["properties"])


def possible(member: dict[str, Any]) -> Iterator[str]:
    """The only words that a property may hold; nothing where it may hold any."""
    if "$ref" in member:
        yield from SCHEMAS[member["$ref"].rpartition("/")[2]].get("enum", ())
    yield from member.get("enum", ())
    if "const" in member:
        yield member["const"]
    for one in (*member.get("anyOf", ()), *([member["items"]] if "items" in member else [])):
        yield from possible(one)


def carried_by_refusals(folder: Path) -> Iterator[str]:
    """The names under which refusals carry more than every problem has, where they are written out."""
    for path in folder.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and "logger." not in ast.unparse(call.func):
                extra = next((one.value for one in call.keywords if one.arg == "extra"), None)
                if isinstance(extra, ast.Dict):
                    yield from (
                        one.value for one in extra.keys if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    )
