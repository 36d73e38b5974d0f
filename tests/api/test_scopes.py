"""The right role in the wrong scope: what lies outside is not found, whoever asks, and shows in no list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from jingkuai.domain.principal import Role
from tests.api.gateway import Answer
from tests.api.refusals import refused
from tests.api.registry import HUBEI, OTHER_TRAINING, TRAINING, WUCHANG, WUHAN, YILING, Accountant, Caller, Registry
from tests.api.test_costs_of_accounts import new_account
from tests.api.who import ROUTES, WHO

YICHANG = "4205"
HANYANG = "420105"  # beside Wuchang, of the same city
APPROVE = {"decision": "approve", "reason": "材料齐全", "fields": []}
LEFT = {"kind": "left", "reason": "已办理离职"}
REWARD = {"kind": "reward", "title": "先进会计工作者", "facts": "省财政厅表彰", "decided_on": "2026-05-01"}
REVOKED = {"reason": "依据的文件已被撤销"}
Who = Callable[[Registry], Caller]


def reviewer(scope: str) -> Who:
    return lambda registry: registry.reviewer(scope)


def institution(institution_id: str) -> Who:
    return lambda registry: registry.institution(institution_id)


def admin(registry: Registry) -> Caller:
    return registry.account(Role.ADMIN, HUBEI)


def other_accountant(registry: Registry) -> Caller:
    return registry.newcomer()


@dataclass(frozen=True)
class World:
    """One of everything that belongs to somebody."""

    registry: Registry
    owner: Accountant
    places: Mapping[str, str]


@pytest.fixture(scope="module")
def world(registry: Registry) -> World:
    owner = registry.newcomer()
    scan = registry.scan(owner)
    submission = registry.submitted(owner)
    approved = registry.accountant()
    message = approved.get("/me/messages").json["items"][0]["message_id"]
    opened = {path: registry.admin.post(path, new_account(path)).json["account_id"] for path in OPENED}
    batch = registry.imported([approved.row("准则")])
    entered = registry.reviewer().post(f"/review/people/{approved.account_id}/integrity-records", REWARD)
    places = {
        "submission_id": submission,
        "attachment_id": scan,
        "task_id": registry.task_of(submission),
        "message_id": message,
        "import_id": batch,
        "person_id": approved.account_id,
        "record_id": entered.json["record_id"],
        **opened,
    }
    return World(registry, owner, places)


OPENED = ("/admin/staff", "/admin/institutions", "/admin/employers")
OUTSIDE_WUCHANG = [reviewer(YILING), reviewer(YICHANG), reviewer(HANYANG)]
TASKS = "/review/tasks/{task_id}"
SUBMISSIONS = "/me/submissions/{submission_id}"
# by route: who has the right role and the wrong scope, and what they send
OUTSIDE: dict[str, tuple[list[Who], Any]] = {
    f"GET {TASKS}": (OUTSIDE_WUCHANG, None),
    f"POST {TASKS}/claim": (OUTSIDE_WUCHANG, {}),
    f"POST {TASKS}/release": (OUTSIDE_WUCHANG, {}),
    f"POST {TASKS}/decision": (OUTSIDE_WUCHANG, APPROVE),
    f"GET {SUBMISSIONS}": ([other_accountant], None),
    f"POST {SUBMISSIONS}/resubmit": ([other_accountant], {"payload": {}, "attachment_ids": []}),
    f"POST {SUBMISSIONS}/withdraw": ([other_accountant], {}),
    "GET /me/attachments/{attachment_id}": ([other_accountant, lambda registry: registry.employer], None),
    "GET /institution/imports/{import_id}": ([institution(OTHER_TRAINING)], None),
    "POST /me/messages/{message_id}/read": ([other_accountant, reviewer(WUCHANG), admin], {}),
    "PATCH /admin/staff/{id}": ([reviewer(YICHANG)], {"suspended": True}),
    "PATCH /admin/institutions/{id}": ([reviewer(YICHANG), reviewer(WUHAN)], {"suspended": True}),
    "PATCH /admin/employers/{id}": ([reviewer(YICHANG)], {"suspended": True}),
    "POST /employer/members/{person_id}/left": ([lambda registry: registry.employer], LEFT),
    "POST /me/integrity-records/{record_id}/objection": ([other_accountant], {"statement": "所述与事实不符"}),
    "POST /review/people/{person_id}/integrity-records": (OUTSIDE_WUCHANG, REWARD),
    "POST /review/people/{person_id}/integrity-records/{record_id}/revoke": ([reviewer(YICHANG)], REVOKED),
    "POST /review/people/{person_id}/integrity-records/{record_id}/uphold": ([reviewer(YICHANG)], REVOKED),
}


def at(world: World, route: str) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    account = next((world.places[one] for one in OPENED if path.startswith(one)), "")
    return method, path.format(**{**world.places, "id": account})


def called(world: World, caller: Caller, route: str, body: Any) -> Answer:
    method, path = at(world, route)
    return caller.call(method, path, body)


@pytest.mark.parametrize("route", OUTSIDE)
def test_what_lies_outside_is_not_found_and_stays_as_it_is(world: World, route: str) -> None:
    strangers, body = OUTSIDE[route]
    for stranger in strangers:
        refused(called(world, stranger(world.registry), route, body), 404, "not_found")


INSIDE: dict[str, Who | None] = {  # None is the owner
    f"GET {TASKS}": reviewer(WUCHANG),
    f"POST {TASKS}/claim": reviewer(WUCHANG),
    f"POST {TASKS}/release": reviewer(WUCHANG),
    f"GET {SUBMISSIONS}": None,
    "GET /me/attachments/{attachment_id}": None,
    "GET /institution/imports/{import_id}": institution(TRAINING),
    "PATCH /admin/staff/{id}": reviewer(WUHAN),
    "PATCH /admin/institutions/{id}": admin,
    "PATCH /admin/employers/{id}": reviewer(WUHAN),
}


@pytest.mark.parametrize("route", INSIDE)
def test_the_same_is_found_inside(world: World, route: str) -> None:
    """So that the refusals above are for the scope and nothing else."""
    who = INSIDE[route]
    answer = called(world, who(world.registry) if who else world.owner, route, OUTSIDE[route][1])
    assert answer.status == 200, answer.text


def test_the_tables_name_routes_that_are() -> None:
    own = "/me/integrity-records/{record_id}/objection"  # its record is called `id` there
    named = {one.replace("{person_id}", "{id}").replace(own, own.replace("record_id", "id")) for one in OUTSIDE}
    assert named <= set(WHO) and set(INSIDE) <= set(OUTSIDE)
    of_accounts = {str(one) for one in ROUTES if one.function == "IdentityApi" and "{" in one.path and not one.public}
    of_accounts.discard("PUT /admin/regions/{code}/office")  # a bureau is no secret: 403 `other_office`, see look-ups
    assert of_accounts <= set(OUTSIDE), "name who has the right role and the wrong scope"


@pytest.mark.parametrize(
    ("path", "place", "insiders", "outsiders"),
    [
        ("/review/tasks?limit=100", "task_id", [reviewer(WUCHANG)], OUTSIDE_WUCHANG),
        ("/institution/imports", "import_id", [institution(TRAINING)], [institution(OTHER_TRAINING)]),
        ("/admin/staff?limit=100", "/admin/staff", [admin, reviewer(WUHAN)], [reviewer(YICHANG)]),
        ("/admin/institutions?limit=100", "/admin/institutions", [admin], [reviewer(YICHANG), reviewer(WUHAN)]),
        ("/admin/employers?limit=100", "/admin/employers", [admin, reviewer(WUHAN)], [reviewer(YICHANG)]),
    ],
)
def test_lists_hold_what_lies_inside(
    world: World, path: str, place: str, insiders: list[Who], outsiders: list[Who]
) -> None:
    for who, shown in [*((one, True) for one in insiders), *((one, False) for one in outsiders)]:
        answer = who(world.registry).get(path)
        assert answer.status == 200
        assert (world.places[place] in answer.text) is shown


def test_a_bureau_lists_its_own_active_reviewers_and_nobody_elses(registry: Registry) -> None:
    head, own = registry.head(), registry.reviewer()
    gone = registry.open(Role.REVIEWER, WUCHANG, "gone.420106")
    assert registry.admin.call("PATCH", f"/admin/staff/{gone}", {"suspended": True}).status == 200
    others = [registry.reviewer(scope) for scope in (WUHAN, HANYANG, YICHANG)]
    seen = own.get("/review/colleagues").json
    assert seen["next_cursor"] is None
    shown = {one["account_id"]: one for one in seen["items"]}
    assert {head.account_id, own.account_id} <= set(shown)
    assert not {gone, registry.admin.account_id, *(one.account_id for one in others)} & set(shown)
    assert shown[head.account_id] == {"account_id": head.account_id, "name_masked": "演**号", "head": True}
    for other in others:
        listed = [one["account_id"] for one in other.get("/review/colleagues").json["items"]]
        assert other.account_id in listed and own.account_id not in listed


@pytest.mark.parametrize("path", ["/me", "/me/draft", "/me/submissions", "/me/messages", "/me/credits?year=2026"])
def test_what_is_ones_own_shows_nobody_elses(world: World, path: str) -> None:
    answer = world.registry.newcomer().get(path)
    assert answer.status == 200, answer.text
    for place in ("submission_id", "attachment_id", "message_id"):
        assert world.places[place] not in answer.text
    assert world.owner.account_id not in answer.text


@pytest.mark.parametrize("path", OPENED)
def test_accounts_are_opened_inside_only(registry: Registry, path: str) -> None:
    """A city opens those of its own region, a county none; an admin's own place is the province."""
    body = new_account(path)
    if path == "/admin/institutions":
        body["region_code"] = "420105"
    for scope in (YICHANG, WUCHANG):
        refused(registry.reviewer(scope).post(path, body), 403, "forbidden")
    assert registry.reviewer(WUHAN).post(path, body).status == 201
