"""The account page and the record: unread messages, what to do next, and nothing in full that is masked elsewhere."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.domain.principal import Role
from register import account_page, profile
from register.account_page import AccountPage
from register.profile import NoRecord
from register.record_views import ProfileView
from tests.unit.register import people
from tests.unit.register.desk import RECORD_RULES, Desk


def page(desk: Desk, role: Role = Role.ACCOUNTANT, account_id: str = people.PERSON) -> AccountPage:
    by = people.principal(account_id, role)
    return account_page.account_page(by=by, store=desk.people, rules=RECORD_RULES, clock=desk.clock)


def todo(desk: Desk) -> list[tuple[str, str]]:
    return [(one.code, one.link) for one in page(desk).todo]


def approved(desk: Desk, **over: Any) -> None:
    people.approve(desk.cloud.registry, **over)


def summary(desk: Desk, year: int, total: Decimal, professional: Decimal) -> None:
    shortfall = {"total": total, "professional": professional}
    item = {"year": year, "shortfall": shortfall, "fulfilled": not total and not professional}
    desk.cloud.registry.put({**keys.year_summary_key(people.PERSON, year), **item})


def test_a_new_person_is_told_to_register(desk: Desk) -> None:
    with desk.costing(1):
        seen = page(desk)
    assert seen.unread_messages == 0
    assert [(one.code, one.link) for one in seen.todo] == [("registration_needed", "/me/draft")]


def test_a_registration_on_its_way_asks_nothing_until_it_is_returned(desk: Desk) -> None:
    submission = desk.submit(scans=desk.accepted())
    with desk.costing(2):
        assert page(desk).todo == ()
    desk.cloud.registry.put({**desk.item(submission), "status": "returned"})
    assert todo(desk) == [("registration_returned", f"/me/submissions/{submission.submission_id}")]
    desk.withdraw(submission)
    assert todo(desk) == [("registration_needed", "/me/draft")]


def test_a_change_that_came_back_is_asked_for_and_other_open_matters_are_not(desk: Desk) -> None:
    approved(desk)
    filed = {"CHANGE": "returned", "TITLE": "under_review"}
    for submission_id, status in filed.items():
        desk.cloud.registry.put({**keys.submission_key(people.PERSON, submission_id), "status": status})
    opened = {"education_added": "CHANGE", "qualification_added": "TITLE", "transfer": "TR"}
    desk.cloud.registry.update(
        keys.person_key(people.PERSON), "SET #open = :open", values={":open": opened}, names={"#open": "open"}
    )
    with desk.costing(2):
        assert todo(desk) == [("submission_returned", "/me/submissions/CHANGE")]


def test_credits_short_is_told_while_it_is_true(desk: Desk) -> None:
    approved(desk)
    assert todo(desk) == []
    summary(desk, 2026, Decimal("42.5"), Decimal(60))
    with desk.costing(1):
        [short] = page(desk).todo
    assert (short.code, short.link) == ("credits_short", "/me/credits?year=2026")
    assert "42.5学分" in short.message and "60学分" in short.message
    summary(desk, 2026, Decimal(0), Decimal(5))
    assert "专业科目还差5学分" in page(desk).todo[0].message
    summary(desk, 2026, Decimal(0), Decimal(0))
    assert todo(desk) == []


def test_a_record_to_be_confirmed_is_told_until_it_is(desk: Desk) -> None:
    approved(desk, confirmed_on="2026-05-28")  # 180 days before
    with desk.costing(1):
        assert [(one.code, one.link) for one in page(desk).todo] == [("confirm_record", "/me/profile")]
    assert "180天" in page(desk).todo[0].message
    summary(desk, 2026, Decimal(1), Decimal(1))
    assert [code for code, _ in todo(desk)] == ["credits_short", "confirm_record"]
    approved(desk, confirmed_on="2026-05-29")
    assert "confirm_record" not in dict(todo(desk))
    desk.now += timedelta(days=1)
    assert "confirm_record" in dict(todo(desk))


@pytest.mark.parametrize("status", ["transferred_out", "deactivated"])
def test_whose_record_nobody_here_keeps_any_more_is_asked_for_nothing(desk: Desk, status: str) -> None:
    approved(desk, confirmed_on="2026-05-28", status=status)
    summary(desk, 2026, Decimal(1), Decimal(1))
    assert todo(desk) == []


def test_staff_see_their_messages_alone(desk: Desk) -> None:
    desk.cloud.registry.put({**keys.message_head_key("staff"), "unread": 3})
    with desk.costing(1):
        assert page(desk, Role.REVIEWER, "staff") == AccountPage(3, ())


@pytest.mark.parametrize(("role", "unread"), [(Role.REVIEWER, 5), (Role.ADMIN, 3)])
def test_a_reviewers_unread_messages_are_their_own_and_their_bureaus(desk: Desk, role: Role, unread: int) -> None:
    desk.cloud.registry.put({**keys.message_head_key("staff"), "unread": 3})
    desk.cloud.registry.put({**keys.message_head_key(bureau_mailbox("420100")), "unread": 2})
    by = people.principal("staff", role, "4201")
    with desk.costing(1):
        seen = account_page.account_page(by=by, store=desk.people, rules=RECORD_RULES, clock=desk.clock)
    assert seen.unread_messages == unread


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_staff_are_told_what_their_bureau_has_open_and_what_of_it_is_late(desk: Desk, role: Role) -> None:
    def told(**due: int) -> list[tuple[str, str, str]]:
        counts = {f"1.due.{day.replace('_', '-')[1:]}": count for day, count in due.items()}
        desk.cloud.registry.put({**keys.statistics_key("now", "420100"), "live": 1, **counts})
        by = people.principal("staff", role, "4201")
        with desk.costing(1):
            seen = account_page.account_page(by=by, store=desk.people, rules=RECORD_RULES, clock=desk.clock)
        return [(one.code, one.message, one.link) for one in seen.todo]

    assert told() == []
    assert told(_2026_12_01=3) == [("tasks_open", "贵局有3件待办，没有超期的。", "/review/tasks?state=open")]
    [(code, message, link)] = told(_2026_12_01=3, _2026_11_20=2)
    assert (code, link) == ("tasks_open", "/review/tasks?state=overdue")
    assert "5件待办，其中2件已超期" in message


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INSTITUTION, Role.EMPLOYER])
def test_whoever_decides_nothing_is_told_of_no_tasks(desk: Desk, role: Role) -> None:
    desk.cloud.registry.put({**keys.statistics_key("now", "420000"), "live": 1, "1.due.2026-11-20": 2})
    by = people.principal("other", role, "42")
    assert account_page.account_page(by=by, store=desk.people, rules=RECORD_RULES, clock=desk.clock).todo == ()


def test_before_the_first_approval_there_is_no_record(desk: Desk) -> None:
    with pytest.raises(NoRecord) as refused:
        profile.own_record(by=people.principal(), store=desk.people)
    assert refused.value.code == "no_record"


def test_the_record_shows_its_sections_with_number_and_phone_masked(desk: Desk) -> None:
    approved(desk)
    with desk.costing(1):
        seen = ProfileView.of(profile.own_record(by=people.principal(), store=desk.people))
    assert (seen.status, seen.version, seen.region_code) == ("active", 1, "420106")
    assert seen.id_number == "420***********0016"
    assert seen.contact == {
        "phone": people.MASKED_PHONE,
        "email": "someone@example.invalid",
        "address": "湖北省示例路1号",
    }
    assert seen.education == people.payload()["education"]
    assert seen.managed_by.name.endswith("财政局") and seen.managed_by.region_code == "420106"
