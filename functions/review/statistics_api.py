"""The route of the statistics."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.regions import hubei
from jingkuai.web.access import Scope, allow
from jingkuai.web.principal import principal
from review.statistics import statistics_of
from review.statistics_store import StatisticsStore
from review.statistics_views import StatisticsView

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
Year = Annotated[int | None, Query(ge=2000, le=2100, description="年度，默认今年")]
Region = Annotated[str | None, Query(pattern=r"^\d{6}$", description="六位区划代码，默认本局；只能看本局及下级")]


@router.get("/review/statistics", middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)])
def show_statistics(year: Year = None, region: Region = None) -> StatisticsView:
    """What a region has registered, open, overdue and fulfilled, and the same one level below. AWS calls: 2."""
    found = statistics_of(region, year, by=principal(router), store=statistics(), divisions=hubei(), clock=utc_now)
    return StatisticsView.of(found)


@cache
def statistics() -> StatisticsStore:
    """The store of this process."""
    return StatisticsStore(Table(clients.dynamodb(), settings().registry_table))
