"""Forwarding (转交): a case that lies at the wrong bureau goes to the right one, without being filed again."""

from collections.abc import Iterator
from datetime import datetime

from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import TRANSFER, SubmissionKind
from jingkuai.domain.workdays import today_in_shanghai
from review.review_task import Choice, Decision, ReviewTask

_FORWARDED = (SubmissionKind.REGISTRATION, APPEAL)


class NotForwardable(Invalid):
    """A change of a record is decided by the bureau that keeps the record: another one gets it by a transfer alone."""

    code = "not_forwardable"
    title = "变更申请不能转交"
    detail = "变更申请由管理该档案的财政局审核，不能转交，没有保存任何意见。人员已到其他地区工作的，请退回，并请申请人办理调转。"


class TransferNotForwardable(NotForwardable):
    """A transfer goes where its person asked to."""

    title = "调转不能转交"
    detail = (
        "调转按申请的地区办理，不能转交，没有保存任何意见。不属于本局的，请不予通过并写明原因，申请人可以重新申请。"
    )


class IntegrityRecordNotForwardable(NotForwardable):
    """An integrity record is confirmed above the bureau that keeps the person's record."""

    title = "诚信记录不能转交"
    detail = (
        "诚信记录由管理该档案的财政局及其上一级办理，不能转交，没有保存任何意见。内容有误的，请写明原因、不予确认。"
    )


_NOT_FORWARDABLE = {TRANSFER: TransferNotForwardable, INTEGRITY_RECORD: IntegrityRecordNotForwardable}


def refuse_unless_possible(task: ReviewTask, decision: Decision, *, at: datetime) -> None:
    """The rules for moving a case to another bureau. Raises NotForwardable, Invalid with what is wrong with `to_region`."""
    if decision.choice is not Choice.FORWARD:
        if decision.to_region is None:
            return
        raise Invalid(
            errors=[
                FieldProblem(
                    "to_region",
                    "not_expected",
                    "只有转交时才填写接收的财政局，请去掉 to_region，或者把结论改为 forward。",
                )
            ]
        )
    if task.card.kind not in _FORWARDED:
        raise _NOT_FORWARDABLE.get(task.filing.kind, NotForwardable)()
    problems = list(_problems(task, decision.to_region, at))
    if problems:
        raise Invalid(errors=problems)


def _problems(task: ReviewTask, to_region: str | None, at: datetime) -> Iterator[FieldProblem]:
    if to_region is None:
        yield FieldProblem("to_region", "required", "转交时必须写明接收的财政局：六位区划代码。")
    elif not hubei().is_authority(to_region, on=today_in_shanghai(at)):
        yield FieldProblem("to_region", "unknown_region", "没有这个区划的财政局，请从区划列表中选择。")
    elif to_region == task.owner:
        yield FieldProblem("to_region", "same_bureau", "该任务已经在这个财政局，请填写另一个财政局，或者直接办理。")
