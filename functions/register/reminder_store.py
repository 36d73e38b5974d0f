"""What the half-yearly check reads and writes: bureaus' lists by last confirmation, marks on people, its own checkpoints."""

from collections.abc import Iterator
from datetime import date, datetime

from jingkuai.aws import keys
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import SendMessage, outbox_item
from jingkuai.aws.tables import Cancelled, Item, Table, put_item, transact, update_item
from jingkuai.domain.record_rules import Window
from register.records import ACTIVE
from register.reminders import Checkpoint, Due, Place

_TITLE = "请核对您的登记信息"
_FIRST_DAY = "0"  # sorts before every date
_LATER = "~"  # sorts after every person of a day


class ReminderStore:
    """Reminders in the Registry table; `new_id` is for outbox entries."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def checkpoints(self) -> dict[str, Checkpoint]:
        """How far each region is that was ever worked on. AWS calls: 1."""
        return {item["sk"]: _checkpoint(item) for item in self._registry.query_all(keys.RECORD_CHECK)}

    def keep(self, checkpoint: Checkpoint) -> None:
        """Note how far a region is. AWS calls: 1."""
        stopped = checkpoint.stopped
        self._registry.put(
            {
                **keys.record_check_key(checkpoint.region_code),
                "v": 1,
                "through": checkpoint.through.isoformat() if checkpoint.through else None,
                "stopped": {"today": stopped.today.isoformat(), "window": stopped.window, "after": stopped.after}
                if stopped
                else None,
            }
        )

    def due(self, region_code: str, window: Window, *, after: str) -> Iterator[Due]:
        """Whose last confirmation fell into the window, longest ago first, behind this place. AWS calls: 1 a page."""
        first = keys.by_confirmation(window.since.isoformat()) if window.since else _FIRST_DAY
        last = keys.by_confirmation(window.until.isoformat()) + _LATER
        listed = self._registry.query_all(keys.people(region_code), index="gsi1", between=(max(first, after), last))
        for item in listed:
            place = str(item["gsi1sk"])
            day, _, person_id = place.partition("#")
            if place > after:
                yield Due(person_id, date.fromisoformat(day), place)

    def remind(self, due: Due, period: int, *, after_days: int, at: datetime) -> bool:
        """Mark somebody as reminded of this period and put the message into the outbox, together.

        False, and nothing done, where they were reminded of it before, or have confirmed since the list was read: the mark
        begins with the day it is about, so that a new confirmation begins a new count. AWS calls: 1.
        """
        day = due.confirmed_on.isoformat()
        marked = update_item(
            self._registry,
            keys.person_key(due.person_id),
            "SET confirm_reminded = :mark",
            condition="#status = :active AND confirmed_on = :day "
            "AND (attribute_not_exists(confirm_reminded) OR confirm_reminded < :mark)",
            values={":mark": f"{day}#{period:03d}", ":active": ACTIVE, ":day": day},
            names={"#status": "status"},
        )
        body = (
            f"您的登记信息已超过{after_days}天没有核对。请查看登记信息：没有变化的，点击确认；"
            "联系方式有变化的，请直接更改；其他内容有变化的，请提交变更申请。"
        )
        message = outbox_item(SendMessage(due.person_id, _TITLE, body, "/me/profile"), at=at, new_id=self._new_id)
        try:
            transact(self._registry.client, [marked, put_item(self._registry, message)])
        except Cancelled as cancelled:
            if cancelled.failed(0):
                return False
            raise
        return True


def _checkpoint(item: Item) -> Checkpoint:
    through, stopped = item.get("through"), item.get("stopped")
    return Checkpoint(
        region_code=item["sk"],
        through=date.fromisoformat(through) if through else None,
        stopped=Place(date.fromisoformat(stopped["today"]), stopped["window"], stopped["after"]) if stopped else None,
    )
