"""A bureau, its reviewers and an applicant whose registration has been filed: real stores on moto, a clock that stands still."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import LookupKey, lookup_key
from jingkuai.aws.outbox import Entry, entry_of
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item, Table, from_wire
from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.regions import hubei
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import SubmissionKind, SubmissionStatus, TimelineEntry, TimelineEvent, task_id_of
from jingkuai.domain.workdays import WorkdayCalendar
from register.records import Content, Submission
from register.submission_items import submission_of
from register.submission_store import SubmissionStore
from review.appeal_ruling_store import RulingStore
from review.applying import apply_case
from review.case import Outcome
from review.case_store import CaseStore
from review.checking import check_case
from review.claims import claim, release
from review.decisions import decide
from review.likeness_store import LikenessStore
from review.opening import await_resubmission, open_task
from review.record_store import RecordStore
from review.review_task import Choice, Decision, ReviewTask
from review.routes import ReviewRoutes
from review.routing import route_case
from review.sampling import Drawing
from review.task_store import TaskStore
from review.transfer.applying import Movers
from review.transfer.move_store import MoveStore
from review.wait_store import WaitStore
from tests.cloud import Cloud
from tests.conftest import NOON

PERSON = "0193f3a0-0000-7000-8000-000000000001"
SUBMISSION = "0193f3a0-0000-7000-8000-0000000000aa"
SUBJECT = {"pk": f"P#{PERSON}", "sk": f"SUB#{SUBMISSION}"}
ID_NUMBER = "429004196505317038"
PHONE = "19901327120"
NAME = "欧阳建国"
USCC = "91420106MA4JURQ28M"
EMPLOYER = "湖北示例楚天商贸有限公司"
SCANS = ("id_front", "id_back", "education_certificate", "employment_proof")


def reviewer(
    name: str, scope: str = "420106", *, role: Role = Role.REVIEWER, person_id: str | None = None
) -> Principal:
    people = (person_id,) if person_id else ()
    return Principal(name, role, scope, person_id, f"{name[0]}*", "session", people=people)


WANG = reviewer("wang")
LI = reviewer("li")
APPLICANT = Principal(PERSON, Role.ACCOUNTANT, PERSON, PERSON, "欧**国", "session")


def payload(**over: Any) -> dict[str, Any]:
    return {
        "basic": {
            "name": NAME,
            "gender": "male",
            "birth_date": "1965-05-31",
            "ethnicity": "01",
            "political_status": "13",
        },
        "contact": {"phone": "199****7120", "email": "someone@example.invalid"},
        "education": [
            {
                "level": "bachelor",
                "school": "中南财经政法大学",
                "major": "会计学",
                "graduated_on": "1988-06-30",
                "certificate_no": "105201198805001234",
                "study_mode": "full_time",
            }
        ],
        "employment": {
            "status": "employed",
            "employer_name": EMPLOYER,
            "uscc": USCC,
            "region_code": "420106",
            "position": "accountant",
            "since": "1989-07-01",
            "accounting_since": "1989-07",
        },
        "qualifications": [],
        "region_code": "420106",
        **over,
    }


class Now:
    """A clock that goes a millisecond at each reading, so that ids tell the order, and else only when told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Office:
    """Everything a use case of this context is handed, the steps of its workflow, and what the applicant can press."""

    registry: Table
    identity: Table
    lookup: LookupKey
    sealer: Sealer
    clock: Now
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tasks = TaskStore(self.registry, self.identity, uuid7)
        self.cases = CaseStore(self.registry, uuid7)
        self.waits = WaitStore(self.registry, uuid7)
        self.records = RecordStore(self.registry, self.identity, uuid7)
        self.likenesses = LikenessStore(self.registry)
        self.rulings = RulingStore(self.registry, self.identity, uuid7)
        self.movers = Movers(MoveStore(self.registry, uuid7), self.likenesses, hubei(), lambda size: bytes(size))
        self.register = SubmissionStore(self.registry, uuid7)
        self.routes = _rules("review_routes", ReviewRoutes.from_policy)
        self.calendar = _rules("calendar", WorkdayCalendar.from_policy)
        self.scans = {kind: self._scan(kind) for kind in SCANS}

    # --- the steps of the workflow

    def check(self, subject: Mapping[str, str] = SUBJECT) -> Outcome:
        return check_case(subject, store=self.cases, likenesses=self.likenesses, lookup=self.lookup, clock=self.clock)

    def route(self, subject: Mapping[str, str] = SUBJECT) -> tuple[Outcome, str]:
        return route_case(
            subject,
            store=self.cases,
            routes=self.routes,
            divisions=hubei(),
            likenesses=self.likenesses,
            lookup=self.lookup,
            clock=self.clock,
        )

    def open_task(self, token: str = "token-1", stage: str = "county", subject: Mapping[str, str] = SUBJECT) -> None:
        open_task(subject, stage, token, cases=self.cases, waits=self.waits, calendar=self.calendar, clock=self.clock)

    def open_due(self, subject: Mapping[str, str]) -> str:
        """Check a case and put the stage that is due into its bureau's inbox; the id of the task."""
        assert self.check(subject) is Outcome.REVIEW
        outcome, stage = self.route(subject)
        assert outcome is Outcome.REVIEW, outcome
        round_no = self.item(subject)["round"]
        self.open_task(f"token-{stage}-{round_no}", stage, subject)
        return task_id_of(subject, stage, round_no)

    def await_resubmission(self, token: str = "token-w") -> None:
        await_resubmission(SUBJECT, token, cases=self.cases, waits=self.waits, clock=self.clock)

    def apply(self, subject: Mapping[str, str] = SUBJECT, *, cases: CaseStore | None = None) -> Outcome:
        return apply_case(
            subject,
            store=cases or self.cases,
            records=self.records,
            rulings=self.rulings,
            movers=self.movers,
            lookup=self.lookup,
            drawing=self.drawing,
            clock=self.clock,
        )

    @property
    def drawing(self) -> Drawing:
        return Drawing(self.routes, self.calendar, hubei(), self.lookup)

    def open(self) -> str:
        """Bring a filed registration into the county's inbox; the id of its task."""
        assert self.check() is Outcome.REVIEW
        assert self.route() == (Outcome.REVIEW, "county")
        self.open_task()
        return self.task_id()

    # --- what people press

    def decide(
        self, by: Principal = WANG, choice: str = "approve", reason: str = "", fields: tuple[str, ...] = (), **over: Any
    ) -> ReviewTask:
        task_id = over.get("task_id") or self.task_id()
        decision = Decision(Choice(choice), reason, fields, by.account_id, over.get("to_region"))
        return decide(task_id, decision, by=by, store=self.tasks, clock=self.clock)

    def claim(self, by: Principal = WANG, task_id: str | None = None) -> ReviewTask:
        return claim(task_id or self.task_id(), by=by, store=self.tasks, clock=self.clock)

    def release(self, by: Principal = WANG) -> ReviewTask:
        return release(self.task_id(), by=by, store=self.tasks, clock=self.clock)

    def withdraw(self) -> bool:
        before = self.submission()
        after = before.withdrawn(at=iso(self.clock()), by_role="accountant")
        return self.register.withdraw(before, after, by=APPLICANT, at=self.clock())

    def resubmit(self, **over: Any) -> bool:
        before = self.submission()
        changed = payload(**over)
        content = Content(changed, changed["region_code"], tuple(self.scans.values()))
        after = before.refiled(content, at=iso(self.clock()), by_role="accountant")
        return self.register.refile(before, after, list(self.scans.values()), by=APPLICANT, at=self.clock())

    # --- what is there

    def file(self, **over: Any) -> None:
        """An account, four accepted scans and a registration filed with them."""
        self._person()
        for scan in self.scans.values():
            self.registry.put(
                {
                    **keys.attachment_key(scan.attachment_id),
                    "v": 1,
                    "attachment_id": scan.attachment_id,
                    "owner": scan.owner,
                    "kind": scan.kind.value,
                    "filename": scan.filename,
                    "content_type": scan.content_type,
                    "size": scan.size,
                    "sha256": scan.sha256,
                    "status": scan.status.value,
                    "record_key": scan.record_key,
                }
            )
        filed = payload(**over)
        at = iso(self.clock())
        submission = Submission(
            submission_id=SUBMISSION,
            person_id=PERSON,
            kind=SubmissionKind.REGISTRATION,
            status=SubmissionStatus.AUTO_CHECKING,
            region_code=filed["region_code"],
            submitted_at=at,
            payload=filed,
            attachment_ids=tuple(scan.attachment_id for scan in self.scans.values()),
            timeline=(TimelineEntry(at, TimelineEvent.SUBMITTED, "accountant"),),
        )
        assert self.register.file(submission, list(self.scans.values()), by=APPLICANT, at=self.clock(), key=None)

    def _person(self) -> None:
        cipher = self.sealer.seal_together({"id_number": ID_NUMBER, "phone": PHONE}, PERSON)
        self.registry.put(
            {
                **keys.person_key(PERSON),
                "v": 1,
                "person_id": PERSON,
                "status": "registered",
                "version": 0,
                "id_type": "resident_id",
                "id_masked": "429***********7038",
                "id_hash": self.id_hash,
                "id_cipher": cipher,
                "birth_date": "1965-05-31",
                "gender": "male",
                "name": NAME,
                "name_masked": "欧**国",
                "phone_masked": "199****7120",
                "phone_hash": self.lookup.of("phone", PHONE),
                "phone_cipher": cipher,
                "open": {},
                "created_at": iso(NOON),
                "updated_at": iso(NOON),
            }
        )
        claim_item = {"person_id": PERSON, "name_hmac": self.lookup.of("name", NAME), "approved": False}
        self.registry.put({**keys.id_claim_key(self.id_hash), "v": 1, **claim_item})

    @property
    def id_hash(self) -> str:
        return self.lookup.of("id:18", ID_NUMBER)

    def _scan(self, kind: str) -> Scan:
        return Scan(
            attachment_id=uuid7(NOON),
            owner=PERSON,
            kind=AttachmentKind(kind),
            filename=f"{kind}.jpg",
            content_type="image/jpeg",
            size=105245,
            sha256="0" * 64,
            status=AttachmentStatus.ACCEPTED,
        )

    def item(self, key: Any) -> Item:
        found = self.registry.get(key)
        assert found is not None
        return found

    def submission_item(self) -> Item:
        return self.item(SUBJECT)

    def submission(self) -> Submission:
        return submission_of(self.submission_item())

    def person_item(self) -> Item:
        return self.item(keys.person_key(PERSON))

    def task_id(self, stage: str = "county", round: int | None = None) -> str:
        return task_id_of(SUBJECT, stage, round or self.submission_item()["round"])

    def task_item(self, stage: str = "county", round: int | None = None) -> Item:
        return self.item(keys.task_key(self.task_id(stage, round)))

    def promised(self) -> list[Entry]:
        """Every outbox entry so far, oldest first; for assertions only."""
        return [entry_of(item) for item in sorted(self.all_of("O#"), key=lambda one: str(one["pk"]))]

    def changes(self) -> list[Item]:
        return list(self.registry.query_all(keys.audit_pk(PERSON), prefix="A#"))

    def looks(self) -> list[Item]:
        return list(self.registry.query_all(keys.audit_pk(PERSON), prefix="L#"))

    def all_of(self, prefix: str) -> list[Item]:
        found = [from_wire(item) for item in self.registry.client.scan(TableName=self.registry.name)["Items"]]
        return [item for item in found if item["pk"].startswith(prefix)]

    def open_again_as(self, owner: str, *, count: int) -> None:
        """More tasks in a bureau's inbox, for lists alone."""
        for number in range(count):
            card = {**self.task_item()["card"], "task_id": f"more-{number}"}
            index = keys.index(1, keys.inbox(owner), f"{card['due_on']}#more-{number}")
            self.registry.put({**keys.task_key(f"more-{number}"), "v": 1, "owner": owner, "card": card, **index})

    def inbox(self, owner: str = "420106") -> list[str]:
        return [item["card"]["task_id"] for item in self.registry.query_all(keys.inbox(owner), index="gsi1")]


class Fixed:
    """A route of one's own, for registrations unless said otherwise: these stages, each decided by its own; and more rules."""

    def __init__(self, *stages: str, kind: str = "registration", **more: Any) -> None:
        owners = {
            "employer": "new_employer",
            "county": "managing_bureau",
            "city": "bureau_above",
            "province": "province",
        }
        ruled = [{"stage": stage, "owner": owners[stage], "workdays": 5} for stage in stages]
        self._rules = ReviewRoutes.from_policy({"routes": {kind: ruled}, **more})

    def current(self, now: datetime) -> ReviewRoutes:
        return self._rules


def _rules(profile: str, load: Callable[[dict[str, Any]], Any]) -> Configuration[Any]:
    told = settings()
    return Configuration(clients.appconfigdata(), told.config_application, told.config_environment, profile, load)


@pytest.fixture
def office(cloud: Cloud) -> Office:
    """A registration is filed; its workflow has not begun."""
    there = Office(
        registry=cloud.registry,
        identity=cloud.identity,
        lookup=lookup_key(),
        sealer=Sealer(clients.kms(), settings().data_key_id),
        clock=Now(NOON),
    )
    there.file()
    for client in (clients.dynamodb(), clients.kms()):
        client.meta.events.register("before-call.*.*", _noted(there.calls))
    return there


@pytest.fixture
def open_office(office: Office) -> Office:
    """The registration lies in the county's inbox."""
    office.open()
    office.clock.pass_by(minutes=5)
    office.calls.clear()
    return office


def _noted(calls: list[str]) -> Callable[..., None]:
    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    return note


@pytest.fixture(autouse=True)
def no_personal_data_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test did, its logs name nobody."""
    caplog.set_level(logging.INFO)
    yield
    for told in (ID_NUMBER, PHONE, NAME):
        assert told not in caplog.text
