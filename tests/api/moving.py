"""Transfers on one's desk: somebody who moves, the units and bureaus that have a say, and what stands afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.domain.principal import Role
from jingkuai.domain.workdays import today_in_shanghai
from tests import people
from tests.api.gateway import invoke
from tests.api.registry import WUCHANG, Accountant, Caller, Registry

JIANGAN, XILING, CHANGSHA = "420102", "420502", "430100"  # the same city, another city, another province
PAPER = "transfer_proof"
LONG_AFTER = date(2027, 12, 31)


def unit(registry: Registry, name: str = "湖北示例迁出会计有限公司") -> tuple[str, Caller]:
    """A unit with an account of its own: its credit code, and its administrator."""
    uscc = people.credit_code(registry.chance)
    shown = {"uscc": uscc, "name": name, "region_code": WUCHANG}
    registry.cloud.registry.put({**keys.employer_key(uscc), "v": 1, **shown, **keys.card(**shown)})
    return uscc, registry.account(Role.EMPLOYER, uscc)


def form(registry: Registry, of: Accountant, to_region: str, **changed: Any) -> dict[str, Any]:
    """The body of a transfer with its paper, to a unit there."""
    body = {
        "to_region": to_region,
        "to_employer": {"uscc": people.credit_code(registry.chance), "name": "湖北示例迁入会计有限公司"},
        "employment_status": "employed",
        "reason": "到新单位任职",
        "start_date": today_in_shanghai(utc_now()).isoformat(),
        "attachment_ids": [registry.scan(of, PAPER)],
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


@dataclass
class Mover:
    """Somebody with an approved record, whose unit has an account or not."""

    registry: Registry
    me: Accountant
    employer: Caller | None
    transfer_id: str = ""

    @classmethod
    def of(cls, registry: Registry, *, with_unit: bool = True) -> Mover:
        if not with_unit:
            return cls(registry, registry.accountant(registry.somebody(uscc=people.credit_code(registry.chance))), None)
        uscc, employer = unit(registry)
        return cls(registry, registry.accountant(registry.somebody(uscc=uscc)), employer)

    # --- what people press

    def start(self, to_region: str, **changed: Any) -> dict[str, Any]:
        answer = self.me.post("/me/transfers", form(self.registry, self.me, to_region, **changed))
        assert answer.status == 201, answer.text
        self.transfer_id = answer.json["transfer_id"]
        self.registry.workflows.settle()
        return self.transfer()

    def answer(self, decision: str, reason: str = "") -> dict[str, Any]:
        """What the unit says of the first thing it is asked."""
        assert self.employer
        (asked, *_) = self.employer.get("/employer/confirmations").json["items"]
        answer = self.employer.post(
            f"/employer/confirmations/{asked['confirmation_id']}", {"decision": decision, "reason": reason}
        )
        assert answer.status == 200, answer.text
        self.registry.workflows.settle()
        return self.transfer()

    def decide(self, region: str, decision: str = "approve", reason: str = "材料齐全") -> dict[str, Any]:
        self.registry.decide(self.transfer_id, decision, region, reason)
        return self.transfer()

    def cancel(self) -> dict[str, Any]:
        answer = self.me.post(f"/me/transfers/{self.transfer_id}/cancel")
        assert answer.status == 200, answer.text
        self.registry.workflows.settle()
        return self.transfer()

    def morning(self, today: date = LONG_AFTER) -> dict[str, Any]:
        """The morning's deadlines, as if it were this day."""
        told = invoke("ReviewTasks", {"do": "morning", "today": today.isoformat()})
        self.registry.workflows.settle()
        return told

    # --- what stands

    def transfer(self) -> dict[str, Any]:
        answer = self.me.get(f"/me/transfers/{self.transfer_id}")
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def profile(self) -> dict[str, Any]:
        found: dict[str, Any] = self.me.get("/me/profile").json
        return found

    def place(self) -> tuple[str, str, str | None]:
        """Which bureau keeps the record, in which state, and for which unit the person works."""
        profile = self.profile()
        return profile["region_code"], profile["status"], profile["employment"].get("uscc")

    def found_by(self, region: str) -> bool:
        body = {"id_number": self.me.person["id_number"], "purpose": "核对材料"}
        return bool(self.registry.reviewer(region).post("/review/people/search", body).json["items"])

    def states(self) -> dict[str, str]:
        """Each step of the transfer, and where it stands."""
        return {one["step"]: one["state"] for one in self.transfer()["steps"]}
