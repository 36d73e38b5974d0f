"""A forgotten password: phone and ID number together, and every old session ends."""

import pytest

from identity.password_reset import NotMatching, reset_password
from identity.sessions import SessionEnded, refresh
from identity.sign_in import BadCredentials
from jingkuai.aws.ids import uuid7
from jingkuai.domain.one_time_code import OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.problem import Invalid

from .conftest import ID_NUMBER, PHONE, House

NEW = "Changed-2026-again"
STRANGER = "420203199707245415"


def reset(house: House, otp: str, id_number: str = ID_NUMBER, phone: str = PHONE, password: str = NEW) -> None:
    reset_password(
        id_number,
        MainlandPhone(phone),
        otp,
        password,
        origin="203.0.113.9",
        store=house.store,
        codes=house.codes,
        lookup=house.lookup,
        clock=house.clock,
        new_id=uuid7,
    )


def reset_code(house: House, phone: str = PHONE) -> str:
    house.clock.pass_by(minutes=1)
    return house.code(phone, Purpose.RESET)


def test_a_reset_costs_three_calls_and_ends_every_session(house: House) -> None:
    tokens = house.register()
    code = reset_code(house)
    house.calls.clear()
    reset(house, code)
    assert house.calls == ["BatchGetItem", "UpdateItem", "TransactWriteItems"]
    with pytest.raises(SessionEnded):
        refresh(tokens.refresh_token, store=house.sessions, issuer=house.issuer, clock=house.clock)
    with pytest.raises(BadCredentials):
        house.sign_in(ID_NUMBER)
    house.sign_in(ID_NUMBER, NEW)
    with pytest.raises(OtpInvalid):
        reset(house, code, password="Changed-2026-twice")


def test_a_reset_opens_every_lock(house: House) -> None:
    house.register()
    for username in (ID_NUMBER, PHONE):
        for _ in range(5):
            with pytest.raises(BadCredentials):
                house.sign_in(username, "Wrong-2026-password")
    reset(house, reset_code(house))
    house.sign_in(ID_NUMBER, NEW)
    house.sign_in(PHONE, NEW)


def test_an_unknown_number_and_anothers_phone_get_one_answer(house: House) -> None:
    house.register()
    told = []
    for id_number, phone in ((STRANGER, PHONE), (ID_NUMBER, "19901332460"), ("no number", PHONE)):
        with pytest.raises(NotMatching) as refused:
            reset(house, reset_code(house, phone), id_number, phone)
        told.append((refused.value.code, refused.value.detail))
    assert len(set(told)) == 1
    house.sign_in(ID_NUMBER)


def test_a_password_that_may_not_be_one_leaves_the_code(house: House) -> None:
    house.register()
    code = reset_code(house)
    with pytest.raises(Invalid) as refused:
        reset(house, code, password="short")
    assert refused.value.errors[0].field == "new_password"
    reset(house, code)
