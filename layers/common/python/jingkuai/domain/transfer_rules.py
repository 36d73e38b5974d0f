"""Rules of transfers (调转规则): which steps a route has, how long each may last, which papers it needs, per city where cities differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.regions import hubei
from jingkuai.domain.transfer import Route, Step

_WITH_STEPS: Final = (Route.SAME_CITY, Route.BETWEEN_CITIES, Route.OUT_OF_PROVINCE, Route.INTO_PROVINCE)


@dataclass(frozen=True, slots=True)
class RuledStep:
    """A step and its term in business days."""

    step: Step
    workdays: int


@dataclass(frozen=True, slots=True)
class RuledRoute:
    """The way of one route: its steps in order and the scans it needs."""

    steps: tuple[RuledStep, ...]
    papers: tuple[AttachmentKind, ...]


@dataclass(frozen=True, slots=True)
class TransferRules:
    """The `transfer_rules` rule set. `by_city` is what a city (four digits, or six where a division has none) asks instead.

    A release may be refused for one of the `release_refusals` only; a case sent back for papers waits `papers_days` days.
    Source: handbook, section 6.
    """

    version: str
    routes: Mapping[Route, RuledRoute]
    by_city: Mapping[tuple[str, Route], RuledRoute]
    release_refusals: tuple[str, ...]

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """Raises ValueError or KeyError for a rule set that names an unknown route, step, scan or city, leaves a route out,
        or orders the steps of a route as they cannot follow each other.
        """
        routes = {Route(name): _route(route) for name, route in policy["routes"].items()}
        if set(routes) != set(_WITH_STEPS):
            raise ValueError("a route is missing, or one without steps is named")
        by_city = {(_city(one["city"]), Route(one["route"])): _route(one) for one in policy["cities"]}
        for route, ruled in [*routes.items(), *((name, one) for (_, name), one in by_city.items())]:
            _refuse_unless_possible(route, ruled)
        return cls(policy["version"], routes, by_city, tuple(policy["release_refusals"]))

    def of(self, route: Route, *, kept_by: str, to_region: str) -> RuledRoute:
        """The way of a case: as the city it leads to has it, as the city it leaves has it where it leads out of the
        province, or else as everywhere. Raises KeyError for a route without steps.
        """
        place = kept_by if route is Route.OUT_OF_PROVINCE else to_region
        for city in (place, place[:4]):
            if own := self.by_city.get((city, route)):
                return own
        return self.routes[route]


_POSSIBLE: Final[Mapping[Route, tuple[Step, ...]]] = {
    Route.SAME_CITY: (Step.EMPLOYER, Step.RELEASE, Step.ACCEPTANCE),
    Route.BETWEEN_CITIES: (Step.EMPLOYER, Step.RELEASE, Step.ACCEPTANCE),
    Route.OUT_OF_PROVINCE: (Step.EMPLOYER, Step.RELEASE),
    Route.INTO_PROVINCE: (Step.ACCEPTANCE,),
}
_NEEDED: Final[Mapping[Route, Step]] = {
    Route.SAME_CITY: Step.ACCEPTANCE,
    Route.BETWEEN_CITIES: Step.ACCEPTANCE,
    Route.OUT_OF_PROVINCE: Step.RELEASE,
    Route.INTO_PROVINCE: Step.ACCEPTANCE,
}


def _refuse_unless_possible(route: Route, ruled: RuledRoute) -> None:
    """A route ends with the bureau that has the last word; nobody is asked twice, and the unit is asked first."""
    steps = [one.step for one in ruled.steps]
    in_order = [step for step in _POSSIBLE[route] if step in steps]
    if steps != in_order or not steps or steps[-1] is not _NEEDED[route]:
        raise ValueError(f"the steps of {route} cannot follow each other like this")


def _city(code: str) -> str:
    """A city by its first four digits, a division without one by all six: what four digits stand for under 4290 is no city."""
    if not hubei().is_authority(code.ljust(6, "0")):
        raise ValueError(f"no city or division has the code {code}")
    return code


def _route(policy: Mapping[str, Any]) -> RuledRoute:
    return RuledRoute(_steps(policy["steps"]), tuple(AttachmentKind(one) for one in policy["papers"]))


def _steps(steps: Sequence[Mapping[str, Any]]) -> tuple[RuledStep, ...]:
    return tuple(RuledStep(Step(one["step"]), int(one["workdays"])) for one in steps)
