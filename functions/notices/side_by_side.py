"""Two mailboxes as one list: an account's own, and the one it shares with its bureau or unit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jingkuai.aws.tables import Item
from notices.messages import Message
from notices.store import MessagePage, MessageStore

_ENDED: Final = "ended"  # in place of where a mailbox goes on


def page_of(boxes: Sequence[str], *, store: MessageStore, limit: int, start: Item | None) -> MessagePage:
    """The newest messages of all these mailboxes, the first of which is the reader's own. `next_start` names where each
    goes on, by what of it was shown. AWS calls: 1 for each mailbox that has not ended.
    """
    places = start["places"] if start else [None] * len(boxes)
    pages = [
        MessagePage([], None) if place == _ENDED else store.page(box, limit=limit, start=place)
        for box, place in zip(boxes, places, strict=True)
    ]
    told = [replace(one, shared=box > 0) for box, page in enumerate(pages) for one in page.messages]
    shown = sorted(told, key=lambda one: one.message_id, reverse=True)[:limit]
    following = [
        _place_after(page, [one for one in shown if one.shared == (box > 0)], place)
        for box, (page, place) in enumerate(zip(pages, places, strict=True))
    ]
    return MessagePage(shown, None if set(map(str, following)) == {_ENDED} else {"places": following})


def _place_after(page: MessagePage, shown: Sequence[Message], place: Item | str | None) -> Item | str | None:
    """Where a mailbox goes on of which these were shown: None where it is still at its beginning."""
    if len(shown) == len(page.messages):
        return page.next_start or _ENDED
    if not shown:
        return place
    return {"after": shown[-1].message_id, "read_until": page.read_until}
