"""Review routes: which bureau, in which order; a rule set that makes no sense is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import Stage, SubmissionKind
from review.routes import ReviewRoutes, RoutedStage

POLICY = Path(__file__).parents[3] / "infra" / "policies" / "review_routes.json"


@pytest.fixture(scope="module")
def shipped() -> ReviewRoutes:
    return ReviewRoutes.from_policy(json.loads(POLICY.read_text(encoding="utf-8")))


@pytest.mark.parametrize("region", ["420106", "420100", "420000", "429004"])
def test_a_registration_is_decided_by_the_bureau_that_keeps_it_whatever_its_level(
    shipped: ReviewRoutes, region: str
) -> None:
    stages = shipped.stages_for(SubmissionKind.REGISTRATION, region, hubei())
    assert stages == (RoutedStage(Stage.COUNTY, region, 5),)


@pytest.mark.parametrize(
    ("region", "owners"),
    [
        ("420106", ["420106", "420100"]),
        ("429004", ["429004", "420000"]),  # answers to the province directly
        ("420100", ["420100", "420000"]),
        ("420000", ["420000"]),  # nobody above
    ],
)
def test_the_second_stage_is_the_bureau_above_where_there_is_one(
    shipped: ReviewRoutes, region: str, owners: list[str]
) -> None:
    stages = shipped.stages_for(SubmissionKind.IDENTITY_CHANGE, region, hubei())
    assert [one.owner for one in stages] == owners


def test_every_kind_of_submission_has_a_route(shipped: ReviewRoutes) -> None:
    assert set(shipped.by_kind) == {*SubmissionKind, APPEAL}


@given(region=st.sampled_from([one.code for one in hubei()]), kind=st.sampled_from(list(SubmissionKind)))
def test_every_bureau_has_a_first_stage_and_no_stage_twice(region: str, kind: SubmissionKind) -> None:
    routes = ReviewRoutes.from_policy(json.loads(POLICY.read_text(encoding="utf-8")))
    owners = [one.owner for one in routes.stages_for(kind, region, hubei())]
    assert owners[0] == region
    assert len(set(owners)) == len(owners)


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [{"stage": "village", "owner": "managing_bureau", "workdays": 5}],
        [{"stage": "county", "owner": "somebody", "workdays": 5}],
        [
            {"stage": "city", "owner": "bureau_above", "workdays": 5},
            {"stage": "county", "owner": "managing_bureau", "workdays": 5},
        ],
    ],
)
def test_a_route_that_makes_no_sense_is_refused(stages: list[dict[str, Any]]) -> None:
    with pytest.raises((ValueError, KeyError)):
        ReviewRoutes.from_policy({"routes": {"registration": stages}})
