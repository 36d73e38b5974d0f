"""What stands in the way of a registration: the number or the phone is somebody's. Told only to who proved a phone by code."""

from jingkuai.domain.problem import Conflict


class IdNumberRegistered(Conflict):
    """An account with this ID number stands. Told only to whoever proved a phone by code."""

    code = "id_number_registered"
    title = "该证件号码已注册"
    detail = (
        "这个证件号码已经注册过账号，没有重复注册。如果是您本人注册的，请用证件号码登录；忘记密码的，通过短信验证码重设密码。"
        "如果不是您本人注册的，或者手机号已更换无法登录，请提交申诉，由财政局核实处理。"
    )


class IdNumberReserved(Conflict):
    """An appeal has freed the number; for thirty days only the phone of that appeal registers it."""

    code = "id_number_reserved"
    title = "该证件号码为申诉人保留"
    detail = "该证件号码经申诉核实，30 天内只能用申诉时的手机号注册，没有注册。如果您就是申诉人，请改用申诉时的手机号。"


class PhoneRegistered(Conflict):
    """Another accountant's account has this phone."""

    code = "phone_registered"
    title = "该手机号已被使用"
    detail = "这个手机号已经绑定了另一个账号，没有注册。如果是您本人的账号，请直接登录；否则请换一个本人的手机号，或者提交申诉。"
