"""Review routes: which bureau, in which order; a rule set that makes no sense is refused."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws import clients
from jingkuai.aws.configuration import CACHE, Configuration
from jingkuai.aws.settings import settings
from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD, REPORTED_BY_UNIT
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import Stage, SubmissionKind
from review.routes import ReviewRoutes, RoutedStage
from tests.cloud import Cloud
from tests.cloud import shipped as as_shipped
from tests.conftest import NOON

USCC = "91420106MA4JURQ28M"
SCHEMA = Path(__file__).parents[3] / "infra" / "policies" / "review_routes.schema.json"
POLICY = as_shipped("review_routes")


@pytest.fixture(scope="module")
def shipped() -> ReviewRoutes:
    return ReviewRoutes.from_policy(POLICY)


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
    assert set(shipped.by_kind) == {*SubmissionKind, APPEAL, INTEGRITY_RECORD, REPORTED_BY_UNIT}


@given(region=st.sampled_from([one.code for one in hubei()]), kind=st.sampled_from(list(SubmissionKind)))
def test_every_bureau_has_a_first_stage_and_no_stage_twice(region: str, kind: SubmissionKind) -> None:
    routes = ReviewRoutes.from_policy(POLICY)
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


# --- a region's own routes


def ruled(*stages: str, workdays: int = 5) -> list[dict[str, Any]]:
    owners = {"employer": "new_employer", "county": "managing_bureau", "city": "bureau_above", "province": "province"}
    return [{"stage": stage, "owner": owners[stage], "workdays": workdays} for stage in stages]


def rules(**over: Any) -> ReviewRoutes:
    return ReviewRoutes.from_policy({**POLICY, **over})


def owners(routes: ReviewRoutes, region: str, kind: str = "registration") -> list[str]:
    return [one.owner for one in routes.stages_for(kind, region, hubei())]


def test_the_narrowest_region_wins() -> None:
    routes = rules(
        regions=[
            {"region": "42", "level": "county", "kind": "registration", "stages": ruled("county", workdays=8)},
            {"region": "4205", "kind": "registration", "stages": ruled("county", "city")},
            {"region": "420506", "kind": "registration", "stages": ruled("county", "city", "province")},
            {"region": "4205", "level": "city", "kind": "registration", "stages": ruled("county", workdays=3)},
        ]
    )
    assert owners(routes, "420506") == ["420506", "420500", "420000"]
    assert owners(routes, "420502") == ["420502", "420500"]
    (own_of_the_city,) = routes.stages_for("registration", "420500", hubei())
    assert (own_of_the_city.owner, own_of_the_city.workdays) == ("420500", 3), "of one region the level decides"
    (elsewhere,) = routes.stages_for("registration", "420106", hubei())
    assert elsewhere.workdays == 8
    (of_another_city,) = routes.stages_for("registration", "420100", hubei())
    assert of_another_city.workdays == 5, "the rule for counties is none for cities"
    assert owners(routes, "420506", "education_added") == ["420506"], "other kinds go the usual way"


@pytest.mark.parametrize(
    ("region", "reviewed_by"),
    [
        ("420106", ["420106", "420100", "420000"]),
        ("420100", ["420100", "420000"]),  # the bureau above is the province: it decides once
        ("429004", ["429004", "420000"]),
        ("420000", ["420000"]),
    ],
)
def test_no_bureau_decides_a_case_twice(region: str, reviewed_by: list[str]) -> None:
    routes = rules(routes={**POLICY["routes"], "registration": ruled("county", "city", "province")})
    assert owners(routes, region) == reviewed_by


@pytest.mark.parametrize(
    ("skip", "region", "left"),
    [
        ({"levels": ["city"]}, "420100", ["420100"]),
        ({"levels": ["city"]}, "420106", ["420106", "420100"]),
        ({"regions": ["4201"]}, "420106", ["420106"]),
        ({"regions": ["4201"]}, "420506", ["420506", "420500"]),
        ({"kinds": ["registration"]}, "420506", ["420506", "420500"]),
        ({"kinds": ["identity_change"], "regions": ["4201"], "levels": ["county"]}, "420106", ["420106"]),
        ({"kinds": ["identity_change"], "regions": ["4201"], "levels": ["county"]}, "420100", ["420100", "420000"]),
    ],
)
def test_a_stage_falls_away_where_the_rules_say_so(skip: dict[str, Any], region: str, left: list[str]) -> None:
    assert owners(rules(skip=[{"stage": "city", **skip}]), region, "identity_change") == left


# --- the new employer


def test_a_new_employer_with_an_account_confirms_first(shipped: ReviewRoutes) -> None:
    stages = shipped.stages_for("employment_change", "420106", hubei(), employer=USCC)
    assert stages == (RoutedStage(Stage.EMPLOYER, f"E:{USCC}", 5), RoutedStage(Stage.COUNTY, "420106", 5))
    assert shipped.asks_employer("employment_change", "420106", hubei())


def test_without_one_the_bureau_decides_alone(shipped: ReviewRoutes) -> None:
    assert owners(shipped, "420106", "employment_change") == ["420106"]
    assert not shipped.asks_employer("registration", "420106", hubei())


# --- what needs nobody


def test_nothing_is_automatic_as_shipped(shipped: ReviewRoutes) -> None:
    assert not any(shipped.is_automatic(kind, one.code, hubei()) for kind in shipped.by_kind for one in hubei())


def test_what_is_automatic_is_so_within_its_scope() -> None:
    routes = rules(automatic=[{"kinds": ["education_added"], "regions": ["4205"], "levels": ["county"]}])
    assert routes.is_automatic("education_added", "420506", hubei())
    for kind, region in (("education_added", "420500"), ("education_added", "420106"), ("registration", "420506")):
        assert not routes.is_automatic(kind, region, hubei())


# --- what is refused


@pytest.mark.parametrize(
    "over",
    [
        {"regions": [{"region": "4299", "kind": "registration", "stages": ruled("county")}]},
        {"regions": [{"region": "420", "kind": "registration", "stages": ruled("county")}]},
        {"regions": [{"region": "4205", "kind": "no_such_kind", "stages": ruled("county")}]},
        {"regions": [{"region": "4205", "kind": "registration", "stages": ruled("county")}] * 2},
        {"regions": [{"region": "4205", "kind": "registration", "stages": ruled("county"), "levels": ["city"]}]},
        {"routes": {**POLICY["routes"], "registration": ruled("county", "county")}},
        {"routes": {**POLICY["routes"], "registration": ruled("employer", "county")}},
        {"routes": {**POLICY["routes"], "registration": ruled("county", workdays=0)}},
        {
            "routes": {
                **POLICY["routes"],
                "registration": [{"stage": "county", "owner": "bureau_above", "workdays": 5}],
            }
        },
        {"automatic": [{"kinds": ["appeal"]}]},
        {"automatic": [{"kinds": ["identity_change"]}]},
        {"automatic": [{"levels": ["county"]}]},
        {"second_look": {"share": 1.5, "of": ["automatic"], "workdays": 20}},
        {"second_look": {"share": 0.5, "of": ["everybody"], "workdays": 20}},
        {"seconds": []},
    ],
)
def test_a_rule_set_that_makes_no_sense_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=r"validation error|two routes|names a stage twice|no new employer|not its owner|never"
    ):
        rules(**over)


@pytest.mark.parametrize(
    "over",
    [
        {"skip": [{"stage": "county", "levels": ["city"]}]},
        {"routes": {**POLICY["routes"], "registration": ruled("city")}},  # of what the province keeps nobody is above
        {"routes": {**POLICY["routes"], "employment_change": ruled("employer")}},
    ],
)
def test_no_case_may_pass_without_any_bureau(over: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no bureau reviews"):
        rules(**over)


@pytest.mark.parametrize(
    "over",
    [
        {"version": ""},
        {"version": "三月"},
        {"routes": {"registration": ruled("county")}},
        {"regions": [{"region": "4305", "kind": "registration", "stages": ruled("county")}]},
        {"skip": [{"stage": "city"}]},
        {"automatic": [{}]},
        {"second_look": {"share": 2, "of": [], "workdays": 20}},
    ],
)
def test_the_console_refuses_it_before(over: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(POLICY, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**POLICY, **over}, schema)


def test_a_document_from_before_there_were_labels_still_loads() -> None:
    routes = ReviewRoutes.from_policy({"routes": POLICY["routes"]})
    assert (routes.version, routes.second_looks.share, routes.automatic) == ("", 0, ())


def test_of_a_bad_version_the_one_before_stays_in_force(cloud: Cloud) -> None:
    told = settings()
    live = Configuration(
        clients.appconfigdata(),
        told.config_application,
        told.config_environment,
        "review_routes",
        ReviewRoutes.from_policy,
    )
    assert live.current(NOON).version == "2026-1"
    cloud.deploy("review_routes", {**POLICY, "version": "bad", "skip": [{"stage": "county", "levels": ["county"]}]})
    assert live.current(NOON + CACHE).version == "2026-1"
    cloud.deploy("review_routes", {**POLICY, "version": "2026-2"})
    assert live.current(NOON + 2 * CACHE).version == "2026-2"


def test_the_example_that_administrators_read_does_what_it_says() -> None:
    text = (SCHEMA.parents[2] / "docs" / "administrator.md").read_text(encoding="utf-8")
    examples = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    document = {**POLICY, **next(one for one in examples if "regions" in one)}
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    routes = ReviewRoutes.from_policy(document)
    assert owners(routes, "420506") == ["420506", "420500"]
    assert owners(routes, "420500") == ["420500"], "the city's own records keep the usual route"
    assert owners(routes, "420500", "identity_change") == ["420500"]
    assert owners(routes, "420506", "identity_change") == ["420506", "420500"]
    assert routes.is_automatic("qualification_added", "420506", hubei())
    assert not routes.is_automatic("qualification_added", "420502", hubei())
