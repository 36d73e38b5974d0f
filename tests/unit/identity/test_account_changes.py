"""Suspension, another scope, resets: they bite at once, are audited, and leave one admin able to act."""

from typing import Any

import pytest

from identity.account_changes import AccountChange, AccountChanged, LastAdmin, Reset, change_account
from identity.account_changes import Changed as ChangedAccount
from identity.account_rights import OwnAccount
from identity.accounts import AccountSuspended
from identity.authorizer import Refused, allow
from identity.invitations import InvitationInvalid
from identity.organisations import InstitutionForm, UnitSucceeded, open_employer, open_institution
from identity.sessions import SessionEnded, Tokens
from identity.sign_in import BadCredentials, TotpEnrolmentRequired
from identity.staff import open_staff
from jingkuai.aws.keys import employer_key, succession_key
from jingkuai.domain.principal import STAFF, Principal, Role
from jingkuai.domain.problem import Forbidden, Invalid, NotFound

from .conftest import STAFF_PASSWORD, TOTP_SECRET, House
from .test_opening import ADMIN, CHUTIAN, HANYANG, OTHER_USCC, USCC, WUHAN, acting, employer, rows

ORGANISATIONS = {Role.EMPLOYER: frozenset({Role.EMPLOYER}), Role.INSTITUTION: frozenset({Role.INSTITUTION})}


def change(
    house: House, account_id: str, by: Principal = ADMIN, *, kind: frozenset[Role] = STAFF, **wanted: Any
) -> ChangedAccount:
    return change_account(account_id, kind, AccountChange(**wanted), house.desk(by), by=by)


def reviewer(house: House, **over: Any) -> tuple[str, Tokens]:
    """A reviewer with a session."""
    account_id = house.open_account(**over)
    return account_id, house.sign_in(str(over.get("username", "wuchang.li")), STAFF_PASSWORD, house.totp())


def admin(house: House, username: str) -> tuple[str, Principal]:
    account_id = house.open_account(role=Role.ADMIN, scope="42", username=username)
    return account_id, Principal(account_id, Role.ADMIN, "42", None, "王*", "session")


def is_let_in(house: House, tokens: Tokens) -> bool:
    try:
        allow(f"Bearer {tokens.access_token}", store=house.sessions, keys=house.keys, clock=house.clock)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    "wanted",
    [{"suspended": True}, {"scope": "420105"}, {"reset": Reset.PASSWORD}, {"reset": Reset.TOTP}],
    ids=["suspended", "re-scoped", "password", "totp"],
)
def test_a_change_ends_every_session_at_once(house: House, wanted: dict[str, Any]) -> None:
    account_id, tokens = reviewer(house)
    assert is_let_in(house, tokens)
    house.calls.clear()
    change(house, account_id, **wanted)
    assert house.calls == ["GetItem", "TransactWriteItems"]
    assert not is_let_in(house, tokens)
    with pytest.raises(SessionEnded):
        house.refresh(tokens)


def test_a_suspended_account_is_told_so_by_its_password_and_opened_again(house: House) -> None:
    account_id, _ = reviewer(house)
    assert change(house, account_id, suspended=True).account.suspended
    assert rows(house, Role.REVIEWER)[0]["suspended"] is True
    house.clock.pass_by(seconds=30)
    with pytest.raises(AccountSuspended):
        house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())
    change(house, account_id, suspended=False)
    house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())
    actions = [(entry["action"], entry["by"]) for entry in house.audit(account_id)]
    assert ("suspended", ADMIN.account_id) in actions and ("reopened", ADMIN.account_id) in actions


def test_what_is_so_already_changes_nothing(house: House) -> None:
    account_id, tokens = reviewer(house)
    change(house, account_id, suspended=False, scope="420106")
    assert is_let_in(house, tokens)
    assert len(house.audit(account_id)) == 2  # opened, signed in


def test_another_scope_shows_in_tokens_and_lists(house: House) -> None:
    account_id, _ = reviewer(house)
    change(house, account_id, scope="420105")
    house.clock.pass_by(seconds=30)
    assert house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp()).account.scope == "420105"
    page = house.identity.query("STAFF", index="gsi1", prefix="420105#")
    assert [item["card"]["scope"] for item in page.items] == ["420105"]


def test_a_reset_password_is_set_anew_by_a_new_link(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    changed = change(house, opened.account_id, reset=Reset.PASSWORD)
    with pytest.raises(InvitationInvalid):  # the first link was replaced
        house.accept(opened.token)
    house.accept(changed.token or "")
    with pytest.raises(TotpEnrolmentRequired):
        house.sign_in("hanyang.wang", STAFF_PASSWORD)


def test_the_old_password_is_gone_with_a_reset(house: House) -> None:
    account_id, _ = reviewer(house)
    change(house, account_id, reset=Reset.PASSWORD)
    house.clock.pass_by(seconds=30)
    with pytest.raises(BadCredentials):
        house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())


def test_a_reset_second_factor_is_enrolled_anew(house: House) -> None:
    account_id, _ = reviewer(house)
    change(house, account_id, reset=Reset.TOTP)
    with pytest.raises(TotpEnrolmentRequired):
        house.sign_in("wuchang.li", STAFF_PASSWORD, house.totp())
    house.enrol("wuchang.li", secret=TOTP_SECRET[::-1])


def test_the_last_admin_can_be_neither_suspended_nor_reset(house: House) -> None:
    last, me = admin(house, "hubei.one")
    with pytest.raises(LastAdmin):
        change(house, last, me, suspended=True)
    for reset in Reset:
        with pytest.raises(LastAdmin):
            change(house, last, ADMIN, reset=reset)
    assert not rows(house, Role.ADMIN)[0]["suspended"]


def test_an_admin_who_never_came_is_no_last_admin(house: House) -> None:
    last, me = admin(house, "hubei.one")
    invited = open_staff(house.staff_form(username="hubei.two", role="admin", scope="42"), house.desk(me))
    with pytest.raises(LastAdmin):
        change(house, last, me, suspended=True)
    house.accept(invited.token)
    house.enrol("hubei.two")
    change(house, last, me, suspended=True)
    with pytest.raises(LastAdmin):
        change(house, invited.account_id, ADMIN, suspended=True)


def test_of_two_admins_who_suspend_each_other_at_once_one_stays(house: House) -> None:
    first, second = admin(house, "hubei.one"), admin(house, "hubei.two")
    both = [house.store.accounts.listed(account_id) for account_id, _ in (first, second)]
    assert None not in both  # both were read as able to act
    change(house, second[0], first[1], suspended=True)
    with pytest.raises(LastAdmin):
        change(house, first[0], second[1], suspended=True)


def test_a_reopened_admin_counts_again(house: House) -> None:
    (first, me), (second, other) = admin(house, "hubei.one"), admin(house, "hubei.two")
    change(house, second, me, suspended=True)
    change(house, second, me, suspended=False)
    change(house, first, other, suspended=True)


def test_nobody_resets_or_moves_their_own_account(house: House) -> None:
    account_id, _ = admin(house, "hubei.one")
    _, other = admin(house, "hubei.two")
    me = Principal(account_id, Role.ADMIN, "42", None, "王*", "session")
    for reset in Reset:
        with pytest.raises(OwnAccount):
            change(house, account_id, me, reset=reset)
    change(house, account_id, other, reset=Reset.TOTP)


def test_of_two_changes_read_at_once_the_first_stands(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account_id, _ = reviewer(house)
    as_read = house.store.accounts.listed(account_id)
    change(house, account_id, scope="420105")
    monkeypatch.setattr(house.store.accounts, "listed", lambda _: as_read)
    with pytest.raises(AccountChanged):
        change(house, account_id, suspended=True)


@pytest.mark.parametrize("by", [HANYANG, acting(Role.REVIEWER, "42"), acting(Role.AUDITOR, "42")])
def test_only_administrators_change_accounts(house: House, by: Principal) -> None:
    account_id, _ = reviewer(house)
    with pytest.raises(Forbidden):
        change(house, account_id, by, suspended=True)


def test_a_city_changes_its_own_region_alone(house: House) -> None:
    mine, _ = reviewer(house)
    change(house, mine, WUHAN, suspended=True)
    theirs = house.open_account(username="yichang", scope="4205")
    with pytest.raises(NotFound):
        change(house, theirs, WUHAN, suspended=True)
    with pytest.raises(Forbidden):
        change(house, mine, WUHAN, scope="420502")
    auditor = house.open_account(username="auditor", scope="420106", role=Role.AUDITOR)
    with pytest.raises(Forbidden):
        change(house, auditor, WUHAN, suspended=True)


def test_an_accountant_and_another_kind_are_not_found(house: House) -> None:
    person_id = house.register().account.account_id
    staff = house.open_account()
    for account_id, kind in ((person_id, STAFF), (staff, ORGANISATIONS[Role.EMPLOYER]), ("nobody", STAFF)):
        with pytest.raises(NotFound):
            change(house, account_id, kind=kind, suspended=True)


def test_an_administrator_moves_to_a_unit_that_is_here(house: House) -> None:
    opened = open_employer(CHUTIAN, house.desk(ADMIN))
    kind = ORGANISATIONS[Role.EMPLOYER]
    with pytest.raises(Invalid):
        change(house, opened.account_id, kind=kind, scope=OTHER_USCC)
    open_employer(employer(uscc=OTHER_USCC, username="yichang.hr", region_code="420502"), house.desk(ADMIN))
    with pytest.raises(Invalid):  # of the other city, as far as Wuhan knows, there is none
        change(house, opened.account_id, WUHAN, kind=kind, scope=OTHER_USCC)
    change(house, opened.account_id, kind=kind, scope=OTHER_USCC)
    assert [card["username"] for card in rows(house, Role.EMPLOYER, by=acting(Role.REVIEWER, "4205"))] == [
        "chutian.hr",
        "yichang.hr",
    ]


def test_a_unit_that_took_anothers_place_is_asked_from_its_first_account_on(house: House) -> None:
    """The merger made its item; whose account moves to it answers for it."""
    opened, kind = open_employer(CHUTIAN, house.desk(ADMIN)), ORGANISATIONS[Role.EMPLOYER]
    shown = {"uscc": OTHER_USCC, "name": "湖北示例承继有限公司", "region_code": "420106"}
    house.registry.put({**employer_key(OTHER_USCC), "v": 1, **shown, "unattended": True})
    change(house, opened.account_id, kind=kind, scope=OTHER_USCC)
    assert "unattended" not in (house.registry.get(employer_key(OTHER_USCC)) or {})
    house.registry.put({**succession_key(USCC), "v": 1, "successor": {"uscc": OTHER_USCC, "name": shown["name"]}})
    with pytest.raises(UnitSucceeded) as refused:
        change(house, opened.account_id, kind=kind, scope=USCC)
    assert shown["name"] in refused.value.detail and OTHER_USCC in refused.value.detail


def test_an_institution_stays_the_institution_it_is(house: House) -> None:
    opened = open_institution(InstitutionForm("hb", "湖北示例培训中心", USCC, "027-87654321", ()), house.desk(ADMIN))
    kind = ORGANISATIONS[Role.INSTITUTION]
    with pytest.raises(Invalid):
        change(house, opened.account_id, kind=kind, scope="other")
    assert change(house, opened.account_id, kind=kind, suspended=True).account.suspended
