"""Counters follow tasks and people, whatever the stream repeats, forgets or brings late; a recount comes to the same."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.counters import counts_of
from jingkuai.domain.statistics import Cell
from jingkuai.domain.workdays import WorkdayCalendar
from projections import tasks
from projections.counter_store import CounterStore
from projections.counting import Marker, TaskFacts, count_task
from projections.year_summaries import LostRace
from tests.cloud import Cloud
from tests.conftest import NOON
from tests.unit.projections.counted import REGIONS, World

NOW = "ST#now"


@pytest.fixture
def world(cloud: Cloud) -> World:
    return World(cloud)


def test_an_open_task_counts_by_deadline_and_kind_for_its_bureau(world: World) -> None:
    world.open_task("1")
    world.deliver_all()
    assert world.counts() == {(NOW, "420106", "due.2026-12-01"): 1, (NOW, "420106", "kind.registration"): 1}


def test_a_decision_takes_it_out_and_counts_in_its_year_with_what_it_took(world: World) -> None:
    world.open_task("1")
    world.deliver_all()
    world.decide("1", "return", after=6, fields=["education.0.certificate_no", "education.1.certificate_no", "住址"])
    world.deliver_all()
    assert world.counts() == {
        ("ST#2026", "420106", "decided.registration.return"): 1,
        ("ST#2026", "420106", "days.county.4"): 1,
        ("ST#2026", "420106", "field.education.certificate_no"): 1,
        ("ST#2026", "420106", "field.other"): 1,
    }


def test_a_decision_late_on_new_years_eve_belongs_to_the_year_in_shanghai(world: World) -> None:
    world.open_task("1")
    world.change_task("1", decision="approve", decided_at="2026-12-31T16:30:00.000Z")
    world.deliver_all()
    assert {pk for pk, _, _ in world.counts()} == {"ST#2027"}


def test_a_withdrawal_leaves_the_inbox_and_is_no_work_of_the_bureau(world: World) -> None:
    world.open_task("1")
    world.deliver_all()
    world.decide("1", "withdrawn")
    world.deliver_all()
    assert world.counts() == {("ST#2026", "420106", "decided.registration.withdrawn"): 1}


def test_a_second_look_is_counted_by_what_it_came_to_and_in_no_time(world: World) -> None:
    world.open_task("1", "420100", kind="second_look", stage="city", reviewed_by="wang")
    world.decide("1", "reject")
    world.deliver_all()
    assert world.counts() == {
        ("ST#2026", "420100", "decided.second_look.reject"): 1,
        ("ST#2026", "420100", "look.wang.reject"): 1,
    }


def test_an_approval_taken_back_is_no_decision_of_the_bureau(world: World) -> None:
    world.open_task("1")
    world.decide("1")
    world.deliver_all()
    world.change_task("1", recalled_at="2026-11-24T05:01:00.000Z")
    world.deliver_all()
    assert world.counts() == {("ST#2026", "420106", "decided.registration.undone"): 1}


def test_a_task_that_goes_to_another_bureau_is_counted_there(world: World) -> None:
    world.open_task("1")
    world.deliver_all()
    world.change_task("1", owner="420100")
    world.deliver_all()
    assert {region for _, region, _ in world.counts()} == {"420100"}


def test_a_deadline_that_moves_moves_its_count(world: World) -> None:
    world.open_task("1")
    world.deliver_all()
    world.change_task("1", due_on="2026-12-02")
    world.deliver_all()
    assert (NOW, "420106", "due.2026-12-02") in world.counts() and (
        NOW,
        "420106",
        "due.2026-12-01",
    ) not in world.counts()


def test_what_waits_for_an_applicant_is_no_bureaus(world: World) -> None:
    world.open_task("1", owner="P:somebody")
    world.open_task("2", owner="E:91420106MA4K2RTU5T")
    world.deliver_all()
    assert world.counts() == {} and not [item for item in world.items() if item["sk"] == "COUNTED"]


def test_counts_that_came_to_nothing_do_not_pile_up(world: World) -> None:
    world.open_task("1")
    world.open_task("2", due="2026-12-02")
    world.deliver_all()
    world.decide("1")
    world.deliver_all()
    item = world.table.get(keys.statistics_key("now", "420106")) or {}
    assert set(item) == {"pk", "sk", "v", "live", "1.due.2026-12-02", "1.kind.registration"}


def test_a_person_counts_where_the_record_is_kept_and_is_short_until_credits_come(world: World) -> None:
    year = utc_now().year
    world.person("p")
    world.deliver_all()
    assert world.counts() == {(NOW, "420106", "registered"): 1, (f"ST#{year}", "420106", "short"): 1}
    world.entry("p", 90, year)
    world.deliver_all()
    assert world.counts() == {(NOW, "420106", "registered"): 1, (f"ST#{year}", "420106", "fulfilled"): 1}


def test_a_person_who_moves_takes_every_year_along(world: World) -> None:
    world.person("p")
    world.entry("p", 90, 2025)
    world.deliver_all()
    world.person("p", "420502")
    world.deliver(keys.person_key("p"))
    assert {region for _, region, _ in world.counts()} == {"420502"}
    assert world.counts()["ST#2025", "420502", "fulfilled"] == 1
    assert len(world.table.query(keys.year_list(2025, "420502", short=False), index="gsi1").items) == 1


@pytest.mark.parametrize("status", ["deactivated", "transferred_out"])
def test_who_has_left_is_neither_registered_nor_short_nor_on_a_list(world: World, status: str) -> None:
    world.person("p")
    world.deliver_all()
    world.person("p", status=status)
    world.deliver_all()
    assert world.counts() == {}
    assert world.table.query(keys.year_list(utc_now().year, "420106", short=True), index="gsi1").items == ()
    world.person("p")
    world.deliver_all()
    assert world.counts() == world.by_hand()


def test_before_the_first_approval_nobody_is_counted(world: World) -> None:
    world.person("p", status="registered", region_code=None)
    world.deliver_all()
    assert world.counts() == {}


def test_an_unchanged_person_costs_two_reads(world: World) -> None:
    world.person("p")
    world.deliver_all()
    made: list[str] = []
    world.table.client.meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name))
    world.deliver(keys.person_key("p"))
    assert made == ["GetItem"] * 3  # how the recount stands, the marker, the person


def test_what_cannot_be_counted_is_named_and_the_rest_is(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.open_task("bad", opened_at="yesterday")
    world.decide("bad")
    world.open_task("good")
    assert world.deliver(*world.told) == ["0"]
    assert world.counts()[NOW, "420106", "kind.registration"] == 1
    world.change_task("bad", opened_at="2026-11-24T04:00:00.000Z")
    world.deliver_all()
    assert world.counts() == world.by_hand()


def test_credits_told_before_anybody_keeps_the_record_count_with_its_approval(world: World) -> None:
    world.entry("p1", 30, 2025)
    world.deliver_all()
    assert world.counts() == {}
    world.person("p1")
    world.deliver(world.told[-1])
    assert world.counts() == world.by_hand()
    assert ("ST#2025", "420106", "short") in world.counts()


class Overtaken(CounterStore):
    """A store whose reader is overtaken between reading and writing."""

    def __init__(self, world: World, meanwhile: Callable[[], None], times: int = 1) -> None:
        super().__init__(world.table, 1)
        self._meanwhile, self._times = meanwhile, times

    def task(self, task_id: str) -> tuple[Marker, TaskFacts | None]:
        read = super().task(task_id)
        if self._times:
            self._times -= 1
            self._meanwhile()
        return read


def test_who_is_overtaken_counts_what_is_there_by_then(world: World) -> None:
    world.open_task("1")

    def meanwhile() -> None:
        world.decide("1")
        world.deliver_all()

    count_task("1", store=Overtaken(world, meanwhile), calendar=WorkdayCalendar(), at=NOON)
    assert world.counts() == world.by_hand()


def test_a_race_that_never_ends_is_given_up_with_nothing_counted_twice(world: World) -> None:
    world.open_task("1")
    dates = iter(range(2, 29))

    def meanwhile() -> None:
        world.deliver_all()
        world.change_task("1", due_on=f"2026-12-{next(dates):02d}")

    with pytest.raises(LostRace):
        count_task("1", store=Overtaken(world, meanwhile, times=20), calendar=WorkdayCalendar(), at=NOON)
    world.deliver_all()
    assert world.counts() == world.by_hand()


# --- a recount


def filled(world: World) -> None:
    """Some of everything, counted."""
    for number, region in enumerate(REGIONS):
        world.open_task(f"open-{number}", region)
        world.open_task(f"done-{number}", region)
        world.decide(f"done-{number}")
        world.person(f"p{number}", region)
    world.entry("p0", 90)
    world.deliver_all()


def test_a_recount_mends_what_went_wrong_and_shows_it_when_it_is_whole(world: World) -> None:
    filled(world)
    world.table.update(
        keys.statistics_key("now", "420106"), "SET #n = :n", names={"#n": "1.registered"}, values={":n": 7}
    )
    world.table.put({**keys.statistics_key("2019", "420106"), "live": 1, "1.fulfilled": 3})
    world.decide("open-1")  # and the stream said nothing
    wrong = world.counts()
    assert world.recount(calls=0) == {"done": False, "counted": 0, "failed": 0}
    assert world.counts() == wrong
    done = world.recount()
    assert done["done"] and done["failed"] == 0 and done["counted"] >= 9
    assert world.counts() == world.by_hand()
    assert not [
        name for item in world.items() for name in item if item["pk"].startswith("ST#") and name.startswith("1.")
    ]


def test_a_recount_makes_counts_where_nobody_ever_counted(world: World) -> None:
    filled(world)
    for item in world.items():
        if item["sk"] == "COUNTED" or item["pk"].startswith("ST#"):
            world.table.delete({"pk": item["pk"], "sk": item["sk"]})
    assert world.recount()["done"]
    assert world.counts() == world.by_hand()


def test_what_changes_during_a_recount_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.recount_store._PER_PAGE", 3)
    filled(world)
    chance = Random("changes")
    runs = 0
    while not world.recount(calls=1)["done"]:
        runs += 1
        told = len(world.told)
        world.open_task(f"new-{runs}", chance.choice(REGIONS))
        if runs < 4:
            world.decide(f"open-{runs - 1}")
        world.person(f"p{chance.randrange(3)}", chance.choice(REGIONS))
        world.deliver(*world.told[told:])
    assert runs > 5
    assert world.counts() == world.by_hand()
    world.open_task("after")
    world.deliver_all()
    assert world.counts() == world.by_hand()


def test_a_run_that_began_before_the_recount_counts_nothing_twice(world: World) -> None:
    """It writes under the epoch it has read, and what the recount has passed already under the later one."""
    filled(world)
    late = tasks.Counters.of(world.table, 1).tasks_and_people
    world.change_task("open-0", owner="420502")
    world.recount()
    world.change_task("open-1", owner="420502")
    count_task("open-0", store=late, calendar=WorkdayCalendar(), at=NOON)
    count_task("open-1", store=late, calendar=WorkdayCalendar(), at=NOON)
    assert world.counts() == world.by_hand()


# --- whatever happens

OPEN, END, MOVE, PERSON, LEAVE, CREDITS, TELL, TELL_AGAIN = range(8)
STEPS = st.lists(
    st.tuples(st.integers(OPEN, TELL_AGAIN), st.integers(0, 3), st.sampled_from(REGIONS), st.integers(0, 6)),
    max_size=40,
)
ENDS = ("approve", "return", "reject", "withdrawn", "expired", "forwarded", "approve")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_counters_are_what_a_count_by_hand_comes_to(world: World, steps: list[tuple[int, int, str, int]]) -> None:
    """Whatever happened, told in whatever order and how often: as long as each last change is told once."""
    for item in world.items():
        world.table.delete({"pk": item["pk"], "sk": item["sk"]})
    world.told.clear()
    waiting: list[keys.Key] = []
    for what, which, region, number in steps:
        told = len(world.told)
        task_id, person_id = f"t{which}", f"p{which}"
        task = world.table.get(keys.task_key(task_id))
        if what == OPEN and task is None:
            world.open_task(task_id, region, due=f"2026-12-0{number + 1}", kind=("registration", "appeal")[number % 2])
        elif what == END and task and "decision" not in task:
            world.decide(task_id, ENDS[number], after=number, fields=["education.0.level"])
        elif what == MOVE and task and "decision" not in task:
            world.change_task(task_id, owner=region, due_on=f"2026-12-1{number}")
        elif what == PERSON:
            world.person(person_id, region)
        elif what == LEAVE and world.table.get(keys.person_key(person_id)):
            world.person(person_id, region, "deactivated")
        elif what == CREDITS:
            world.entry(person_id, 30 + number * 10, 2025 + number % 2, taken_back=number == 3)
        elif what == TELL and waiting:
            assert world.deliver(waiting.pop(number % len(waiting))) == []
        elif what == TELL_AGAIN and world.told:
            assert world.deliver(world.told[number % len(world.told)]) == []
        waiting += world.told[told:]
    assert world.deliver(*reversed(waiting)) == []
    by_hand = world.by_hand()
    assert world.counts() == by_hand
    assert world.recount()["done"]
    assert world.counts() == by_hand


def test_a_cell_reads_back_as_it_was_written() -> None:
    for name in ("due.2026-12-01", "decided.registration.return", "field.education.level"):
        cell = Cell("now", "420106", name)
        assert Cell.parse(str(cell)) == cell


def test_what_no_counter_holds_is_nothing() -> None:
    assert counts_of(None) == {}
