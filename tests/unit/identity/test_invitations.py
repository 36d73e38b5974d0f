"""One-time links: once, for a day, and only the newest of an account."""

import pytest

from identity.account_changes import AccountChange, change_account
from identity.accounts import AccountSuspended
from identity.first_admin import AdminExists, open_first_admin, renew_first_invitation
from identity.invitations import InvitationInvalid
from identity.staff import open_staff
from jingkuai.aws.keys import admins_key
from jingkuai.domain.principal import STAFF
from jingkuai.domain.problem import Invalid

from .conftest import STAFF_PASSWORD, House
from .test_opening import ADMIN


def test_a_link_works_once(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    house.accept(opened.token)
    with pytest.raises(InvitationInvalid):
        house.accept(opened.token, "Another-Bureau-2026")


def test_of_two_uses_read_at_once_one_wins(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    account = house.store.accounts.account(opened.account_id)
    assert account is not None and account.invitation_hash

    def use() -> bool:
        return house.store.accounts.accept_invitation(
            account, str(account.invitation_hash), "hash", at=house.clock(), new_id=lambda _: "id", origin=""
        )

    assert [use(), use()] == [True, False]


def test_a_link_is_good_for_a_day(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    house.clock.pass_by(hours=24)
    with pytest.raises(InvitationInvalid):
        house.accept(opened.token)


def test_a_password_that_may_not_be_one_leaves_the_link_usable(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    with pytest.raises(Invalid) as refused:
        house.accept(opened.token, "onlylowercase")
    assert [error.field for error in refused.value.errors] == ["password"]
    house.accept(opened.token)


@pytest.mark.parametrize("token", ["", "x", "A" * 43])
def test_a_link_of_nobody_is_none(house: House, token: str) -> None:
    with pytest.raises(InvitationInvalid):
        house.accept(token)


def test_a_suspended_account_sets_no_password(house: House) -> None:
    opened = open_staff(house.staff_form(), house.desk(ADMIN))
    change_account(opened.account_id, STAFF, AccountChange(suspended=True), house.desk(ADMIN), by=ADMIN)
    with pytest.raises(AccountSuspended):
        house.accept(opened.token)


def test_a_link_costs_two_calls_and_outlives_another_scope(house: House) -> None:
    opened, moved = open_staff(house.staff_form(), house.desk(ADMIN)), house.staff_form(username="moves")
    house.calls.clear()
    house.accept(opened.token)
    assert house.calls == ["GetItem", "TransactWriteItems"]
    opened = open_staff(moved, house.desk(ADMIN))
    change_account(opened.account_id, STAFF, AccountChange(scope="4205"), house.desk(ADMIN), by=ADMIN)
    house.clock.pass_by(seconds=1)
    house.accept(opened.token)
    audited = house.audit(opened.account_id)[-1]
    assert (audited["action"], audited["gsi1pk"]) == ("password_set", "AUDIT#2026-11-24#420500")


def test_the_first_admin_is_opened_once(house: House) -> None:
    opened = open_first_admin("hubei.admin", "王管理", "19901332460", house.desk())
    with pytest.raises(AdminExists):
        open_first_admin("hubei.other", "王管理", "19901332460", house.desk())
    house.accept(opened.token)
    house.enrol("hubei.admin")
    assert (house.identity.get(admins_key()) or {})["active"] == 1
    with pytest.raises(AdminExists):
        open_first_admin("hubei.other", "王管理", "19901332460", house.desk())


def test_a_lost_link_of_the_first_admin_is_replaced_until_somebody_acts(house: House) -> None:
    with pytest.raises(AdminExists):
        renew_first_invitation(house.desk())
    first = open_first_admin("hubei.admin", "王管理", "19901332460", house.desk())
    house.clock.pass_by(days=2)
    again = renew_first_invitation(house.desk())
    assert again.account_id == first.account_id
    house.accept(again.token)
    house.enrol("hubei.admin")
    with pytest.raises(AdminExists):
        renew_first_invitation(house.desk())
    house.clock.pass_by(seconds=30)
    house.sign_in("hubei.admin", STAFF_PASSWORD, house.totp())


def test_a_deployment_with_an_admin_gets_no_first_one(house: House) -> None:
    from jingkuai.domain.principal import Role

    house.open_account(role=Role.ADMIN, scope="42", username="hubei.one")
    with pytest.raises(AdminExists):
        open_first_admin("hubei.admin", "王管理", "19901332460", house.desk())
