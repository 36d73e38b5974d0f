"""The automatic check of an appeal (申诉核验): hints for the reviewers. Nothing of it can fail: its scans were asked for at filing."""

from review.case import Case, Disputed
from review.checks import Finding, Result
from review.record import PersonFacts


def check_appeal(case: Case, disputed: Disputed, holder: PersonFacts) -> tuple[Finding, ...]:
    """What a machine can say of an appeal, passed or doubtful."""
    return (
        Finding(
            "scans_accepted",
            Result.PASSED,
            "手持证件照和身份证件正反面齐全，均能正常打开，请核对是否同一人、是否本人。",
        ),
        _name_finding(disputed),
        *_region_finding(case, holder),
        *_account_finding(holder),
    )


def _name_finding(disputed: Disputed) -> Finding:
    if disputed.name_agrees:
        return Finding("name_agrees", Result.PASSED, "申诉人填写的姓名与该证件号码登记的姓名一致。")
    return Finding(
        "name_agrees", Result.DOUBTFUL, "申诉人填写的姓名与该证件号码登记的姓名不一致，请对照身份证件核对哪一个正确。"
    )


def _region_finding(case: Case, holder: PersonFacts) -> list[Finding]:
    if holder.region_code in (None, case.region_code):
        return []
    return [
        Finding(
            "record_kept_elsewhere",
            Result.DOUBTFUL,
            "该账号的信息档案由另一个财政局管理，请先与该局核实再作结论。",
        )
    ]


def _account_finding(holder: PersonFacts) -> list[Finding]:
    if not holder.is_deactivated:
        return []
    return [
        Finding(
            "account_deactivated",
            Result.DOUBTFUL,
            "该账号已由本人注销。申请改绑手机号的，请不予通过，并告知申诉人按“证件号码被他人注册”申诉；"
            "申诉证件号码被他人注册的，请核实申诉人是否就是注销人本人，通过后可重新注册。",
        )
    ]
