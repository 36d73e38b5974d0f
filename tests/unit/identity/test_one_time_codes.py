"""One-time codes: one purpose, one use, five tries, and limits that hold when requests come at once."""

import re
from typing import Any

import pytest

from identity.code_limits import AddressLimit, PhoneLimit
from identity.code_store import CodeStore
from identity.sending_codes import SmsNotSent, TooManyCodes
from jingkuai.aws.one_time_codes import ProvenPhone, spend_code, verify_code
from jingkuai.aws.tables import Cancelled, transact
from jingkuai.domain.one_time_code import OtpExhausted, OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from tests.conftest import NOON

from .conftest import PHONE, RULES, House


def spend(house: House, code: str, purpose: Purpose = Purpose.REGISTER) -> None:
    spend_code(MainlandPhone(PHONE), purpose, code, store=house.codes, lookup=house.lookup, clock=house.clock)


def others(code: str) -> list[str]:
    return [f"{(int(code) + more) % 10**6:06d}" for more in range(1, 10)]


def test_the_text_is_chinese_and_holds_the_six_digits_once(house: House) -> None:
    code = house.code()
    phone, text = house.sms.sent[-1]
    assert phone == PHONE
    assert re.findall(r"(?<!\d)\d{6}(?!\d)", text) == [code]
    assert "注册账号" in text
    assert "5分钟" in text


def test_nothing_stored_names_the_phone_or_the_code(house: House) -> None:
    code = house.code()
    stored = repr(house.items(house.identity))
    assert PHONE not in stored
    assert code not in stored
    assert "203.0.113.9" not in stored


def test_sending_costs_two_calls_and_the_text(house: House) -> None:
    house.calls.clear()
    house.code()
    assert house.calls == ["BatchGetItem", "TransactWriteItems"]
    assert len(house.sms.sent) == 1


def test_a_code_opens_once_with_one_call(house: House) -> None:
    code = house.code()
    house.calls.clear()
    spend(house, code)
    assert house.calls == ["UpdateItem"]
    with pytest.raises(OtpInvalid):
        spend(house, code)


def test_a_code_may_be_typed_with_spaces_or_in_full_width(house: House) -> None:
    code = house.code()
    spend(house, f" {code[:3]} {''.join(chr(ord(one) + 0xFEE0) for one in code[3:])}")


def test_of_two_uses_at_once_one_wins(house: House) -> None:
    """Both requests have passed everything before the write: the write itself decides."""
    code = house.code()
    outcomes = []
    for _ in range(2):
        try:
            spend(house, code)
            outcomes.append("opened")
        except OtpInvalid:
            outcomes.append("refused")
    assert outcomes == ["opened", "refused"]


def test_five_wrong_tries_use_the_code_up(house: House) -> None:
    code = house.code()
    for wrong in others(code)[:4]:
        with pytest.raises(OtpInvalid):
            spend(house, wrong)
    with pytest.raises(OtpExhausted):
        spend(house, others(code)[4])
    with pytest.raises(OtpExhausted):
        spend(house, code)


def test_the_same_wrong_code_again_is_a_try_as_well(house: House) -> None:
    code = house.code()
    for _ in range(4):
        with pytest.raises(OtpInvalid):
            spend(house, others(code)[0])
    with pytest.raises(OtpExhausted):
        spend(house, others(code)[0])
    with pytest.raises(OtpExhausted):
        spend(house, code)


def test_the_right_code_still_opens_at_the_fifth_try(house: House) -> None:
    code = house.code()
    for wrong in others(code)[:4]:
        with pytest.raises(OtpInvalid):
            spend(house, wrong)
    spend(house, code)


def test_a_code_ends_after_five_minutes_an_appeals_after_thirty(house: House) -> None:
    code = house.code()
    house.clock.pass_by(minutes=5)
    with pytest.raises(OtpInvalid):
        spend(house, code)
    code = house.code(purpose=Purpose.APPEAL)
    house.clock.pass_by(minutes=29)
    spend(house, code, Purpose.APPEAL)


def test_a_code_of_one_purpose_opens_no_other(house: House) -> None:
    code = house.code()
    with pytest.raises(OtpInvalid):
        spend(house, code, Purpose.RESET)
    spend(house, code)


def test_a_new_code_replaces_the_old_and_its_tries(house: House) -> None:
    old = house.code()
    with pytest.raises(OtpInvalid):
        spend(house, others(old)[0])
    house.clock.pass_by(minutes=1)
    new = house.code()
    if old != new:
        with pytest.raises(OtpInvalid):
            spend(house, old)
    spend(house, new)


def test_nothing_was_ever_sent(house: House) -> None:
    with pytest.raises(OtpInvalid):
        spend(house, "123456")


def test_a_second_code_within_the_minute_is_told_when(house: House) -> None:
    house.code()
    house.clock.pass_by(seconds=20)
    house.calls.clear()
    with pytest.raises(TooManyCodes) as refused:
        house.code(purpose=Purpose.LOGIN)
    assert refused.value.retry_after == 40
    assert house.calls == ["BatchGetItem"]
    assert len(house.sms.sent) == 1
    house.clock.pass_by(seconds=40)
    house.code()


def test_five_an_hour_and_ten_a_day(house: House) -> None:
    for _ in range(5):
        house.code()
        house.clock.pass_by(minutes=2)
    with pytest.raises(TooManyCodes) as refused:
        house.code()
    assert refused.value.retry_after == 50 * 60
    house.clock.pass_by(minutes=50)
    for _ in range(5):
        house.code()
        house.clock.pass_by(minutes=12)
    with pytest.raises(TooManyCodes) as refused:
        house.code()
    assert refused.value.retry_after == 24 * 3600 - 2 * 3600
    house.clock.pass_by(hours=22)
    house.code()


def test_an_address_has_a_bucket_of_tokens(house: House) -> None:
    for number in range(20):
        house.code(phone=f"199000000{number:02d}")
    with pytest.raises(TooManyCodes) as refused:
        house.code(phone="19900000099")
    assert refused.value.retry_after == 3
    house.code(phone="19900000099", address="203.0.113.10")
    house.clock.pass_by(seconds=3)
    house.code(phone="19900000098")
    with pytest.raises(TooManyCodes):
        house.code(phone="19900000097")


def test_an_empty_bucket_is_full_again_after_a_minute() -> None:
    limit = AddressLimit(20)
    assert limit.wait(NOON) == 0
    assert limit.interval.total_seconds() == 3


def test_two_requests_at_once_for_one_phone_send_one_text(house: House) -> None:
    """The second read the limits before the first was counted; its own write meets the count and it asks anew."""

    class ReadsLate(CodeStore):
        stale: Any = (PhoneLimit(RULES.codes_per_phone), AddressLimit(20))

        def limits(self, *given: Any) -> Any:
            told, self.stale = self.stale, None
            return told or super().limits(*given)

    house.code()
    with pytest.raises(TooManyCodes):
        house.code(store=ReadsLate(house.identity))
    assert len(house.sms.sent) == 1


def test_others_behind_the_same_address_do_not_stand_in_the_way(house: House) -> None:
    """A bucket that is not full is moved by an addition, so a count read late is no obstacle."""
    house.code(phone="19900000001")
    house.clock.pass_by(seconds=1)
    hashes = house.lookup.of("phone", "19900000003"), house.lookup.of("address", "203.0.113.9")
    late = house.codes.limits(*hashes, RULES.codes_per_phone, 20)

    class ReadEarlier(CodeStore):
        def limits(self, *_: Any) -> Any:
            return late

    house.code(phone="19900000002")
    house.code(phone="19900000003", store=ReadEarlier(house.identity))
    assert len(house.sms.sent) == 3


def test_a_provider_that_takes_nothing_is_told_to_the_user(house: House) -> None:
    house.sms.broken = True
    with pytest.raises(SmsNotSent) as refused:
        house.code()
    assert refused.value.retry_after == 60


def verify(house: House, code: str) -> ProvenPhone:
    return verify_code(
        MainlandPhone(PHONE), Purpose.APPEAL, code, store=house.codes, lookup=house.lookup, clock=house.clock
    )


def use_up(house: House, proven: ProvenPhone) -> None:
    transact(house.identity.client, [house.codes.using_up(proven, house.clock())])


def test_an_appeals_code_opens_all_calls_of_half_an_hour_until_it_is_used_up(house: House) -> None:
    code = house.code(purpose=Purpose.APPEAL)
    for _ in range(7):
        house.clock.pass_by(minutes=4)
        proven = verify(house, code)
    use_up(house, proven)
    with pytest.raises(OtpInvalid):
        verify(house, code)


def test_an_appeals_code_is_over_after_half_an_hour(house: House) -> None:
    code = house.code(purpose=Purpose.APPEAL)
    proven = verify(house, code)
    house.clock.pass_by(minutes=30)
    with pytest.raises(OtpInvalid):
        verify(house, code)
    with pytest.raises(Cancelled):
        use_up(house, proven)


def test_of_two_appeals_with_one_code_at_once_one_uses_it(house: House) -> None:
    proven = verify(house, house.code(purpose=Purpose.APPEAL))
    use_up(house, proven)
    with pytest.raises(Cancelled):
        use_up(house, proven)


@pytest.mark.parametrize("proven_first", [True, False])
def test_five_wrong_tries_end_an_appeals_code_too(house: House, proven_first: bool) -> None:
    code = house.code(purpose=Purpose.APPEAL)
    if proven_first:
        verify(house, code)
    for wrong in others(code)[:4]:
        with pytest.raises(OtpInvalid):
            verify(house, wrong)
    verify(house, code)
    with pytest.raises(OtpExhausted):
        verify(house, others(code)[5])
    with pytest.raises(OtpExhausted):
        verify(house, code)


def test_a_wrong_code_sent_again_counts_for_an_appeal_too(house: House) -> None:
    code = house.code(purpose=Purpose.APPEAL)
    for _ in range(4):
        with pytest.raises(OtpInvalid):
            verify(house, others(code)[0])
    with pytest.raises(OtpExhausted):
        verify(house, others(code)[0])
