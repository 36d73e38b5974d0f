"""Closing one's account (注销账号): nobody signs in any more, the phone is free; the record stays, as the law has it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import SentCodes, spend_own_code
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, NotFound
from jingkuai.domain.submission import SubmissionKind
from register.submissions import OpenSubmission, OpenTransfer

if TYPE_CHECKING:
    from register.deactivation_store import DeactivationStore, Leaving


class AlreadyDeactivated(Conflict):
    """The account is closed; its last tokens live some seconds longer."""

    code = "already_deactivated"
    title = "账号已经注销"
    detail = "该账号已经注销，没有需要再办的。以后需要恢复使用的，请用现在的手机号提交申诉，由财政局核实身份。"


class NumberInDispute(Conflict):
    """Somebody has appealed about the ID number: until that is decided the account stays as it is."""

    code = "number_in_dispute"
    title = "证件号码正在申诉核实"
    detail = "有人就该账号的证件号码提出了申诉，财政局办结之前不能注销，账号没有变化。请携带身份证件联系登记的财政局。"


def deactivate(
    otp: str, *, by: Principal, store: "DeactivationStore", codes: SentCodes, lookup: LookupKey, clock: Clock
) -> None:
    """Close the caller's account, proven by a code on its own phone; of two at once exactly one does it.

    Raises AlreadyDeactivated, OpenSubmission, OpenTransfer before the code is looked at; OtpInvalid, OtpExhausted;
    NumberInDispute. Where something has changed meanwhile, the same again, or Conflict. AWS calls: 3.
    """
    now = clock()
    leaving = _free_to_go(store.leaving(by.account_id, at=now))
    spend_own_code(leaving.phone_hash, Purpose.CONFIRM, otp, store=codes, lookup=lookup, clock=clock)
    if store.close(leaving, by=by, at=now):
        return
    _free_to_go(store.leaving(by.account_id, at=clock()))
    if store.in_dispute(leaving):
        raise NumberInDispute()
    raise Conflict()


def _free_to_go(leaving: "Leaving | None") -> "Leaving":
    if leaving is None:
        raise NotFound()
    if leaving.closed:
        raise AlreadyDeactivated()
    _refuse_open(leaving.open)
    return leaving


def _refuse_open(standing: Mapping[str, str]) -> None:
    for kind, case_id in standing.items():
        if kind not in set(SubmissionKind):
            raise OpenTransfer(
                "您有一件调转正在办理，账号没有注销。请等它办结，或者先取消，再来注销。", extra={"transfer_id": case_id}
            )
        raise OpenSubmission(
            "您有申请正在办理，账号没有注销。请等它办结，或者先撤回，再来注销。",
            extra={"submission_id": case_id, "kind": kind},
        )
