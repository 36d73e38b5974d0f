"""Administrative divisions (行政区划) and the finance bureaus (财政局) that stand for them.

Source: GB/T 2260 codes in `data/`. A division has effective dates: one abolished later still explains old records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

PROVINCE: Final = "420000"
_GROUPINGS: Final = ("市辖区", "县", "直辖县级行政区划")  # what cities are listed as where there is no city


class Level(StrEnum):
    """Levels of divisions and of their bureaus (省、市州、县区)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Division:
    """A division with a finance bureau of its own. `parent` is the bureau above it, to which cases escalate: for the
    four county-level units under 4290 that is the province. `effective_until` is the first day it no longer exists.
    """

    code: str
    name: str
    level: Level
    parent: str | None
    effective_from: date | None = None
    effective_until: date | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        effective = (row["effective_from"], row["effective_until"])
        since, until = (date.fromisoformat(day) if day else None for day in effective)
        return cls(row["code"], row["name"], Level(row["level"]), row["parent"], since, until)

    def exists(self, on: date) -> bool:
        return (self.effective_from or date.min) <= on < (self.effective_until or date.max)


@dataclass(frozen=True, slots=True)
class Place:
    """A province or city outside Hubei: where somebody moves to or comes from."""

    code: str
    name: str
    province: str | None = None


class Divisions:
    """The divisions of the province by code. Groupings (429000; 市辖区 such as 420101) have no bureau: not in it."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_code = {division.code: division for division in divisions}

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: str) -> Division | None:
        """The division of a six-digit code, whether or not it still exists."""
        return self._by_code.get(code)

    def is_authority(self, code: str, *, on: date | None = None) -> bool:
        """Whether a bureau of this code may keep records; with `on`, whether it does so on that day."""
        division = self.get(code)
        return division is not None and (on is None or division.exists(on))

    def bureau_above(self, code: str) -> str | None:
        """The bureau to which cases of this one escalate; None above the province and for an unknown code."""
        division = self.get(code)
        return division.parent if division else None

    def name_of(self, code: str) -> str:
        """What people call the division; the code itself for one this table has never known."""
        division = self.get(code)
        return division.name if division else code


@cache
def hubei() -> Divisions:
    """The divisions of Hubei: the province, 13 cities, 103 counties."""
    return Divisions(Division.of(row) for row in _data("hubei_divisions.json")["divisions"])


@cache
def elsewhere() -> tuple[Place, ...]:
    """The provinces and cities outside Hubei."""
    data = _data("china_provinces_cities.json")
    places = [Place(row["code"], row["name"], row.get("province")) for row in (*data["provinces"], *data["cities"])]
    return tuple(place for place in places if place.code[:2] != PROVINCE[:2])


def bureau_name(region_code: str) -> str:
    """What people call the finance bureau of a division."""
    return f"{hubei().name_of(region_code)}财政局"


def bureau_in_full(region_code: str) -> str:
    """A bureau by its full name, as papers that leave the province name it: cities stand before their counties."""
    division = hubei().get(region_code)
    if division is None:
        return "湖北省财政厅"
    if division.level is Level.PROVINCE:
        return f"{division.name}财政厅"
    city = hubei().get(division.parent or "")
    above = city.name if city and city.level is Level.CITY else ""
    return f"{above}{division.name}财政局"


def is_elsewhere(code: str) -> bool:
    """Whether this is the code of a province or city outside Hubei."""
    return any(place.code == code for place in elsewhere())


def elsewhere_in_full(code: str) -> str:
    """A place outside Hubei with its province before it: 430100 -> 湖南省长沙市. Groupings such as 市辖区 are left out; a code
    this table has never known stands for itself.
    """
    names = {place.code: place.name for place in elsewhere()}
    if code not in names:
        return code
    province = names.get(f"{code[:2]}0000", "")
    return province if names[code] == province or names[code].endswith(_GROUPINGS) else province + names[code]


def _data(name: str) -> Any:
    return json.loads(files("jingkuai.domain").joinpath("data", name).read_text(encoding="utf-8"))
