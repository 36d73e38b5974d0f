"""A reviewer's own messages and those to their bureau are one list, in order of time, page by page."""

from datetime import datetime, timedelta

import pytest

from jingkuai.aws import clients
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import uuid7
from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import SendMessage
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal, Role
from notices import messages
from notices.messages import Message, NoSuchMessage, mailboxes_of
from notices.side_by_side import page_of
from notices.store import MessageStore
from outbox.store import OutboxStore
from tests.cloud import Cloud
from tests.conftest import NOON

WANG = Principal("wang", Role.REVIEWER, "420106", None, "王*", "session")
LI = Principal("li", Role.REVIEWER, "420106", None, "李*", "session")
ELSEWHERE = Principal("zhou", Role.REVIEWER, "420102", None, "周*", "session")
APPLICANT = Principal("p", Role.ACCOUNTANT, "p", "p", "欧**国", "session")
BUREAU = bureau_mailbox("420106")


class Office:
    """A bureau whose reviewers are told things, each for themself and all together."""

    def __init__(self, cloud: Cloud) -> None:
        self.store, self.outbox, self.now = MessageStore(cloud.registry), OutboxStore(cloud.registry), NOON

    def clock(self) -> datetime:
        return self.now

    def tell(self, box: str) -> str:
        self.now += timedelta(minutes=1)
        message_id = uuid7(self.now)
        note = SendMessage(box, "审核任务超期提醒", "请尽快办理。", "/review/tasks?state=overdue")
        self.outbox.add_message(note, message_id=message_id, created_at=iso(self.now))
        return message_id

    def pages(self, by: Principal, page_of_: int) -> list[list[Message]]:
        told: list[list[Message]] = []
        start: Item | None = None
        while True:
            page = page_of(mailboxes_of(by), store=self.store, limit=page_of_, start=start)
            told.append(list(page.messages))
            if (start := page.next_start) is None:
                return told

    def all(self, by: Principal, page_of_: int = 100) -> list[Message]:
        return [one for page in self.pages(by, page_of_) for one in page]

    def read(self, by: Principal, message_id: str) -> None:
        messages.mark_read(message_id, by=by, store=self.store, clock=self.clock)


@pytest.fixture
def office(cloud: Cloud) -> Office:
    return Office(cloud)


@pytest.mark.parametrize("page_of_", [1, 2, 3, 5, 7, 100])
@pytest.mark.parametrize("boxes", ["wwwbbbb", "bbbbwww", "wbwbwbw", "wwbwwww", "wwwwwww", "bbbbbbb", ""])
def test_both_are_one_list_newest_first_whatever_the_page(office: Office, boxes: str, page_of_: int) -> None:
    told = [(office.tell("wang" if one == "w" else BUREAU), one == "b") for one in boxes]
    pages = office.pages(WANG, page_of_)
    assert [(one.message_id, one.shared) for page in pages for one in page] == told[::-1]
    assert all(len(page) == page_of_ for page in pages[:-1])


def test_what_comes_while_one_reads_on_is_not_met_twice(office: Office) -> None:
    told = [office.tell(box) for box in ("wang", BUREAU, "wang", BUREAU)]
    first = page_of(mailboxes_of(WANG), store=office.store, limit=2, start=None)
    office.tell("wang")
    office.tell(BUREAU)
    rest = page_of(mailboxes_of(WANG), store=office.store, limit=9, start=first.next_start)
    assert [one.message_id for one in (*first.messages, *rest.messages)] == told[::-1]


def test_a_bureaus_message_is_read_for_all_of_it_and_ones_own_for_oneself(office: Office) -> None:
    of_all, own = office.tell(BUREAU), office.tell("wang")
    for _ in range(2):
        office.read(LI, of_all)
    assert [(one.message_id, one.read) for one in office.all(WANG)] == [(own, False), (of_all, True)]
    for stranger in (LI, ELSEWHERE, APPLICANT):
        with pytest.raises(NoSuchMessage):
            office.read(stranger, own)
    for stranger in (ELSEWHERE, APPLICANT):
        assert office.all(stranger) == []
        with pytest.raises(NoSuchMessage):
            office.read(stranger, of_all)


def test_reading_all_takes_both_until_now(office: Office) -> None:
    office.tell(BUREAU)
    office.tell("wang")
    office.now += timedelta(minutes=1)
    messages.mark_all_read(by=WANG, store=office.store, clock=office.clock, new_id=uuid7)
    assert {one.read for one in office.all(WANG, 1)} == {True}
    late = office.tell(BUREAU)
    assert [one.message_id for one in office.all(LI) if not one.read] == [late]


def test_a_mailbox_that_has_ended_is_not_asked_again(office: Office) -> None:
    for box in (BUREAU, "wang", "wang", "wang"):
        office.tell(box)
    first = page_of(mailboxes_of(WANG), store=office.store, limit=3, start=None)
    second = page_of(mailboxes_of(WANG), store=office.store, limit=3, start=first.next_start)
    assert len(second.messages) == 1 and second.next_start is None
    made: list[str] = []
    clients.dynamodb().meta.events.register("before-send.*.*", lambda event_name, **_: made.append(event_name))
    page_of(mailboxes_of(WANG), store=office.store, limit=3, start=first.next_start)
    assert made == ["before-send.dynamodb.Query"], "one's own had ended with the first page"
