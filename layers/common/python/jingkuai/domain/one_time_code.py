"""One-time codes (短信验证码): six digits that prove a phone, for one purpose, once. Numbers from the handbook, section 10."""

from datetime import timedelta
from enum import StrEnum

from jingkuai.domain.problem import FieldProblem, Invalid

MOST_TRIES = 5


class Purpose(StrEnum):
    """What a code is for; a code for one purpose opens no other."""

    REGISTER = "register"
    LOGIN = "login"
    RESET = "reset"
    CONTACT = "contact"
    APPEAL = "appeal"
    CONFIRM = "confirm"

    @property
    def lifetime(self) -> timedelta:
        """An appeal takes several calls and some scans, all with the same code."""
        return timedelta(minutes=30 if self is Purpose.APPEAL else 5)

    @property
    def in_words(self) -> str:
        return _IN_WORDS[self]


_IN_WORDS = {
    Purpose.REGISTER: "注册账号",
    Purpose.LOGIN: "登录",
    Purpose.RESET: "重设密码",
    Purpose.CONTACT: "更换联系方式",
    Purpose.APPEAL: "提交申诉",
    Purpose.CONFIRM: "确认本人操作",
}


class OtpInvalid(Invalid):
    """The code is wrong, of another purpose, used, or too old: which of these is not said."""

    code = "otp_invalid"
    title = "验证码不正确"
    detail = "验证码不正确，或者已经用过、已过期。请核对短信后重填；仍不成功的，请重新获取验证码。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("otp", self.code, type(self).detail)])


class OtpExhausted(Invalid):
    """Five wrong tries: this code opens nothing any more."""

    code = "otp_exhausted"
    title = "验证码已失效"
    detail = "验证码连续输错 5 次，已经失效。请重新获取验证码。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("otp", self.code, type(self).detail)])
