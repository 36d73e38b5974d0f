"""Routing: which unit is asked, what the system approves by itself, and that a running case keeps the rules it began with."""

from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.configuration import CACHE
from review.case import Outcome
from review.case_writes import CaseMoved
from review.checks import Finding, Result
from review.routes import RoutedStage
from tests.cloud import Cloud, shipped
from tests.unit.review.changing import Change
from tests.unit.review.conftest import SUBJECT, WANG, Fixed, Office, payload
from tests.unit.review.test_task_page import shown

UNIT, OTHER_UNIT = "91420106MA4KABCD9R", "91420106MA4K2RTU5J"
POLICY = shipped("review_routes")
ANYBODY: dict[str, Any] = {"automatic": [{"kinds": ["registration"]}]}


@pytest.fixture
def settled(open_office: Office) -> Office:
    """A person with a record, who works for a unit."""
    open_office.decide(WANG)
    open_office.route()
    assert open_office.apply() is Outcome.APPLIED
    return open_office


def with_account(office: Office, uscc: str) -> None:
    office.registry.put({**keys.employer_key(uscc), "v": 1, "uscc": uscc, "name": "湖北示例会计有限公司"})


def moving_to(office: Office, uscc: str = UNIT, **over: Any) -> Change:
    work = {**payload()["employment"], "uscc": uscc, "employer_name": "湖北示例会计有限公司", **over}
    return Change(office, "employment_change", {"employment": work}, "employment_proof", "transfer_proof")


def routed(change: Change) -> tuple[RoutedStage, ...]:
    office = change.office
    change.check()
    change.route()
    return office.cases.case(change.subject).stages


def owners(change: Change) -> list[str]:
    return [one.owner for one in routed(change)]


# --- the new employer


def test_the_new_unit_is_asked_first_where_it_has_an_account(settled: Office) -> None:
    with_account(settled, UNIT)
    assert owners(moving_to(settled)) == [f"E:{UNIT}", "420106"]


def test_a_unit_without_an_account_is_passed_over(settled: Office) -> None:
    with_account(settled, OTHER_UNIT)
    assert owners(moving_to(settled)) == ["420106"]


def test_whoever_will_work_nowhere_has_nobody_to_ask(settled: Office) -> None:
    change = Change(settled, "employment_change", {"employment": {"status": "seeking"}}, "transfer_proof")
    assert owners(change) == ["420106"]


def test_the_account_is_looked_for_only_where_the_route_asks(office: Office) -> None:
    office.check()
    office.calls.clear()
    office.route()
    assert office.calls == ["GetItem", "TransactWriteItems"]


def test_a_unit_named_in_place_of_another_is_asked_in_its_place(settled: Office) -> None:
    with_account(settled, UNIT)
    with_account(settled, OTHER_UNIT)
    settled.routes = Fixed("county", kind="employment_change")  # type: ignore[assignment]
    change = moving_to(settled)
    task_id = change.open()
    assert change.item()["stages"][0]["owner"] == "420106"
    change.decide(task_id, "return")
    settled.routes = Fixed("employer", "county", kind="employment_change")  # type: ignore[assignment]
    same = change.item()["payload"]
    change.resubmit(same)
    assert owners(change) == ["420106"], "the same unit: the stages stay"
    again = change.open()
    change.decide(again, "return")
    change.resubmit({"employment": {**same["employment"], "uscc": OTHER_UNIT}})
    assert owners(change) == [f"E:{OTHER_UNIT}", "420106"]


# --- the rules a case began with


def test_a_running_case_keeps_the_rules_it_began_with(open_office: Office, cloud: Cloud) -> None:
    page = shown(open_office)
    assert page.rules_version == "2026-1"
    two = [*POLICY["routes"]["registration"], {"stage": "city", "owner": "bureau_above", "workdays": 5}]
    cloud.deploy("review_routes", {**POLICY, "version": "2026-2", "routes": {**POLICY["routes"], "registration": two}})
    open_office.clock.pass_by(seconds=CACHE.total_seconds())
    assert open_office.routes.current(open_office.clock()).version == "2026-2"
    assert open_office.route() == (Outcome.REVIEW, "county")
    open_office.decide(WANG)
    assert open_office.route() == (Outcome.APPLY, ""), "no second stage in the middle of the way"
    assert shown(open_office).rules_version == "2026-1"


# --- what needs nobody


def test_what_the_rules_let_pass_is_approved_by_the_system(office: Office) -> None:
    office.routes = Fixed("county", **ANYBODY)  # type: ignore[assignment]
    office.check()
    assert office.route() == (Outcome.APPLY, "")
    assert office.route() == (Outcome.APPLY, ""), "once more, nothing more"
    assert office.apply() is Outcome.APPLIED
    submission = office.submission_item()
    assert submission["status"] == "approved"
    assert [(one["event"], one["by_role"]) for one in submission["timeline"]][1:] == [
        ("checked", "system"),
        ("approved", "system"),
        ("applied", "system"),
    ]
    (approved,) = [one for one in office.changes() if one["action"] == "submission.approved"]
    assert (approved["by"], approved["details"]["rules_version"]) == ("system", "")
    assert office.inbox() == []
    assert office.item(keys.version_key(office.person_item()["person_id"], 1))["decided_by"] == "system"


@pytest.mark.parametrize(
    "rules", [{}, {"automatic": [{"kinds": ["registration"], "regions": ["4205"]}]}, {"automatic": []}]
)
def test_what_they_do_not_name_is_for_a_person(office: Office, rules: dict[str, Any]) -> None:
    office.routes = Fixed("county", **rules)  # type: ignore[assignment]
    office.check()
    assert office.route() == (Outcome.REVIEW, "county")


def test_a_doubt_is_for_a_person(office: Office) -> None:
    office.routes = Fixed("county", **ANYBODY)  # type: ignore[assignment]
    case = office.cases.case(SUBJECT)
    doubt = Finding("duplicate_scan", Result.DOUBTFUL, "有扫描件相同。")
    office.cases.save_findings(case, [Finding("payload_valid", Result.PASSED, "齐全。"), doubt], at=office.clock())
    assert office.route() == (Outcome.REVIEW, "county")


def test_a_unit_that_can_be_asked_is_asked(settled: Office) -> None:
    with_account(settled, UNIT)
    settled.routes = Fixed(  # type: ignore[assignment]
        "employer", "county", kind="employment_change", automatic=[{"kinds": ["employment_change"]}]
    )
    assert owners(moving_to(settled)) == [f"E:{UNIT}", "420106"]
    assert not settled.cases.case(moving_subject(settled)).is_automatic


def moving_subject(office: Office) -> dict[str, str]:
    lock = office.person_item()["open"]["employment_change"]
    return dict(keys.submission_key(office.person_item()["person_id"], lock))  # type: ignore[arg-type]


def test_a_withdrawal_at_the_same_moment_wins(office: Office) -> None:
    office.routes = Fixed("county", **ANYBODY)  # type: ignore[assignment]
    office.check()
    case = office.cases.case(SUBJECT)
    assert office.withdraw()
    with pytest.raises(CaseMoved):
        office.cases.approve_automatically(case, [], rules_version="x", at=office.clock())
    assert office.route() == (Outcome.ENDED, "")


def test_what_cannot_be_applied_as_it_is_comes_to_a_person(office: Office) -> None:
    office.routes = Fixed("county", **ANYBODY)  # type: ignore[assignment]
    office.check()
    office.route()
    changed = {":two": 2, ":sections": {**payload(), "contact": {}}}
    office.registry.update(
        keys.person_key(office.person_item()["person_id"]),
        "SET #v = :two, sections = :sections",
        values=changed,
        names={"#v": "version"},
    )
    assert office.apply() is Outcome.CONFLICT
    assert office.route() == (Outcome.REVIEW, "county")
    office.open_task()
    office.decide(WANG)
    assert not office.cases.case(SUBJECT).is_automatic
    assert office.apply() is Outcome.APPLIED
