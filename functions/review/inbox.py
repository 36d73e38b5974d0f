"""The inbox (待办列表) of a finance bureau: what is open, overdue, held by the caller, or done."""

from dataclasses import dataclass
from enum import StrEnum

from jingkuai.aws.clock import Clock
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from jingkuai.domain.regions import Divisions
from jingkuai.domain.statistics import OpenTasks
from jingkuai.domain.workdays import today_in_shanghai
from review.case import TaskKind
from review.items import card_of
from review.review_task import TaskCard, bureau_of
from review.statistics_store import StatisticsStore
from review.task_store import TaskStore


class InboxState(StrEnum):
    """Which part of the inbox is asked for; `open` holds what colleagues have claimed as well."""

    OPEN = "open"
    MINE = "mine"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One query of the inbox; `region` is a bureau below the caller's, to look at."""

    state: InboxState
    kind: TaskKind | None
    region: str | None
    limit: int
    start: Item | None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of tasks; `next_start` names where the next one begins, `counts` is what the whole inbox holds."""

    cards: tuple[TaskCard, ...]
    next_start: Item | None
    counts: OpenTasks


def list_tasks(
    wanted: Wanted,
    *,
    by: Principal,
    store: TaskStore,
    counters: StatisticsStore,
    divisions: Divisions,
    clock: Clock,
) -> InboxPage:
    """A page of the caller's inbox, oldest deadline first, what is done newest first, with the counts of the inbox.

    Raises NotFound for a region outside the caller's scope or without a bureau. AWS calls: 2.
    """
    owner = wanted.region or bureau_of(by)
    if not by.covers(owner) or not divisions.is_authority(owner):
        raise NotFound()
    now = clock()
    match wanted.state:
        case InboxState.OPEN:
            page = store.undecided(owner, wanted.kind, before=None, limit=wanted.limit, start=wanted.start)
        case InboxState.OVERDUE:
            today = today_in_shanghai(now).isoformat()
            page = store.undecided(owner, wanted.kind, before=today, limit=wanted.limit, start=wanted.start)
        case InboxState.DONE:
            page = store.decided(owner, wanted.kind, limit=wanted.limit, start=wanted.start)
        case InboxState.MINE:
            page = store.held(by.account_id, limit=wanted.limit, start=wanted.start)
    cards = tuple(card_of(item) for item in page.items)
    if (
        wanted.state is InboxState.MINE
    ):  # few tasks: those of another kind, or whose claim has run out, are left out here
        cards = tuple(one for one in cards if one.holder(now) and wanted.kind in (None, one.kind))
    counts = OpenTasks.of(counters.open_now(owner), today_in_shanghai(now))
    return InboxPage(cards, page.next_start, counts)
