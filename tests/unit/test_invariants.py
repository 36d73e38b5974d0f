"""The invariants find what they are for: each fault planted in a sound table is named, and a sound one has none."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from tests.invariants import violations

PERSON, SUBMISSION, TASK, UNIT = "p1", "s1", "t1", "91420106MA4JURQ28M"
EMPLOYMENT = {"status": "employed", "uscc": UNIT, "employer_name": "湖北示例楚天商贸有限公司"}
Table = dict[str, Item]


def sound() -> Table:
    """Somebody with a record, at a unit, with a change under review."""
    subject = keys.submission_key(PERSON, SUBMISSION)
    return {
        "person": {
            **keys.person_key(PERSON),
            "person_id": PERSON,
            "status": "active",
            "version": 2,
            "region_code": "420106",
            "id_hash": "k1.a",
            "sections": {"employment": EMPLOYMENT},
            "open": {"education_added": SUBMISSION},
            **keys.index(1, keys.people("420106"), "2026-11-24#p1"),
            **keys.index(2, keys.by_name("k1.n"), "420106#p1"),
            **keys.index(3, keys.members(UNIT), PERSON),
            **keys.card(region_code="420106", employer_name=EMPLOYMENT["employer_name"]),
        },
        "claim": {**keys.id_claim_key("k1.a"), "person_id": PERSON, "uscc": UNIT},
        "version": {
            **keys.version_key(PERSON, 2),
            "version": 2,
            "region_code": "420106",
            "sections": {"employment": EMPLOYMENT},
        },
        "submission": {**subject, "kind": "education_added", "status": "under_review"},
        "task": {**keys.task_key(TASK), "kind": "education_added", "subject": dict(subject)},
    }


def another_region(table: Table) -> None:
    table["person"]["region_code"] = "420105"


def another_list(table: Table) -> None:
    table["person"]["gsi1pk"] = keys.people("420105")


def closed_and_listed(table: Table) -> None:
    table["person"]["status"] = "transferred_out"


def another_unit(table: Table) -> None:
    table["person"]["gsi3pk"] = keys.members("91420105MA4JURQ28M")


def left_but_claimed(table: Table) -> None:
    del table["claim"]["uscc"]


def another_name(table: Table) -> None:
    table["person"]["card"] = {**table["person"]["card"], "employer_name": "另一家"}


def stale_version(table: Table) -> None:
    table["version"]["sections"] = {"employment": {"status": "seeking"}}


def a_version_too_many(table: Table) -> None:
    table["later"] = {**table["version"], **keys.version_key(PERSON, 3)}


def ended_and_locked(table: Table) -> None:
    table["submission"]["status"] = "withdrawn"


def locked_by_nothing(table: Table) -> None:
    del table["submission"]


def open_and_not_locked(table: Table) -> None:
    table["person"]["open"] = {}


def nobodys_transfer(table: Table) -> None:
    table["transfer"] = {"pk": table["person"]["pk"], "sk": "TR#t", "status": "waiting_employer"}


FAULTS: list[tuple[Callable[[Table], Any], str]] = [
    (another_region, "kept by 420105, listed in PEOPLE#420106"),
    (another_list, "kept by 420106, listed in PEOPLE#420105"),
    (closed_and_listed, "transferred_out and still in PEOPLE#420106"),
    (another_unit, f"works for {UNIT}, a member in EMP#91420105MA4JURQ28M"),
    (left_but_claimed, f"works for {UNIT}, claimed for None"),
    (another_name, "shown with 另一家"),
    (stale_version, "version 2 has another employment than the record"),
    (a_version_too_many, "version 3 is there"),
    (ended_and_locked, "a lock of education_added names s1, which is withdrawn"),
    (locked_by_nothing, "a lock of education_added names s1, which is nowhere"),
    (open_and_not_locked, "SUB#s1 is under_review and holds no lock"),
    (nobodys_transfer, "TR#t is waiting_employer and holds no lock"),
]


def test_a_sound_table_has_no_violation() -> None:
    assert violations(sound().values()) == []


@pytest.mark.parametrize(("plant", "told"), FAULTS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_planted_fault_is_named(plant: Callable[[Table], Any], told: str) -> None:
    table = deepcopy(sound())
    plant(table)
    assert any(told in one for one in violations(table.values()))


def test_an_open_task_needs_a_subject_that_is_not_over() -> None:
    table = sound()
    table["submission"]["status"] = "approved"
    assert any("open, and about something that is approved" in one for one in violations(table.values()))
    del table["submission"]
    assert any(
        "t1: open, and about SUB#s1, which is nowhere" in one.replace("T#", "") for one in violations(table.values())
    )
