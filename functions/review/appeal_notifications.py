"""What both sides of an appeal are told (申诉结果通知): whoever filed it, by the phone they proved, and who holds the number.

Texts name nobody; the reason of a rejection is read with the query code.
"""

from jingkuai.aws import keys
from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from jingkuai.domain.appeal import RESERVED
from jingkuai.domain.regions import bureau_name
from review.case import Filing

OLD_PHONE = "holder_phone_cipher"  # of the appeal's item: the account's phone as it was before the appeal


def rejected(filing: Filing) -> list[Entry]:
    """Nothing changes: the account opens again."""
    open_again = "有关您账号证件号码的申诉已经办结，未予支持，您的账号恢复使用，信息没有变化。"
    return [
        SendSms(filing.person_id, open_again),
        SendMessage(filing.person_id, "账号恢复使用", open_again),
        _to_who_filed(filing, "您提交的申诉未予通过。请用查询码查看原因；情况有变化或者材料补齐后，可以重新提交申诉。"),
    ]


def forwarded(filing: Filing, *, to_region: str) -> list[Entry]:
    """Another bureau looks into it now."""
    return [
        _to_who_filed(
            filing, f"您提交的申诉已转交{bureau_name(to_region)}核实，不需要重新提交。请用查询码查看办理进度。"
        )
    ]


def phone_changed(filing: Filing) -> list[Entry]:
    """The account goes on with the appeal's phone."""
    told = "经财政局核实，您的账号已改绑新的手机号，此前的登录已全部退出。如不是您本人申请，请携带身份证件联系财政局。"
    return [
        _to_old_phone(filing, told),
        SendMessage(filing.person_id, "账号已改绑手机号", told),
        _to_who_filed(
            filing, "您提交的申诉已通过，账号已绑定本手机号。请用短信验证码登录，或者通过短信验证码重设密码。"
        ),
    ]


def number_freed(filing: Filing) -> list[Entry]:
    """The account is closed, its number waits for the appeal's phone."""
    return [
        _to_old_phone(
            filing,
            "经财政局核实，您的账号登记的证件号码属于他人，账号已经关闭。"
            "如有异议，请携带身份证件联系财政局；您本人可以用自己的证件号码重新注册。",
        ),
        _to_who_filed(
            filing, f"您提交的申诉已通过，证件号码已为您保留。请在{RESERVED.days}天内用本手机号注册，逾期不再保留。"
        ),
    ]


def former_number_freed(filing: Filing) -> list[Entry]:
    """A number that the holder had before goes to the appeal's phone; the account stays as it is."""
    told = "经财政局核实，您曾用的证件号码属于他人，已从您的账号解除。您的账号恢复使用，其他信息没有变化。"
    return [
        SendSms(filing.person_id, told),
        SendMessage(filing.person_id, "曾用证件号码已解除", told),
        _to_who_filed(
            filing, f"您提交的申诉已通过，证件号码已为您保留。请在{RESERVED.days}天内用本手机号注册，逾期不再保留。"
        ),
    ]


def _to_old_phone(filing: Filing, text: str) -> SendSms:
    return SendSms(filing.person_id, text, {**_item(filing), "member": OLD_PHONE})


def _to_who_filed(filing: Filing, text: str) -> SendSms:
    return SendSms(filing.person_id, text, {**_item(filing), "member": "phone_cipher"})


def _item(filing: Filing) -> dict[str, str]:
    key = keys.appeal_key(filing.subject_id)
    return {"pk": key["pk"], "sk": key["sk"]}
