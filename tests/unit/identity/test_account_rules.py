"""Sessions, locks, passwords and codes follow the rules in force, and a bad version of them changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from identity.account_rules import AccountRules, CodeLimit, LockRules
from identity.authorizer import Refused, allow
from identity.lockout import AccountLocked
from identity.sending_codes import TooManyCodes
from identity.sessions import Issuer, SessionEnded
from identity.sign_in import BadCredentials, PasswordRenewalRequired
from jingkuai.aws.configuration import Configuration
from jingkuai.domain.principal import Role
from tests.cloud import ROOT

from .conftest import ID_NUMBER, PHONE, RULES, STAFF_PASSWORD, House

POLICY = json.loads((ROOT / "infra/policies/account_rules.json").read_text())


def with_sessions(house: House, **changed: Any) -> None:
    """Other rules of sessions from now on."""
    house.rules = replace(RULES, sessions=replace(RULES.sessions, **changed))
    house.issuer = Issuer(house.signer, house.issuer.new_id, house.issuer.random, house.rules.sessions)


def told(house: House, token: str) -> dict[str, str]:
    return allow(f"Bearer {token}", store=house.sessions, keys=house.keys, clock=house.clock)


def test_the_shipped_rules_are_those_of_the_handbook() -> None:
    minutes = {role: RULES.sessions.idle_of(role).total_seconds() / 60 for role in Role}
    assert minutes == {
        Role.ACCOUNTANT: 30,
        Role.EMPLOYER: 30,
        Role.INSTITUTION: 30,
        Role.REVIEWER: 15,
        Role.ADMIN: 15,
        Role.AUDITOR: 15,
    }
    assert (RULES.sessions.lifetime, RULES.sessions.noted_every) == (timedelta(hours=12), timedelta(minutes=5))
    assert LockRules(5, timedelta(minutes=30)) == RULES.lock
    assert RULES.staff_password_lasts == timedelta(days=90)
    assert [(one.most, one.within) for one in RULES.codes_per_phone] == [
        (1, timedelta(minutes=1)),
        (5, timedelta(hours=1)),
        (10, timedelta(days=1)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sessions": {**POLICY["sessions"], "noted_every_minutes": 15}},
        {"sessions": {**POLICY["sessions"], "idle_minutes": {"accountant": 30, "staff": 15}}},
        {"codes_per_phone": POLICY["codes_per_phone"][::-1]},
        {"codes_per_phone": []},
        {"lock": {"failures": "many", "minutes": 30}},
        {"staff_password_days": None},
    ],
    ids=["idle before it is noted", "a kind forgotten", "longest first", "no limit", "no number", "nothing"],
)
def test_a_bad_version_is_refused_and_the_last_good_one_stays(wrong: Mapping[str, Any]) -> None:
    live: Configuration[AccountRules] = Configuration(None, "", "", "account_rules", AccountRules.from_policy)  # type: ignore[arg-type]
    live._take(json.dumps(POLICY).encode())
    live._take(json.dumps({**POLICY, **wrong}).encode())
    assert live._good == RULES


def test_another_idle_time_holds_for_new_sessions_at_once_and_for_others_at_their_next_refresh(house: House) -> None:
    old = house.register()
    with_sessions(house, idle_by_role={role: timedelta(minutes=10) for role in Role})
    new = house.sign_in(ID_NUMBER)
    house.clock.pass_by(minutes=11)
    with pytest.raises(Refused):
        told(house, new.access_token)
    told(house, old.access_token)
    renewed = house.refresh(old)
    house.clock.pass_by(minutes=11)
    with pytest.raises(Refused):
        told(house, renewed.access_token)
    with pytest.raises(SessionEnded):
        house.refresh(renewed)


def test_the_last_request_is_noted_as_often_as_the_rules_say(house: House) -> None:
    with_sessions(house, noted_every=timedelta(minutes=2))
    token = house.register().access_token
    told(house, token)  # fetches the public key
    for calls in (1, 2, 1, 2):
        house.clock.pass_by(minutes=1)
        house.calls.clear()
        told(house, token)
        assert len(house.calls) == calls


def test_a_session_lasts_as_long_as_the_rules_say(house: House) -> None:
    with_sessions(house, lifetime=timedelta(minutes=20))
    tokens = house.register()
    assert tokens.expires_in == 20 * 60, "an access token never outlives its session"
    house.clock.pass_by(minutes=20)
    with pytest.raises(SessionEnded):
        house.refresh(tokens)


@pytest.mark.parametrize("username", [ID_NUMBER, "nobody"])
def test_a_lock_falls_and_opens_as_the_rules_say(house: House, username: str) -> None:
    house.register()
    house.rules = replace(RULES, lock=LockRules(3, timedelta(minutes=10)))
    for _ in range(3):
        with pytest.raises(BadCredentials):
            house.sign_in(username, "Wrong-2026-password")
    with pytest.raises(AccountLocked) as locked:
        house.sign_in(username)
    assert locked.value.retry_after == 600
    house.clock.pass_by(minutes=10)
    with pytest.raises(BadCredentials):
        house.sign_in(username, "Wrong-2026-password")


def test_a_password_of_staff_lasts_as_long_as_the_rules_say(house: House) -> None:
    house.open_account()
    house.rules = replace(RULES, staff_password_lasts=timedelta(days=30))
    house.clock.pass_by(days=30)
    with pytest.raises(PasswordRenewalRequired):
        house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())


def test_a_phone_gets_as_many_codes_as_the_rules_say(house: House) -> None:
    house.rules = replace(RULES, codes_per_phone=(CodeLimit(2, timedelta(minutes=1)), CodeLimit(3, timedelta(hours=1))))
    house.code(PHONE)
    house.code(PHONE)
    with pytest.raises(TooManyCodes) as refused:
        house.code(PHONE)
    assert refused.value.retry_after == 60
    house.clock.pass_by(minutes=1)
    house.code(PHONE)
    with pytest.raises(TooManyCodes) as refused:
        house.code(PHONE)
    assert refused.value.retry_after == 59 * 60
