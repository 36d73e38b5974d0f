"""The outbox (发件箱): what a transaction promises to do next, written with it, delivered by `functions/outbox`.

An entry is a fact with a key; the stream only wakes the deliverer. Entries hold ids and codes, never personal data.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Item

Machine = Literal["review", "transfer", "credit_import", "bulk"]


@dataclass(frozen=True, slots=True)
class StartExecution:
    """Start a state machine for the item at `subject` ({pk, sk}); `name` is `<id>.<attempt>`."""

    machine: Machine
    name: str
    subject: dict[str, str]


@dataclass(frozen=True, slots=True)
class ResumeTask:
    """Return the token of a waiting task with what was decided; the token itself is read from the task at delivery."""

    task_id: str
    outcome: dict[str, str]


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Put an in-site message into an account's inbox."""

    account_id: str
    title: str
    body: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class SendSms:
    """Send a short message to a person's phone, which is opened only at delivery.

    `sealed_at` names an item ({pk, sk}) and its `member` with another phone sealed for this person: the one they had
    before an appeal, or that of whoever filed it.
    """

    person_id: str
    text: str
    sealed_at: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class KeepScans:
    """Mark these scans as used (`kept=yes`), so that the seven-day clean-up leaves them."""

    record_keys: list[str]


Entry: TypeAlias = StartExecution | ResumeTask | SendMessage | SendSms | KeepScans
_KINDS: dict[str, type[Entry]] = {
    one.__name__: one for one in (StartExecution, ResumeTask, SendMessage, SendSms, KeepScans)
}


def outbox_item(entry: Entry, *, at: datetime, new_id: NewId) -> Item:
    """The item of a new entry, due at once."""
    entry_id = new_id(at)
    return {
        **keys.outbox_key(entry_id),
        "v": 1,
        "entry_id": entry_id,
        "kind": type(entry).__name__,
        "detail": {name: value for name, value in asdict(entry).items() if value is not None},
        "attempts": 0,
        "created_at": iso(at),
        **keys.index(1, keys.outbox_lane(lane_of(entry_id)), iso(at)),
        **keys.card(kind=type(entry).__name__, attempts=0),
    }


def lane_of(entry_id: str) -> int:
    """Which of the outbox's partitions an entry waits in."""
    return int(entry_id[-1], 16) % keys.OUTBOX_LANES


def entry_of(item: Item) -> Entry:
    """The entry an outbox item holds. Raises KeyError for a kind this version does not know."""
    kind: Any = _KINDS[item["kind"]]
    entry: Entry = kind(**item["detail"])
    return entry
