"""The inbox: whose tasks it shows, in which order, and what it keeps to itself."""

import json

import pytest

from jingkuai.aws import keys
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import NotFound
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import TRANSFER, Stage
from review.case import KIND_LABELS, TaskKind, task_kind
from review.inbox import InboxPage, InboxState, Wanted, list_tasks
from review.review_task import TaskCard
from review.statistics_store import StatisticsStore
from tests.unit.review.conftest import ID_NUMBER, NAME, WANG, Office, reviewer

CITY = reviewer("city", "4201")


def page(
    office: Office,
    state: InboxState = InboxState.OPEN,
    *,
    by: Principal = WANG,
    kind: TaskKind | None = None,
    region: str | None = None,
    limit: int = 20,
    start: dict[str, object] | None = None,
) -> InboxPage:
    wanted = Wanted(state, kind, region, limit, start)
    counters = StatisticsStore(office.registry)
    return list_tasks(wanted, by=by, store=office.tasks, counters=counters, divisions=hubei(), clock=office.clock)


def listed(office: Office, state: InboxState = InboxState.OPEN, *, by: Principal = WANG) -> list[TaskCard]:
    return list(page(office, state, by=by).cards)


def test_a_new_task_shows_masked_with_a_deadline_of_five_business_days(open_office: Office) -> None:
    (card,) = listed(open_office)
    assert (card.kind, card.stage, card.region_code, card.name_masked) == ("registration", "county", "420106", "欧**国")
    assert card.due_on == "2026-12-01"  # Tuesday 24 November and five business days


@pytest.mark.parametrize("kind", KIND_LABELS)
def test_whatever_lies_in_an_inbox_can_be_asked_for_by_its_kind(kind: str) -> None:
    stages = (Stage.RELEASE, Stage.ACCEPTANCE) if kind == TRANSFER else (Stage.COUNTY, Stage.CITY, Stage.PROVINCE)
    assert {task_kind(kind, stage) for stage in stages} <= set(TaskKind)


def test_the_index_carries_neither_name_nor_number_nor_token(open_office: Office) -> None:
    (item,) = open_office.registry.query_all(keys.inbox("420106"), index="gsi1")
    shown = json.dumps(item, ensure_ascii=False)
    assert NAME not in shown
    assert ID_NUMBER not in shown
    assert "token" not in shown


def test_the_oldest_deadline_comes_first_page_by_page(open_office: Office) -> None:
    for number, due in enumerate(("2026-11-30", "2026-12-07", "2026-11-27")):
        card = {**open_office.task_item()["card"], "task_id": f"other-{number}", "due_on": due}
        index = keys.index(1, keys.inbox("420106"), f"{due}#other-{number}")
        open_office.registry.put({**keys.task_key(f"other-{number}"), "v": 1, "owner": "420106", "card": card, **index})
    first = page(open_office, limit=3)
    second = page(open_office, limit=3, start=first.next_start)
    assert [one.due_on for one in (*first.cards, *second.cards)] == [
        "2026-11-27",
        "2026-11-30",
        "2026-12-01",
        "2026-12-07",
    ]
    assert second.next_start is None


def test_a_bureau_sees_its_own_tasks_and_those_below_only_when_asked(open_office: Office) -> None:
    assert page(open_office, by=CITY).cards == ()
    assert len(page(open_office, by=CITY, region="420106").cards) == 1
    assert page(open_office, by=reviewer("far", "420502")).cards == ()
    assert len(page(open_office, by=reviewer("root", "42", role=Role.ADMIN), region="420106").cards) == 1


@pytest.mark.parametrize("region", ["420502", "420100", "420000", "420199"])
def test_a_region_outside_the_scope_is_not_found(open_office: Office, region: str) -> None:
    with pytest.raises(NotFound):
        page(open_office, region=region)


def test_a_task_is_overdue_the_day_after_its_deadline(open_office: Office) -> None:
    open_office.clock.pass_by(days=7)  # 1 December, the deadline itself
    assert page(open_office, InboxState.OVERDUE).cards == ()
    open_office.clock.pass_by(hours=16)  # after midnight in Wuhan
    assert len(page(open_office, InboxState.OVERDUE).cards) == 1
    assert len(page(open_office, InboxState.OVERDUE, kind=TaskKind.REGISTRATION).cards) == 1


def test_what_is_decided_moves_from_open_to_done(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    assert page(open_office).cards == ()
    (done,) = page(open_office, InboxState.DONE).cards
    assert done.decision == "approve"
    assert len(page(open_office, InboxState.DONE, kind=TaskKind.REGISTRATION).cards) == 1


def test_what_is_withdrawn_is_in_no_list(open_office: Office) -> None:
    open_office.claim(WANG)
    open_office.withdraw()
    assert all(page(open_office, state).cards == () for state in InboxState)


def test_a_kind_narrows_the_list(open_office: Office) -> None:
    assert len(page(open_office, kind=TaskKind.REGISTRATION).cards) == 1
    assert page(open_office, kind=TaskKind.APPEAL).cards == ()
    open_office.claim(WANG)
    assert page(open_office, InboxState.MINE, kind=TaskKind.APPEAL).cards == ()


@pytest.mark.parametrize("state", list(InboxState))
def test_a_page_and_its_counts_cost_a_call_each(open_office: Office, state: InboxState) -> None:
    page(open_office, state)
    assert open_office.calls == ["Query", "GetItem"]


def test_the_counts_are_of_the_whole_inbox_whatever_page_and_kind_is_shown(open_office: Office) -> None:
    counted = {"1.due.2026-11-23": 3, "1.due.2026-11-24": 4, "1.kind.registration": 5, "1.kind.appeal": 2}
    open_office.registry.put({**keys.statistics_key("now", "420106"), "live": 1, **counted})
    for one in (
        page(open_office, limit=1),
        page(open_office, InboxState.MINE),
        page(open_office, kind=TaskKind.APPEAL),
    ):
        assert (one.counts.total, one.counts.overdue) == (7, 3)
        assert one.counts.by_kind == {"registration": 5, "appeal": 2}
    assert page(open_office, by=CITY).counts.total == 0, "the city's own inbox"
    assert page(open_office, by=CITY, region="420106").counts.total == 7
