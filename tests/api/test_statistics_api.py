"""Statistics over HTTP: of one's own region, after the counters have followed what happened."""

from __future__ import annotations

from typing import Any

from jingkuai.aws.clock import utc_now
from jingkuai.domain.workdays import shanghai_year
from tests.api.gateway import invoke
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, YILING, Caller, Registry

FIGURES = {"region_code", "year", "registered", "pending", "overdue", "fulfilled", "median_days", "return_rate"}


def counted() -> None:
    """Nobody reads the stream here: everything is counted by command."""
    assert invoke("Projections", {"command": "recount"})["done"]


def figures(by: Caller, query: str = "") -> dict[str, Any]:
    counted()
    answer = by.get(f"/review/statistics?{query}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_what_is_filed_is_pending_and_what_is_approved_registered(registry: Registry) -> None:
    reviewer, year = registry.reviewer(), shanghai_year(utc_now())
    before = figures(reviewer, f"year={year}&region={WUCHANG}")
    assert set(before) >= {*FIGURES, "children", "top_return_reasons"} and before["region_code"] == WUCHANG
    submissions = [registry.submitted(registry.newcomer(registry.somebody(region_code=WUCHANG))) for _ in range(3)]
    filed = figures(reviewer)
    assert filed["pending"] == before["pending"] + 3 and filed["registered"] == before["registered"]
    registry.decide(submissions[0], "approve")
    registry.decide(submissions[1], "return")
    decided = figures(reviewer)
    assert decided["pending"] == before["pending"] + 1
    assert decided["registered"] == before["registered"] + 1
    assert decided["short"] == before["short"] + 1
    ends = decided["decisions"]
    assert ends["return"] == before["decisions"].get("return", 0) + 1
    assert decided["return_rate"] > 0 and decided["median_days"] is not None
    city = figures(registry.reviewer(WUHAN))
    assert next(one for one in city["children"] if one["region_code"] == WUCHANG)["registered"] == decided["registered"]


def test_the_inbox_tells_how_much_is_open(registry: Registry) -> None:
    registry.submitted(registry.newcomer(registry.somebody(region_code=WUCHANG)))
    counted()
    answer = registry.reviewer().get("/review/tasks?limit=1").json
    assert answer["counts"]["open"] == figures(registry.reviewer())["pending"] > 0
    assert answer["counts"]["by_kind"]["registration"] > 0 and answer["counts"]["overdue"] == 0


def test_another_region_is_not_found_and_a_wrong_question_is_refused(registry: Registry) -> None:
    refused(registry.reviewer(YILING).get(f"/review/statistics?region={WUCHANG}"), 404, "not_found")
    refused(registry.reviewer().get("/review/statistics?region=420100"), 404, "not_found")
    refused(registry.admin.get("/review/statistics?region=420199"), 404, "not_found")
    for query in ("region=wuchang", "region=4201", "year=1066", "year=9999"):
        assert registry.reviewer().get(f"/review/statistics?{query}").status == 422
    for query in ("year=abc", "year="):
        refused(registry.reviewer().get(f"/review/statistics?{query}"), 400, "bad_request")
    refused(registry.auditor.get("/review/statistics"), 403, "forbidden")
