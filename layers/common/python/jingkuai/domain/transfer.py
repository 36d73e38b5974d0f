"""Transfers (调转): a record changes the bureau that keeps it, with its person's place of work; at every moment exactly one keeps it.

Source: handbook, section 6. Which steps a case has, who takes them and how long each may last is data: see
`transfer_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from jingkuai.domain.problem import Conflict, FieldProblem, Invalid
from jingkuai.domain.regions import PROVINCE, Divisions, bureau_name, is_elsewhere
from jingkuai.domain.submission import TRANSFER, Stage, SubmissionKind, SubmissionStatus, TimelineEntry

BARRING: Final = (SubmissionKind.REGISTRATION, SubmissionKind.EMPLOYMENT_CHANGE, SubmissionKind.IDENTITY_CHANGE)
TRANSFERRED_OUT: Final = "transferred_out"  # of a person whose record left the province: closed, and readable for good
_UNDER_THE_PROVINCE: Final = "4290"  # the four county-level units without a city: each is one of its own


class Route(StrEnum):
    """Where a transfer leads (调转类型), which decides whom it takes."""

    SAME_COUNTY = "same_county"
    SAME_CITY = "same_city"
    BETWEEN_CITIES = "between_cities"
    OUT_OF_PROVINCE = "out_of_province"
    INTO_PROVINCE = "into_province"


class Step(StrEnum):
    """Who has a say (办理环节): the unit that is left, the bureau that is left, the bureau that is joined."""

    EMPLOYER = Stage.EMPLOYER.value
    RELEASE = Stage.RELEASE.value
    ACCEPTANCE = Stage.ACCEPTANCE.value


class TransferStatus(StrEnum):
    """Where a transfer stands. One of the last four is its end."""

    WAITING_EMPLOYER = "waiting_employer"
    WAITING_RELEASE = "waiting_release"
    WAITING_ACCEPTANCE = "waiting_acceptance"
    WAITING_PAPERS = "waiting_papers"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_ENDS: Final[Mapping[SubmissionStatus, TransferStatus]] = {
    SubmissionStatus.RETURNED: TransferStatus.WAITING_PAPERS,
    SubmissionStatus.APPROVED: TransferStatus.COMPLETED,
    SubmissionStatus.REJECTED: TransferStatus.REFUSED,
    SubmissionStatus.WITHDRAWN: TransferStatus.CANCELLED,
    SubmissionStatus.EXPIRED: TransferStatus.EXPIRED,
}
_WAITS: Final[Mapping[Step, TransferStatus]] = {
    Step.EMPLOYER: TransferStatus.WAITING_EMPLOYER,
    Step.RELEASE: TransferStatus.WAITING_RELEASE,
    Step.ACCEPTANCE: TransferStatus.WAITING_ACCEPTANCE,
}


def status_of(case: SubmissionStatus, due: Step) -> TransferStatus:
    """What a transfer is called whose case stands so; `due` is the step it is at, the last one where all are done."""
    return _ENDS.get(case, _WAITS[due])


class NotATransfer(Invalid):
    """Inside one county the bureau stays the same: that is a change of employment."""

    code = "not_a_transfer"
    title = "不需要办理调转"
    detail = "目标地区与登记您信息的财政局相同，不需要办理调转，这次没有提交。请提交工作单位变更申请。"


class UnknownRegion(Invalid):
    """No bureau of Hubei, and no province or city elsewhere, has this code."""

    code = "unknown_region"
    title = "没有这个地区"
    detail = "没有这个地区，这次没有提交。请从区划列表中选择要调往的地区。"

    def __init__(self) -> None:
        text = "没有这个地区：省内请填写六位区划代码，省外请填写省或市的代码，请从列表中选择。"
        super().__init__(errors=[FieldProblem("to_region", "unknown_region", text)])


class AlreadyElsewhere(Conflict):
    """Somebody who left the province comes back, or moves on where they are now."""

    code = "record_closed"
    title = "登记信息已转出本省"
    detail = (
        "您的登记信息已经转出湖北省，不能再从这里转往其他省份。请在现在的登记地办理；要转回湖北的，请选择湖北的地区。"
    )


def route_to(to_region: str, *, kept_by: str, status: str, on: date, divisions: Divisions) -> Route:
    """The route of a transfer of a record that this bureau keeps, or kept before it left the province.

    Raises UnknownRegion, also for a bureau that does not exist on that day; AlreadyElsewhere.
    """
    inside = divisions.is_authority(to_region, on=on)
    if not inside and not is_elsewhere(to_region):
        raise UnknownRegion()
    if status == TRANSFERRED_OUT:
        if not inside:
            raise AlreadyElsewhere()
        return Route.INTO_PROVINCE
    if not inside:
        return Route.OUT_OF_PROVINCE
    if to_region == kept_by:
        return Route.SAME_COUNTY
    return Route.SAME_CITY if _city_of(to_region) == _city_of(kept_by) else Route.BETWEEN_CITIES


def _city_of(region_code: str) -> str:
    """What makes two divisions one city: the first four digits, but under 4290 every division is one of its own."""
    city = region_code[:4]
    return region_code if city in (_UNDER_THE_PROVINCE, PROVINCE[:4]) else city


class OpenMatter(Conflict):
    """A registration, a change of unit or of identity is under way; `submission_id` names it (handbook, section 6)."""

    code = "open_submission"
    title = "有申请正在办理"
    detail = "您有一份申请正在办理，办结之前不能调转，这次没有提交。请等它办结，或者先撤回它。"


class AnotherTransfer(Conflict):
    """One transfer at a time; `transfer_id` names the one that is open."""

    code = "open_transfer"
    title = "已有调转正在办理"
    detail = "您已有一项调转正在办理，这次没有提交。请打开它查看进度；要改往别处的，请先取消它。"


def refuse_while_open(open_matters: Mapping[str, str]) -> None:
    """Raises OpenMatter, AnotherTransfer where what is open keeps a transfer from starting."""
    for kind in BARRING:
        if submission_id := open_matters.get(kind):
            raise OpenMatter(extra={"submission_id": submission_id, "kind": kind.value})
    if transfer_id := open_matters.get(TRANSFER):
        raise AnotherTransfer(extra={"transfer_id": transfer_id})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (单位) that somebody leaves or joins: its unified social credit code and its name."""

    uscc: str
    name: str

    def to_json(self) -> dict[str, str]:
        return {"uscc": self.uscc, "name": self.name}


class Answer(StrEnum):
    """What a unit says when it is asked (单位意见). `SILENCE` is none within its time, which counts as confirmed."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    SILENCE = "silence"


class StepState(StrEnum):
    """Where one step stands. A step that a case ended before is `dropped`."""

    PENDING = "pending"
    WAITING = "waiting"
    WAITING_PAPERS = "waiting_papers"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    UNANSWERED = "unanswered"
    APPROVED = "approved"
    REFUSED = "refused"
    DROPPED = "dropped"


_DECIDED: Final[Mapping[str, StepState]] = {
    Answer.CONFIRM: StepState.CONFIRMED,
    Answer.REFUSE: StepState.OBJECTED,
    Answer.SILENCE: StepState.UNANSWERED,
    "approve": StepState.APPROVED,
    "reject": StepState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A step of one case: whose it is (a region, or `E:` and a credit code), its term, and how it ended, if it did."""

    step: Step
    owner: str
    workdays: int
    due_on: str | None = None
    decided_at: str | None = None
    decision: str | None = None
    reason: str | None = None


def party(step: CaseStep, leaving: Unit | None) -> str:
    """What people call the party whose step it is; `leaving` is the unit that is left."""
    if step.step is Step.EMPLOYER:
        return leaving.name if leaving else "原单位"
    return bureau_name(step.owner)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as every party reads it."""

    step: Step
    who: str
    state: StepState
    due_on: str | None
    decided_at: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer (调转) as it stands. `case` is where its workflow has it; `step_index` counts the steps behind it.

    `from_employer` is the unit that is left; `form` what was filed, in its normal form; `letter` the number and date of
    the transfer letter with which a record left the province. `stage` is the step whose task is open.
    """

    transfer_id: str
    person_id: str
    route: Route
    case: SubmissionStatus
    from_region: str
    to_region: str
    from_employer: Unit | None
    form: Mapping[str, Any]
    attachment_ids: tuple[str, ...]
    steps: tuple[CaseStep, ...]
    submitted_at: str
    timeline: tuple[TimelineEntry, ...]
    step_index: int = 0
    round: int = 1
    version: int = 1
    stage: Stage | None = None
    due_on: str | None = None
    returned_for: str | None = None
    letter: Mapping[str, str] | None = None
    rules_version: str = ""
    release_refusals: tuple[str, ...] = ()  # the only reasons for which a release may be refused

    @property
    def at(self) -> CaseStep:
        """The step that is due; the last one where none is left."""
        return self.steps[min(self.step_index, len(self.steps) - 1)]

    @property
    def status(self) -> TransferStatus:
        return status_of(self.case, self.at.step)

    @property
    def is_agreed(self) -> bool:
        """Whether everybody has agreed and only the record is left to move."""
        return self.step_index >= len(self.steps)

    @property
    def has_open_task(self) -> bool:
        """Whether somebody's task is open for the step that is due, and not only about to be opened."""
        return self.stage is not None and self.stage.value == self.at.step.value and not self.is_agreed

    def shown_steps(self) -> tuple[ShownStep, ...]:
        """The way of the case with every party, date and reason."""
        return tuple(self._shown(place, step) for place, step in enumerate(self.steps))

    def who(self, step: CaseStep) -> str:
        """What people call the party whose step it is."""
        return party(step, self.from_employer)

    def _shown(self, place: int, step: CaseStep) -> ShownStep:
        is_due = place == self.step_index and step.decision is None
        waiting_for_papers = is_due and self.case is SubmissionStatus.RETURNED
        return ShownStep(
            step=step.step,
            who=self.who(step),
            state=self._state(step, is_due=is_due),
            due_on=self.due_on if is_due and self.due_on else step.due_on,
            decided_at=step.decided_at,
            reason=self.returned_for if waiting_for_papers else step.reason,
        )

    def _state(self, step: CaseStep, *, is_due: bool) -> StepState:
        if step.decision is not None:
            return _DECIDED[step.decision]
        if not self.case.is_open:
            return StepState.DROPPED
        if not is_due:
            return StepState.PENDING
        return StepState.WAITING_PAPERS if self.case is SubmissionStatus.RETURNED else StepState.WAITING
