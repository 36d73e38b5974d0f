"""Workbooks made to do harm: each is refused or read, and none takes more memory than an honest one."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from credits.refusals import FileRefused
from credits.tables_as_sent import data_rows, open_table
from jingkuai.domain.credit_row import Column
from tests.cloud import ROOT
from tests.unit.credits.hostile_workbooks import MB, READ, REFUSED, book, honest

MOST_MEMORY = (
    120 << 20
)  # bytes of a whole process that reads them all, one after another; Python and its libraries take half


def read(data: bytes) -> list[int]:
    """The numbers of a workbook's rows of data. Raises FileRefused."""
    return [one.number for one in data_rows(open_table(io.BytesIO(data), "a.xlsx"))]


@pytest.mark.parametrize(("made", "code"), REFUSED.values(), ids=REFUSED)
def test_a_workbook_made_to_do_harm_is_refused_with_a_word_on_what_to_do(made: Callable[[], bytes], code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(made())
    assert refused.value.code == code and "请" in refused.value.message


@pytest.mark.parametrize(("made", "numbers"), READ.values(), ids=READ)
def test_what_is_odd_and_harmless_is_read(made: Callable[[], bytes], numbers: list[int]) -> None:
    assert read(made()) == numbers


def test_cells_of_every_kind_say_what_they_hold() -> None:
    kinds = (
        '<c r="B2" t="s"><v>0</v></c><c r="E2" t="s"><v>1</v></c><c r="F2"><f>1+1.5</f><v>2.5</v></c>'
        '<c r="G2" s="1"><v>46143</v></c><c r="H2" t="b"><v>1</v></c><c r="I2" t="e"><v>#N/A</v></c>'
        '<c r="J2" s="1"><v>99999999999</v></c><c r="C2" t="inlineStr"><is><t>2026</t></is></c><c r="D2"/>'
    )
    (one,) = data_rows(open_table(io.BytesIO(book(f'<row r="2">{kinds}</row>')), "a.xlsx"))
    assert one.cells == ["", "某人", "2026", "", "准则", "2.5", "2026-05-01", "TRUE", "#N/A"]


def test_all_of_them_and_text_without_end_take_no_more_memory_than_an_honest_workbook(tmp_path: Path) -> None:
    for number, (make, _) in enumerate([*REFUSED.values(), *READ.values()]):
        (tmp_path / f"{number}.xlsx").write_bytes(make())
    (tmp_path / "honest.xlsx").write_bytes(honest(20_000))
    for number, line in enumerate((b",", b'"x', b'"', b'x\n"')):
        (tmp_path / f"{number}.csv").write_bytes(",".join(Column).encode() + b"\n" + line * (50 * MB // len(line)))
    done = subprocess.run(
        [sys.executable, "-B", "-m", "tests.unit.credits.hostile_workbooks", str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": "layers/common/python:functions:."},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["refused"], told["read"]) == (len(REFUSED) + 3, len(READ) + 1 + 1)
    assert told["memory"] < MOST_MEMORY
