"""The automatic check (自动核验): what a machine can say of a submission before a bureau looks at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.profile import read_payload
from jingkuai.domain.profile_rules import KnownFromDocument
from jingkuai.domain.submission import missing_scans, required_scans


class Result(StrEnum):
    """`failed` cannot pass and goes back at once; `doubtful` is for the reviewer to judge."""

    PASSED = "passed"
    DOUBTFUL = "doubtful"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `fields` are the places to correct."""

    code: str
    result: Result
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What is known of a scan that the submission names."""

    kind: str
    status: str
    owner: str


def check(
    payload: Mapping[str, Any],
    *,
    person_id: str,
    holder: KnownFromDocument,
    scans: Sequence[ScanFacts | None],
    today: date,
) -> tuple[Finding, ...]:
    """Every check of a registration, those passed too: the reviewer sees what need not be looked at again."""
    _, problems = read_payload(payload, document=holder, today=today)
    # the stored payload shows the phone masked: it was proven by a code, and lies sealed with the person
    problems = [one for one in problems if one.field != "contact.phone"]
    return (
        _fields_finding(problems),
        *_employer_finding(payload, problems),
        _scans_finding(payload, person_id, scans),
    )


def failed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that cannot pass."""
    return tuple(one for one in findings if one.result is Result.FAILED)


def _fields_finding(problems: Sequence[FieldProblem]) -> Finding:
    if problems:
        return Finding("payload_valid", Result.FAILED, _sentences(problems), tuple(one.field for one in problems))
    return Finding("payload_valid", Result.PASSED, "各项内容齐全，格式、日期、年龄与身份证件信息相互一致。")


def _employer_finding(payload: Mapping[str, Any], problems: Sequence[FieldProblem]) -> list[Finding]:
    """Only of somebody who names a unit; that the code is this unit's own is for the reviewer to see."""
    if not (payload.get("employment") or {}).get("uscc") or any(one.field == "employment.uscc" for one in problems):
        return []
    return [
        Finding("employer_credit_code", Result.PASSED, "统一社会信用代码校验位正确，请核对代码与单位公章名称是否一致。")
    ]


def _scans_finding(payload: Mapping[str, Any], person_id: str, scans: Sequence[ScanFacts | None]) -> Finding:
    accepted = [one.kind for one in scans if one and one.owner == person_id and one.status == AttachmentStatus.ACCEPTED]
    missing = missing_scans(required_scans(payload), accepted)
    if missing:
        return Finding("scans_accepted", Result.FAILED, _sentences(missing), tuple(one.field for one in missing))
    if len(accepted) < len(scans):
        return Finding(
            "scans_accepted", Result.DOUBTFUL, "有附件没有通过文件检查，已不计入；其余扫描件齐全，请核对内容。"
        )
    return Finding("scans_accepted", Result.PASSED, "所需扫描件齐全，均能正常打开，请核对内容与填写是否一致。")


def _sentences(problems: Sequence[FieldProblem]) -> str:
    return "".join(dict.fromkeys(one.message for one in problems))
