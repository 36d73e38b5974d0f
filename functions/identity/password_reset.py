"""A forgotten password (忘记密码): the phone's code and the ID number together open the way to a new one."""

from identity.code_store import CodeStore
from identity.passwords import InvalidPassword, check_password, hashed
from identity.sign_in import id_numbers_in, masked_origin
from identity.store import IdentityStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import spend_code
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.workdays import today_in_shanghai


class NotMatching(Invalid):
    """Nobody has this ID number together with this phone: whether the number is registered at all is not told."""

    code = "id_number_and_phone_differ"
    title = "证件号码与手机号不匹配"
    detail = "没有找到证件号码与手机号都一致的账号，密码没有修改。请核对证件号码；如手机号已更换，请提交申诉。"

    def __init__(self) -> None:
        super().__init__(errors=[FieldProblem("id_number", self.code, type(self).detail)])


def reset_password(
    id_number: str,
    phone: MainlandPhone,
    otp: str,
    new_password: str,
    *,
    origin: str,
    store: IdentityStore,
    codes: CodeStore,
    lookup: LookupKey,
    clock: Clock,
    new_id: NewId,
) -> None:
    """Set a new password, open a lock, end every session of the account.

    Raises Invalid for a password that may not be one, before the code is looked at; OtpInvalid, OtpExhausted; NotMatching.
    AWS calls: 3.
    """
    try:
        check_password(new_password, personal=[id_number.strip(), phone.text])
    except InvalidPassword as refused:
        raise Invalid(errors=[refused.at("new_password")]) from refused
    now = clock()
    numbers = id_numbers_in(id_number, today=today_in_shanghai(now))
    person_id = store.person_behind([lookup.of(*number) for number in numbers]) if numbers else None
    spend_code(phone, Purpose.RESET, otp, store=codes, lookup=lookup, clock=clock)
    if person_id is None:
        raise NotMatching()
    phone_hash, password_hash = lookup.of("phone", phone.text), hashed(new_password)
    if not store.reset_password(
        person_id, phone_hash, password_hash, now=now, new_id=new_id, origin=masked_origin(origin)
    ):
        raise NotMatching()
