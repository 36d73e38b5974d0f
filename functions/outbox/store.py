"""What the outbox (发件箱) keeps: its entries, and the few items a delivery reads or writes.

An entry may be taken when its `next_at` (the sort key of gsi1) has come; taking it moves that to the end of the lease.
So one attribute is both lease and schedule, and an entry whose deliverer died is simply due again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import Entry, SendMessage, SendSms, entry_of, lane_of
from jingkuai.aws.tables import Cancelled, ConditionFailed, Item, Table, put_item, transact, update_item

TRACE_KEPT: Final = timedelta(
    days=30
)  # of what was delivered: the audit says what happened, this only that it was told


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try at one entry; `attempt` counts from 1 and fences off an earlier try that was too slow."""

    entry_id: str
    kind: str
    entry: Entry | None  # None: of a kind this version of the code does not know
    attempt: int
    created_at: str
    tried_before: bool  # in this round of tries, or before a human put the entry back


class OutboxStore:
    """Entries of the outbox and what deliveries touch, all in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def take(self, entry_id: str, *, at: datetime, until: datetime) -> Delivery | None:
        """Lease an entry that is due, or None: delivered, parked, in other hands, or not due yet. AWS calls: 1."""
        try:
            item = self._registry.update(
                keys.outbox_key(entry_id),
                "SET attempts = attempts + :one, gsi1sk = :until, card.attempts = attempts + :one",
                condition="gsi1pk = :lane AND gsi1sk <= :now",
                values={
                    ":one": 1,
                    ":until": iso(until),
                    ":lane": keys.outbox_lane(lane_of(entry_id)),
                    ":now": iso(at),
                },
            )
        except ConditionFailed:
            return None
        tried_before = item["attempts"] > 1 or "redelivered_at" in item
        return Delivery(entry_id, item["kind"], _known_entry(item), item["attempts"], item["created_at"], tried_before)

    def due(self, lane: int, *, at: datetime) -> Iterator[str]:
        """Ids of a lane's entries whose time has come, oldest first. AWS calls: 1 a page."""
        for item in self._registry.query_all(keys.outbox_lane(lane), index="gsi1", between=("0", iso(at))):
            yield item["pk"].removeprefix(keys.outbox_key("")["pk"])  # the index carries the key, not the entry

    def finish(self, entry_id: str, *, at: datetime) -> None:
        """Take a delivered entry out of its lane; the item stays as a trace for a while. AWS calls: 1."""
        self._registry.update(
            keys.outbox_key(entry_id),
            "SET delivered_at = :at, #ttl = :gone REMOVE gsi1pk, gsi1sk, last_error",
            values={":at": iso(at), ":gone": int((at + TRACE_KEPT).timestamp())},
            names={"#ttl": "ttl"},
        )

    def postpone(self, delivery: Delivery, *, error: str, until: datetime) -> None:
        """Record a failed try and when the next one is due. AWS calls: 1."""
        self._after_failure(delivery, keys.outbox_lane(lane_of(delivery.entry_id)), iso(until), error)

    def park(self, delivery: Delivery, *, error: str, at: datetime) -> None:
        """Give an entry to a human: it leaves its lane for the list of what is parked. AWS calls: 1."""
        self._after_failure(delivery, keys.PARKED, iso(at), error)

    def parked(self, *, kind: str | None = None) -> Iterator[str]:
        """Ids of parked entries, oldest first; parked executions are on the same list and are none. AWS calls: 1 a page."""
        mine = keys.outbox_key("")["pk"]
        for item in self._registry.query_all(keys.PARKED, index="gsi1"):
            if item["pk"].startswith(mine) and kind in (None, item["card"]["kind"]):
                yield item["pk"].removeprefix(mine)

    def make_due(self, entry_id: str, *, kind: str | None, at: datetime) -> bool:
        """Put a parked entry back into its lane with all its tries before it; False where it is not parked, or of another
        kind. AWS calls: 1.
        """
        values: Item = {
            ":parked": keys.PARKED,
            ":lane": keys.outbox_lane(lane_of(entry_id)),
            ":now": iso(at),
            ":none": 0,
        }
        try:
            self._registry.update(
                keys.outbox_key(entry_id),
                "SET gsi1pk = :lane, gsi1sk = :now, redelivered_at = :now, attempts = :none, card.attempts = :none",
                condition="gsi1pk = :parked" + (" AND kind = :kind" if kind else ""),
                values={**values, ":kind": kind} if kind else values,
            )
        except ConditionFailed:
            return False
        return True

    def _after_failure(self, delivery: Delivery, pk: str, sk: str, error: str) -> None:
        try:
            self._registry.update(
                keys.outbox_key(delivery.entry_id),
                "SET gsi1pk = :pk, gsi1sk = :sk, last_error = :error, card.last_error = :error",
                condition="attempts = :attempt AND attribute_exists(gsi1pk)",
                values={":pk": pk, ":sk": sk, ":error": error, ":attempt": delivery.attempt},
            )
        except ConditionFailed:
            return  # a later try has taken over: what becomes of the entry is its to say

    def token_of(self, task_id: str) -> str | None:
        """The token a task waits with now, or None before its workflow has opened it. AWS calls: 1."""
        item = self._registry.get(keys.task_key(task_id)) or {}
        token: str | None = item.get("token")
        return token

    def phone_cipher_of(self, text: SendSms) -> bytes | None:
        """The sealed phone a short message goes to. AWS calls: 1."""
        at = text.sealed_at
        key = {"pk": at["pk"], "sk": at["sk"]} if at else keys.person_key(text.person_id)
        item = self._registry.get(key) or {}
        cipher: bytes | None = item.get(at["member"] if at else "phone_cipher")
        return cipher

    def add_message(self, message: SendMessage, *, message_id: str, created_at: str) -> None:
        """Put a message into an inbox and count it as unread; a second time changes nothing.

        One that was held up until its reader had marked everything as read gets an id behind that mark, always the
        same one: it has not been seen. AWS calls: 1; held up 3.
        """
        if not self._added(message, message_id, created_at):
            head = self._registry.get(keys.message_head_key(message.account_id)) or {}
            self._added(message, just_after(head["read_until"], message_id), created_at)

    def _added(self, message: SendMessage, message_id: str, created_at: str) -> bool:
        """Whether the message is in the inbox now; False where everything up to its id was marked as read. AWS calls: 1."""
        item = {
            **keys.message_key(message.account_id, message_id),
            "v": 1,
            "message_id": message_id,
            "at": created_at,
            "title": message.title,
            "body": message.body,
            "link": message.link,
            "read": False,
        }
        head = update_item(
            self._registry,
            keys.message_head_key(message.account_id),
            "SET v = :v ADD unread :one",
            condition="attribute_not_exists(read_until) OR read_until < :id",
            values={":v": 1, ":one": 1, ":id": message_id},
        )
        try:
            transact(
                self._registry.client, [put_item(self._registry, item, condition="attribute_not_exists(pk)"), head]
            )
        except Cancelled as cancelled:
            if not cancelled.failed(0) and not cancelled.failed(1):
                raise
            return cancelled.failed(0)
        return True

    def forget_parked(self, execution: str) -> None:
        """An execution that was taken up again needs no attention any more. AWS calls: 1."""
        self._registry.delete(keys.parked_key(execution))


def _known_entry(item: Item) -> Entry | None:
    try:
        return entry_of(item)
    except (KeyError, TypeError):  # written by a newer version, before a rollback
        return None


def just_after(mark: str, entry_id: str) -> str:
    """The id (UUIDv7) of the next millisecond after another's, the rest as in `entry_id`."""
    milliseconds = f"{int(mark[:8] + mark[9:13], 16) + 1:012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}{entry_id[13:]}"
