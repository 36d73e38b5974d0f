"""The routes of the template and of the handlers are one set, and each has a rule."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest

from jingkuai.web.access import rule_of
from tests.api.gateway import Route, declared_routes
from tests.cloud import template

APIS = sorted({route.function for route in declared_routes()})


def resolver_of(logical_id: str) -> Any:
    """The resolver behind a function of the template."""
    module = template()["Resources"][logical_id]["Properties"]["Handler"].rpartition(".")[0]
    return import_module(module).app


def handled_routes(logical_id: str) -> dict[tuple[str, str], Any]:
    """A resolver's routes by method and path, the path as the template writes it."""
    app = resolver_of(logical_id)
    return {
        (route.method, re.sub(r"<(\w+)>", r"{\1}", route.path)): route
        for route in app._static_routes + app._dynamic_routes
    }


@pytest.mark.parametrize("logical_id", APIS)
def test_the_template_and_the_handlers_know_the_same_routes(logical_id: str) -> None:
    declared = {(route.method, route.path) for route in declared_routes() if route.function == logical_id}
    assert declared == set(handled_routes(logical_id))


@pytest.mark.parametrize("route", declared_routes(), ids=lambda route: f"{route.method} {route.path}")
def test_every_route_has_a_rule_and_the_gateway_agrees_who_is_public(route: Route) -> None:
    rule = rule_of(handled_routes(route.function)[(route.method, route.path)])
    assert rule is not None
    assert rule.is_public == route.public


@pytest.mark.parametrize("route", declared_routes(), ids=lambda route: f"{route.method} {route.path}")
def test_every_route_says_what_it_does_and_what_it_costs(route: Route) -> None:
    text = handled_routes(route.function)[(route.method, route.path)].func.__doc__ or ""
    assert "AWS calls:" in text, "the docstring of a route ends with its AWS calls"
