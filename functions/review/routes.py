"""Who reviews a case, in which order (审核路线): data of the review rules, resolved once for each case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from jingkuai.aws.owners import owner_of_unit
from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD, REPORTED_BY_UNIT
from jingkuai.domain.regions import PROVINCE, Divisions, Level, hubei
from jingkuai.domain.submission import Stage, SubmissionKind
from review.route_policy import Owner, Sampled, ScopePart, StagePart, read

_DECIDED_BY: Final[Mapping[Stage, Owner]] = {
    Stage.EMPLOYER: Owner.NEW_EMPLOYER,
    Stage.COUNTY: Owner.MANAGING_BUREAU,
    Stage.CITY: Owner.BUREAU_ABOVE,
    Stage.PROVINCE: Owner.PROVINCE,
}
# who somebody is, and whose an account is, a person decides in any case: their proofs are pictures
_NEVER_AUTOMATIC: Final = frozenset({APPEAL, INTEGRITY_RECORD, REPORTED_BY_UNIT, SubmissionKind.IDENTITY_CHANGE.value})


@dataclass(frozen=True, slots=True)
class RuledStage:
    """A stage as the rules name it."""

    stage: Stage
    owner: Owner
    workdays: int


# A version of the rules from before there were integrity records goes on being in force after an upgrade: theirs is this.
_IF_UNNAMED: Final[Mapping[str, tuple[RuledStage, ...]]] = {
    INTEGRITY_RECORD: (RuledStage(Stage.CITY, Owner.BUREAU_ABOVE, 10),),
    REPORTED_BY_UNIT: (
        RuledStage(Stage.COUNTY, Owner.MANAGING_BUREAU, 10),
        RuledStage(Stage.CITY, Owner.BUREAU_ABOVE, 10),
    ),
}


@dataclass(frozen=True, slots=True)
class RoutedStage:
    """A stage of one case: which bureau, or which unit (`E:<uscc>`), decides it, within how many business days."""

    stage: Stage
    owner: str
    workdays: int

    @property
    def is_a_bureaus(self) -> bool:
        return self.stage is not Stage.EMPLOYER


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases a rule is for: kinds, leading digits of regions, levels of the bureau that keeps the record. None is any."""

    kinds: frozenset[str] | None
    regions: tuple[str, ...] | None
    levels: frozenset[Level] | None

    def covers(self, kind: str, region_code: str, level: Level | None) -> bool:
        return (
            (self.kinds is None or kind in self.kinds)
            and (self.regions is None or region_code.startswith(self.regions))
            and (self.levels is None or level in self.levels)
        )


@dataclass(frozen=True, slots=True)
class RegionRoute:
    """A route of a region's own."""

    region: str
    level: Level | None
    kind: str
    stages: tuple[RuledStage, ...]

    def covers(self, kind: str, region_code: str, level: Level | None) -> bool:
        return self.kind == kind and region_code.startswith(self.region) and self.level in (None, level)

    @property
    def narrowness(self) -> tuple[int, bool]:
        """More digits are fewer bureaus; of the same digits, one level is fewer than all."""
        return len(self.region), self.level is not None


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """Which share of which approvals is looked at once more (抽查), within how many business days."""

    share: float
    of: frozenset[Sampled]
    workdays: int


@dataclass(frozen=True, slots=True)
class ReviewRoutes:
    """The `review_routes` rule set. `version` is its label, "" for one made before there were labels. Source: handbook, section 5."""

    version: str
    by_kind: Mapping[str, tuple[RuledStage, ...]]
    by_region: tuple[RegionRoute, ...]
    skipped: tuple[tuple[Stage, Scope], ...]
    automatic: tuple[Scope, ...]
    second_looks: SecondLooks

    @classmethod
    def from_policy(cls, policy: Mapping[str, Any]) -> Self:
        """Raises ValueError for a rule set that names what does not exist, goes down, is ambiguous, or would let a case of
        some bureau pass without any bureau's review.
        """
        told = read(policy)
        rules = cls(
            version=told.version,
            by_kind={**_IF_UNNAMED, **{kind: _ruled(kind, stages) for kind, stages in told.routes.items()}},
            by_region=tuple(
                RegionRoute(one.region, one.level, one.kind, _ruled(one.kind, one.stages)) for one in told.regions
            ),
            skipped=tuple((one.stage, _scope(one)) for one in told.skip),
            automatic=tuple(map(_scope, told.automatic)),
            second_looks=SecondLooks(told.second_look.share, told.second_look.of, told.second_look.workdays),
        )
        rules._refuse_nonsense()
        return rules

    def stages_for(
        self, kind: str, region_code: str, divisions: Divisions, *, employer: str | None = None
    ) -> tuple[RoutedStage, ...]:
        """The stages of a case of this kind kept by this bureau; `employer` is the new unit that can be asked.

        The stage `county` is the bureau that keeps the record, whatever its level. A stage falls away where nobody is
        there to decide it, or whose bureau decides an earlier one. Raises KeyError for a kind the rules do not know.
        """
        routed: list[RoutedStage] = []
        for one in self._ruled_for(kind, region_code, divisions):
            owner = _owner(one.owner, region_code, divisions, employer)
            if owner is not None and owner not in [before.owner for before in routed]:
                routed.append(RoutedStage(one.stage, owner, one.workdays))
        if not routed and kind == INTEGRITY_RECORD:  # entered by the highest bureau: a colleague there confirms it
            routed = [RoutedStage(one.stage, region_code, one.workdays) for one in self.by_kind[kind]]
        return tuple(routed)

    def asks_employer(self, kind: str, region_code: str, divisions: Divisions) -> bool:
        """Whether the new unit is asked, if there is one with an account."""
        return any(one.stage is Stage.EMPLOYER for one in self._ruled_for(kind, region_code, divisions))

    def is_automatic(self, kind: str, region_code: str, divisions: Divisions) -> bool:
        """Whether nobody need look at a case in which the automatic check found nothing."""
        level = _level(region_code, divisions)
        return any(one.covers(kind, region_code, level) for one in self.automatic)

    def _ruled_for(self, kind: str, region_code: str, divisions: Divisions) -> list[RuledStage]:
        level = _level(region_code, divisions)
        own = [one for one in self.by_region if one.covers(kind, region_code, level)]
        stages = max(own, key=lambda one: one.narrowness).stages if own else self.by_kind[kind]
        skipped = {stage for stage, scope in self.skipped if scope.covers(kind, region_code, level)}
        return [one for one in stages if one.stage not in skipped]

    def _refuse_nonsense(self) -> None:
        for problem in (*self._ambiguities(), *self._automatic_that_must_not_be(), *self._unreviewed()):
            raise ValueError(problem)

    def _ambiguities(self) -> Iterator[str]:
        seen = [(one.region, one.level, one.kind) for one in self.by_region]
        yield from (f"two routes for {one}" for one in dict.fromkeys(seen) if seen.count(one) > 1)

    def _automatic_that_must_not_be(self) -> Iterator[str]:
        named = {kind for scope in self.automatic for kind in scope.kinds or ()}
        yield from (f"{kind} is never approved automatically" for kind in sorted(named & _NEVER_AUTOMATIC))

    def _unreviewed(self) -> Iterator[str]:
        kinds = {*self.by_kind, *(one.kind for one in self.by_region)}
        yield from (f"a region's route for {kind}, and none for the others" for kind in kinds - set(self.by_kind))
        for kind in sorted(set(self.by_kind)):
            for division in hubei():
                if not any(one.is_a_bureaus for one in self.stages_for(kind, division.code, hubei())):
                    yield f"no bureau reviews {kind} of {division.code}"


def _ruled(kind: str, stages: Sequence[StagePart]) -> tuple[RuledStage, ...]:
    order = [one.stage.order for one in stages]
    if order != sorted(set(order)):
        raise ValueError(f"a route of {kind} goes down, or names a stage twice")
    if any(one.owner is not _DECIDED_BY.get(one.stage) for one in stages):
        raise ValueError(f"a stage of {kind} is not its owner's")
    if kind != SubmissionKind.EMPLOYMENT_CHANGE and any(one.stage is Stage.EMPLOYER for one in stages):
        raise ValueError(f"{kind} names no new employer to be asked")
    return tuple(RuledStage(one.stage, one.owner, one.workdays) for one in stages)


def _scope(part: ScopePart) -> Scope:
    return Scope(part.kinds, part.regions, part.levels)


def _level(region_code: str, divisions: Divisions) -> Level | None:
    division = divisions.get(region_code)
    return division.level if division else None


def _owner(owner: Owner, region_code: str, divisions: Divisions, employer: str | None) -> str | None:
    match owner:
        case Owner.NEW_EMPLOYER:
            return owner_of_unit(employer) if employer else None
        case Owner.MANAGING_BUREAU:
            return region_code
        case Owner.BUREAU_ABOVE:
            return divisions.bureau_above(region_code)
        case Owner.PROVINCE:
            return PROVINCE
