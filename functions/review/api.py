"""Routes of the review context: the inbox of a finance bureau (财政局) and its decisions."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from jingkuai.aws import clients
from jingkuai.aws.appeal_filing import Intake
from jingkuai.aws.appeal_store import AppealStore
from jingkuai.aws.clock import utc_now
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Role
from jingkuai.domain.regions import hubei
from jingkuai.web.access import Scope, allow
from jingkuai.web.appeal_views import CounterAppealRequest, FiledAppealView
from jingkuai.web.idempotency import request_key
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.resolver import new_api
from review import appeals, assigning, claims, decisions, undoing
from review.case import TaskKind
from review.colleagues import Colleagues
from review.employers.api import router as employers
from review.employers.confirmation_api import router as confirmations
from review.inbox import InboxState, Wanted, list_tasks
from review.integrity.api import router as integrity
from review.people_api import router as people
from review.reason_api import router as reasons
from review.statistics_api import router as statistics_routes
from review.statistics_api import statistics
from review.statistics_views import InboxView
from review.task_page import open_page
from review.task_store import TaskStore
from review.transfer.api import router as transfers
from review.views import (
    AssignmentRequest,
    BatchRequest,
    BatchView,
    ColleagueView,
    DecisionRequest,
    DecisionView,
    TaskPageView,
    TaskView,
    UndoneView,
)

logger = Logger()
app = new_api("review")
app.include_router(employers)
app.include_router(integrity)
app.include_router(people)
app.include_router(reasons)
app.include_router(statistics_routes)
app.include_router(confirmations)
app.include_router(transfers)

TaskId = Annotated[str, Path(min_length=1, max_length=64, description="待办任务编号")]
Kind = Annotated[TaskKind | None, Query(description="只看这一类事项")]
Region = Annotated[str | None, Query(pattern=r"^\d{6}$", description="查看下级财政局的待办：六位区划代码")]


@app.get("/review/tasks", middlewares=[allow(Role.REVIEWER, Role.ADMIN, within=Scope.REGION)])
def list_inbox(
    state: Annotated[
        InboxState, Query(description="open 待办，mine 我领取的，overdue 已超期，done 已办结")
    ] = InboxState.OPEN,
    kind: Kind = None,
    region: Region = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> InboxView:
    """The caller's inbox, oldest deadline first, and how much is open and overdue in all. AWS calls: 2."""
    me = principal(app)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query=f"/review/tasks {state} {kind} {region}")
    wanted = Wanted(state, kind, region, limit, cursors.read(cursor))
    page = list_tasks(wanted, by=me, store=tasks(), counters=statistics(), divisions=hubei(), clock=utc_now)
    now = utc_now()
    return InboxView.of(cursors.page([TaskView.of(card, now) for card in page.cards], page.next_start), page.counts)


@app.get("/review/tasks/<task_id>", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def show_task(task_id: TaskId) -> TaskPageView:
    """One task with all that lies beside it; the look is recorded. AWS calls: 5, with a new ID number 6."""
    told = settings()
    page = open_page(
        task_id,
        by=principal(app),
        store=tasks(),
        files=Files(clients.s3()),
        records=told.records_bucket,
        sealer=Sealer(clients.kms(), told.data_key_id),
        clock=utc_now,
    )
    return TaskPageView.of_page(page, utc_now())


@app.post("/review/tasks/<task_id>/claim", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def claim(task_id: TaskId) -> TaskView:
    """Hold a task for two hours. AWS calls: 1."""
    task = claims.claim(task_id, by=principal(app), store=tasks(), clock=utc_now)
    return TaskView.of(task.card, utc_now())


@app.post("/review/tasks/<task_id>/release", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def release(task_id: TaskId) -> TaskView:
    """Give a task back to the bureau. AWS calls: 1."""
    task = claims.release(task_id, by=principal(app), store=tasks(), clock=utc_now)
    return TaskView.of(task.card, utc_now())


@app.post("/review/tasks/<task_id>/assign", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def assign(task_id: TaskId, body: Annotated[AssignmentRequest, Body()]) -> TaskView:
    """Put a task into a colleague's hands, as the head of the bureau. AWS calls: 3."""
    me = principal(app)
    task = assigning.assign(task_id, body.account_id, by=me, store=tasks(), colleagues=colleagues(), clock=utc_now)
    return TaskView.of(task.card, utc_now())


@app.get("/review/colleagues", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def list_colleagues() -> ListOf[ColleagueView]:
    """The active reviewers of the caller's own bureau, to whom its head assigns tasks. AWS calls: 1."""
    return ListOf(
        items=[ColleagueView.of(one) for one in colleagues().of_bureau(principal(app).scope)],
        next_cursor=None,
    )


@app.post("/review/tasks/<task_id>/decision", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def decide(task_id: TaskId, body: Annotated[DecisionRequest, Body()]) -> DecisionView:
    """Approve, return, reject or forward. AWS calls: 2."""
    me = principal(app)
    decision = body.decided_by(me)
    return DecisionView.of(decisions.decide(task_id, decision, by=me, store=tasks(), clock=utc_now), decision)


@app.post("/review/tasks/<task_id>/undo", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def undo(task_id: TaskId) -> UndoneView:
    """Take back one's own approval within five minutes, before the next bureau begins. AWS calls: 2."""
    task = undoing.undo(task_id, by=principal(app), store=tasks(), clock=utc_now)
    return UndoneView(task_id=task.task_id, reopened_as=task.task_id_again)


@app.post("/review/decisions", middlewares=[allow(Role.REVIEWER, within=Scope.REGION)])
def decide_many(body: Annotated[BatchRequest, Body()]) -> BatchView:
    """One decision for up to a hundred tasks, with an answer for each; a task more is a call more. AWS calls: 2, of two tasks 3."""
    me = principal(app)
    return BatchView.of(decisions.decide_all(body.task_ids, body.decided_by(me), by=me, store=tasks(), clock=utc_now))


@app.post(
    "/review/appeals",
    middlewares=[allow(Role.REVIEWER, within=Scope.REGION)],
    status_code=201,
    summary="窗口代为提交申诉",
)
def file_appeal(body: Annotated[CounterAppealRequest, Body()]) -> FiledAppealView:
    """File an appeal for a person at the counter; a colleague decides it. AWS calls: 3, with an Idempotency-Key 4."""
    told = settings()
    filed = appeals.file(
        body.form(),
        by=principal(app),
        intake=Intake(
            AppealStore(_registry(), uuid7),
            _registry(),
            lookup_key(),
            Sealer(clients.kms(), told.data_key_id),
            uuid7,
        ),
        clock=utc_now,
        key=request_key(app),
    )
    return FiledAppealView.of(filed)


@cache
def tasks() -> TaskStore:
    """The store of this process."""
    return TaskStore(_registry(), Table(clients.dynamodb(), settings().identity_table), uuid7)


@cache
def colleagues() -> Colleagues:
    """The bureaus' staff."""
    return Colleagues(_registry(), Table(clients.dynamodb(), settings().identity_table))


def _registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
