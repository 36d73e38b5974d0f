"""In-site messages (站内消息): what an account was told, and the bureau or unit it acts for; newest first, and what was read.

What a bureau is told is work for whoever takes it: read by one of its reviewers, it is read for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.mailboxes import shared_mailbox
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound

if TYPE_CHECKING:
    from notices.store import MessageStore


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its reader sees it. `shared`: it was told to their bureau or unit."""

    message_id: str
    at: str
    title: str
    body: str
    link: str | None
    read: bool
    shared: bool = False


class NoSuchMessage(NotFound):
    """No message of this id is in the account's inbox; another person's is none either."""

    title = "没有找到这条消息"
    detail = "没有找到这条消息，它可能属于别的账号。请刷新消息列表后重新选择。"


def mark_read(message_id: str, *, by: Principal, store: "MessageStore", clock: Clock) -> None:
    """Note that a message was read; read already, nothing changes. Raises NoSuchMessage.

    AWS calls: 1, repeated 2; of a bureau or unit 3, repeated 4.
    """
    now = clock()
    if not any(store.mark_read(box, message_id, at=now) for box in mailboxes_of(by)):
        raise NoSuchMessage()


def mark_all_read(*, by: Principal, store: "MessageStore", clock: Clock, new_id: NewId) -> None:
    """Note that everything that has arrived until now was read. AWS calls: 1 for each mailbox."""
    now = clock()
    for box in mailboxes_of(by):
        store.mark_all_read(box, until=new_id(now), at=now)


def mailboxes_of(reader: Principal) -> Sequence[str]:
    """The reader's own mailbox, and the one they share with colleagues, if there is one."""
    shared = shared_mailbox(reader)
    return [reader.account_id] if shared is None else [reader.account_id, shared]
