"""The last step of an approved appeal: the account gets the appeal's phone, or closes and gives its number up."""

from jingkuai.aws.clock import Clock
from jingkuai.domain.appeal import AppealKind
from review.appeal_ruling_store import PhoneTaken, RulingStore
from review.case import Case, Disputed, Outcome
from review.case_store import CaseStore
from review.checks import Finding, Result

PHONE_TAKEN = Finding(
    "phone_registered_meanwhile",
    Result.DOUBTFUL,
    "提交申诉之后，申诉人的手机号已绑定另一个账号，不能再绑定本账号。请不予通过，并请申诉人换一个手机号重新申诉。",
)

HOLDER_HAS_LEFT = Finding(
    "account_deactivated_meanwhile",
    Result.DOUBTFUL,
    "该账号已由本人注销，不能再改绑手机号。请不予通过，并告知申诉人按“证件号码被他人注册”重新申诉，核实后重新注册。",
)
NOT_CARRIED_OUT = "各级财政局通过之后情况有变，申诉结果没有执行，由最后一级财政局重新核对。"


def apply_appeal(case: Case, disputed: Disputed, *, store: CaseStore, rulings: RulingStore, clock: Clock) -> Outcome:
    """Carry the ruling out, all of it or nothing; sessions end, the old phone is told.

    Answers `conflict` where another account took the phone meanwhile, or a phone is asked for by whoever closed the
    account: the last stage then opens again with that finding.
    Raises CaseMoved. AWS calls: 2.
    """
    now = clock()
    ruling = rulings.ruling(case, disputed)
    if ruling.holder_has_left and ruling.kind is AppealKind.PHONE_CHANGED:
        store.reopen_last_stage(
            case, base_version=case.base_version, finding=HOLDER_HAS_LEFT, note=NOT_CARRIED_OUT, at=now
        )
        return Outcome.CONFLICT
    try:
        if ruling.kind is AppealKind.PHONE_CHANGED:
            rulings.give_phone(ruling, at=now)
        elif ruling.number_is_former:
            rulings.free_former_number(ruling, at=now)
        else:
            rulings.free_number(ruling, at=now)
    except PhoneTaken:
        store.reopen_last_stage(case, base_version=case.base_version, finding=PHONE_TAKEN, note=NOT_CARRIED_OUT, at=now)
        return Outcome.CONFLICT
    return Outcome.APPLIED
