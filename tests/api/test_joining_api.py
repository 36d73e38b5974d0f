"""Joining a unit through the gateway: the new unit is asked where it can answer, and holds nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jingkuai.aws import keys
from tests import people
from tests.api.moving import XILING, Mover, unit
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, Accountant, Caller, QuickRegistry, Registry, opened
from tools.local import samples


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with opened(QuickRegistry) as fresh:
        yield fresh


def joining(registry: Registry, somebody: Accountant, uscc: str, **changed: str) -> str:
    """A change of unit inside the county, filed and on its way."""
    employment = {**samples.registration_of(somebody.person)["employment"], "uscc": uscc, **changed}
    proofs = ("employment_proof", "transfer_proof")
    filed = somebody.post(
        "/me/submissions", registry.change(somebody, "employment_change", {"employment": employment}, *proofs)
    )
    assert filed.status == 201, filed.text
    registry.workflows.settle()
    return str(filed.json["submission_id"])


def asked(employer: Caller) -> dict[str, Any]:
    (one,) = employer.get("/employer/confirmations").json["items"]
    found: dict[str, Any] = one
    return found


def stage(somebody: Accountant, submission: str) -> tuple[str, str | None]:
    seen = somebody.get(f"/me/submissions/{submission}").json
    return seen["status"], seen.get("stage")


def newcomer_to(registry: Registry) -> tuple[Accountant, str, Caller]:
    """Somebody of one unit, and another unit with an account."""
    somebody = registry.accountant(registry.somebody(uscc=people.credit_code(registry.chance)))
    return (somebody, *unit(registry, "湖北示例迁入会计有限公司"))


def test_the_new_unit_confirms_and_then_the_county_decides(registry: Registry) -> None:
    somebody, uscc, employer = newcomer_to(registry)
    submission = joining(registry, somebody, uscc)
    assert stage(somebody, submission) == ("under_review", "employer")
    one = asked(employer)
    assert one["kind"] == "joining" and one["id_number"] == somebody.get("/me/profile").json["id_number"]
    employer.post(f"/employer/confirmations/{one['confirmation_id']}", {"decision": "confirm", "reason": ""})
    registry.workflows.settle()
    assert stage(somebody, submission) == ("under_review", "county")
    registry.decide(submission, "approve")
    assert somebody.get("/me/profile").json["employment"]["uscc"] == uscc


def test_what_the_unit_objects_is_read_by_the_county(registry: Registry) -> None:
    somebody, uscc, employer = newcomer_to(registry)
    submission = joining(registry, somebody, uscc)
    path = f"/employer/confirmations/{asked(employer)['confirmation_id']}"
    for unseen in ("", " ", "\u200b", "\u3164"):
        refused(employer.post(path, {"decision": "refuse", "reason": unseen}), 422, "invalid", {"reason": "required"})
    employer.post(path, {"decision": "refuse", "reason": "本单位没有录用此人"})
    registry.workflows.settle()
    page = registry.reviewer().get(f"/review/tasks/{registry.task_of(submission)}").json
    told = {one["code"]: one["message"] for one in page["findings"]}
    assert "本单位没有录用此人" in told["employer_objected"]
    registry.decide(submission, "reject", WUCHANG, "单位不认可")
    assert stage(somebody, submission)[0] == "rejected"


def test_whoever_was_invited_is_not_asked_about(registry: Registry) -> None:
    somebody, uscc, employer = newcomer_to(registry)
    invited = {"name": somebody.person["name"], "phone": somebody.person["phone"]}
    assert employer.post("/employer/invitations", invited).status == 201
    submission = joining(registry, somebody, uscc)
    assert stage(somebody, submission) == ("under_review", "county")
    assert employer.get("/employer/confirmations").json["items"] == []


def test_an_invitation_of_somebody_else_counts_for_nobody(registry: Registry) -> None:
    """A mistyped phone, or a name that is another's: the unit is asked."""
    somebody, uscc, employer = newcomer_to(registry)
    invited = {"name": "欧阳别人", "phone": somebody.person["phone"]}
    assert employer.post("/employer/invitations", invited).status == 201
    submission = joining(registry, somebody, uscc)
    assert stage(somebody, submission) == ("under_review", "employer")


def test_a_unit_is_not_asked_about_somebody_it_has(registry: Registry) -> None:
    mover = Mover.of(registry)
    uscc = mover.place()[2]
    assert uscc
    submission = joining(registry, mover.me, uscc, position="chief_accountant")
    assert stage(mover.me, submission) == ("under_review", "county")


def test_a_withdrawal_takes_the_question_back(registry: Registry) -> None:
    somebody, uscc, employer = newcomer_to(registry)
    submission = joining(registry, somebody, uscc)
    path = f"/employer/confirmations/{asked(employer)['confirmation_id']}"
    assert somebody.post(f"/me/submissions/{submission}/withdraw").status == 200
    registry.workflows.settle()
    assert employer.post(path, {"decision": "confirm", "reason": ""}).status == 409
    assert employer.get("/employer/confirmations").json["items"] == []


def test_a_former_number_tells_the_unit_of_today(registry: Registry) -> None:
    """An institution that still has the old number, an employer's declaration: both read whose member somebody is."""
    mover = Mover.of(registry, with_unit=False)
    change = mover.me.post("/me/submissions", registry.identity_change(mover.me)).json["submission_id"]
    registry.workflows.settle()
    registry.decide(change, "approve")
    registry.decide(change, "approve", "4201")
    mover.me = _signed_in_again(registry, mover.me)
    done = _moved(mover)
    for number in _numbers(registry, mover.me.account_id):
        claim = registry.cloud.registry.get(keys.id_claim_key(number))
        assert claim and claim["uscc"] == done["to_employer"]["uscc"]


def _moved(mover: Mover) -> dict[str, Any]:
    mover.start(XILING)
    mover.decide(WUCHANG)
    return mover.decide(XILING)


def _numbers(registry: Registry, person_id: str) -> list[str]:
    person = registry.cloud.registry.get(keys.person_key(person_id))
    assert person and person["former_numbers"]
    return [person["id_hash"], *(one["id_hash"] for one in person["former_numbers"])]


def _signed_in_again(registry: Registry, somebody: Accountant) -> Accountant:
    body = {"username": somebody.person["phone"], "password": samples.PASSWORD}
    held = registry.nobody.holding(registry.nobody.post("/auth/login", body).json)
    return Accountant(**vars(held), person=somebody.person)
