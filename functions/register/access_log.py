"""Who looked at a record (查阅记录): of whoever looked their person sees the role and the bureau, never a name or an account."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingkuai.aws.tables import Item


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the record in full. `region_code` is the bureau of whoever looked, None for the person's own."""

    at: str
    by_role: str
    region_code: str | None
    purpose: str


@dataclass(frozen=True, slots=True)
class LookPage:
    """One page of the log, newest first."""

    looks: Sequence[Look]
    next_start: Item | None
