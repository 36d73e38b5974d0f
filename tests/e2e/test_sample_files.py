"""Files as institutions really send them: the good rows land, the bad ones come back with a reason per row."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.e2e.files import imported, report_of
from tests.house import House
from tools.local import samples
from tools.local.client import send
from tools.local.demo import MainJob

GB18030 = samples.SAMPLES / "credits_2026_gb18030.csv"
ACCEPTED, UNCHANGED = "formula_like_text_is_text", "duplicate_in_file"


def expectations() -> dict[int, str]:
    """What each line comes to. The file beside it names the first of two equal rows; the later one is the repetition."""
    rows = GB18030.read_bytes().decode("gb18030").splitlines()
    told = {one["line"]: one["expect"] for one in json.loads(GB18030.with_suffix(".expected.json").read_text())}
    return {max(n for n, row in enumerate(rows, 1) if row == rows[line - 1]): code for line, code in told.items()}


@pytest.fixture(scope="session")
def everybody(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All sixty people of people.json, registered and approved as the demo does it."""
    job = MainJob(house.described, tmp_path_factory.mktemp("demo"))
    job.all_registrations(samples.people())


@pytest.fixture(scope="session")
def first_import(house: House, everybody: None) -> dict[str, Any]:
    """The GB18030 sample, imported as it is."""
    return imported(house.staff("institution"), GB18030.read_bytes(), GB18030.name)


def test_each_row_of_the_gb18030_file_comes_to_what_was_expected(first_import: dict[str, Any]) -> None:
    expected = expectations()
    refused = [code for code in expected.values() if code not in (ACCEPTED, UNCHANGED)]
    report = {int(row["行号"]): row for row in report_of(first_import, "gb18030")}
    total = len(GB18030.read_bytes().decode("gb18030").splitlines()) - 1
    assert first_import["status"] == "partly"
    assert first_import["rows"] == {
        "total": total,
        "done": total,
        "accepted": total - len(refused) - 1,
        "rejected": len(refused),
        "unchanged": 1,
    }
    assert sorted(one["code"] for one in first_import["reasons"] for _ in range(one["count"])) == sorted(
        [*refused, UNCHANGED]
    )
    marked = {line for line, row in report.items() if row["原因"]}
    assert marked == {line for line, code in expected.items() if code != ACCEPTED}
    words = {line: row["结果"] for line, row in report.items()}
    assert len(set(words.values())) == 3
    assert words[next(line for line, code in expected.items() if code == ACCEPTED)] == words[2]


def test_the_same_file_again_changes_nothing(house: House, first_import: dict[str, Any]) -> None:
    again = imported(house.staff("institution"), GB18030.read_bytes(), GB18030.name)
    assert again["rows"]["accepted"] == 0
    assert again["rows"]["unchanged"] == first_import["rows"]["accepted"] + first_import["rows"]["unchanged"]


@pytest.mark.parametrize(
    "name", ["credits_2026_title_rows_utf8bom.csv", "credits_2026_unicode_text.txt", "credits_2026.xlsx"]
)
def test_the_other_samples_import_and_every_row_is_accounted_for(house: House, everybody: None, name: str) -> None:
    done = imported(house.staff("institution"), (samples.SAMPLES / name).read_bytes(), name)
    assert done["status"] in ("succeeded", "partly"), done
    rows = done["rows"]
    assert rows["accepted"] > 0
    assert rows["accepted"] + rows["rejected"] + rows["unchanged"] == rows["total"] == rows["done"]
    report = send("GET", done["report_url"]).body
    assert len(report) > len((samples.SAMPLES / name).read_bytes()) // 2
    if name.endswith(".xlsx"):
        assert load_workbook(io.BytesIO(report)).active is not None


def test_the_demo_runs_again_on_what_it_left(
    house: House, first_import: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    job = MainJob(house.described, tmp_path_factory.mktemp("again"))
    first, *_ = samples.people()
    job.one_registration(first)
    job.credits_from_a_file()
    job.certificate()
