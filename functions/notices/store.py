"""Messages as items: one partition per account, the head (how many are unread) above the newest message.

`read_until` on the head is an id: ids are in order of time, so one write marks everything up to it as read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Cancelled, Item, Table, transact, update_item
from notices.messages import Message

_NOTHING = ""  # sorts below every id


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One page of an inbox; `next_start` also carries how far all was read, since later pages do not meet the head."""

    messages: Sequence[Message]
    next_start: Item | None
    read_until: str = _NOTHING


class MessageStore:
    """The inboxes in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def page(self, account_id: str, *, limit: int, start: Item | None) -> MessagePage:
        """Messages, newest first, the head read in the same query. AWS calls: 1."""
        pk = keys.messages_pk(account_id)
        if start is not None:
            after = {"pk": pk, "sk": start["after"]}
            found = self._registry.query(pk, descending=True, limit=limit, start=after)
            return _page(found.items, found.next_start, str(start["read_until"]))
        found = self._registry.query(pk, descending=True, limit=limit + 1)
        if found.items and found.items[0]["sk"] == keys.MESSAGE_HEAD:
            head, *messages = found.items
            return _page(messages, found.next_start, head.get("read_until", _NOTHING))
        kept = found.items[:limit]
        more = len(found.items) > limit or found.next_start is not None
        return _page(kept, kept[-1] if more else None, _NOTHING)

    def mark_read(self, account_id: str, message_id: str, *, at: datetime) -> bool:
        """Mark one message and count it off, together; False where there is no such message. AWS calls: 1, repeated 2."""
        if message_id == keys.MESSAGE_HEAD:
            return False
        message = update_item(
            self._registry,
            keys.message_key(account_id, message_id),
            "SET #read = :yes, read_at = :at",
            condition="#read = :no",
            values={":yes": True, ":no": False, ":at": iso(at)},
            names={"#read": "read"},
        )
        head = update_item(
            self._registry,
            keys.message_head_key(account_id),
            "ADD unread :one_less",
            condition="attribute_exists(unread) AND (attribute_not_exists(read_until) OR read_until < :id)",
            values={":one_less": -1, ":id": message_id},  # up to read_until all were counted off together
        )
        try:
            transact(self._registry.client, [message, head])
        except Cancelled as cancelled:
            return not cancelled.failed(0) or self._registry.get(keys.message_key(account_id, message_id)) is not None
        return True

    def mark_all_read(self, account_id: str, *, until: str, at: datetime) -> None:
        """Mark everything up to this id; what arrives later is unread again. AWS calls: 1."""
        self._registry.update(
            keys.message_head_key(account_id),
            "SET unread = :none, read_until = :until, read_at = :at, v = :v",
            values={":none": 0, ":until": until, ":at": iso(at), ":v": 1},
        )


def _page(items: Sequence[Item], last: Item | None, read_until: str) -> MessagePage:
    next_start = {"after": last["sk"], "read_until": read_until} if last else None
    return MessagePage([_message(item, read_until) for item in items], next_start, read_until)


def _message(item: Item, read_until: str) -> Message:
    return Message(
        message_id=item["message_id"],
        at=item["at"],
        title=item["title"],
        body=item["body"],
        link=item.get("link"),
        read=item["read"] or item["message_id"] <= read_until,
    )
