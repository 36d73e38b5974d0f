"""The rules of transfers: what is shipped, what a city asks instead, and rule sets that would lead nowhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, ValidationError

from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.transfer import Route, Step
from jingkuai.domain.transfer_rules import TransferRules

POLICIES = Path(__file__).parents[3] / "infra" / "policies"
SHIPPED: dict[str, Any] = json.loads((POLICIES / "transfer_rules.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((POLICIES / "transfer_rules.schema.json").read_text(encoding="utf-8"))
WUCHANG, XILING, CHANGSHA = "420106", "420502", "430100"


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    policy = copy.deepcopy(SHIPPED)
    change(policy)
    return policy


def steps(*names: str) -> list[dict[str, Any]]:
    return [{"step": name, "workdays": 3} for name in names]


def city(code: str, route: str, *names: str, papers: tuple[str, ...] = ("transfer_proof",)) -> dict[str, Any]:
    return {"city": code, "route": route, "steps": steps(*names), "papers": list(papers)}


def with_cities(*cities: dict[str, Any]) -> TransferRules:
    policy = changed(lambda one: one.update(cities=list(cities)))
    Draft4Validator(SCHEMA).validate(policy)
    return TransferRules.from_policy(policy)


def way(rules: TransferRules, route: Route, *, kept_by: str = WUCHANG, to_region: str = XILING) -> list[str]:
    return [one.step.value for one in rules.of(route, kept_by=kept_by, to_region=to_region).steps]


def test_the_shipped_rules_are_the_handbooks() -> None:
    Draft4Validator.check_schema(SCHEMA)
    Draft4Validator(SCHEMA).validate(SHIPPED)
    rules = TransferRules.from_policy(SHIPPED)
    assert {route: way(rules, route) for route in rules.routes} == {
        Route.SAME_CITY: ["employer", "acceptance"],
        Route.BETWEEN_CITIES: ["employer", "release", "acceptance"],
        Route.OUT_OF_PROVINCE: ["employer", "release"],
        Route.INTO_PROVINCE: ["acceptance"],
    }
    for route in rules.routes.values():
        assert sum(one.workdays for one in route.steps) == 10, "10 business days in all (section 5)"
        assert route.papers == (AttachmentKind.TRANSFER_PROOF,)
        assert [one.workdays for one in route.steps if one.step is Step.EMPLOYER] in ([], [5])


def test_inside_the_county_nobody_is_asked() -> None:
    with pytest.raises(KeyError):
        TransferRules.from_policy(SHIPPED).of(Route.SAME_COUNTY, kept_by=WUCHANG, to_region=WUCHANG)


def test_a_city_asks_what_it_wants_of_those_who_join_it() -> None:
    rules = with_cities(city("4205", "between_cities", "acceptance", papers=("transfer_proof", "employment_proof")))
    assert way(rules, Route.BETWEEN_CITIES) == ["acceptance"]
    found = rules.of(Route.BETWEEN_CITIES, kept_by=WUCHANG, to_region=XILING)
    assert found.papers == (AttachmentKind.TRANSFER_PROOF, AttachmentKind.EMPLOYMENT_PROOF)
    assert len(way(rules, Route.BETWEEN_CITIES, kept_by=XILING, to_region=WUCHANG)) == 3, "not of those who leave it"
    assert way(rules, Route.SAME_CITY, kept_by="420506") == ["employer", "acceptance"], "of this route only"


def test_out_of_the_province_the_city_that_is_left_asks() -> None:
    rules = with_cities(city("4201", "out_of_province", "release"))
    assert way(rules, Route.OUT_OF_PROVINCE, to_region=CHANGSHA) == ["release"]
    assert way(rules, Route.OUT_OF_PROVINCE, kept_by=XILING, to_region=CHANGSHA) == ["employer", "release"]


def test_a_division_goes_before_its_city_and_stands_alone_where_it_has_none() -> None:
    rules = with_cities(
        city("4205", "between_cities", "release", "acceptance"),
        city(XILING, "between_cities", "acceptance"),
        city("429004", "between_cities", "acceptance"),
    )
    assert way(rules, Route.BETWEEN_CITIES) == ["acceptance"]
    assert way(rules, Route.BETWEEN_CITIES, to_region="420506") == ["release", "acceptance"]
    assert way(rules, Route.BETWEEN_CITIES, to_region="429004") == ["acceptance"]
    assert len(way(rules, Route.BETWEEN_CITIES, to_region="429005")) == 3


BAD: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("a route is missing", lambda one: one["routes"].pop("into_province")),
    ("a route nobody knows", lambda one: one["routes"].update(abroad=one["routes"]["same_city"])),
    ("a route without steps", lambda one: one["routes"].update(same_county=one["routes"]["same_city"])),
    ("a step nobody knows", lambda one: one["routes"]["same_city"].update(steps=steps("police", "acceptance"))),
    ("a scan nobody knows", lambda one: one["routes"]["same_city"].update(papers=["selfie"])),
    ("no step at all", lambda one: one["routes"]["same_city"].update(steps=[])),
    ("nobody accepts", lambda one: one["routes"]["same_city"].update(steps=steps("employer", "release"))),
    ("the wrong order", lambda one: one["routes"]["same_city"].update(steps=steps("acceptance", "employer"))),
    ("asked twice", lambda one: one["routes"]["same_city"].update(steps=steps("acceptance", "acceptance"))),
    ("accepted elsewhere", lambda one: one["routes"]["out_of_province"].update(steps=steps("release", "acceptance"))),
    ("released elsewhere", lambda one: one["routes"]["into_province"].update(steps=steps("release", "acceptance"))),
    ("a unit elsewhere", lambda one: one["routes"]["into_province"].update(steps=steps("employer", "acceptance"))),
    ("a city in the wrong order", lambda one: one.update(cities=[city("4201", "same_city", "acceptance", "release")])),
    ("a city of another route", lambda one: one.update(cities=[city("4201", "same_county", "acceptance")])),
    ("a city that is none", lambda one: one.update(cities=[city("4299", "same_city", "acceptance")])),
    ("four divisions as one city", lambda one: one.update(cities=[city("4290", "same_city", "acceptance")])),
    ("a city that does not accept", lambda one: one.update(cities=[city("4201", "between_cities", "release")])),
]


@pytest.mark.parametrize("wrong", [change for _, change in BAD], ids=[name for name, _ in BAD])
def test_a_rule_set_that_would_lead_nowhere_is_refused_at_load(wrong: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        TransferRules.from_policy(changed(wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda one: one["routes"].pop("same_city"),
        lambda one: one["routes"].update(same_county=one["routes"]["same_city"]),
        lambda one: one["routes"]["same_city"].update(steps=[]),
        lambda one: one["routes"]["same_city"].update(steps=[{"step": "acceptance", "workdays": 0}]),
        lambda one: one["routes"]["same_city"].update(papers=["police_certificate"]),
        lambda one: one.update(cities=[city("4301", "same_city", "acceptance")]),
        lambda one: one.update(cities=[city("420", "same_city", "acceptance")]),
        lambda one: one.update(release_refusals=[]),
        lambda one: one.update(release_refusals=[""]),
        lambda one: one.pop("version"),
    ],
)
def test_the_schema_says_no_before_anybody_loads_it(wrong: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ValidationError):
        Draft4Validator(SCHEMA).validate(changed(wrong))


NAMES = st.lists(st.sampled_from([one.value for one in Step]), max_size=4)


@given(route=st.sampled_from(sorted(SHIPPED["routes"])), names=NAMES)
def test_whatever_is_loaded_ends_with_who_has_the_last_word_and_asks_nobody_twice(route: str, names: list[str]) -> None:
    policy = changed(lambda one: one["routes"][route].update(steps=steps(*names)))
    try:
        rules = TransferRules.from_policy(policy)
    except ValueError:
        return
    found = way(rules, Route(route))
    assert found[-1] == ("release" if route == "out_of_province" else "acceptance")
    assert found == [one for one in ("employer", "release", "acceptance") if one in found]
