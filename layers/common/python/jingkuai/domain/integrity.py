"""Integrity records (诚信记录): rewards, penalties and untruthful material, entered by a bureau and confirmed by the one above.

Source: handbook, section 9. Until it is confirmed a record is none; its person is told then, and may object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

INTEGRITY_RECORD: Final = "integrity_record"  # as a kind of review task
REPORTED_BY_UNIT: Final = "integrity_report"  # the route of a record that begins with what a unit says


class IntegrityKind(StrEnum):
    """What is recorded: a reward (表彰奖励), a penalty (处理处罚), untruthful material (弄虚作假)."""

    REWARD = "reward"
    PENALTY = "penalty"
    UNTRUTHFUL = "untruthful"

    @property
    def label(self) -> str:
        return {"reward": "表彰奖励", "penalty": "处理处罚", "untruthful": "弄虚作假"}[self.value]


class IntegrityState(StrEnum):
    """Where a record stands. `pending` is known to bureaus only; one that was not confirmed ends as `revoked`."""

    PENDING = "pending"
    EFFECTIVE = "effective"
    OBJECTED = "objected"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Objection:
    """What somebody says against a record about them (异议), and which scans go with it."""

    statement: str
    attachment_ids: tuple[str, ...]
    at: str
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a bureau said to the person, and when: why a record was taken back, or stands in spite of an objection."""

    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class IntegrityRecord:
    """An integrity record (诚信记录) as it stands. `effective_at` is when it was confirmed."""

    record_id: str
    kind: str
    title: str
    facts: str
    decided_on: str
    state: IntegrityState
    document_no: str | None = None
    effective_until: str | None = None
    effective_at: str | None = None
    objection: Objection | None = None
    revocation: Answered | None = None

    def revoked(self, why: Answered) -> IntegrityRecord:
        """The same record taken back."""
        return replace(self, state=IntegrityState.REVOKED, revocation=why)

    def upheld(self, why: Answered) -> IntegrityRecord:
        """The same record, which stands after the objection was looked into."""
        objection = replace(self.objection, answered=why) if self.objection else None
        return replace(self, state=IntegrityState.EFFECTIVE, objection=objection)
