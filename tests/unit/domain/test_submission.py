"""Submissions: which way they may go, which scans they need, and the ids of their tasks."""

from __future__ import annotations

from typing import Any

import pytest

from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.submission import (
    Stage,
    SubmissionKind,
    SubmissionStatus,
    TimelineEntry,
    TimelineEvent,
    missing_scans,
    required_scans,
    task_id_of,
)

ALWAYS = {"id_front": 1, "id_back": 1, "education_certificate": 1}


@pytest.mark.parametrize(
    ("payload", "more"),
    [
        ({}, {}),
        ({"education": [{"degree": "none"}], "employment": {"status": "seeking"}, "qualifications": []}, {}),
        (
            {"education": [{"degree": "bachelor"}, {"degree": "none"}, {}]},
            {"education_certificate": 3, "degree_certificate": 1},
        ),
        ({"employment": {"status": "employed"}}, {"employment_proof": 1}),
        ({"qualifications": [{}, {}]}, {"qualification_certificate": 2}),
        ({"education": "x", "employment": [], "qualifications": None}, {}),  # a payload nobody can read
    ],
)
def test_the_scans_follow_from_the_payload(payload: dict[str, Any], more: dict[str, int]) -> None:
    assert dict(required_scans(SubmissionKind.REGISTRATION, payload, {})) == ALWAYS | more


UNIT, OTHER_UNIT = "91420106MA4KABCD9R", "91420106MA4JURQ28M"
EMPLOYED = {"employment": {"status": "employed", "uscc": UNIT}}


@pytest.mark.parametrize(
    ("kind", "payload", "record", "needed"),
    [
        ("education_added", {"education": {}}, {}, {"education_certificate": 1}),
        ("education_added", {"education": {"degree": "none"}}, {}, {"education_certificate": 1}),
        (
            "education_added",
            {"education": {"degree": "master"}},
            {},
            {"education_certificate": 1, "degree_certificate": 1},
        ),
        ("education_added", {"education": "x"}, {}, {"education_certificate": 1}),
        ("qualification_added", {}, {}, {"qualification_certificate": 1}),
        ("identity_change", {}, {}, {"police_certificate": 1, "id_front": 1, "id_back": 1}),
        ("employment_change", EMPLOYED, {"employment": {"status": "seeking"}}, {"employment_proof": 1}),
        ("employment_change", EMPLOYED, EMPLOYED, {"employment_proof": 1}),  # another post in the same unit
        (
            "employment_change",
            {"employment": {"status": "employed", "uscc": OTHER_UNIT}},
            EMPLOYED,
            {"employment_proof": 1, "transfer_proof": 1},
        ),
        ("employment_change", {"employment": {"status": "retired", "uscc": UNIT}}, EMPLOYED, {"transfer_proof": 1}),
        (
            "employment_change",
            {"employment": {"status": "seeking"}},
            {"employment": {"status": "student", "uscc": UNIT}},
            {},
        ),
        ("employment_change", {"employment": []}, {"employment": None}, {}),
    ],
)
def test_the_scans_of_a_change_follow_from_what_it_changes(
    kind: str, payload: dict[str, Any], record: dict[str, Any], needed: dict[str, int]
) -> None:
    assert dict(required_scans(SubmissionKind(kind), payload, record)) == needed


def test_each_missing_scan_is_a_problem_of_its_kind() -> None:
    required = [(AttachmentKind.ID_FRONT, 1), (AttachmentKind.EDUCATION_CERTIFICATE, 3), (AttachmentKind.ID_BACK, 1)]
    problems = missing_scans(required, ["id_back", "education_certificate", "transfer_proof"])
    assert [(problem.field, problem.code) for problem in problems] == [
        ("attachments.id_front", "missing_scan"),
        ("attachments.education_certificate", "missing_scan"),
    ]
    assert "2份学历证书" in problems[1].message
    assert missing_scans(required, ["id_front", "id_back", *["education_certificate"] * 4]) == []


def test_a_submission_is_open_as_long_as_somebody_has_to_act() -> None:
    assert {status for status in SubmissionStatus if status.is_open} == {"auto_checking", "under_review", "returned"}


def test_stages_go_up() -> None:
    of_reviews = [one for one in Stage if one not in (Stage.RELEASE, Stage.ACCEPTANCE)]  # those two are a transfer's
    assert sorted(of_reviews, key=lambda stage: stage.order) == ["employer", "county", "city", "province"]


def test_the_id_of_a_task_is_the_same_each_time_and_another_for_each_round() -> None:
    subject = {"pk": "P#p", "sk": "SUB#s"}
    assert task_id_of(subject, Stage.COUNTY, 1) == task_id_of(subject, "county", 1)
    others = [
        task_id_of(subject, "county", 2),
        task_id_of(subject, "city", 1),
        task_id_of(subject | {"sk": "SUB#t"}, "county", 1),
    ]
    assert len({task_id_of(subject, "county", 1), *others}) == 4


def test_a_timeline_entry_leaves_out_a_note_it_does_not_have() -> None:
    entry = TimelineEntry("2026-11-24T01:00:00.000Z", TimelineEvent.RETURNED, "reviewer", "请补材料")
    assert entry.to_json() == {
        "at": "2026-11-24T01:00:00.000Z",
        "event": "returned",
        "by_role": "reviewer",
        "note": "请补材料",
    }
    assert "note" not in TimelineEntry(entry.at, entry.event, "system").to_json()
