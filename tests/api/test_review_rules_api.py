"""Rules of a review that a deployment changes: a city's own route, what needs nobody, and second looks, through the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jingkuai.domain.principal import Role
from tests.api.gateway import Answer, invoke
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, YILING, Accountant, Caller, Registry, opened
from tests.cloud import shipped

YICHANG = "4205"
POLICY = shipped("review_routes")
COUNTY = {"stage": "county", "owner": "managing_bureau", "workdays": 5}
CITY = {"stage": "city", "owner": "bureau_above", "workdays": 3}
RULES = {
    **POLICY,
    "version": "2026-2",
    "regions": [{"region": YICHANG, "kind": "registration", "stages": [COUNTY, CITY]}],
    "automatic": [{"kinds": ["qualification_added"], "regions": ["4201"]}],
    "second_look": {**POLICY["second_look"], "share": 1},
}
REJECT = {"decision": "reject", "reason": "毕业证书不是本人的"}
CONFIRM = {"decision": "approve", "reason": ""}
CPA = {"level": "cpa", "certificate_no": "420100010002", "obtained_on": "2024-12-30"}


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    """Every approval that can be drawn is drawn."""
    with opened() as fresh:
        fresh.cloud.deploy("review_routes", RULES)
        yield fresh


class Drawn:
    """Somebody's registration, approved by the county and drawn for a second look of the city."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.somebody: Accountant = registry.newcomer()
        self.submission_id = registry.submitted(self.somebody)
        self.approval = registry.decide(self.submission_id, "approve")
        self.task_id = registry.task_of(self.submission_id, WUHAN)
        self.path = f"/review/tasks/{self.task_id}"

    def judged(self, body: dict[str, Any], by: Caller | None = None) -> Answer:
        return (by or self.registry.reviewer(WUHAN)).post(f"{self.path}/decision", body)


def test_a_city_has_a_route_of_its_own(registry: Registry) -> None:
    somebody = registry.newcomer(registry.somebody(region_code=YILING))
    submission = registry.submitted(somebody)
    registry.decide(submission, "approve", YILING)
    seen = somebody.get(f"/me/submissions/{submission}").json
    assert (seen["status"], seen["stage"]) == ("under_review", "city")
    task = registry.task_of(submission, YICHANG)
    assert registry.reviewer(YICHANG).get(f"/review/tasks/{task}").json["rules_version"] == "2026-2"
    registry.decide(submission, "approve", YICHANG)
    assert somebody.get("/me/profile").json["version"] == 1
    province = registry.account(Role.REVIEWER, "42")
    listed = province.get("/review/tasks?kind=second_look").json["items"]
    assert submission not in [one["subject_id"] for one in listed], "two bureaus have looked at it"


def test_what_needs_nobody_is_approved_by_the_system_and_looked_at(registry: Registry) -> None:
    drawn = Drawn(registry)
    somebody = drawn.somebody
    form = registry.change(somebody, "qualification_added", {"qualification": CPA}, "qualification_certificate")
    filed = somebody.post("/me/submissions", form).json["submission_id"]
    registry.workflows.settle()
    seen = somebody.get(f"/me/submissions/{filed}").json
    assert seen["status"] == "approved"
    assert [(one["event"], one["by_role"]) for one in seen["timeline"]][-2:] == [
        ("approved", "system"),
        ("applied", "system"),
    ]
    assert somebody.get("/me/profile").json["qualifications"] == [CPA]
    page = registry.reviewer(WUHAN).get(f"/review/tasks/{registry.task_of(filed, WUHAN)}").json
    assert (page["judged"]["by_role"], page["judged"]["account_id"]) == ("system", None)
    assert {one["after"] for one in page["differences"]} >= {CPA["certificate_no"]}


def test_the_city_sees_the_case_its_findings_and_the_decision(registry: Registry) -> None:
    drawn, city = Drawn(registry), registry.reviewer(WUHAN)
    (listed,) = [
        one for one in city.get("/review/tasks?kind=second_look").json["items"] if one["task_id"] == drawn.task_id
    ]
    assert (listed["region_code"], listed["subject_id"], listed["overdue"]) == ("420100", drawn.submission_id, False)
    page = city.get(drawn.path).json
    assert page["judged"] == {
        "kind": "registration",
        "region_code": WUCHANG,
        "decision": "approve",
        "by_role": "reviewer",
        "account_id": registry.reviewer().account_id,
        "decided_at": page["judged"]["decided_at"],
        "reason": "已核对",
    }
    assert page["findings"] and page["attachments"]
    assert page["payload"]["basic"]["name"] == drawn.somebody.person["name"]
    assert (page["rules_version"], page["second_look"]) == ("2026-2", None)
    refused(registry.reviewer().get(drawn.path), 404, "not_found")


def test_a_contradiction_reaches_whose_approval_it_is_and_changes_nothing_else(registry: Registry) -> None:
    drawn = Drawn(registry)
    first, again = (drawn.judged(REJECT) for _ in range(2))
    assert (first.status, first.json) == (200, {"task_id": drawn.task_id, "state": "done", "decision": "reject"})
    assert again.text == first.text
    registry.workflows.settle()
    county = registry.reviewer()
    message = county.get("/me/messages").json["items"][0]
    assert message["link"] == f"/review/tasks/{drawn.approval}"
    told = county.get(message["link"]).json["second_look"]
    assert (told["decision"], told["reason"]) == ("reject", REJECT["reason"])
    submission = drawn.somebody.get(f"/me/submissions/{drawn.submission_id}").json
    assert (submission["status"], submission["timeline"][-1]["event"]) == ("approved", "applied")
    assert drawn.somebody.get("/me/profile").json["version"] == 1
    refused(drawn.judged(CONFIRM), 409, "already_decided")


@pytest.mark.parametrize("body", [{**REJECT, "decision": "return"}, {"decision": "forward", "to_region": YILING}])
def test_a_case_that_is_over_is_not_sent_anywhere(registry: Registry, body: dict[str, Any]) -> None:
    drawn = Drawn(registry)
    refused(drawn.judged(body), 422, "not_for_second_looks")
    refused(drawn.judged({"decision": "reject", "reason": " "}), 422, "invalid", {"reason": "required"})
    refused(registry.reviewer(WUHAN).post(f"{drawn.path}/undo"), 409, "nothing_to_undo")
    assert drawn.judged(CONFIRM).status == 200


def test_whoever_moved_up_to_the_city_leaves_it_to_another(registry: Registry) -> None:
    """The account of the county's reviewer gets the city's scope."""
    registry.open(Role.REVIEWER, WUCHANG, "reviewer.rising")
    rising = registry.sign_in(Role.REVIEWER, "reviewer.rising")
    somebody = registry.newcomer()
    submission = registry.submitted(somebody)
    task = registry.task_of(submission)
    assert rising.post(f"/review/tasks/{task}/decision", {**CONFIRM, "reason": "已核对"}).status == 200
    registry.workflows.settle()
    assert registry.admin.call("PATCH", f"/admin/staff/{rising.account_id}", {"scope": WUHAN}).status == 200
    moved_up = registry.sign_in(Role.REVIEWER, "reviewer.rising")
    look = f"/review/tasks/{registry.task_of(submission, WUHAN)}"
    refused(moved_up.post(f"{look}/claim"), 409, "own_submission")
    refused(moved_up.post(f"{look}/decision", CONFIRM), 409, "own_submission")
    assert registry.reviewer(WUHAN).post(f"{look}/claim").json["state"] == "claimed"


def test_statistics_tell_what_second_looks_came_to(registry: Registry) -> None:
    city = registry.reviewer(WUHAN)
    before = looks_at(registry, city)
    Drawn(registry).judged(REJECT)
    Drawn(registry).judged(CONFIRM)
    after = looks_at(registry, city)
    assert {name: after[name] - before.get(name, 0) for name in after} == {"approve": 1, "reject": 1}


def looks_at(registry: Registry, city: Caller) -> dict[str, int]:
    """What second looks at the county's reviewer came to."""
    assert invoke("Projections", {"command": "recount"})["done"]
    (found,) = [
        one
        for one in city.get("/review/statistics").json["second_looks_by_reviewer"]
        if one["account_id"] == registry.reviewer().account_id
    ] or [{"confirmed": 0, "contradicted": 0}]
    return {"approve": found["confirmed"], "reject": found["contradicted"]}
