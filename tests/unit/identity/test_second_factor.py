"""Enrolment of a second factor, and recovery codes in place of a lost phone."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from identity.lockout import AccountLocked, Way
from identity.proofs import Proof
from identity.second_factor import SecondFactorEnrolled, recovery_hash
from identity.sign_in import BadCredentials, TotpEnrolmentRequired, TotpRequired
from identity.store import Holder
from identity.totp import code_at
from jingkuai.aws.ids import uuid7
from jingkuai.aws.keys import account_key
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Forbidden, Invalid

from .conftest import ID_NUMBER, PASSWORD, STAFF_PASSWORD, TOTP_SECRET, House


def test_signing_in_hands_staff_a_secret_of_their_own_each_time(house: House) -> None:
    house.open_account(totp_secret=None)
    secrets = []
    for _ in range(2):
        with pytest.raises(TotpEnrolmentRequired) as refused:
            house.sign_in("wuchang.li", STAFF_PASSWORD)
        told = refused.value.extra["enrolment"]
        address = urlsplit(told["otpauth_uri"])
        assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/荆会:wuchang.li")
        assert parse_qs(address.query)["secret"] == [told["secret"]]
        secrets.append(told["secret"])
    assert secrets[0] != secrets[1]
    assert len(code_at(secrets[0], 1)) == 6


def test_ten_recovery_codes_each_open_once(house: House) -> None:
    account_id = house.open_account(totp_secret=None)
    codes = house.enrol("wuchang.li")
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code) for code in codes)
    stored = house.identity.get(account_key(account_id)) or {}
    assert codes[0] not in repr(stored) and codes[0].replace("-", "") not in repr(stored)
    house.sign_in("wuchang.li", STAFF_PASSWORD, codes[0])
    house.sign_in("wuchang.li", STAFF_PASSWORD, f" {codes[1].lower()} ")
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, codes[0])
    ways = [one["details"].get("second_factor") for one in house.audit(account_id)]  # of one millisecond, in any order
    assert ways.count("recovery_code") == 2


def test_of_two_sign_ins_with_one_recovery_code_at_once_one_wins(house: House) -> None:
    account_id = house.open_account(totp_secret=None)
    codes = house.enrol("wuchang.li")
    account = house.store.accounts.account(account_id)
    assert account is not None
    proof = Proof(recovery_hash=recovery_hash(account, codes[0], house.lookup))

    def sign_in() -> bool:
        session, _ = house.issuer.open(account, house.clock())
        return house.store.save_sign_in(
            account,
            session,
            holder=Holder(account_id, Way.USERNAME),
            now=house.clock(),
            origin="",
            new_id=uuid7,
            proof=proof,
        )

    assert [sign_in(), sign_in()] == [True, False]


def test_a_recovery_code_is_another_accounts_for_nobody_else(house: House) -> None:
    house.open_account(totp_secret=None)
    house.open_account(totp_secret=None, username="hanyang.li")
    codes = house.enrol("wuchang.li")
    house.enrol("hanyang.li")
    with pytest.raises(BadCredentials):
        house.sign_in("hanyang.li", STAFF_PASSWORD, codes[0])


def test_the_code_that_enrolled_opens_nothing_more(house: House) -> None:
    house.open_account(totp_secret=None)
    house.enrol("wuchang.li")
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())
    house.clock.pass_by(seconds=30)
    house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())


def test_an_enrolled_factor_is_not_replaced_by_whoever_knows_the_password(house: House) -> None:
    house.open_account()
    with pytest.raises(SecondFactorEnrolled):
        house.enrol("wuchang.li", secret=TOTP_SECRET[::-1])


def test_a_factor_is_open_to_institutions(house: House) -> None:
    house.open_account(role=Role.INSTITUTION, scope="hb", username="hb", totp_secret=None, region_code="420000")
    house.enrol("hb")
    house.clock.pass_by(seconds=30)
    with pytest.raises(TotpRequired):
        house.sign_in("hb", STAFF_PASSWORD)
    house.sign_in("hb", STAFF_PASSWORD, house.totp())


def test_accountants_have_their_phone_instead(house: House) -> None:
    house.register()
    with pytest.raises(Forbidden):
        house.enrol(ID_NUMBER, PASSWORD)


@pytest.mark.parametrize("secret", ["", "0", "AAAA", "中文"])
def test_a_secret_has_to_be_one(house: House, secret: str) -> None:
    house.open_account(totp_secret=None)
    with pytest.raises(Invalid) as refused:
        house.enrol("wuchang.li", secret=secret, code="123456")
    assert [error.field for error in refused.value.errors] == ["secret"]


def test_a_code_of_another_secret_enrols_nothing(house: House) -> None:
    house.open_account(totp_secret=None)
    with pytest.raises(Invalid) as refused:
        house.enrol("wuchang.li", code=house.totp(TOTP_SECRET[::-1]))
    assert [error.field for error in refused.value.errors] == ["totp"]


def test_guesses_at_the_password_of_an_enrolment_lock_the_account_too(house: House) -> None:
    house.open_account(totp_secret=None)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.enrol("wuchang.li", "Wrong-2026-password")
    with pytest.raises(AccountLocked):
        house.enrol("wuchang.li")
