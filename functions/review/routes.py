"""Which bureaus review a case, in which order (审核路线): data of the review rules, resolved once for each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD, REPORTED_BY_UNIT
from jingkuai.domain.regions import Divisions
from jingkuai.domain.submission import Stage, SubmissionKind

_OTHER_ROUTES: Final = (APPEAL, INTEGRITY_RECORD, REPORTED_BY_UNIT)


@dataclass(frozen=True, slots=True)
class RuledStage:
    """A stage as the rules name it; `above` means the bureau above the one that keeps the record."""

    stage: Stage
    above: bool
    workdays: int


@dataclass(frozen=True, slots=True)
class RoutedStage:
    """A stage of one case: which bureau decides it, within how many business days."""

    stage: Stage
    owner: str
    workdays: int


@dataclass(frozen=True, slots=True)
class ReviewRoutes:
    """The `review_routes` rule set. Source: handbook, section 5."""

    by_kind: Mapping[str, tuple[RuledStage, ...]]

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """Raises ValueError or KeyError for a rule set that names an unknown kind, stage or owner, or goes down."""
        routes = {_known(kind): tuple(map(_ruled, stages)) for kind, stages in policy["routes"].items()}
        for kind, stages in routes.items():
            if list(stages) != sorted(stages, key=lambda one: one.stage.order) or not stages:
                raise ValueError(f"the route of {kind} is empty or goes down")
        return cls(routes)

    def stages_for(self, kind: str, region_code: str, divisions: Divisions) -> tuple[RoutedStage, ...]:
        """The stages of a case of this kind kept by this bureau.

        The stage `county` is the bureau that keeps the record, whatever its level; a stage above it falls away where
        there is no bureau above, and where none is left the bureau that keeps the record decides all the same.
        Raises KeyError for a kind the rules do not know.
        """
        above = divisions.bureau_above(region_code)
        owners = ((one, above if one.above else region_code) for one in self.by_kind[kind])
        stages = tuple(RoutedStage(one.stage, owner, one.workdays) for one, owner in owners if owner is not None)
        return stages or tuple(RoutedStage(one.stage, region_code, one.workdays) for one in self.by_kind[kind][:1])


def _known(kind: str) -> str:
    return kind if kind in _OTHER_ROUTES else SubmissionKind(kind).value


def _ruled(stage: Mapping[str, Any]) -> RuledStage:
    owners = {"managing_bureau": False, "bureau_above": True}
    return RuledStage(Stage(stage["stage"]), owners[stage["owner"]], int(stage["workdays"]))
