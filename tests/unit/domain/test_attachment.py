"""What a file must be to count as a scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jingkuai.domain.attachment import (
    AttachmentKind,
    AttachmentRules,
    ScanProblem,
    ScanTooLarge,
    UnsupportedScanType,
    content_type_of,
)

ROOT = Path(__file__).parents[3]
POLICY = json.loads((ROOT / "infra" / "policies" / "attachment_rules.json").read_text())
RULES = AttachmentRules.from_policy(POLICY)
FRONT = AttachmentKind.ID_FRONT


def test_the_shipped_rules_are_the_handbooks() -> None:
    assert RULES.content_types == {"image/jpeg", "image/png", "application/pdf"}
    assert (RULES.max_bytes, RULES.min_shorter_side) == (5 * 2**20, 600)


def test_rules_without_one_of_their_limits_are_none() -> None:
    for limit in POLICY.keys() - {"source"}:
        with pytest.raises(KeyError):
            AttachmentRules.from_policy({name: value for name, value in POLICY.items() if name != limit})


def test_a_claim_within_the_rules_passes() -> None:
    RULES.check_claim(FRONT, "image/jpeg", 5 * 2**20)


def test_a_file_one_byte_too_large_is_refused_before_it_is_uploaded() -> None:
    with pytest.raises(ScanTooLarge) as caught:
        RULES.check_claim(FRONT, "image/jpeg", 5 * 2**20 + 1)
    assert caught.value.code == "too_large"
    assert "5MB" in caught.value.detail


def test_another_type_is_refused_and_told_what_is_taken() -> None:
    with pytest.raises(UnsupportedScanType) as caught:
        RULES.check_claim(FRONT, "application/x-msdownload", 10)
    assert caught.value.code == "unsupported_type"
    assert "JPEG、PNG、PDF" in caught.value.detail


def test_a_kind_may_have_a_limit_of_its_own() -> None:
    rules = AttachmentRules.from_policy(POLICY | {"max_bytes_by_kind": {"transfer_proof": 10 * 2**20}})
    rules.check_claim(AttachmentKind.TRANSFER_PROOF, "application/pdf", 10 * 2**20)
    with pytest.raises(ScanTooLarge):
        rules.check_claim(FRONT, "application/pdf", 10 * 2**20)


@pytest.mark.parametrize(
    ("width", "height", "problem"),
    [
        (600, 600, None),
        (599, 4000, ScanProblem.TOO_SMALL_PICTURE),
        (4000, 599, ScanProblem.TOO_SMALL_PICTURE),
        (10_000, 6_000, None),
        (10_000, 6_001, ScanProblem.TOO_MANY_PIXELS),
    ],
)
def test_a_picture_is_large_enough_to_read_and_small_enough_to_open(
    width: int, height: int, problem: ScanProblem | None
) -> None:
    assert RULES.check_picture(width, height) is problem


@pytest.mark.parametrize("code", list(ScanProblem))
def test_every_problem_says_what_to_do(code: ScanProblem) -> None:
    problem = RULES.problem(code, FRONT)
    assert (problem.field, problem.code) == ("file", code.value)
    assert "请" in problem.message
    assert "{" not in problem.message


@pytest.mark.parametrize("kind", list(AttachmentKind))
def test_every_kind_has_a_name_on_the_form(kind: AttachmentKind) -> None:
    assert kind.label


@pytest.mark.parametrize(
    ("beginning", "content_type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"%PDF-1.7", "application/pdf"),
        (b"MZ\x90\x00", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(beginning: bytes, content_type: str | None) -> None:
    assert content_type_of(beginning) == content_type


@pytest.mark.parametrize("name", ["id_front", "id_back", "education_certificate", "employment_proof"])
def test_the_sample_scans_are_what_they_claim(name: str) -> None:
    assert content_type_of((ROOT / "tests" / "samples" / f"{name}.jpg").read_bytes()[:16]) == "image/jpeg"
