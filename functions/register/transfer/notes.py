"""What the parties of a transfer are told when its person acts (通知各方); texts name nobody."""

from jingkuai.aws.outbox import Entry, SendMessage
from jingkuai.aws.owners import mailbox_of
from jingkuai.aws.transfers import list_with
from jingkuai.domain.transfer import Step, Transfer


def filed(transfer: Transfer) -> list[Entry]:
    """It is on its way; the first who is asked reads so in their own list."""
    first = transfer.who(transfer.steps[0])
    body = (
        f"您的调转申请已提交，现在由{first}办理，办理期限{transfer.steps[0].workdays}个工作日。请打开查看各环节的进度。"
    )
    return [SendMessage(transfer.person_id, "调转申请已提交", body, f"/me/transfers/{transfer.transfer_id}")]


def cancelled(transfer: Transfer) -> list[Entry]:
    """The person has taken it back: whoever has been asked so far need do no more, and the person has it in writing."""
    body = "您已取消调转，登记信息没有变化，仍由原来的财政局管理。以后需要调转的，可以重新申请。"
    return [
        SendMessage(transfer.person_id, "调转已取消", body, f"/me/transfers/{transfer.transfer_id}"),
        *(_no_more_to_do(owner, step) for owner, step in _asked(transfer).items()),
    ]


def _asked(transfer: Transfer) -> dict[str, Step]:
    """Whoever has been asked so far, by the step whose list shows it; of a release that went to the bureau above for being late,
    the one that keeps the record as well.
    """
    asked = {one.owner: one.step for one in transfer.steps[: transfer.step_index + 1]}
    late = {transfer.from_region: Step.RELEASE} if Step.RELEASE in asked.values() else {}
    return late | asked


def _no_more_to_do(owner: str, step: str) -> SendMessage:
    text = "一项请您办理的调转已由本人取消，不需要再办理；已经办理的不再生效。"
    return SendMessage(mailbox_of(owner), "调转已取消", text, list_with(step))
