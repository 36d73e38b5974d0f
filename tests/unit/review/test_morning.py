"""The morning: what is past its date is told once, goes up once, or expires; twice on a day changes nothing."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms
from jingkuai.domain.regions import hubei
from jingkuai.domain.workdays import WorkdayCalendar
from review.case import Outcome
from review.case_writes import CaseMoved
from review.deadlines import Due, Term
from review.late_work import reminders
from review.morning import UNFINISHED, morning
from review.morning_store import MorningStore
from review.review_task import AlreadyDecided, Choice, Decision, OtherBureau
from tests.unit.review.appellant import Appellant
from tests.unit.review.conftest import PERSON, SUBJECT, WANG, Fixed, Office, reviewer

ABOVE = reviewer("zhao", "4201")
DUE, LATE = date(2026, 12, 1), date(2026, 12, 2)  # five business days after Tuesday 24 November, and the day after
SECOND, GONE_UP = date(2026, 12, 8), date(2026, 12, 9)


def always() -> bool:
    return True


class Calendar:
    """The calendar with holidays that were published late."""

    def __init__(self, *holidays: date) -> None:
        self._days = WorkdayCalendar(dict.fromkeys(holidays, False))

    def current(self, now: datetime) -> WorkdayCalendar:
        return self._days


def run(
    office: Office, today: date, *, holidays: tuple[date, ...] = (), time_left: Callable[[], bool] = always
) -> dict[str, int]:
    return morning(
        today,
        store=MorningStore(office.registry, uuid7),
        divisions=hubei(),
        calendar=Calendar(*holidays),  # type: ignore[arg-type]
        clock=office.clock,
        time_left=time_left,
    )


def events(office: Office) -> list[str]:
    return [one["event"] for one in office.submission_item()["timeline"]]


# --- overdue


def test_a_task_is_late_the_day_after_its_date_and_told_once(open_office: Office) -> None:
    assert run(open_office, DUE) == {}
    assert run(open_office, LATE) == {"overdue": 1}
    before = open_office.submission_item(), open_office.task_item(), open_office.promised()
    assert run(open_office, LATE) == {}
    assert (open_office.submission_item(), open_office.task_item(), open_office.promised()) == before
    assert run(open_office, SECOND) == {}
    assert (open_office.submission_item(), open_office.task_item()) == before[:2]
    assert events(open_office)[-1] == "overdue"
    assert (open_office.changes()[-1]["action"], open_office.changes()[-1]["by"]) == ("submission.overdue", "system")
    assert open_office.submission_item()["status"] == "under_review", "overdue never means approved"


def test_a_late_task_is_decided_like_any_other(open_office: Office) -> None:
    run(open_office, LATE)
    open_office.decide(WANG)
    assert open_office.route() == (Outcome.APPLY, "")
    assert run(open_office, GONE_UP) == {}


def test_a_late_appeal_is_told_and_goes_up_with_its_account(office: Office) -> None:
    appellant = Appellant(office)
    appellant.file()
    appellant.open()
    assert run(office, GONE_UP) == {"overdue": 1, "escalated": 1}
    assert [one["event"] for one in appellant.item()["timeline"]][-2:] == ["overdue", "escalated"]
    appellant.decide(office.inbox("420100")[0], by=ABOVE)
    assert appellant.frozen_by() == "420100"


# --- escalation


def test_at_the_second_deadline_the_bureau_above_gets_the_same_task(open_office: Office) -> None:
    run(open_office, LATE)
    assert run(open_office, SECOND) == {}
    assert run(open_office, GONE_UP) == {"escalated": 1}
    assert run(open_office, GONE_UP) == {}
    task = open_office.task_item()
    assert (task["owner"], task["card"]["region_code"], task["token"]) == ("420100", "420100", "token-1")
    assert (open_office.inbox("420106"), open_office.inbox("420100")) == ([], [task["task_id"]])
    assert events(open_office)[-2:] == ["overdue", "escalated"]
    with pytest.raises(OtherBureau):
        open_office.decide(reviewer("province", "42"))
    open_office.decide(ABOVE)
    assert open_office.route() == (Outcome.APPLY, "")


def test_what_the_bureau_above_returned_comes_back_to_it(open_office: Office) -> None:
    run(open_office, GONE_UP)
    open_office.decide(ABOVE, "return", "请补正")
    open_office.await_resubmission()
    assert open_office.resubmit()
    open_office.check()
    open_office.route()
    open_office.open_task("token-3")
    assert open_office.task_item(round=2)["held_by"] == "zhao"
    assert open_office.inbox("420100") == [open_office.task_id(round=2)]


def test_it_goes_up_once_and_never_above_the_province(open_office: Office) -> None:
    assert run(open_office, date(2027, 3, 1)) == {"overdue": 1, "escalated": 1}
    assert run(open_office, date(2027, 11, 1)) == {}
    assert open_office.task_item()["owner"] == "420100"


def test_what_the_province_itself_keeps_stays_there(office: Office) -> None:
    office.registry.update(SUBJECT, "SET region_code = :province", values={":province": "420000"})
    office.open()
    assert run(office, date(2027, 3, 1)) == {"overdue": 1}
    assert office.inbox("420000") == [office.task_id()]


def test_a_task_in_somebodys_hands_is_left_there(open_office: Office) -> None:
    run(open_office, LATE)
    open_office.claim(WANG)
    assert run(open_office, GONE_UP) == {}
    open_office.clock.pass_by(hours=2)
    assert run(open_office, GONE_UP) == {"escalated": 1}
    assert "held_by" not in open_office.task_item()


# --- a holiday published late


def test_a_holiday_published_late_moves_the_date_with_it(open_office: Office) -> None:
    holidays = (date(2026, 11, 30), date(2026, 12, 1))
    assert run(open_office, LATE, holidays=holidays) == {"moved": 1}
    task = open_office.task_item()
    assert (task["due_on"], task["card"]["due_on"], open_office.submission_item()["due_on"]) == ("2026-12-03",) * 3
    assert task["gsi1sk"] == task["gsi2sk"] == f"2026-12-03#{task['task_id']}"
    assert run(open_office, date(2026, 12, 3), holidays=holidays) == {}
    assert run(open_office, date(2026, 12, 4), holidays=holidays) == {"overdue": 1}


def test_a_date_that_is_past_even_so_is_moved_and_told(open_office: Office) -> None:
    assert run(open_office, date(2026, 12, 7), holidays=(date(2026, 12, 1),)) == {"moved": 1, "overdue": 1}


@given(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.integers(1, 20), st.integers(-40, 400))
def test_nothing_happens_before_the_date_and_nothing_goes_up_untold(opened: date, workdays: int, days: int) -> None:
    calendar = WorkdayCalendar()
    due_on = calendar.add(opened, workdays)
    today = date.fromordinal(due_on.toordinal() + days)
    fresh = Term(opened, due_on, workdays, is_told=False, is_escalated=False, above="420100")
    told = Term(opened, due_on, workdays, is_told=True, is_escalated=False, above="420100")
    assert fresh.due(today, calendar) is (Due.OVERDUE if today > due_on else Due.NOTHING)
    assert told.due(today, calendar) is (Due.ESCALATED if today > calendar.add(due_on, workdays) else Due.NOTHING)


# --- expiry


@pytest.fixture
def returned(open_office: Office) -> Office:
    """Returned on 24 November: the last day to resubmit is 24 December."""
    open_office.decide(WANG, "return", "请补正")
    open_office.await_resubmission()
    return open_office


def test_what_nobody_corrected_in_30_days_expires(returned: Office) -> None:
    assert run(returned, date(2026, 12, 24)) == {}
    assert run(returned, date(2026, 12, 25)) == {"expired": 1}
    assert run(returned, date(2026, 12, 25)) == {}
    submission, wait = returned.submission_item(), returned.task_item("applicant")
    assert (submission["status"], wait["decision"], wait.get("gsi3pk")) == ("expired", "expired", None)
    assert events(returned)[-1] == "expired"
    assert returned.person_item()["open"] == {}, "another may be filed"
    promised = returned.promised()[-3:]
    assert ResumeTask(returned.task_id("applicant"), {"decision": "expired"}) in promised
    assert {type(one) for one in promised} == {ResumeTask, SendMessage, SendSms}
    assert returned.check() is Outcome.ENDED


def test_a_resubmission_at_the_same_moment_wins(returned: Office) -> None:
    store = MorningStore(returned.registry, uuid7)
    (due,) = store.with_cases(store.late_elsewhere(date(2026, 12, 25), start=None).items)
    assert returned.resubmit()
    with pytest.raises(CaseMoved):
        store.expire(due, at=returned.clock())
    assert returned.submission_item()["status"] == "auto_checking"
    assert run(returned, date(2026, 12, 25)) == {}


def test_a_wait_that_is_nobodys_submission_is_left_alone(open_office: Office) -> None:
    """An employer's confirmation waits among the others, by rules of its own."""
    key = keys.task_key("elsewhere")
    wait = {"task_id": "elsewhere", "owner": "E:91420106MA4JURQ28M", **keys.index(3, keys.WAITING, "2026-01-01#x")}
    open_office.registry.put({**key, **wait, **keys.card(due_on="2026-01-01")})
    assert run(open_office, DUE) == {}


# --- a word to the bureaus


def told(office: Office) -> list[tuple[str, str, str | None]]:
    mine = [one for one in office.promised() if isinstance(one, SendMessage) and one.account_id.startswith("B:")]
    return [(one.account_id, one.body, one.link) for one in mine]


def test_a_bureau_with_something_late_and_the_one_above_are_told_once_a_day(open_office: Office) -> None:
    assert run(open_office, DUE) == {} and told(open_office) == []
    for _ in range(2):
        run(open_office, LATE)
    of_the_city, of_the_county = told(open_office)
    assert of_the_county == ("B:420106", "贵局有1件审核任务已超过办理期限，请尽快办理。", "/review/tasks?state=overdue")
    assert of_the_city == (
        "B:420100",
        "所辖财政局有1件已超期：武昌区财政局1件。请督促办理。",
        "/review/tasks?state=overdue&region=420106",
    )
    run(open_office, date(2026, 12, 3))
    assert [one for one, *_ in told(open_office)] == ["B:420100", "B:420106"] * 2
    open_office.decide(WANG)
    run(open_office, date(2026, 12, 4))
    assert len(told(open_office)) == 4, "nothing is late any more"


def test_on_a_day_off_nobody_is_told(open_office: Office) -> None:
    assert run(open_office, date(2026, 12, 5)) == {"overdue": 1}  # a Saturday
    assert told(open_office) == []
    run(open_office, date(2026, 12, 7))
    assert len(told(open_office)) == 2


def test_what_went_up_this_morning_is_late_at_the_bureau_above(open_office: Office) -> None:
    run(open_office, GONE_UP)
    assert [one[:2] for one in told(open_office)] == [
        ("B:420000", "所辖财政局有1件已超期：武汉市财政局1件。请督促办理。"),
        ("B:420100", "贵局有1件审核任务已超过办理期限，请尽快办理。"),
    ]


def test_what_a_late_holiday_moved_is_not_late(open_office: Office) -> None:
    run(open_office, LATE, holidays=(date(2026, 11, 30), date(2026, 12, 1)))
    assert told(open_office) == []


def test_nobody_is_told_half_of_it(open_office: Office) -> None:
    """Time that runs out while bureaus are told leaves the rest to the next run, which tells nobody twice."""
    of_a_quiet_morning = Clockwork()
    run(open_office, DUE, time_left=of_a_quiet_morning)
    unfinished = []
    for more in range(8):
        clockwork = Clockwork(of_a_quiet_morning.looks + more)
        unfinished.append(UNFINISHED in run(open_office, LATE, time_left=clockwork))
    assert unfinished[0] and not unfinished[-1]
    assert [one for one, *_ in told(open_office)] == ["B:420100", "B:420106"]


class Clockwork:
    """Time for so many looks at it."""

    def __init__(self, enough_for: int = 10_000) -> None:
        self.looks, self._enough_for = 0, enough_for

    def __call__(self) -> bool:
        self.looks += 1
        return self.looks <= self._enough_for


def test_a_message_names_the_bureaus_with_most_and_counts_all() -> None:
    late = {"420102": 3, "420103": 1, "420104": 9, "420105": 2, "420106": 4, "420107": 5, "420100": 0, "420111": 0}
    ((region, message), *counties) = reminders(late, hubei())
    assert (region, len(counties)) == ("420100", 6)
    assert message.body == (
        "所辖财政局有24件已超期：硚口区财政局9件、青山区财政局5件、武昌区财政局4件、江岸区财政局3件、汉阳区财政局2件等。请督促办理。"
    )


# --- races, and the end of one's time


def test_a_decision_at_the_same_moment_wins(open_office: Office) -> None:
    store = MorningStore(open_office.registry, uuid7)
    (due,) = store.with_cases(store.late_in("420106", LATE, start=None).items)
    open_office.decide(WANG)
    at = open_office.clock()
    with pytest.raises(CaseMoved):
        store.tell_overdue(due, LATE, at=at)
    with pytest.raises(CaseMoved):
        store.escalate(due, "420100", LATE, at=at)
    with pytest.raises(CaseMoved):
        store.move(due, LATE, at=at)
    assert events(open_office)[-1] == "approved"


def test_of_two_mornings_at_once_one_tells(open_office: Office) -> None:
    store = MorningStore(open_office.registry, uuid7)
    (due,) = store.with_cases(store.late_in("420106", LATE, start=None).items)
    store.tell_overdue(due, LATE, at=open_office.clock())
    with pytest.raises(CaseMoved):
        store.tell_overdue(due, LATE, at=open_office.clock())
    assert events(open_office).count("overdue") == 1


def test_a_run_out_of_time_says_so_and_the_next_goes_on(open_office: Office) -> None:
    assert run(open_office, LATE, time_left=lambda: False) == {UNFINISHED: 1}
    assert run(open_office, LATE) == {"overdue": 1}


def test_a_decision_of_the_county_that_was_pressed_before_the_task_went_up_is_not_saved(open_office: Office) -> None:
    read_before = open_office.tasks.task(open_office.task_id(), within=WANG)
    run(open_office, GONE_UP)
    with pytest.raises(AlreadyDecided):
        open_office.tasks.save_decision(
            read_before, Decision(Choice.APPROVE, "", (), "wang"), by=WANG, at=open_office.clock()
        )
    assert "decision" not in open_office.task_item()


def test_the_two_stages_of_a_case_have_their_own_dates(office: Office) -> None:
    office.routes = Fixed("county", "city")  # type: ignore[assignment]
    office.open()
    run(office, GONE_UP)
    office.decide(ABOVE)
    office.clock.pass_by(days=20)
    assert office.route() == (Outcome.REVIEW, "city")
    office.open_task("token-2", stage="city")
    assert run(office, date(2026, 12, 15)) == {}
    assert run(office, date(2027, 3, 1)) == {"overdue": 1, "escalated": 1}
    assert office.inbox("420000") == [office.task_id("city")]
    assert office.item({"pk": f"P#{PERSON}", "sk": SUBJECT["sk"]})["stages"][1]["owner"] == "420000"
