"""What the employer's side and integrity records cost in AWS calls; the tables of the design stand in `test_costs.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import iso, utc_now
from tests.api.counting import Case, Request, costs_what_it_says
from tests.api.registry import WUHAN, Accountant, Registry

LEFT = {"kind": "left", "reason": "已办理离职"}
REWARD = {"kind": "reward", "title": "先进会计工作者", "facts": "省财政厅表彰", "decided_on": "2026-05-01"}


@dataclass
class Staffed:
    """A unit with an account and members."""

    registry: Registry
    somebody: Accountant
    phones: Any = field(default_factory=lambda: count(19_911_000_000))

    @property
    def uscc(self) -> str:
        return self.somebody.person["uscc"]

    def member(self) -> Accountant:
        """Somebody new of the unit."""
        return self.registry.accountant(self.registry.somebody(uscc=self.uscc))

    @property
    def records(self) -> str:
        return f"/review/people/{self.somebody.account_id}/integrity-records"


Prepare = Callable[[Staffed], Request]


def listed(query: str) -> Prepare:
    def prepare(unit: Staffed) -> Request:
        administrator = unit.registry.unit(unit.uscc)
        return lambda: administrator.get(f"/employer/members{query}")

    return prepare


def left(unit: Staffed) -> Request:
    member, administrator = unit.member(), unit.registry.unit(unit.uscc)
    return lambda: administrator.post(f"/employer/members/{member.account_id}/left", LEFT)


def left_again(unit: Staffed) -> Request:
    ask = left(unit)
    assert ask().status == 200
    return ask


def invited(unit: Staffed) -> Request:
    administrator, phone = unit.registry.unit(unit.uscc), str(next(unit.phones))
    return lambda: administrator.post("/employer/invitations", {"name": "王清雅", "phone": phone})


def succeeded(preview: bool) -> Prepare:
    def prepare(unit: Staffed) -> Request:
        old, new = unit.registry.accountant().person["uscc"], unit.registry.somebody()["uscc"]
        body = {"uscc": new, "name": "湖北示例承继实业有限公司", "preview": preview}
        admin = unit.registry.admin
        return lambda: admin.post(f"/admin/employers/{old}/successor", body)

    return prepare


def succeeded_again(unit: Staffed) -> Request:
    ask = succeeded(False)(unit)
    assert ask().status == 202
    return ask


def entered(unit: Staffed, **headers: str) -> Request:
    bureau = unit.registry.reviewer()
    return lambda: bureau.post(unit.records, REWARD, headers=headers)


def revoked(unit: Staffed) -> Request:
    record_id = entered(unit)().json["record_id"]
    at = keys.integrity_key(unit.somebody.account_id, record_id)
    unit.registry.cloud.registry.update(at, "SET #s = :e", values={":e": "effective"}, names={"#s": "state"})
    city = unit.registry.reviewer(WUHAN)
    return lambda: city.post(f"{unit.records}/{record_id}/revoke", {"reason": "依据的文件已被撤销"})


def objected(unit: Staffed) -> Request:
    record_id = entered(unit)().json["record_id"]
    at, now = keys.integrity_key(unit.somebody.account_id, record_id), iso(utc_now())
    change, values = "SET #s = :e, effective_at = :now", {":e": "effective", ":now": now}
    unit.registry.cloud.registry.update(at, change, values=values, names={"#s": "state"})
    body = {"statement": "所述与事实不符", "attachment_ids": [unit.registry.scan(unit.somebody, "employment_proof")]}
    return lambda: unit.somebody.post(f"/me/integrity-records/{record_id}/objection", body)


def objected_again(unit: Staffed) -> Request:
    ask = objected(unit)
    assert ask().status == 200
    return ask


def upheld(unit: Staffed) -> Request:
    record_id = objected(unit)().json["record_id"]
    city = unit.registry.reviewer("4201")
    return lambda: city.post(f"{unit.records}/{record_id}/uphold", {"reason": "经核实，处罚决定有效"})


def upheld_again(unit: Staffed) -> Request:
    ask = upheld(unit)
    assert ask().status == 200
    return ask


def opened_with_objection(unit: Staffed) -> Request:
    assert objected(unit)().status == 200
    person = f"/review/people/{unit.somebody.account_id}?purpose=%E6%A0%B8%E5%AF%B9"
    bureau = unit.registry.reviewer()
    return lambda: bureau.get(person)


def revoked_again(unit: Staffed) -> Request:
    ask = revoked(unit)
    assert ask().status == 200
    return ask


INTEGRITY = "POST /review/people/{id}/integrity-records"
CASES: list[Case[Staffed]] = [
    Case("GET /employer/members", "", listed("")),
    Case("GET /employer/members", "as a workbook", listed("?format=xlsx")),
    Case("POST /employer/members/{id}/left", "", left),
    Case("POST /employer/members/{id}/left", "where it was said already", left_again),
    Case("POST /employer/invitations", "", invited),
    Case("POST /admin/employers/{id}/successor", "", succeeded(False)),
    Case("POST /admin/employers/{id}/successor", "a preview", succeeded(True)),
    Case("POST /admin/employers/{id}/successor", "while it runs", succeeded_again),
    Case("POST /me/integrity-records/{id}/objection", "", objected),
    Case("POST /me/integrity-records/{id}/objection", "where I have already", objected_again),
    Case("GET /review/people/{id}", "with scans of an objection", opened_with_objection),
    Case(INTEGRITY, "", entered),
    Case(INTEGRITY, "with an Idempotency-Key", lambda unit: entered(unit, **{"Idempotency-Key": "once"})),
    Case(f"{INTEGRITY}/{{record_id}}/revoke", "", revoked),
    Case(f"{INTEGRITY}/{{record_id}}/revoke", "where it is revoked already", revoked_again),
    Case(f"{INTEGRITY}/{{record_id}}/uphold", "", upheld),
    Case(f"{INTEGRITY}/{{record_id}}/uphold", "where it is answered already", upheld_again),
]


@pytest.fixture(scope="module")
def unit(registry: Registry) -> Staffed:
    return Staffed(registry, registry.accountant())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_route_costs_what_it_says(unit: Staffed, case: Case[Staffed]) -> None:
    costs_what_it_says(case, unit, unit.registry.admin)
