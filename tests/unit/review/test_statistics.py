"""Statistics: sums of what was counted below, of one's own region only, in two queries."""

from datetime import UTC, datetime

import pytest

from jingkuai.aws import clients, keys
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import NotFound
from jingkuai.domain.regions import hubei
from review.statistics import Statistics, statistics_of
from review.statistics_store import StatisticsStore
from review.statistics_views import StatisticsView
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.unit.review.conftest import reviewer

COUNTY, CITY, ROOT = reviewer("county", "420106"), reviewer("city", "4201"), reviewer("root", "42", role=Role.ADMIN)


@pytest.fixture
def store(cloud: Cloud) -> StatisticsStore:
    """Counts of a county, its city, a county of another city and one directly under the province."""

    def put(period: str, region: str, **counts: int) -> None:
        named = {f"2.{name.replace('__', '.')}": count for name, count in counts.items()}
        cloud.registry.put({**keys.statistics_key(period, region), "live": 2, "1.registered": 999, **named})

    put("now", "420106", registered=10, **{"due__2026-11-23": 1, "due__2026-12-01": 3}, kind__registration=4)
    put("now", "420100", registered=2, **{"due__2026-11-20": 1}, kind__appeal=1)
    put("now", "420502", registered=5)
    put("now", "429004", registered=7)
    put("2026", "420106", fulfilled=6, short=4, decided__registration__return=1, days__county__3=1)
    put("2026", "420100", short=2, decided__registration__approve=3, days__city__1=3)
    put("2026", "429004", fulfilled=7)
    put("2025", "420106", fulfilled=5, short=1, decided__registration__approve=1)
    return StatisticsStore(cloud.registry)


def statistics(
    store: StatisticsStore,
    region: str | None = None,
    year: int | None = None,
    *,
    by: Principal = COUNTY,
    at: datetime = NOON,
) -> Statistics:
    return statistics_of(region, year, by=by, store=store, divisions=hubei(), clock=lambda: at)


def test_a_county_sees_its_own_figures(store: StatisticsStore) -> None:
    seen = StatisticsView.of(statistics(store))
    assert (seen.region_code, seen.name, seen.year) == ("420106", "武昌区", 2026)
    assert (seen.registered, seen.pending, seen.overdue, seen.fulfilled, seen.short) == (10, 4, 1, 6, 4)
    assert (seen.median_days, seen.return_rate, seen.decisions) == (3.0, 1.0, {"return": 1})
    assert (seen.pending_by_kind, seen.children) == ({"registration": 4}, [])


def test_a_city_sees_the_sum_and_each_of_its_counties(store: StatisticsStore) -> None:
    seen = StatisticsView.of(statistics(store, by=CITY))
    assert (seen.registered, seen.pending, seen.overdue) == (12, 5, 2)
    assert (seen.median_days, seen.return_rate) == (1.0, 0.25)
    children = {one.region_code: one for one in seen.children}
    assert len(children) == 13 and children["420106"].registered == 10 and children["420102"].registered == 0
    assert children["420102"].median_days is None


def test_the_provinces_children_are_cities_and_what_has_no_city(store: StatisticsStore) -> None:
    seen = StatisticsView.of(statistics(store, by=ROOT))
    children = {one.region_code: one.registered for one in seen.children}
    assert seen.registered == 24 == sum(children.values())
    assert (children["420100"], children["420500"], children["429004"]) == (12, 5, 7)
    assert len(children) == 17 and "420106" not in children


def test_another_year_counts_its_summaries_and_what_is_open_is_open_now(store: StatisticsStore) -> None:
    seen = StatisticsView.of(statistics(store, year=2025))
    assert (seen.year, seen.registered, seen.fulfilled, seen.pending) == (2025, 6, 5, 4)
    assert StatisticsView.of(statistics(store, year=1999)).registered == 0


def test_the_year_turns_in_shanghai(store: StatisticsStore) -> None:
    assert statistics(store, at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).whole.year == 2027
    assert statistics(store, at=datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).whole.year == 2026


@pytest.mark.parametrize("region", ["420502", "420100", "420000", "420199", "999999"])
def test_a_region_outside_the_scope_or_without_a_bureau_is_not_found(store: StatisticsStore, region: str) -> None:
    with pytest.raises(NotFound):
        statistics(store, region)


def test_a_bureau_above_names_the_region_below(store: StatisticsStore) -> None:
    assert statistics(store, "420106", by=CITY).whole.registered == 10
    assert statistics(store, "420502", by=ROOT).whole.registered == 5


@pytest.mark.parametrize("by", [COUNTY, CITY, ROOT])
def test_it_costs_two_queries_and_no_scan(store: StatisticsStore, by: Principal) -> None:
    made: list[str] = []
    clients.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name))
    statistics(store, by=by)
    assert made == ["Query", "Query"]


def test_where_nothing_was_ever_counted_there_are_zeros(cloud: Cloud) -> None:
    seen = StatisticsView.of(statistics(StatisticsStore(cloud.registry), by=ROOT))
    assert (seen.registered, seen.pending, seen.overdue, seen.fulfilled) == (0, 0, 0, 0)
    assert (seen.stages, seen.top_return_reasons) == ([], [])
