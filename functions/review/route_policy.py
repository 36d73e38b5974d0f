"""The `review_routes` rule set as a document: its shape, checked again at load; what it means is in `routes`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD, REPORTED_BY_UNIT
from jingkuai.domain.regions import Level, hubei
from jingkuai.domain.submission import Stage, SubmissionKind


class Owner(StrEnum):
    """Who decides a stage, as the rules name it: `bureau_above` is that of the bureau which keeps the record."""

    NEW_EMPLOYER = "new_employer"
    MANAGING_BUREAU = "managing_bureau"
    BUREAU_ABOVE = "bureau_above"
    PROVINCE = "province"


class Sampled(StrEnum):
    """Which approvals second looks are drawn from: those nobody looked at, and those of one bureau alone."""

    AUTOMATIC = "automatic"
    SINGLE_REVIEWER = "single_reviewer"


def _known_kind(kind: str) -> str:
    return kind if kind in (APPEAL, INTEGRITY_RECORD, REPORTED_BY_UNIT) else SubmissionKind(kind).value


def _kept_by_somebody(region: str) -> str:
    if not any(one.code.startswith(region) for one in hubei()):
        raise ValueError(f"no bureau of the region {region}")
    return region


Kind = Annotated[str, AfterValidator(_known_kind)]
Region = Annotated[str, Field(pattern=r"^42(\d{2}(\d{2})?)?$"), AfterValidator(_kept_by_somebody)]
Workdays = Annotated[int, Field(ge=1, le=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StagePart(_Part):
    """One stage of a route."""

    stage: Stage
    owner: Owner
    workdays: Workdays


Stages = Annotated[list[StagePart], Field(min_length=1)]


class RegionPart(_Part):
    """A region's own route for a kind."""

    region: Region
    level: Level | None = None
    kind: Kind
    stages: Stages


class ScopePart(_Part):
    """Which cases a rule is for; what it does not name is any."""

    kinds: frozenset[Kind] | None = None
    regions: tuple[Region, ...] | None = None
    levels: frozenset[Level] | None = None


class SkipPart(ScopePart):
    """A stage that falls away."""

    stage: Stage


class AutomaticPart(ScopePart):
    """What needs no person where the automatic check has nothing to say."""

    kinds: frozenset[Kind]


class SecondLookPart(_Part):
    """Which share of which approvals is looked at once more."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    of: frozenset[Sampled] = frozenset()
    workdays: Workdays = 20


class RoutePolicy(_Part):
    """The whole document. Only the routes are asked for: one that an administrator deployed before there was more to say
    stays in force through an upgrade. The schema that stands before every new version asks for all of it.
    """

    version: Annotated[str, Field(max_length=40)] = ""
    routes: dict[Kind, Stages]
    regions: list[RegionPart] = []
    skip: list[SkipPart] = []
    automatic: list[AutomaticPart] = []
    second_look: SecondLookPart = SecondLookPart()


def read(policy: Mapping[str, Any]) -> RoutePolicy:
    """The document with its parts. Raises ValueError with what is wrong in it."""
    return RoutePolicy.model_validate(policy)
