"""What transfers cost in AWS calls; the tables of the design stand in `test_costs.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from tests.api.counting import Case, Request, costs_what_it_says
from tests.api.moving import JIANGAN, XILING, Mover, form
from tests.api.registry import QuickRegistry, Registry, opened


@dataclass
class Known:
    """Somebody whose unit is asked, and somebody whom no unit holds."""

    registry: Registry
    employed: Mover
    free: Mover


Prepare = Callable[[Known], Request]
_keys = count()


def previewed(who: Callable[[Known], Mover]) -> Prepare:
    return lambda known: lambda: who(known).me.get(f"/me/transfers/preview?to_region={XILING}")


def filed(*, with_unit: bool, keyed: bool = False) -> Prepare:
    def prepare(known: Known) -> Request:
        mover = Mover.of(known.registry, with_unit=with_unit)
        if not with_unit:  # nobody leaves a unit
            mover.start(JIANGAN, to_employer=None, employment_status="seeking")
            mover.decide(JIANGAN)
        body = form(known.registry, mover.me, XILING)
        headers = {"Idempotency-Key": f"transfer-{next(_keys)}"} if keyed else None
        return lambda: mover.me.call("POST", "/me/transfers", body, headers=headers)

    return prepare


def cancelled(known: Known) -> Request:
    mover = Mover.of(known.registry)
    mover.start(XILING)
    return lambda: mover.me.post(f"/me/transfers/{mover.transfer_id}/cancel")


def papers(known: Known) -> Request:
    mover = Mover.of(known.registry, with_unit=False)
    mover.start(JIANGAN)
    mover.decide(JIANGAN, "return", "请补充用工证明")
    body = {"attachment_ids": [known.registry.scan(mover.me, "employment_proof")]}
    return lambda: mover.me.post(f"/me/transfers/{mover.transfer_id}/papers", body)


def answered(known: Known) -> Request:
    mover = Mover.of(known.registry)
    mover.start(XILING)
    assert mover.employer
    employer = mover.employer
    (asked,) = employer.get("/employer/confirmations").json["items"]
    body = {"decision": "confirm", "reason": ""}
    return lambda: employer.post(f"/employer/confirmations/{asked['confirmation_id']}", body)


def of_unit(known: Known) -> Request:
    employer = known.employed.employer
    assert employer
    return lambda: employer.get("/employer/confirmations")


CASES: list[Case[Known]] = [
    Case("GET /me/transfers/preview", "", previewed(lambda known: known.free)),
    Case("GET /me/transfers/preview", "of somebody with a unit", previewed(lambda known: known.employed)),
    Case("POST /me/transfers", "", filed(with_unit=False)),
    Case("POST /me/transfers", "of somebody with a unit", filed(with_unit=True)),
    Case("POST /me/transfers", "with an Idempotency-Key", filed(with_unit=False, keyed=True)),
    Case("GET /me/transfers", "", lambda known: lambda: known.free.me.get("/me/transfers")),
    Case(
        "GET /me/transfers/{transfer_id}",
        "",
        lambda known: lambda: known.free.me.get(f"/me/transfers/{known.free.transfer_id}"),
    ),
    Case("POST /me/transfers/{transfer_id}/cancel", "", cancelled),
    Case("POST /me/transfers/{transfer_id}/papers", "", papers),
    Case("GET /employer/confirmations", "", of_unit),
    Case("POST /employer/confirmations/{confirmation_id}", "", answered),
    Case(
        "GET /review/transfers",
        "",
        lambda known: lambda: known.registry.reviewer().get("/review/transfers?direction=outgoing"),
    ),
]


@pytest.fixture(scope="module")
def known() -> Iterator[Known]:
    with opened(QuickRegistry) as registry:
        free = Mover.of(registry, with_unit=False)
        free.start(JIANGAN, to_employer=None, employment_status="seeking")
        free.decide(JIANGAN)
        yield Known(registry, Mover.of(registry), free)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_transfer_costs_what_it_says(known: Known, case: Case[Known]) -> None:
    costs_what_it_says(case, known, known.registry.admin)
