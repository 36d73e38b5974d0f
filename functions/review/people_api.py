"""Routes of looking people up: the search, and one record opened with a purpose."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.web.access import Scope, allow
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from review.people import open_record, read_search, search_people
from review.people_store import PeopleStore
from review.people_views import (
    PURPOSE_LENGTH,
    FoundPersonView,
    PersonView,
    SamePersonRequest,
    SearchRequest,
    VerdictAnswer,
)
from review.same_person import judge
from review.same_person_store import SamePersonStore

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
PersonId = Annotated[str, Path(min_length=1, max_length=64, description="人员编号（person_id）")]
Purpose = Annotated[
    str, Query(max_length=400, json_schema_extra=PURPOSE_LENGTH, description="查阅事由，2 至 200 个字，本人看得到")
]


@router.post("/review/people/search", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def search(
    body: Annotated[SearchRequest, Body()], limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> ListOf[FoundPersonView]:
    """Find people of the caller's region, masked; the search is recorded. AWS calls: 2, by number 3, by a unit's name 3."""
    me = principal(router)
    wanted = read_search(body.form(), lookup=lookup_key(), clock=utc_now)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query=f"/review/people/search {wanted.fingerprint}")
    page = search_people(wanted, by=me, limit=limit, start=cursors.read(cursor), store=people(), clock=utc_now)
    return cursors.page([FoundPersonView.of(one) for one in page.people], page.next_start)


@router.get("/review/people/<id>", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def show_person(id: PersonId, purpose: Purpose = "") -> PersonView:
    """Somebody's record with the ID number in full; the look stands in their access log.

    AWS calls: 3, with scans of an objection 4.
    """
    opened = open_record(
        id,
        purpose,
        by=principal(router),
        store=people(),
        files=Files(clients.s3()),
        records=settings().records_bucket,
        sealer=Sealer(clients.kms(), settings().data_key_id),
        clock=utc_now,
    )
    return PersonView.of(opened)


@router.post("/review/people/<id>/same-person", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def judge_pair(id: PersonId, body: Annotated[SamePersonRequest, Body()]) -> VerdictAnswer:
    """Say whether two records are one person. AWS calls: 1, where it stands already 2, before the first approval 4."""
    pair = judge(
        id,
        body.other_person_id,
        same=body.same,
        reason=body.reason,
        by=principal(router),
        store=SamePersonStore(_registry(), uuid7),
        clock=utc_now,
    )
    return VerdictAnswer.of(pair)


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


@cache
def people() -> PeopleStore:
    """The store of this process."""
    return PeopleStore(_registry(), uuid7)
