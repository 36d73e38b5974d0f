"""What people are told of a review (通知): the applicant by a message and a short message, each saying what to do next, and the
reviewer whom a task is handed to or whose approval was contradicted.

Texts name nobody and repeat nothing that was typed: the reason stands in the submission, which only its owner opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from jingkuai.domain.appeal import APPEAL
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.regions import bureau_name
from jingkuai.domain.submission import TRANSFER
from review import appeal_notifications
from review.case import Case, Filing
from review.integrity import notifications as integrity_notifications
from review.review_task import ReviewTask
from review.transfer import notifications as transfer_notifications


def returned(filing: Filing, *, until: date) -> list[Entry]:
    """Something is to be corrected by this date."""
    if filing.kind == TRANSFER:
        return transfer_notifications.papers_wanted(filing, until=_day(until))
    return _both(
        filing,
        "申请被退回，请修改后重新提交",
        f"您的{filing.kind_label}申请被退回。请打开申请查看退回原因和需要修改的内容，在{_day(until)}前修改并重新提交，逾期申请自动失效。",
    )


def rejected(filing: Filing, *, heard: Sequence[str] = ()) -> list[Entry]:
    """It ended without an approval. `heard` are those who had a say in a transfer before."""
    if filing.kind == APPEAL:
        return appeal_notifications.rejected(filing)
    if filing.kind == INTEGRITY_RECORD:
        return integrity_notifications.not_confirmed(filing)
    if filing.kind == TRANSFER:
        return transfer_notifications.refused(filing, heard)
    return _both(
        filing,
        "申请未通过审核",
        f"您的{filing.kind_label}申请未通过审核。请打开申请查看原因；情况有变化或者材料补齐后，可以重新提交一份申请。",
    )


def approved(filing: Filing) -> list[Entry]:
    """It is part of the record now."""
    return _both(
        filing,
        "申请已通过审核",
        f"您的{filing.kind_label}申请已通过审核，内容已记入您的信息档案。请登录系统核对，如有出入请提交变更申请或联系登记的财政局。",
    )


def forwarded(filing: Filing, *, to_region: str) -> list[Entry]:
    """Another bureau has it now; nothing is to be done."""
    if filing.kind == APPEAL:
        return appeal_notifications.forwarded(filing, to_region=to_region)
    return _both(
        filing,
        "申请已转交其他财政局办理",
        f"您的{filing.kind_label}申请已转交{bureau_name(to_region)}办理，不需要重新提交，办理期限重新计算。请打开申请查看办理进度。",
    )


def expired(case: Case) -> list[Entry]:
    """Nobody corrected it within the 30 days."""
    filing = case.filing
    if case.relocation:
        return transfer_notifications.expired(case)
    return _both(
        filing,
        "申请已失效",
        f"您的{filing.kind_label}申请退回后30天内没有重新提交，已自动失效。需要办理的，请重新提交一份申请，已上传的扫描件需要重新上传。",
    )


def assigned(account_id: str, task: ReviewTask) -> SendMessage:
    """A reviewer has been handed a task."""
    what = "审核结论抽查" if task.judged else task.filing.kind_label
    return SendMessage(
        account_id,
        "负责人向您分派了任务",
        f"本局负责人向您分派了一件{what}，办理期限{_day(date.fromisoformat(task.card.due_on))}，为您保留两小时。",
        f"/review/tasks/{task.task_id}",
    )


def contradicted(account_id: str, task_id: str) -> SendMessage:
    """A second look came to another conclusion than this reviewer."""
    return SendMessage(
        account_id,
        "抽查认为您的一项审核结论有误",
        "上一级财政局抽查了您通过的一件申请，认为结论有误。请打开该任务查看抽查意见；信息需要更正的，请通知本人办理变更。",
        f"/review/tasks/{task_id}",
    )


def _both(filing: Filing, title: str, body: str) -> list[Entry]:
    return [SendMessage(filing.person_id, title, body, filing.link), SendSms(filing.person_id, body)]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
