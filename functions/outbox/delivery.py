"""Delivers an entry of the outbox: takes it, does what it says, and records what became of it. Never raises.

The stream calls a consumer that raises again and again and holds back what is behind; so a failure is a fact on the
entry (when to try again, the error's code), and after eight of them a parked item and an alarm.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from jingkuai.aws import keys
from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.outbox import KeepScans, ResumeTask, SendMessage, SendSms, StartExecution
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.sms import SmsSender
from outbox import scans, sms
from outbox.executions import Executions
from outbox.store import Delivery, OutboxStore
from outbox.tokens import TaskTokens

LEASE = timedelta(minutes=2)  # longer than the function may run
TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)

logger = Logger(child=True)


class UnknownEntry(Exception):
    """An entry of a kind this version does not know; a version that knows it may deliver it later."""


class Outcome(Enum):
    """What became of one entry in one try."""

    DELIVERED = auto()
    POSTPONED = auto()
    PARKED = auto()
    NOT_MINE = auto()


@dataclass(frozen=True, slots=True)
class Couriers:
    """Everything an entry may need to be delivered."""

    store: OutboxStore
    executions: Executions
    tokens: TaskTokens
    sealer: Sealer
    sender: SmsSender
    files: Files
    records_bucket: str

    def deliver(self, delivery: Delivery) -> None:
        """Do what the entry says. Raises whatever stands in the way."""
        match delivery.entry:
            case StartExecution() as start:
                self.executions.start(start, tried_before=delivery.tried_before)
            case ResumeTask() as resume:
                self.tokens.resume(resume)
            case SendMessage() as message:
                # the message's id is the entry's: delivered again, it is there already
                self.store.add_message(message, message_id=delivery.entry_id, created_at=delivery.created_at)
            case SendSms() as text:
                sms.deliver(text, store=self.store, sealer=self.sealer, sender=self.sender)
            case KeepScans() as kept:
                scans.deliver(kept, files=self.files, bucket=self.records_bucket)
            case None:
                raise UnknownEntry(delivery.kind)


def deliver(entry_id: str, *, couriers: Couriers, clock: Clock) -> Outcome:
    """Deliver one entry if it is due. A crash before the end leaves it due again when its lease ends."""
    store, now = couriers.store, clock()
    delivery = store.take(entry_id, at=now, until=now + LEASE)
    if delivery is None:
        return Outcome.NOT_MINE
    try:
        couriers.deliver(delivery)
    except Exception as failed:  # whatever it is, it becomes a fact on the entry: see the module's head
        return _record_failure(delivery, code_of(failed), store=store, clock=clock)
    store.finish(entry_id, at=clock())
    return Outcome.DELIVERED


def deliver_all(
    entry_ids: Iterable[str], *, couriers: Couriers, clock: Clock, time_left: Callable[[], bool]
) -> list[Outcome]:
    """Deliver these, each for itself, as long as there is time; the rest stays due."""
    outcomes = []
    for entry_id in entry_ids:
        if not time_left():
            break
        try:
            outcomes.append(deliver(entry_id, couriers=couriers, clock=clock))
        except Exception as failed:  # the entry itself could not be read or written: due again when its lease ends
            logger.error("outbox_entry_unreachable", extra={"entry_id": entry_id, "error": code_of(failed)})
    return outcomes


def due_entries(store: OutboxStore, *, clock: Clock) -> Iterable[str]:
    """Every entry whose time has come, lane by lane. AWS calls: 8 and more with full pages."""
    for lane in range(keys.OUTBOX_LANES):
        yield from store.due(lane, at=clock())


def code_of(failed: Exception) -> str:
    """What stands in `last_error`: the service's code or the exception's name. Its message may hold personal data."""
    if isinstance(failed, ClientError):
        return str(failed.response.get("Error", {}).get("Code", "ClientError"))
    return type(failed).__name__


def _record_failure(delivery: Delivery, error: str, *, store: OutboxStore, clock: Clock) -> Outcome:
    facts = {"entry_id": delivery.entry_id, "kind": delivery.kind, "error": error}
    logger.warning("outbox_delivery_failed", extra={**facts, "attempt": delivery.attempt})
    if delivery.attempt >= TRIES:
        store.park(delivery, error=error, at=clock())
        return Outcome.PARKED
    pause = min(FIRST_PAUSE * 2 ** (delivery.attempt - 1), LONGEST_PAUSE)
    store.postpone(delivery, error=error, until=clock() + pause)
    return Outcome.POSTPONED
