"""In-site messages (站内消息) of one account: what was told, newest first, and what of it was read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound

if TYPE_CHECKING:
    from notices.store import MessageStore


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its reader sees it."""

    message_id: str
    at: str
    title: str
    body: str
    link: str | None
    read: bool


class NoSuchMessage(NotFound):
    """No message of this id is in the account's inbox; another person's is none either."""

    title = "没有找到这条消息"
    detail = "没有找到这条消息，它可能属于别的账号。请刷新消息列表后重新选择。"


def mark_read(message_id: str, *, by: Principal, store: "MessageStore", clock: Clock) -> None:
    """Note that a message was read; read already, nothing changes. Raises NoSuchMessage. AWS calls: 1, repeated 2."""
    if not store.mark_read(by.account_id, message_id, at=clock()):
        raise NoSuchMessage()


def mark_all_read(*, by: Principal, store: "MessageStore", clock: Clock, new_id: NewId) -> None:
    """Note that everything that has arrived until now was read. AWS calls: 1."""
    store.mark_all_read(by.account_id, until=new_id(clock()), at=clock())
