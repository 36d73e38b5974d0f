"""An integrity record on its way: from a unit's statement through county and city, or from a bureau to the one above."""

from __future__ import annotations

import json

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.integrity_items import record_of
from jingkuai.aws.outbox import ResumeTask, SendMessage, SendSms, StartExecution
from jingkuai.aws.tables import Item
from jingkuai.domain.integrity import IntegrityState
from jingkuai.domain.principal import Principal
from jingkuai.domain.regions import hubei
from review.case import Outcome
from review.decisions import decide
from review.employers.departure_report_store import LeavingStore
from review.employers.departure_reports import DepartureForm, DepartureKind, report_departure
from review.forwarding import NotForwardable
from review.review_task import Choice, Decision, EnteredByYou, NotForIntegrityRecords, ReviewTask
from review.routes import ReviewRoutes
from review.task_page import open_page
from tests.cloud import ROOT
from tests.unit.review.changing import CITY
from tests.unit.review.conftest import PERSON, WANG, Office
from tests.unit.review.known import approve
from tests.unit.review.units import administrator, wrong

POLICY = ROOT / "infra" / "policies" / "review_routes.json"


class Record:
    """One record, from its beginning to its end."""

    def __init__(self, office: Office, subject: dict[str, str]) -> None:
        self.office, self.subject = office, subject

    @property
    def item(self) -> Item:
        return self.office.item(self.subject)

    def open(self) -> str:
        """The stage that is due in its bureau's inbox; the task's id."""
        return self.office.open_due(self.subject)

    def decide(self, task_id: str, choice: str = "approve", by: Principal = WANG, to: str | None = None) -> ReviewTask:
        decision = Decision(Choice(choice), "已向单位核实", (), by.account_id, to)
        return decide(task_id, decision, by=by, store=self.office.tasks, clock=self.office.clock)

    def apply(self) -> Outcome:
        return self.office.apply(self.subject)


@pytest.fixture
def reported(open_office: Office) -> Record:
    """A unit says that somebody never worked there."""
    approve(open_office)
    report_departure(
        PERSON,
        DepartureForm(DepartureKind.NEVER_WORKED, "本单位从未聘用此人"),
        by=administrator(),
        store=LeavingStore(open_office.registry, uuid7),
        clock=open_office.clock,
        new_id=uuid7,
    )
    started = [one for one in open_office.promised() if isinstance(one, StartExecution)]
    return Record(open_office, next(one.subject for one in started if "INT#" in one.subject["sk"]))


def test_what_a_unit_says_goes_to_the_bureau_that_keeps_the_record_and_then_up(reported: Record) -> None:
    county = reported.open()
    task = reported.office.item(keys.task_key(county))
    assert (task["owner"], task["kind"], task["card"]["subject_id"]) == (
        "420106",
        "integrity_record",
        reported.item["record_id"],
    )
    reported.decide(county)
    city = reported.open()
    assert reported.office.item(keys.task_key(city))["owner"] == "420100"
    assert record_of(reported.item).state is IntegrityState.PENDING
    assert wrong(reported.office) == []


def test_confirmed_by_all_it_stands_and_the_person_is_told(reported: Record) -> None:
    reported.decide(reported.open())
    reported.decide(reported.open(), by=CITY)
    before = len(reported.office.promised())
    assert reported.apply() is Outcome.APPLIED
    assert record_of(reported.item).state is IntegrityState.EFFECTIVE
    assert {type(one) for one in reported.office.promised()[before:]} == {SendMessage, SendSms}
    assert reported.office.changes()[-1]["action"] == "integrity_record.effective"
    assert reported.apply() is Outcome.APPLIED
    assert len(reported.office.promised()) == before + 2
    assert wrong(reported.office) == []


def test_not_confirmed_it_ends_as_revoked_and_says_so(reported: Record) -> None:
    task = reported.open()
    before = len(reported.office.promised())
    reported.decide(task, "reject")
    resumed, message = sorted(reported.office.promised()[before:], key=lambda one: type(one).__name__)
    assert isinstance(resumed, ResumeTask) and isinstance(message, SendMessage)
    assert "没有形成记录" in message.body
    assert record_of(reported.item).state is IntegrityState.REVOKED
    assert reported.office.person_item()["open"] == {}
    assert wrong(reported.office) == []


def test_it_is_neither_returned_nor_forwarded(reported: Record) -> None:
    task = reported.open()
    with pytest.raises(NotForIntegrityRecords):
        reported.decide(task, "return")
    with pytest.raises(NotForwardable):
        reported.decide(task, "forward", to="420105")
    assert "decision" not in reported.office.item(keys.task_key(task))


def test_the_page_shows_the_statement_and_no_differences(reported: Record) -> None:
    office = reported.office
    page = open_page(
        reported.open(),
        by=WANG,
        store=office.tasks,
        files=Files(clients.s3()),
        records="records",
        sealer=office.sealer,
        clock=office.clock,
    )
    assert page.payload["facts"] == "本单位从未聘用此人"
    assert page.differences == () and page.suggested_reasons == ()


def test_who_entered_it_does_not_confirm_it(reported: Record) -> None:
    """Where no bureau stands above, another reviewer of the same one decides."""
    office = reported.office
    office.registry.update(reported.subject, "SET filed_by = :me", values={":me": WANG.account_id})
    task = reported.open()
    with pytest.raises(EnteredByYou):
        reported.decide(task)
    with pytest.raises(EnteredByYou):
        office.claim(WANG, task)


def test_where_no_bureau_stands_above_the_one_that_keeps_the_record_decides() -> None:
    routes = ReviewRoutes.from_policy(json.loads(POLICY.read_text()))
    (stage,) = routes.stages_for("integrity_record", "420000", hubei())
    assert stage.owner == "420000"
    (stage,) = routes.stages_for("integrity_record", "420106", hubei())
    assert stage.owner == "420100"
