"""The worked example of CONTRIBUTING.md begins from the code as it is: what it changes or leans on is there."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.pages import ROOT, text_of

RULES = "layers/common/python/jingkuai/domain/credit_row.py"
TESTS_OF_THE_RULE = "tests/unit/domain/test_credit_row.py"
TESTS_OF_THE_IMPORT = "tests/unit/credits/test_imports.py"

LEANT_ON = {
    RULES: [
        '    DATE_NOT_IN_YEAR = "date_not_in_year"\n',
        "row.credits(of_year.max_credits_per_row), row.completed_on(of_year if year else None)\n",
        "    def completed_on(self, rules: CreditRules | None) -> date | None:\n",
        "            self._refuse(RowCode.DATE_NOT_IN_YEAR, message)\n        return day\n",
    ],
    TESTS_OF_THE_RULE: ["REASONS", "TODAY = date(2026, 11, 24)", "def checked(", "Column.COMPLETED_ON"],
    TESTS_OF_THE_IMPORT: [
        "desk: CreditsDesk, lin: Somebody",
        "desk.imported(table([lin.row(",
        "desk.report_rows(batch)",
    ],
}


@pytest.mark.parametrize("path", LEANT_ON)
def test_what_the_example_leans_on_is_there(path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    for line in LEANT_ON[path]:
        assert line in source, line


def test_the_example_names_these_files_and_a_code_that_is_still_to_come() -> None:
    page = text_of("CONTRIBUTING.md")
    assert all(f"`{path}`" in page for path in LEANT_ON)
    (code,) = re.findall(r"DATE_IN_FUTURE = \"(\w+)\"", page)
    assert code not in (ROOT / RULES).read_text(encoding="utf-8")
