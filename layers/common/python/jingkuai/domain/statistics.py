"""Figures of a bureau (统计): what is counted of tasks, people and years, what a count is called, and what follows from counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from jingkuai.domain.profile_labels import LABELS

NOW: Final = "now"  # the period of what stands at this moment; every other period is a year
REGISTERED: Final = "registered"  # people whose record a bureau keeps
FULFILLED, SHORT = "fulfilled", "short"  # people by a year's credits
LONGEST: Final = 99  # business days; whatever took longer is counted as this long
SECOND_LOOK: Final = "second_look"  # a task that judges a decision, not a case: it counts in no rate
OTHER_FIELD: Final = "other"  # what was marked in a return and is no field of any form
TOP: Final = 5
Name = TypeVar("Name", str, int)
_DUE, _KIND, _DECIDED, _DAYS, _FIELD, _LOOK = "due.", "kind.", "decided.", "days.", "field.", "look."


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One count: of which period, of which bureau, of what. Nothing in it is personal."""

    period: str
    region_code: str
    name: str

    def __str__(self) -> str:
        return f"{self.period}|{self.region_code}|{self.name}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        return cls(*text.split("|", 2))


def due_on(day: str) -> str:
    """Open tasks with this deadline: how many are overdue is a sum, whatever day it is asked on."""
    return _DUE + day


def open_of(kind: str) -> str:
    """Open tasks of a kind."""
    return _KIND + kind


def decided(kind: str, decision: str) -> str:
    """Tasks of a kind that ended in this way."""
    return f"{_DECIDED}{kind}.{decision}"


def took(stage: str, days: int) -> str:
    """Tasks of a stage that took so many business days."""
    return f"{_DAYS}{stage}.{min(days, LONGEST)}"


def asked_for(fields: Iterable[str]) -> frozenset[str]:
    """Returns that asked for these fields, each once. A path that is no field of a form may be anything: its words are not kept."""
    plain = {".".join(part for part in path.split(".") if not part.isdecimal()) for path in fields}
    return frozenset(_FIELD + (path if path in LABELS else OTHER_FIELD) for path in plain)


def looked_at(account_id: str, decision: str) -> str:
    """Second looks at a reviewer's approvals that ended in this way."""
    return f"{_LOOK}{account_id}.{decision}"


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """What a bureau has to do: how much, how much of it is late, and of which kinds."""

    total: int
    overdue: int
    by_kind: Mapping[str, int]

    @classmethod
    def of(cls, counts: Mapping[str, int], today: date) -> OpenTasks:
        """From the counts of a bureau as they stand now. Overdue begins on the day after the deadline."""
        due = _part(counts, _DUE)
        return cls(
            total=sum(due.values()),
            overdue=sum(count for day, count in due.items() if day < today.isoformat()),
            by_kind=_part(counts, _KIND),
        )


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took: the median in business days, over so many decisions."""

    stage: str
    median_days: float
    decisions: int


@dataclass(frozen=True, slots=True)
class FieldAskedFor:
    """A field that returns asked for, and how many did."""

    field: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Looks:
    """What second looks at one reviewer's approvals came to."""

    account_id: str
    confirmed: int
    contradicted: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year's counts of a bureau, or of several summed up."""

    counts: Mapping[str, int]

    @property
    def fulfilled(self) -> int:
        return self.counts.get(FULFILLED, 0)

    @property
    def short(self) -> int:
        return self.counts.get(SHORT, 0)

    @property
    def decisions(self) -> dict[str, int]:
        """How cases ended, all kinds together; second looks judge decisions and are none of them."""
        return _sums((kind_and_end[1], n) for kind_and_end, n in self._ends() if kind_and_end[0] != SECOND_LOOK)

    @property
    def second_looks(self) -> dict[str, int]:
        """What second looks came to."""
        return _sums((kind_and_end[1], n) for kind_and_end, n in self._ends() if kind_and_end[0] == SECOND_LOOK)

    @property
    def looks(self) -> list[Looks]:
        """What second looks came to for each reviewer whose approvals were drawn."""
        found: dict[str, dict[str, int]] = {}
        for text, count in _part(self.counts, _LOOK).items():
            account_id, _, end = text.rpartition(".")
            found.setdefault(account_id, {})[end] = count
        return [Looks(one, ends.get("approve", 0), ends.get("reject", 0)) for one, ends in sorted(found.items())]

    @property
    def decisions_by_kind(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (kind, end), count in self._ends():
            found.setdefault(kind, {})[end] = count
        return found

    @property
    def return_rate(self) -> float | None:
        """The share of bureaus' decisions that were returns; None before the first decision."""
        ends = self.decisions
        all_of_them = sum(ends.get(one, 0) for one in ("approve", "return", "reject"))
        return round(ends.get("return", 0) / all_of_them, 4) if all_of_them else None

    @property
    def median_days(self) -> float | None:
        """The median of all stages together; None before the first decision."""
        return _median(_sums((int(text.rpartition(".")[2]), n) for text, n in _part(self.counts, _DAYS).items()))

    @property
    def stages(self) -> list[StageTime]:
        """The median of each stage, by its name."""
        histograms: dict[str, dict[int, int]] = {}
        for text, count in _part(self.counts, _DAYS).items():
            stage, _, days = text.rpartition(".")
            histograms.setdefault(stage, {})[int(days)] = count
        return [
            StageTime(stage, median, sum(days.values()))
            for stage, days in sorted(histograms.items())
            if (median := _median(days)) is not None
        ]

    @property
    def asked_for_most(self) -> list[FieldAskedFor]:
        """What returns asked for most often."""
        found = sorted(_part(self.counts, _FIELD).items(), key=lambda one: (-one[1], one[0]))
        return [FieldAskedFor(field, LABELS.get(field, "其他"), count) for field, count in found[:TOP]]

    def _ends(self) -> list[tuple[tuple[str, str], int]]:
        ends = _part(self.counts, _DECIDED).items()
        return [((kind, end), count) for text, count in ends for kind, _, end in [text.rpartition(".")]]


def together(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The counts of several bureaus as those of one."""
    return _sums(pair for counts in several for pair in counts.items())


def _part(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix) and count}


def _sums(pairs: Iterable[tuple[Name, int]]) -> dict[Name, int]:
    found: dict[Name, int] = {}
    for name, count in pairs:
        found[name] = found.get(name, 0) + count
    return found


def _median(histogram: Mapping[int, int]) -> float | None:
    """The middle one, or the mean of the two in the middle."""
    ordered = Counter(histogram)
    size = ordered.total()
    if not size:
        return None
    return (_at(ordered, (size - 1) // 2) + _at(ordered, size // 2)) / 2


def _at(histogram: Mapping[int, int], place: int) -> int:
    """What stands at a place (from 0) when all are put in order."""
    for days in sorted(histogram):
        place -= histogram[days]
        if place < 0:
            return days
    raise IndexError(place)
