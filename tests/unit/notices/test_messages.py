"""Messages of an account: newest first, read one by one or all at once, and the number unread always right."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import SendMessage
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal, Role
from notices import messages
from notices.messages import Message, NoSuchMessage
from notices.store import MessageStore
from outbox.store import OutboxStore
from tests.cloud import Cloud
from tests.conftest import NOON

ME = Principal("me", Role.REVIEWER, "420106", None, "王*", "session")
OTHER = Principal("other", Role.REVIEWER, "420106", None, "李*", "session")


class Inbox:
    """My inbox over an account in memory; messages come in as the outbox delivers them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.store = MessageStore(cloud.registry)
        self.now = NOON

    def clock(self) -> datetime:
        return self.now

    def arrives(self, account_id: str = "me") -> str:
        self.now += timedelta(minutes=1)
        message_id = uuid7(self.now)
        self.deliver(message_id, account_id)
        return message_id

    def deliver(self, message_id: str, account_id: str = "me") -> None:
        note = SendMessage(account_id, "申请已通过审核", "请登录系统核对。", "/me/profile")
        OutboxStore(self.cloud.registry).add_message(note, message_id=message_id, created_at=iso(self.now))

    def read(self, message_id: str, by: Principal = ME) -> None:
        messages.mark_read(message_id, by=by, store=self.store, clock=self.clock)

    def read_all(self) -> None:
        self.now += timedelta(minutes=1)
        messages.mark_all_read(by=ME, store=self.store, clock=self.clock, new_id=uuid7)

    def all(self, page_of: int = 100) -> list[Message]:
        return list(self._pages(page_of))

    def _pages(self, page_of: int) -> Iterator[Message]:
        start: Item | None = None
        while True:
            page = self.store.page("me", limit=page_of, start=start)
            assert len(page.messages) <= page_of
            yield from page.messages
            if (start := page.next_start) is None:
                return

    @property
    def unread(self) -> int:
        head = self.cloud.registry.get(keys.message_head_key("me")) or {"unread": 0}
        assert head["unread"] == sum(not one.read for one in self.all(page_of=2)), "the number is not that of the list"
        return int(head["unread"])


@pytest.fixture
def inbox(cloud: Cloud) -> Inbox:
    return Inbox(cloud)


def test_an_empty_inbox_is_an_empty_page(inbox: Inbox) -> None:
    assert inbox.all() == []


@pytest.mark.parametrize("page_of", [1, 2, 3, 4, 100])
def test_the_newest_comes_first_page_by_page(inbox: Inbox, page_of: int) -> None:
    ids = [inbox.arrives() for _ in range(4)]
    inbox.arrives("other")
    assert [one.message_id for one in inbox.all(page_of)] == ids[::-1]


def test_a_page_of_messages_and_its_head_are_one_call(inbox: Inbox) -> None:
    inbox.arrives()
    made: list[str] = []
    clients.dynamodb().meta.events.register("before-send.*.*", lambda event_name, **_: made.append(event_name))
    inbox.store.page("me", limit=20, start=None)
    assert made == ["before-send.dynamodb.Query"]


def test_reading_counts_once_however_often(inbox: Inbox) -> None:
    first, second = inbox.arrives(), inbox.arrives()
    assert inbox.unread == 2
    for _ in range(3):
        inbox.read(first)
        assert inbox.unread == 1
    assert [(one.message_id, one.read) for one in inbox.all()] == [(second, False), (first, True)]


def test_reading_all_takes_everything_until_now_and_nothing_after(inbox: Inbox) -> None:
    early = [inbox.arrives() for _ in range(3)]
    inbox.read(early[1])
    inbox.read_all()
    assert inbox.unread == 0 and all(one.read for one in inbox.all(page_of=1))
    late = inbox.arrives()
    assert inbox.unread == 1
    for one in (*early, late):  # those before were counted off with all the others
        inbox.read(one)
    assert inbox.unread == 0
    inbox.read_all()
    assert inbox.unread == 0


def test_a_message_held_up_until_all_was_read_is_unread_when_it_comes(inbox: Inbox) -> None:
    written = uuid7(inbox.now)
    inbox.arrives()
    inbox.read_all()
    for _ in range(2):  # delivered twice: one message
        inbox.deliver(written)
    assert inbox.unread == 1
    [late, _] = inbox.all()
    inbox.read(late.message_id)
    assert inbox.unread == 0


def test_reading_all_of_an_empty_inbox_does_no_harm(inbox: Inbox) -> None:
    inbox.read_all()
    assert inbox.all() == [] and inbox.unread == 0
    inbox.arrives()
    assert inbox.unread == 1


@pytest.mark.parametrize("message_id", ["HEAD", "", "01990000-0000-7000-8000-000000000001"])
def test_what_is_no_message_of_mine_is_not_found(inbox: Inbox, message_id: str) -> None:
    inbox.arrives()
    with pytest.raises(NoSuchMessage):
        inbox.read(message_id or inbox.arrives("other"))
    assert inbox.unread == 1


def test_nobody_reads_for_another(inbox: Inbox) -> None:
    message_id = inbox.arrives()
    with pytest.raises(NoSuchMessage):
        inbox.read(message_id, by=OTHER)
    assert inbox.unread == 1
