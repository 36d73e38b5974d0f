"""Divisions, their bureaus and the bureaus above."""

from __future__ import annotations

from datetime import date

import pytest

from jingkuai.domain.regions import (
    Division,
    Divisions,
    Level,
    bureau_in_full,
    elsewhere,
    elsewhere_in_full,
    hubei,
    is_elsewhere,
)


def test_hubei_is_complete() -> None:
    levels = [division.level for division in hubei()]
    assert (levels.count(Level.PROVINCE), levels.count(Level.CITY), levels.count(Level.COUNTY)) == (1, 13, 103)


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("420106", "420100"),
        ("420100", "420000"),
        ("420000", None),
        ("429004", "420000"),
        ("429021", "420000"),
        ("999999", None),
    ],
)
def test_cases_escalate_to_the_bureau_above(code: str, above: str | None) -> None:
    assert hubei().bureau_above(code) == above


@pytest.mark.parametrize("code", ["420106", "420100", "420000", "429004", "422801"])
def test_a_division_is_an_authority(code: str) -> None:
    assert hubei().is_authority(code)


@pytest.mark.parametrize("code", ["429000", "420101", "430100", "42", "4201", "", "420106 ", "999999"])
def test_groupings_other_provinces_and_nonsense_are_none(code: str) -> None:
    assert not hubei().is_authority(code)


def test_every_bureau_above_is_an_authority() -> None:
    assert all(hubei().is_authority(division.parent) for division in hubei() if division.parent)


def test_a_division_that_came_or_went_keeps_its_name_and_loses_its_authority() -> None:
    old = Division("420321", "郧县", Level.COUNTY, "420300", None, date(2014, 9, 9))
    new = Division("420304", "郧阳区", Level.COUNTY, "420300", date(2014, 9, 9), None)
    divisions = Divisions([old, new])
    before, after = date(2014, 9, 8), date(2014, 9, 9)
    assert [divisions.is_authority(code, on=before) for code in ("420321", "420304")] == [True, False]
    assert [divisions.is_authority(code, on=after) for code in ("420321", "420304")] == [False, True]
    assert divisions.is_authority("420321")
    assert divisions.name_of("420321") == "郧县"


def test_elsewhere_is_every_other_province_and_its_cities() -> None:
    assert is_elsewhere("430100")
    assert is_elsewhere("430000")
    assert not is_elsewhere("420100")
    assert not is_elsewhere("430199")
    assert len([place for place in elsewhere() if place.province is None]) == 33


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("420106", "武汉市武昌区财政局"),
        ("420100", "武汉市财政局"),
        ("429004", "仙桃市财政局"),
        ("420000", "湖北省财政厅"),
    ],
)
def test_a_bureau_in_full_has_its_city_before_it(code: str, name: str) -> None:
    assert bureau_in_full(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("430100", "湖南省长沙市"),
        ("430000", "湖南省"),
        ("110100", "北京市"),
        ("500200", "重庆市"),
        ("419000", "河南省"),
        ("659000", "新疆维吾尔自治区"),
        ("999999", "999999"),
    ],
)
def test_a_place_elsewhere_in_full_has_its_province_before_it_and_no_grouping(code: str, name: str) -> None:
    assert elsewhere_in_full(code) == name
