"""What the routes of accounts and appeals cost in AWS calls; the tables of the design stand in `test_costs.py`."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from identity.totp import STEP_SECONDS, code_at
from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.domain.principal import Role
from tests import people
from tests.api.counting import Case, Request, costs_what_it_says
from tests.api.gateway import invoke
from tests.api.registry import SECRET, STAFF_PASSWORD, Registry, announcement, object_created
from tools.local import samples

NUMBERS = count(1)
CHANCE = random.Random("accounts")
SCANS = ("hand_held_photo", "id_front", "id_back")
Prepare = Callable[[Registry], Request]


def new_account(path: str) -> dict[str, Any]:
    """The body that opens another account."""
    number, holder = next(NUMBERS), {"name": "王小明", "phone": "19901332460"}
    code = people.credit_code(CHANCE)
    bodies: dict[str, dict[str, Any]] = {
        "/admin/staff": {**holder, "username": f"staff.{number}", "role": "reviewer", "scope": "420105"},
        "/admin/institutions": {
            "institution_id": f"training-{number}",
            "name": "湖北示例培训中心",
            "uscc": code,
            "contact_phone": "027-87654321",
            "years_open": [2026],
        },
        "/admin/employers": {
            "uscc": code,
            "name": "湖北示例新设会计有限公司",
            "region_code": "420106",
            "administrator": {**holder, "username": f"employer.{number}"},
        },
    }
    return bodies[path]


def opening(path: str, key: str = "") -> Prepare:
    headers = {"Idempotency-Key": key} if key else {}
    return lambda registry: lambda: registry.admin.post(path, new_account(path), headers=headers)


def listing(path: str) -> Prepare:
    def prepare(registry: Registry) -> Request:
        assert registry.admin.post(path, new_account(path)).status == 201  # an empty list has less to look up
        return lambda: registry.admin.get(path)

    return prepare


def changing(path: str, change: dict[str, Any]) -> Prepare:
    def prepare(registry: Registry) -> Request:
        account_id = registry.admin.post(path, new_account(path)).json["account_id"]
        return lambda: registry.admin.call("PATCH", f"{path}/{account_id}", change)

    return prepare


def changing_by_its_own_id(registry: Registry) -> Request:
    institution_id = registry.admin.post("/admin/institutions", new_account("/admin/institutions")).json["username"]
    return lambda: registry.admin.call("PATCH", f"/admin/institutions/{institution_id}", {"suspended": True})


def another_unit(registry: Registry) -> Request:
    unit = new_account("/admin/employers")
    assert registry.admin.post("/admin/employers", unit).status == 201
    return changing("/admin/employers", {"scope": unit["uscc"]})(registry)


def invited(registry: Registry) -> Request:
    token = registry.admin.post("/admin/staff", new_account("/admin/staff")).json["invitation_token"]
    return lambda: registry.nobody.post(f"/auth/invitations/{token}", {"password": STAFF_PASSWORD})


def enrolling(registry: Registry) -> Request:
    username = f"enrols.{next(NUMBERS)}"
    registry.open(Role.EMPLOYER, people.credit_code(CHANCE), username)
    code = code_at(SECRET, int(utc_now().timestamp()) // STEP_SECONDS)
    body = {"username": username, "password": STAFF_PASSWORD, "secret": SECRET, "totp": code}
    return lambda: registry.nobody.post("/auth/totp", body)


class Appellant:
    """Somebody whose phone has changed, with a code on the new one."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.account = registry.newcomer()
        self.phone = registry.somebody()["phone"]
        self.otp = registry.code(self.phone, "appeal")

    def announced(self, kind: str, content: bytes) -> Any:
        body = {**announcement(content, kind), "phone": self.phone, "otp": self.otp}
        return self.registry.nobody.post("/auth/appeals/attachments", body)

    def scan(self, kind: str) -> str:
        content = samples.scan("id_front")
        told = self.announced(kind, content).json
        key = told["upload"]["fields"]["key"]
        clients.s3().put_object(Bucket=self.registry.cloud.uploads, Key=key, Body=content)
        invoke("RegisterInspect", object_created(self.registry.cloud.uploads, key, len(content)))
        return str(told["attachment_id"])

    def appeal(self) -> dict[str, Any]:
        known = {name: self.account.person[name] for name in ("id_number", "name")}
        told = {"kind": "phone_changed", "statement": "手机号已更换。", "region_code": "420106"}
        return {**known, **told, "phone": self.phone, "attachment_ids": [self.scan(kind) for kind in SCANS]}


def announcing(registry: Registry) -> Request:
    appellant = Appellant(registry)
    return lambda: appellant.announced("id_front", b"x" * 999)


def appealing(key: str = "") -> Prepare:
    def prepare(registry: Registry) -> Request:
        appellant = Appellant(registry)
        body = {**appellant.appeal(), "otp": appellant.otp}
        return lambda: registry.nobody.post("/auth/appeals", body, headers={"Idempotency-Key": key} if key else {})

    return prepare


def at_the_counter(key: str = "") -> Prepare:
    def prepare(registry: Registry) -> Request:
        body, counter = Appellant(registry).appeal(), registry.reviewer()
        return lambda: counter.post("/review/appeals", body, headers={"Idempotency-Key": key} if key else {})

    return prepare


def asking(registry: Registry) -> Request:
    query_code = appealing()(registry)().json["query_code"]
    return lambda: registry.nobody.get(f"/auth/appeals/{query_code}")


CASES: list[Case[Registry]] = [
    *(Case(f"GET {path}", "", listing(path)) for path in ("/admin/staff", "/admin/institutions", "/admin/employers")),
    *(Case(f"POST {path}", "", opening(path)) for path in ("/admin/staff", "/admin/institutions", "/admin/employers")),
    *(
        Case(f"POST {path}", "with an Idempotency-Key", opening(path, f"once for {path}"))
        for path in ("/admin/staff", "/admin/institutions", "/admin/employers")
    ),
    Case("PATCH /admin/staff/{id}", "", changing("/admin/staff", {"suspended": True})),
    Case("PATCH /admin/institutions/{id}", "", changing("/admin/institutions", {"suspended": True})),
    Case("PATCH /admin/institutions/{id}", "by its institution_id", changing_by_its_own_id),
    Case("PATCH /admin/employers/{id}", "", changing("/admin/employers", {"reset": "password"})),
    Case("PATCH /admin/employers/{id}", "with another unit", another_unit),
    Case("POST /auth/invitations/{token}", "", invited),
    Case("POST /auth/totp", "", enrolling),
    Case("POST /auth/appeals/attachments", "", announcing),
    Case("POST /auth/appeals", "", appealing()),
    Case("POST /auth/appeals", "with an Idempotency-Key", appealing("once")),
    Case("GET /auth/appeals/{query_code}", "", asking),
    Case("POST /review/appeals", "", at_the_counter()),
    Case("POST /review/appeals", "with an Idempotency-Key", at_the_counter("once")),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_route_costs_what_it_says(registry: Registry, case: Case[Registry]) -> None:
    costs_what_it_says(case, registry, registry.admin)
