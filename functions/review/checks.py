"""The automatic check (自动核验): what a machine can say of a submission before a bureau looks at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.profile import read_payload
from jingkuai.domain.profile_rules import KnownFromDocument
from jingkuai.domain.record_changes import Record, read_change, sections_after
from jingkuai.domain.submission import SubmissionKind, missing_scans, required_scans


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
    sha256: str

    def counts_for(self, person_id: str) -> bool:
        """Whether it proves anything of this person."""
        return self.owner == person_id and self.status == AttachmentStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Filed:
    """A submission as the check sees it. `waiting` is what the new number of an identity change says of its holder."""

    kind: SubmissionKind
    payload: Mapping[str, Any]
    person_id: str
    scans: Sequence[ScanFacts | None]
    waiting: KnownFromDocument | None = None


def check(filed: Filed, *, record: Record, today: date) -> tuple[Finding, ...]:
    """Every check of a submission, those passed too: the reviewer sees what need not be looked at again."""
    problems = _problems(filed, record, today)
    return (
        _fields_finding(problems),
        *_employer_finding(filed.payload, problems),
        *_order_finding(filed, record),
        _scans_finding(filed, record),
    )


def number_finding(*, is_anothers: bool) -> Finding:
    """Whether the new number of an identity change is free. Never a reason to return it at once: whoever files could ask
    about any number that way, and as often as they like.
    """
    if is_anothers:
        return Finding("id_number_free", Result.DOUBTFUL, NUMBER_TAKEN, ("id_number",))
    return Finding("id_number_free", Result.PASSED, "变更后的证件号码没有被其他账号使用。")


NUMBER_TAKEN: Final = (
    "变更后的证件号码已被另一个账号使用，不能生效。请核对；号码无误的，请不予通过，并告知本人提交申诉。"
)


def _problems(filed: Filed, record: Record, today: date) -> Sequence[FieldProblem]:
    if filed.kind is SubmissionKind.REGISTRATION:
        _, problems = read_payload(filed.payload, document=record, today=today)
        # the stored payload shows the phone masked: it was proven by a code, and lies sealed with the person
        return [one for one in problems if one.field != "contact.phone"]
    _, problems = read_change(filed.kind, filed.payload, record=record, today=today, waiting=filed.waiting)
    return problems


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


def _order_finding(filed: Filed, record: Record) -> list[Finding]:
    """Whether a higher degree was finished before a lower one: it may have been, so nobody is refused for it."""
    if filed.kind not in (SubmissionKind.REGISTRATION, SubmissionKind.EDUCATION_ADDED):
        return []
    after = filed.payload if filed.kind is SubmissionKind.REGISTRATION else _with_added(filed, record)
    days = [one["graduated_on"] for one in after.get("education", ()) if isinstance(one.get("graduated_on"), str)]
    if days == sorted(days, reverse=True):
        return [Finding("dates_in_order", Result.PASSED, "各学历的毕业时间先后相符。")]
    told = "较高学历的毕业时间早于较低学历，请对照证书核对先后顺序。"
    return [Finding("dates_in_order", Result.DOUBTFUL, told, ("education",))]


def _with_added(filed: Filed, record: Record) -> Mapping[str, Any]:
    return sections_after(filed.kind, filed.payload, record.sections)


def _scans_finding(filed: Filed, record: Record) -> Finding:
    accepted = [one.kind for one in filed.scans if one and one.counts_for(filed.person_id)]
    missing = missing_scans(required_scans(filed.kind, filed.payload, record.sections), accepted)
    if missing:
        return Finding("scans_accepted", Result.FAILED, _sentences(missing), tuple(one.field for one in missing))
    if len(accepted) < len(filed.scans):
        return Finding(
            "scans_accepted", Result.DOUBTFUL, "有附件没有通过文件检查，已不计入；其余扫描件齐全，请核对内容。"
        )
    return Finding("scans_accepted", Result.PASSED, "所需扫描件齐全，均能正常打开，请核对内容与填写是否一致。")


def _sentences(problems: Sequence[FieldProblem]) -> str:
    return "".join(dict.fromkeys(one.message for one in problems))
