"""Accounts of staff, institutions and employers: opened once, listed by scope."""

import pytest

from identity.accounts import UsernameTaken
from jingkuai.aws.keys import account_key, admins_key, institution_key
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Invalid

from .conftest import STAFF_PASSWORD, TOTP_SECRET, House


def test_the_same_account_is_opened_once(house: House) -> None:
    house.open_account()
    with pytest.raises(UsernameTaken):
        house.open_account()
    assert len(house.items(house.identity, "A#")) == 1
    assert len(house.items(house.registry, "AU#")) == 1


def test_staff_are_listed_by_scope_and_username(house: House) -> None:
    house.open_account(username="bb", scope="420106")
    house.open_account(username="aa", scope="420106")
    house.open_account(username="cc", scope="420502")
    page = house.identity.query("STAFF", index="gsi1", prefix="4201")
    assert [item["card"]["username"] for item in page.items] == ["aa", "bb"]
    assert set(page.items[0]["card"]) == {"account_id", "username", "name", "role", "scope", "suspended"}


def test_secrets_are_sealed_or_hashed(house: House) -> None:
    account_id = house.open_account()
    item = house.identity.get(account_key(account_id)) or {}
    assert house.sealer.open(item["totp_cipher"], account_id) == TOTP_SECRET
    assert TOTP_SECRET not in repr(item)
    assert STAFF_PASSWORD not in repr(item)


@pytest.mark.parametrize(
    "username", ["", "x", "Wang", "王", "a b", "19901327120", "420106199001011234", "-a", "x" * 33]
)
def test_usernames_have_a_form_that_no_number_has(house: House, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.open_account(username=username)
    assert [error.field for error in refused.value.errors] == ["username"]


def test_username_and_password_are_told_together(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        house.open_account(username="A", password="short")
    assert {error.field for error in refused.value.errors} == {"username", "password"}


def test_admins_are_counted(house: House) -> None:
    for username in ("hubei.one", "hubei.two"):
        house.open_account(role=Role.ADMIN, scope="42", username=username)
    assert (house.identity.get(admins_key()) or {})["active"] == 2


def test_what_begins_with_an_account_is_stored_with_it_or_not_at_all(house: House) -> None:
    training = {**institution_key("hb-training"), "v": 1, "institution_id": "hb-training", "name": "湖北示例培训中心"}
    given = {"role": Role.INSTITUTION, "scope": "hb-training", "username": "hb-training", "totp_secret": None}
    house.open_account(**given, beside=[training])
    assert house.registry.get(institution_key("hb-training")) == training
    with pytest.raises(UsernameTaken):
        house.open_account(**given, beside=[{**training, "name": "另一个"}])
    assert house.registry.get(institution_key("hb-training")) == training


def test_a_second_factor_is_open_to_institutions(house: House) -> None:
    from identity.sign_in import TotpRequired

    house.open_account(role=Role.INSTITUTION, scope="hb-training", username="hb-training")
    with pytest.raises(TotpRequired):
        house.sign_in("hb-training", STAFF_PASSWORD)
