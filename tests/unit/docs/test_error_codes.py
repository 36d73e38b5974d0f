"""docs/error-codes.md: current, complete, and in Chinese."""

from __future__ import annotations

import ast
import re

import pytest

from jingkuai.domain.attachment import ScanProblem
from jingkuai.domain.credit_row import RowCode
from tools import error_codes, texts_in_source
from tools.error_codes import Told, UnreadableCode

CODE = re.compile(r"[a-z][a-z0-9_]*")


def codes(told: set[Told]) -> set[str]:
    return {one.code for one in told}


def test_the_page_is_current() -> None:
    written = error_codes.TARGET.read_text(encoding="utf-8")
    assert written == error_codes.page(), "run `python -m tools.error_codes`"


@pytest.mark.parametrize("title", [section[0] for section in error_codes.SECTIONS])
def test_every_code_has_a_chinese_text(title: str) -> None:
    (told,) = [collect() for one, _, _, collect in error_codes.SECTIONS if one == title]
    assert told
    spoken = {one.code for one in told if re.search("[\u4e00-\u9fff]", one.text)}
    assert spoken == codes(told)
    assert all(CODE.fullmatch(code) for code in spoken)


def test_codes_of_enumerations_are_all_there() -> None:
    assert codes(error_codes.row_problems()) == set(RowCode)
    assert codes(error_codes.scan_problems()) == set(ScanProblem)


def test_what_the_gateway_answers_is_known_to_the_code_as_well() -> None:
    gateway = codes(error_codes.gateway_answers())
    assert {"unauthenticated", "forbidden", "not_found", "too_many_requests"} <= gateway
    ours = {one.code for one in error_codes.problems() if one.about[0].isdigit()}
    assert gateway <= ours


def test_one_code_of_a_request_has_one_status() -> None:
    statuses: dict[str, set[str]] = {}
    for one in error_codes.problems():
        if one.about[0].isdigit():
            statuses.setdefault(one.code, set()).add(one.about[0])
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_a_computed_code_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def refuse(field: str) -> object:\n    made = 'bad_' + field\n    return FieldProblem(field, made + '_x', '改一下。')\n"
    monkeypatch.setattr(texts_in_source, "_tree", lambda module: ast.parse(source))
    with pytest.raises(UnreadableCode, match="line 3"):
        error_codes.made("FieldProblem")
