"""The record in full: only with a code on the account's own phone, and never unseen. Who looked, as its person may know it."""

import pytest

from jingkuai.aws import keys
from jingkuai.domain.one_time_code import OtpExhausted, OtpInvalid
from jingkuai.domain.principal import Principal, Role
from register.profile import NoRecord
from register.rights_views import LookView, revealed_view
from tests.cloud import Cloud
from tests.unit.register import people
from tests.unit.register.rights import CODE, ID_NUMBER, REVIEWER, Rights


@pytest.fixture
def rights(cloud: Cloud) -> Rights:
    return Rights(cloud)


def test_a_code_on_the_own_phone_opens_number_and_phone(rights: Rights) -> None:
    rights.send_code()
    with rights.desk.costing(4):
        revealed = rights.reveal()
    shown = revealed_view(revealed)
    assert (shown.id_number, shown.contact["phone"]) == (ID_NUMBER, people.PHONE)
    assert shown.basic["name"] == "王清"


def test_after_a_change_of_the_phone_both_ciphers_are_opened(rights: Rights) -> None:
    other = rights.sealer.seal_together({"phone": people.OTHER_PHONE}, people.PERSON)
    rights.cloud.registry.update(
        keys.person_key(people.PERSON), "SET phone_cipher = :cipher", values={":cipher": other}
    )
    rights.send_code()
    with rights.desk.costing(5):
        numbers = rights.reveal().numbers
    assert (numbers.id_number, numbers.phone) == (ID_NUMBER, people.OTHER_PHONE)


def test_a_wrong_code_opens_nothing_and_counts(rights: Rights) -> None:
    rights.send_code()
    for wrong in ("000000", "000001", "000002", "000003"):
        with pytest.raises(OtpInvalid):
            rights.reveal(wrong)
    with pytest.raises(OtpExhausted):
        rights.reveal("000004")
    with pytest.raises(OtpExhausted):
        rights.reveal(CODE)
    assert rights.store.looks(people.PERSON, limit=10, start=None).looks == []


def test_a_code_opens_once(rights: Rights) -> None:
    rights.send_code()
    rights.reveal()
    with pytest.raises(OtpInvalid):
        rights.reveal()


def test_a_code_on_another_phone_opens_nothing(rights: Rights) -> None:
    rights.send_code(people.OTHER_PHONE)
    with pytest.raises(OtpInvalid):
        rights.reveal()


def test_before_the_first_approval_there_is_nothing_to_see_and_the_code_stays_good(rights: Rights) -> None:
    person_at, status = keys.person_key(people.PERSON), {"#status": "status"}
    rights.cloud.registry.update(person_at, "SET #status = :new", values={":new": "registered"}, names=status)
    rights.send_code()
    with pytest.raises(NoRecord):
        rights.reveal()
    rights.cloud.registry.update(person_at, "SET #status = :now", values={":now": "active"}, names=status)
    assert rights.reveal().numbers.id_number == ID_NUMBER


def test_a_reveal_stands_in_the_access_log(rights: Rights) -> None:
    rights.send_code()
    rights.reveal()
    (look,) = rights.store.looks(people.PERSON, limit=10, start=None).looks
    assert (look.by_role, look.region_code, look.purpose) == ("accountant", None, "本人查看完整信息")


def test_the_access_log_names_role_and_bureau_and_nobody(rights: Rights) -> None:
    rights.look()
    rights.look(by=Principal("admin-account", Role.ADMIN, "42", None, "李*", "session"), purpose="投诉核查")
    with rights.desk.costing(1):
        page = rights.store.looks(people.PERSON, limit=10, start=None)
    newest, oldest = (LookView.of(one).model_dump() for one in page.looks)
    assert newest.pop("at") > oldest.pop("at")
    assert newest == {
        "by_role": "admin",
        "bureau": {"region_code": "420000", "name": "湖北省财政局"},
        "purpose": "投诉核查",
    }
    assert oldest == {
        "by_role": "reviewer",
        "bureau": {"region_code": "420106", "name": "武昌区财政局"},
        "purpose": "审核",
    }


def test_the_access_log_comes_in_pages_newest_first_and_changes_are_not_in_it(rights: Rights) -> None:
    for number in range(5):
        rights.look(purpose=f"第{number}次")
    rights.request()  # an audited change
    seen, start = [], None
    while True:
        page = rights.store.looks(people.PERSON, limit=2, start=start)
        seen += [one.purpose for one in page.looks]
        if (start := page.next_start) is None:
            break
    assert seen == [f"第{number}次" for number in (4, 3, 2, 1, 0)]
    assert REVIEWER.account_id not in str(page)
