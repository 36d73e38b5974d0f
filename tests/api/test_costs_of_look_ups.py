"""What looking things up costs a bureau in AWS calls; the tables of the design stand in `test_costs.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.counting import Case, Request, costs_what_it_says
from tests.api.registry import Accountant, Registry

PURPOSE = {"purpose": "核对材料"}


@dataclass
class Known:
    """A bureau, and somebody whose record it keeps."""

    registry: Registry
    somebody: Accountant

    @property
    def person_id(self) -> str:
        return self.somebody.account_id


Prepare = Callable[[Known], Request]


def searched(by: str, member: str) -> Prepare:
    """A search by what the person's sample form says of them."""

    def prepare(known: Known) -> Request:
        bureau = known.registry.reviewer()
        body: dict[str, Any] = {by: known.somebody.person[member], **PURPOSE}
        return lambda: bureau.post("/review/people/search", body)

    return prepare


def opened(known: Known) -> Request:
    bureau = known.registry.reviewer()
    return lambda: bureau.get(f"/review/people/{known.person_id}?purpose=%E6%A0%B8%E5%AF%B9")


def judged(known: Known, person_id: str) -> Request:
    bureau, other = known.registry.reviewer(), known.registry.newcomer().account_id
    body = {"other_person_id": other, "same": False, "reason": "照片不是同一人"}
    return lambda: bureau.post(f"/review/people/{person_id}/same-person", body)


def judged_again(known: Known) -> Request:
    ask = judged(known, known.person_id)
    assert ask().status == 200
    return ask


def judged_before_approval(known: Known) -> Request:
    applicant = known.registry.newcomer()
    known.registry.submitted(applicant)
    return judged(known, applicant.account_id)


def office_entered(known: Known) -> Request:
    body = {"name": "武昌区财政局会计科", "phone": "027-88936000", "address": "示例路1号"}
    bureau = known.registry.reviewer()
    return lambda: bureau.put("/admin/regions/420106/office", body)


def reasons_kept(known: Known) -> Request:
    bureau = known.registry.reviewer()
    body = {"reasons": ["请补盖公章。"], "version": bureau.get("/review/return-reasons").json["version"]}
    return lambda: bureau.put("/review/return-reasons", body)


CASES: list[Case[Known]] = [
    Case("POST /review/people/search", "", searched("name", "name")),
    Case("POST /review/people/search", "", searched("employer", "uscc")),
    Case("POST /review/people/search", "by number", searched("id_number", "id_number")),
    Case("POST /review/people/search", "by a unit's name", searched("employer", "employer")),
    Case("GET /review/people/{id}", "", opened),
    Case(
        "GET /review/return-reasons", "", lambda known: lambda: known.registry.reviewer().get("/review/return-reasons")
    ),
    Case("PUT /review/return-reasons", "", reasons_kept),
    Case("PUT /admin/regions/{code}/office", "", office_entered),
    Case("POST /review/people/{id}/same-person", "", lambda known: judged(known, known.person_id)),
    Case("POST /review/people/{id}/same-person", "where it stands already", judged_again),
    Case("POST /review/people/{id}/same-person", "before the first approval", judged_before_approval),
]


@pytest.fixture(scope="module")
def known(registry: Registry) -> Known:
    return Known(registry, registry.accountant())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_route_costs_what_it_says(known: Known, case: Case[Known]) -> None:
    costs_what_it_says(case, known, known.registry.admin)
