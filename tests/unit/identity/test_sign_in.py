"""Signing in: one answer for everything wrong, locks that tell nothing, a second factor that is used once."""

import pytest

from identity import passwords
from identity.accounts import AccountDeactivated, AccountSuspended
from identity.lockout import AccountLocked, Way
from identity.proofs import Proof
from identity.sessions import SessionEnded, Tokens
from identity.sign_in import (
    BadCredentials,
    PasswordRenewalRequired,
    TotpEnrolmentRequired,
    TotpRequired,
    masked_origin,
    sign_in_with_code,
)
from identity.store import Holder
from identity.totp import code_at
from jingkuai.aws.ids import uuid7
from jingkuai.aws.keys import account_key
from jingkuai.aws.tokens import verify
from jingkuai.domain.one_time_code import OtpExhausted, OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Invalid

from .conftest import ID_NUMBER, PASSWORD, PHONE, STAFF_PASSWORD, TOTP_SECRET, House

STRANGER = "420203199707245415"


def totp_now(house: House, steps: int = 0) -> str:
    return code_at(TOTP_SECRET, int(house.clock().timestamp()) // 30 + steps)


@pytest.mark.parametrize("username", [ID_NUMBER, PHONE, f" {ID_NUMBER} ", "+86 199-0132-7120"])
def test_an_accountant_signs_in_with_id_number_or_phone(house: House, username: str) -> None:
    registered = house.register()
    assert house.sign_in(username).account.account_id == registered.account.account_id


def test_an_accountants_sign_in_costs_four_calls(house: House) -> None:
    house.register()
    house.calls.clear()
    house.sign_in(ID_NUMBER)
    assert house.calls == ["BatchGetItem", "UpdateItem", "TransactWriteItems", "Sign"]


def test_staff_sign_in_with_a_second_factor_for_one_call_more(house: House) -> None:
    account_id = house.open_account()
    house.calls.clear()
    tokens = house.sign_in("Wuchang.Li", STAFF_PASSWORD, totp_now(house))
    assert house.calls == ["BatchGetItem", "UpdateItem", "Decrypt", "TransactWriteItems", "Sign"]
    assert (tokens.account.account_id, tokens.account.role, tokens.account.scope) == (
        account_id,
        Role.REVIEWER,
        "420106",
    )


def test_an_unknown_user_and_a_wrong_password_get_one_answer_for_the_same_calls(house: House) -> None:
    house.register()
    answers, calls = [], []
    for username in (ID_NUMBER, STRANGER, "nobody.at.all", "19900000000") * 3:
        house.calls.clear()
        with pytest.raises(BadCredentials) as refused:
            house.sign_in(username, "Wrong-2026-password")
        answers.append((refused.value.code, refused.value.title, refused.value.detail, refused.value.errors))
        calls.append(tuple(house.calls))
    assert len(set(answers)) == 1
    assert set(calls) == {("BatchGetItem", "UpdateItem")}


def test_an_unknown_user_costs_a_hash_as_well(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str | None] = []
    real = passwords.matches

    def noted(stored: str | None, typed: str) -> bool:
        compared.append(stored)
        return real(stored, typed)

    monkeypatch.setattr(passwords, "matches", noted)
    with pytest.raises(BadCredentials):
        house.sign_in(STRANGER)
    assert compared == [None]


@pytest.mark.parametrize("username", [ID_NUMBER, STRANGER, "nobody"])
def test_five_failures_lock_known_and_unknown_names_alike(house: House, username: str) -> None:
    house.register()
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.sign_in(username, "Wrong-2026-password")
    house.clock.pass_by(minutes=10)
    house.calls.clear()
    with pytest.raises(AccountLocked) as locked:
        house.sign_in(username)
    assert house.calls == ["BatchGetItem", "UpdateItem", "GetItem"]
    assert locked.value.retry_after == 20 * 60
    assert locked.value.extra == {"opens_at": "2026-11-24T04:30:00.000Z"}
    assert "12:30" in locked.value.detail, "Beijing time"


def test_a_lock_opens_after_half_an_hour_and_the_count_begins_anew(house: House) -> None:
    house.register()
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.sign_in(ID_NUMBER, "Wrong-2026-password")
    house.clock.pass_by(minutes=30)
    for _ in range(4):
        with pytest.raises(BadCredentials):
            house.sign_in(ID_NUMBER, "Wrong-2026-password")
    house.sign_in(ID_NUMBER)
    for _ in range(4):
        with pytest.raises(BadCredentials):
            house.sign_in(ID_NUMBER, "Wrong-2026-password")
    house.sign_in(ID_NUMBER)


def test_a_name_is_locked_however_it_is_written(house: House) -> None:
    for written in (STRANGER, f" {STRANGER}", STRANGER[:6] + " " + STRANGER[6:], STRANGER, STRANGER):
        with pytest.raises(BadCredentials):
            house.sign_in(written)
    with pytest.raises(AccountLocked):
        house.sign_in(STRANGER)


def test_whoever_locks_a_number_learns_nothing_of_its_phone(house: House) -> None:
    """Each name counts for itself, so no answer tells that two of them lead to one account."""
    house.register()
    for locked, other in ((ID_NUMBER, PHONE), (PHONE, ID_NUMBER)):
        for _ in range(5):
            with pytest.raises(BadCredentials):
                house.sign_in(locked, "Wrong-2026-password")
        with pytest.raises(AccountLocked):
            house.sign_in(locked)
        with pytest.raises(BadCredentials):
            house.sign_in(other, "Wrong-2026-password")
        house.sign_in(other)  # its holder comes in by the other name
        with pytest.raises(AccountLocked):
            house.sign_in(locked)
        house.clock.pass_by(minutes=31)


def test_all_names_of_an_account_together_allow_ten_guesses(house: House) -> None:
    house.register()
    checked = 0
    for username in [ID_NUMBER, PHONE, f" {ID_NUMBER}", "+86 199-0132-7120", ID_NUMBER.lower()] * 5:
        try:
            house.sign_in(username, "Wrong-2026-password")
        except BadCredentials:
            checked += 1
        except AccountLocked:
            continue
    assert checked == 10


@pytest.mark.parametrize("username", [ID_NUMBER, "wuchang.li", STRANGER])
def test_of_twenty_guesses_at_one_moment_five_are_looked_at(
    house: House, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each begins while those before it are still being looked at."""
    house.register()
    house.open_account()
    outcomes: list[type[Exception]] = []
    looked_at = 0

    def while_others_come(*_: object) -> bool:
        nonlocal looked_at
        looked_at += 1
        guess()
        return False

    def guess() -> None:
        if looked_at + outcomes.count(AccountLocked) < 20:
            try:
                house.sign_in(username, "Wrong-2026-password")
            except (BadCredentials, AccountLocked) as refused:
                outcomes.append(type(refused))

    monkeypatch.setattr(passwords, "matches", while_others_come)
    for _ in range(20):
        guess()
    assert looked_at == 5
    assert outcomes.count(BadCredentials) == 5 and outcomes.count(AccountLocked) == 15


def test_a_right_password_among_guesses_of_one_moment_counts_as_one_of_the_five(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.register()
    real, left = passwords.matches, [5]

    def while_others_come(stored: str | None, typed: str) -> bool:
        if typed == PASSWORD and left[0]:
            for _ in range(4):
                left[0] -= 1
                with pytest.raises(BadCredentials):
                    house.sign_in(ID_NUMBER, "Wrong-2026-password")
            with pytest.raises(AccountLocked):
                house.sign_in(ID_NUMBER)
            left[0] = 0
        return real(stored, typed)

    monkeypatch.setattr(passwords, "matches", while_others_come)
    house.sign_in(ID_NUMBER)
    house.sign_in(ID_NUMBER)  # what succeeds forgets the others


def test_what_is_refused_with_the_right_password_is_no_failure(house: House) -> None:
    """An app asks for the second factor after the password: that alone must not lock anybody."""
    house.open_account()
    for _ in range(12):
        with pytest.raises(TotpRequired):
            house.sign_in("wuchang.li", STAFF_PASSWORD)
    house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))


def test_knowing_the_password_gives_no_more_guesses_at_the_second_factor(house: House) -> None:
    house.open_account()
    for _ in range(5):
        with pytest.raises(TotpRequired):
            house.sign_in("wuchang.li", STAFF_PASSWORD)
        with pytest.raises(BadCredentials):
            house.sign_in("wuchang.li", STAFF_PASSWORD, "000000")
    with pytest.raises(AccountLocked):
        house.sign_in("wuchang.li", STAFF_PASSWORD)


def test_failures_of_yesterday_do_not_count(house: House) -> None:
    house.register()
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(BadCredentials):
                house.sign_in(ID_NUMBER, "Wrong-2026-password")
        house.clock.pass_by(minutes=31)
    for _ in range(4):
        with pytest.raises(BadCredentials):
            house.sign_in(ID_NUMBER, "Wrong-2026-password")
    house.calls.clear()
    house.sign_in(ID_NUMBER)
    assert house.calls == ["BatchGetItem", "UpdateItem", "TransactWriteItems", "Sign"]


def test_an_account_that_is_gone_is_nobodys(house: House) -> None:
    account_id = house.register().account.account_id
    house.identity.delete(account_key(account_id))
    with pytest.raises(BadCredentials):
        house.sign_in(ID_NUMBER)
    assert house.identity.get(account_key(account_id)) is None


def test_staff_without_a_right_second_factor_stay_outside(house: House) -> None:
    house.open_account()
    with pytest.raises(TotpRequired):
        house.sign_in("wuchang.li", STAFF_PASSWORD)
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, "000000")
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", "Wrong-2026-password", totp_now(house))


def test_a_second_factors_code_works_once_and_the_next_one_works(house: House) -> None:
    house.open_account()
    house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))
    house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house, 1))
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))


def test_wrong_second_factors_lock_as_well(house: House) -> None:
    house.open_account()
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.sign_in("wuchang.li", STAFF_PASSWORD, "000000")
    with pytest.raises(AccountLocked):
        house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))


def test_staff_without_an_enrolled_factor_have_to_enrol(house: House) -> None:
    house.open_account(totp_secret=None)
    with pytest.raises(TotpEnrolmentRequired):
        house.sign_in("wuchang.li", STAFF_PASSWORD)
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", "Wrong-2026-password")


def test_institutions_and_employers_sign_in_without_a_second_factor(house: House) -> None:
    house.open_account(
        role=Role.INSTITUTION,
        scope="hubei-training",
        username="hubei-training",
        totp_secret=None,
        password="Training-2026-x",
    )
    tokens = house.sign_in("hubei-training", "Training-2026-x")
    assert (tokens.account.role, tokens.account.scope) == (Role.INSTITUTION, "hubei-training")


def test_a_closed_account_is_told_so_only_with_the_right_password(house: House) -> None:
    """A person's account is closed by themself: they are told what leads back, not whom to ask."""
    account_id = house.register().account.account_id
    house.identity.update(account_key(account_id), "SET suspended = :yes", values={":yes": True})
    with pytest.raises(AccountDeactivated) as refused:
        house.sign_in(ID_NUMBER)
    assert (refused.value.code, "申诉" in refused.value.detail) == ("account_deactivated", True)
    with pytest.raises(BadCredentials):
        house.sign_in(ID_NUMBER, "Wrong-2026-password")


def test_a_suspended_account_of_an_institution_is_told_whom_to_ask(house: House) -> None:
    password = "Training-2026-x"
    account_id = house.open_account(
        role=Role.INSTITUTION, scope="hubei-training", username="hubei-training", totp_secret=None, password=password
    )
    house.identity.update(account_key(account_id), "SET suspended = :yes", values={":yes": True})
    with pytest.raises(AccountSuspended) as refused:
        house.sign_in("hubei-training", password)
    assert refused.value.code == "account_suspended"


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(house: House) -> None:
    from argon2 import PasswordHasher

    account_id = house.register().account.account_id
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("Jingkuai-2026-test")
    house.identity.update(account_key(account_id), "SET password_hash = :old", values={":old": old})
    house.sign_in(ID_NUMBER)
    renewed = (house.identity.get(account_key(account_id)) or {})["password_hash"]
    assert not passwords.is_outdated(renewed)
    house.sign_in(ID_NUMBER)


def test_every_sign_in_is_audited_with_a_masked_origin(house: House) -> None:
    house.open_account()
    house.clock.pass_by(seconds=1)
    house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))
    opened, signed_in = sorted(house.items(house.registry, "AU#"), key=lambda entry: str(entry["sk"]))
    assert opened["action"] == "account_opened"
    assert signed_in["action"] == "signed_in"
    assert signed_in["details"] == {"origin": "203.0.*", "way": "password", "second_factor": "totp"}
    assert signed_in["gsi1pk"] == "AUDIT#2026-11-24#420106"


@pytest.mark.parametrize(
    ("address", "masked"), [("203.0.113.9", "203.0.*"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:*"), ("", "*")]
)
def test_an_origin_is_kept_by_its_first_half(address: str, masked: str) -> None:
    assert masked_origin(address) == masked


# --- with a code on the phone


def by_code(house: House, otp: str, phone: str = PHONE) -> Tokens:
    return sign_in_with_code(
        MainlandPhone(phone),
        otp,
        origin="203.0.113.9",
        store=house.store,
        codes=house.codes,
        lookup=house.lookup,
        issuer=house.issuer,
        rules=house.rules.lock,
        clock=house.clock,
        new_id=uuid7,
    )


def login_code(house: House, phone: str = PHONE) -> str:
    house.clock.pass_by(minutes=1)
    return house.code(phone, Purpose.LOGIN)


def test_an_accountant_signs_in_with_a_code_for_four_calls(house: House) -> None:
    registered = house.register()
    code = login_code(house)
    house.calls.clear()
    assert by_code(house, code).account.account_id == registered.account.account_id
    assert house.calls == ["BatchGetItem", "GetItem", "TransactWriteItems", "Sign"]
    with pytest.raises(OtpInvalid):
        by_code(house, code)


def test_of_two_sign_ins_with_one_code_at_once_one_wins(house: House) -> None:
    tokens = house.register()
    code = login_code(house)
    account = tokens.account
    from jingkuai.aws.one_time_codes import code_hash

    outcomes = []
    for _ in range(2):  # both have read the code as unused
        spending = house.codes.spending(
            house.lookup.of("phone", PHONE),
            Purpose.LOGIN,
            code_hash(house.lookup.of("phone", PHONE), Purpose.LOGIN, code, house.lookup),
            house.clock(),
        )
        session, _ = house.issuer.open(account, house.clock())
        outcomes.append(
            house.store.save_sign_in(
                account,
                session,
                holder=Holder(account.account_id, Way.PHONE),
                now=house.clock(),
                origin="",
                new_id=uuid7,
                proof=Proof(code=spending),
            )
        )
    assert outcomes == [True, False]


def test_wrong_codes_count_and_exhaust(house: House) -> None:
    house.register()
    code = login_code(house)
    for more in range(1, 5):
        with pytest.raises(OtpInvalid):
            by_code(house, f"{(int(code) + more) % 10**6:06d}")
    with pytest.raises(OtpExhausted):
        by_code(house, f"{(int(code) + 5) % 10**6:06d}")
    with pytest.raises(OtpExhausted):
        by_code(house, code)


def test_a_phone_nobody_has_is_a_wrong_code(house: House) -> None:
    code = login_code(house, "19900000000")
    with pytest.raises(OtpInvalid):
        by_code(house, code, "19900000000")


def test_a_phone_that_is_locked_stays_locked_for_codes(house: House) -> None:
    house.register()
    code = login_code(house)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.sign_in(PHONE, "Wrong-2026-password")
    with pytest.raises(AccountLocked):
        by_code(house, code)
    house.clock.pass_by(minutes=31)
    account_id = by_code(house, login_code(house)).account.account_id
    assert house.audit(account_id)[-1]["details"] == {"origin": "203.0.*", "way": "code", "unlocked": True}


def test_a_lock_and_its_end_are_audited(house: House) -> None:
    registered = house.register()
    house.clock.pass_by(seconds=1)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            house.sign_in(ID_NUMBER, "Wrong-2026-password")
    house.clock.pass_by(minutes=31)
    house.sign_in(ID_NUMBER)
    entries = house.audit(registered.account.account_id)
    assert [entry["action"] for entry in entries] == ["registered", "account_locked", "signed_in"]
    assert entries[1]["details"] == {"origin": "203.0.*"}
    assert entries[2]["details"]["unlocked"] is True


def test_staff_renew_a_password_of_ninety_days_while_signing_in(house: House) -> None:
    house.open_account()
    before = house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))
    house.clock.pass_by(days=90)
    code = totp_now(house)
    with pytest.raises(PasswordRenewalRequired):
        house.sign_in("wuchang.li", STAFF_PASSWORD, code)
    renewed = house.sign_in("wuchang.li", STAFF_PASSWORD, code, new_password="Another-Bureau-2026")
    assert renewed.account.epoch == before.account.epoch + 1
    house.clock.pass_by(seconds=30)
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house))
    house.sign_in("wuchang.li", "Another-Bureau-2026", totp_now(house))


def test_a_session_opened_with_a_new_password_lives_and_the_others_end(house: House) -> None:
    house.open_account(role=Role.INSTITUTION, scope="hb", username="hb", totp_secret=None, region_code="420000")
    old = house.sign_in("hb", STAFF_PASSWORD)
    new = house.sign_in("hb", STAFF_PASSWORD, new_password="Changed-2026-again")
    assert house.refresh(new).account.account_id == old.account.account_id
    with pytest.raises(SessionEnded):
        house.refresh(old)


def test_accountants_reset_theirs_by_code(house: House) -> None:
    house.register()
    with pytest.raises(Invalid) as refused:
        house.sign_in(ID_NUMBER, PASSWORD, new_password="Changed-2026-again")
    assert [error.code for error in refused.value.errors] == ["reset_by_code"]
    house.sign_in(ID_NUMBER)


@pytest.mark.parametrize("new", [STAFF_PASSWORD, "short", "onlylowercaseletters", "password12345"])
def test_a_new_password_of_staff_has_to_be_one(house: House, new: str) -> None:
    house.open_account()
    with pytest.raises(Invalid) as refused:
        house.sign_in("wuchang.li", STAFF_PASSWORD, totp_now(house), new_password=new)
    assert [error.field for error in refused.value.errors] == ["new_password"]


def test_accountants_keep_their_password(house: House) -> None:
    house.register()
    house.clock.pass_by(days=400)
    house.sign_in(ID_NUMBER)


def test_sessions_that_end_while_somebody_signs_in_do_not_keep_them_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of name is applied between the password and the session: the session is of the new epoch."""
    account_id = house.register().account.account_id
    matches = passwords.matches

    def while_sessions_end(stored: str | None, typed: str) -> bool:
        house.identity.update(account_key(account_id), "SET epoch = epoch + :one", values={":one": 1})
        return matches(stored, typed)

    monkeypatch.setattr(passwords, "matches", while_sessions_end)
    tokens = house.sign_in(ID_NUMBER)
    assert verify(tokens.access_token, house.keys, now=house.clock()).epoch == 2
    assert house.refresh(tokens).account.account_id == account_id


def test_a_password_that_is_reset_while_the_old_one_is_looked_at_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = house.register().account.account_id
    matches = passwords.matches

    def while_it_is_reset(stored: str | None, typed: str) -> bool:
        house.identity.update(
            account_key(account_id),
            "SET epoch = epoch + :one, password_hash = :other",
            values={":one": 1, ":other": "another"},
        )
        return matches(stored, typed)

    monkeypatch.setattr(passwords, "matches", while_it_is_reset)
    with pytest.raises(BadCredentials):
        house.sign_in(ID_NUMBER)
