"""An account about which a bureau looks into an appeal: nobody signs in to it, it reads and changes nothing."""

from types import SimpleNamespace

import pytest

from identity.already_registered import IdNumberReserved
from identity.authorizer import allow
from identity.password_reset import NotMatching, reset_password
from identity.sessions import refresh
from identity.sign_in import BadCredentials, sign_in_with_code
from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import uuid7
from jingkuai.domain.disputed_account import AccountFrozen
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Role
from jingkuai.web import access
from jingkuai.web.access import Access

from .conftest import ID_NUMBER, PASSWORD, PHONE, House

OTHER_PHONE = "19901327121"


def freeze(house: House, account_id: str) -> None:
    house.identity.update(keys.account_key(account_id), "SET frozen_by = :bureau", values={":bureau": "420106"})


@pytest.fixture
def frozen(house: House) -> str:
    """The refresh token of somebody whose account was then frozen."""
    tokens = house.register()
    freeze(house, tokens.account.account_id)
    house.clock.pass_by(minutes=2)  # then another code may be asked for
    return tokens.refresh_token


@pytest.mark.usefixtures("frozen")
def test_the_right_password_is_told_which_bureau_to_ask(house: House) -> None:
    with pytest.raises(AccountFrozen) as refused:
        house.sign_in(ID_NUMBER, PASSWORD)
    assert "武昌区财政局" in refused.value.detail and refused.value.retry_after is None
    with pytest.raises(BadCredentials):  # a wrong one is told nothing
        house.sign_in(ID_NUMBER, "Wrong-2026-password")


@pytest.mark.usefixtures("frozen")
def test_a_code_does_not_sign_in_either(house: House) -> None:
    code = house.code(purpose=Purpose.LOGIN)
    with pytest.raises(AccountFrozen):
        sign_in_with_code(
            MainlandPhone(PHONE),
            code,
            origin="203.0.113.9",
            store=house.store,
            codes=house.codes,
            lookup=house.lookup,
            issuer=house.issuer,
            rules=house.rules.lock,
            clock=house.clock,
            new_id=uuid7,
        )


@pytest.mark.parametrize(("phone", "refusal"), [(PHONE, AccountFrozen), (OTHER_PHONE, NotMatching)])
@pytest.mark.usefixtures("frozen")
def test_the_password_stays(house: House, phone: str, refusal: type[Exception]) -> None:
    code = house.code(phone, purpose=Purpose.RESET)
    with pytest.raises(refusal):
        reset_password(
            ID_NUMBER,
            MainlandPhone(phone),
            code,
            "Another-2026-password",
            origin="203.0.113.9",
            store=house.store,
            codes=house.codes,
            lookup=house.lookup,
            clock=house.clock,
            new_id=uuid7,
        )


def test_a_session_is_not_prolonged_and_not_ended(house: House, frozen: str) -> None:
    with pytest.raises(AccountFrozen):
        refresh(frozen, store=house.sessions, issuer=house.issuer, clock=house.clock)
    house.identity.update(keys.account_key(frozen.split(".")[0]), "REMOVE frozen_by")
    assert refresh(frozen, store=house.sessions, issuer=house.issuer, clock=house.clock).access_token


@pytest.mark.parametrize(
    ("rule", "method", "refused"),
    [
        (access.allow(Role.ACCOUNTANT), "GET", False),
        (access.allow(Role.ACCOUNTANT), "PUT", True),
        (access.signed_in(), "POST", True),
        (access.signed_in(while_frozen=True), "POST", False),
    ],
)
def test_a_living_token_reads_and_does_not_write(house: House, rule: Access, method: str, refused: bool) -> None:
    tokens = house.register()
    freeze(house, tokens.account.account_id)
    told = allow("Bearer " + tokens.access_token, store=house.sessions, keys=house.keys, clock=house.clock)
    event = {"requestContext": {"authorizer": told}}
    app = SimpleNamespace(current_event=SimpleNamespace(http_method=method, get=event.get))
    if not refused:
        rule.check(app)
        return
    with pytest.raises(AccountFrozen):
        rule.check(app)


def reserve(house: House, phone: str) -> None:
    """The number as an appeal of this phone has freed it."""
    house.clock.pass_by(seconds=1)
    until = house.clock()
    item = {"reserved_for": house.lookup.of("phone", phone), "reserved_until": iso(until.replace(month=12, day=24))}
    house.registry.put({**keys.open_appeal_key(house.lookup.of("id18", ID_NUMBER)), "v": 1, **item})


def test_a_freed_number_waits_thirty_days_for_the_appeals_phone(house: House) -> None:
    reserve(house, OTHER_PHONE)
    with pytest.raises(IdNumberReserved):
        house.register()
    house.clock.pass_by(days=30)
    house.register()


def test_the_appeals_phone_registers_and_the_reservation_is_over(house: House) -> None:
    reserve(house, PHONE)
    house.register()
    assert house.registry.get(keys.open_appeal_key(house.lookup.of("id18", ID_NUMBER))) is None
