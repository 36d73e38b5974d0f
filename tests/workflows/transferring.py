"""Somebody who moves on a deployed stack, with everybody who has a say, and what holds of the whole table after each case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from jingkuai.domain.regions import hubei
from jingkuai.domain.submission import APPLICANT, task_id_of
from tests import people
from tests.house import House
from tests.invariants import every_item, violations
from tests.workflows.accidents import PATIENCE, parked
from tests.workflows.operated import Operated
from tools.local.applicant import Applicant
from tools.local.client import Refused
from tools.local.waiting import WaitedInVain, eventually

WUCHANG, JIANGAN, XILING, CHANGSHA = "420106", "420102", "420502", "430100"
LISTED: Final = "有尚未办结的诚信核查"  # the only reasons for refusing a release begin like this
Place = tuple[str, str, str | None]


class Transferring(Operated):
    """A deployed stack whose executions are those of transfers."""

    @property
    def machine(self) -> str:
        return str(self.described["state_machines"]["transfer"])

    @property
    def unit(self) -> str:
        """The unit that has an account here."""
        return str(self.described["accounts"]["employer"]["scope"])

    def holds(self) -> None:
        """No two facts in the table contradict each other. A scan is no snapshot: what it finds is looked at again."""
        try:
            eventually(lambda: not violations(every_item(self.registry)), what="agreement", within_s=10, every_s=0.5)
        except WaitedInVain:
            raise AssertionError(violations(every_item(self.registry))) from None

    def rests(self) -> None:
        """Nothing contradicts, nobody's task waits without an execution that would hear of it, and nothing is parked."""
        self.holds()
        running = {one["name"].rpartition(".")[0] for one in self.executions("", "RUNNING")}
        assert forsaken(every_item(self.registry), running) == []
        assert parked(self) == []


def forsaken(items: Iterable[Item], running: set[str]) -> list[str]:
    """The open tasks of transfers that none of these executions waits for."""
    return [
        str(one["task_id"])
        for one in items
        if one["sk"] == keys.task_key("")["sk"]
        and "decision" not in one
        and one["subject"]["sk"].startswith(keys.TRANSFERS)
        and one["subject"]["sk"].removeprefix(keys.TRANSFERS) not in running
    ]


@dataclass
class Traveller:
    """Somebody with an approved record, and the transfer they are about."""

    house: House
    operated: Transferring
    somebody: Applicant
    person_id: str
    transfer_id: str = ""
    _proofs: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, house: House, *, with_unit: bool = True) -> Traveller:
        operated = house if isinstance(house, Transferring) else Transferring(house.described)
        unit = {"uscc": operated.unit} if with_unit else {}
        somebody = house.accountant(people.person(**unit))
        return cls(house, operated, somebody, somebody.me.get("/me")["account"]["account_id"])

    # --- what people press

    def files(self, to_region: str, **changed: Any) -> None:
        self.transfer_id = self.somebody.transfer(to_region, self.proofs(), **changed)

    def proofs(self) -> list[str]:
        """The paper that every transfer needs, uploaded once."""
        self._proofs = self._proofs or self.somebody.scanned("transfer_proof")
        return self._proofs

    def back_to_the_unit(self) -> dict[str, Any]:
        """What is changed of a form to work again for the unit with an account."""
        return {"to_employer": {"uscc": self.operated.unit, "name": "湖北示例楚天会计有限公司"}}

    def unit_says(self, decision: str, reason: str = "") -> None:
        unit, asked = self.house.staff("employer"), self.asked()
        listed = unit.get("/employer/confirmations?limit=100")["items"]
        assert asked in [one["confirmation_id"] for one in listed]
        unit.post(f"/employer/confirmations/{asked}", {"decision": decision, "reason": reason})

    def decides(self, region: str, decision: str = "approve", reason: str = "材料齐全") -> str:
        """The bureau decides what waits for it, or the one above, where days have passed by command; the id of its task."""
        task = self.asked()
        owner = self.operated.item(keys.task_key(task))["owner"]
        assert owner in (region, hubei().bureau_above(region))
        body = {"decision": decision, "reason": reason, "fields": []}
        self.house.staff(f"reviewer_{owner}").post(f"/review/tasks/{task}/decision", body)
        return task

    def sends_papers(self) -> None:
        papers = {"attachment_ids": self.somebody.scanned("employment_proof")}
        self.somebody.me.post(f"/me/transfers/{self.transfer_id}/papers", papers)

    def cancels(self) -> None:
        self.somebody.me.post(f"/me/transfers/{self.transfer_id}/cancel")

    # --- what stands

    @property
    def subject(self) -> dict[str, str]:
        key = keys.transfer_key(self.person_id, self.transfer_id)
        return {"pk": key["pk"], "sk": key["sk"]}

    @property
    def person_at(self) -> keys.Key:
        return keys.person_key(self.person_id)

    def transfer(self) -> dict[str, Any]:
        found: dict[str, Any] = self.somebody.me.get(f"/me/transfers/{self.transfer_id}")
        return found

    def states(self) -> list[str]:
        """Where each step stands."""
        return [one["state"] for one in self.transfer()["steps"]]

    def morning_after(self) -> date:
        """The first day on which it is too late."""
        return date.fromisoformat(self.transfer()["due_on"]) + timedelta(days=1)

    def place(self) -> Place:
        """Which bureau keeps the record, in which state, and for which unit the person works."""
        profile = self.somebody.me.get("/me/profile")
        return profile["region_code"], profile["status"], profile["employment"].get("uscc")

    def asked(self) -> str:
        """The task of whoever's turn it is, once the workflow has opened it; its id."""

        def found() -> str | None:
            case = self.operated.item(self.subject)
            stage = APPLICANT if case["status"] == "returned" else case["stages"][case["stage_index"]]["stage"]
            task_id = task_id_of(self.subject, stage, case["round"])
            task = self.operated.registry.get(keys.task_key(task_id)) or {}
            return task_id if "token" in task and "decision" not in task else None

        return eventually(found, what="whoever's turn it is", within_s=PATIENCE)

    def token(self, *, but_not: str = "") -> str:
        """What the workflow waits with; of another attempt than the one with `but_not`."""

        def found() -> str | None:
            token = str(self.operated.item(keys.task_key(self.asked()))["token"])
            return None if token == but_not else token

        return eventually(found, what="another attempt that waits", within_s=PATIENCE)

    def ends(self, status: str, *, at: Place) -> None:
        """It comes to this end; the person is there, the workflow is over, and nothing in the table contradicts it."""
        eventually(lambda: self.transfer()["status"] == status, what=f"the transfer {status}", within_s=PATIENCE)
        assert self.place() == at
        assert self.operated.item(self.person_at)["open"] == {}
        self.is_over()
        self.operated.holds()

    def is_over(self) -> None:
        """The last attempt of its workflow has come to its ordinary end, and none goes on."""

        def over() -> bool:
            attempts = self.operated.executions(self.transfer_id)
            return attempts[-1]["status"] == "SUCCEEDED" and "RUNNING" not in [one["status"] for one in attempts]

        eventually(over, what="the end of the workflow", within_s=PATIENCE)


def at_once(*acts: Callable[[], object]) -> list[str | None]:
    """What each of these was answered when all were sent at the same moment: `done`, or the code of the refusal."""

    def one(act: Callable[[], object]) -> str | None:
        try:
            act()
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as hands:
        return list(hands.map(one, acts))
