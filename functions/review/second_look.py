"""What a second look (抽查) is about: an approval that took effect already, judged once more by the bureau above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from jingkuai.domain.problem import Invalid


class NotForSecondLooks(Invalid):
    """The case is over: there is nothing to send back, and no other bureau to send it to."""

    code = "not_for_second_looks"
    title = "抽查只能维持或者认定有误"
    detail = (
        "抽查的事项已经办结，不能退回或者转交，没有保存任何意见。"
        "结论无误的请选择通过（approve），有误的请选择不予通过（reject）并写明原因；信息需要更正的，请另行通知本人办理变更。"
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The approval a second look judges. Without a `reviewer` the system gave it, and `task_id` names no task.

    `version_before` is the record's version that it changed.
    """

    bureau: str
    version_before: int
    decided_at: str
    reviewer: str | None = None
    task_id: str | None = None
    reason: str = ""

    def to_item(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, member: Mapping[str, Any]) -> Self:
        return cls(**member)


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a second look came to, as it stands on the task of the approval: its bureau reads it there."""

    decision: str
    reason: str
    at: str

    def to_item(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def of(cls, member: Mapping[str, str]) -> Self:
        return cls(**member)
