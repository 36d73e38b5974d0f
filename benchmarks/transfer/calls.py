"""What the steps of a transfer ask of AWS: the real handlers and definitions, in an account in memory, every call counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.api import workflows
from tests.api.counting import counted
from tests.api.gateway import invoke
from tests.api.registry import Accountant, Registry

WUCHANG, JIANGAN, YILING, CHANGSHA = "420106", "420102", "420506", "430100"
A_WAIT = 2  # a read of the case, and the transaction that opens the wait
A_MOVE = 2  # a read, and the transaction that moves the record
A_LETTER = 4  # a read, the signature, the file, and the write that shows it


@dataclass
class Steps:
    """The calls of each step, by what it does, in order."""

    made: list[tuple[str, int]] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(calls for _, calls in self.made)

    def times(self, does: str) -> int:
        """How often a step of this kind ran."""
        return sum(done == does for done, _ in self.made)


@contextmanager
def watched() -> Iterator[Steps]:
    """The steps that run meanwhile."""
    steps = Steps()

    def note(function: str, event: dict[str, Any]) -> dict[str, Any]:
        if function != "ReviewTasks":
            return invoke(function, event)
        with counted() as made:
            answer = invoke(function, event)
        steps.made.append((event["do"], len(made)))
        return answer

    with patch.object(workflows, "invoke", note):
        yield steps


def moved(registry: Registry, somebody: Accountant, to: str, bureaus: Sequence[str]) -> Steps:
    """A transfer from its filing to its end, agreed to by these bureaus one after the other."""
    form = {
        "to_region": to,
        "employment_status": "seeking",
        "reason": "家庭原因",
        "start_date": "2026-12-01",
        "attachment_ids": [registry.scan(somebody, "transfer_proof")],
    }
    with watched() as steps:
        filed = somebody.post("/me/transfers", form)
        assert filed.status == 201, filed.text
        registry.workflows.settle()
        transfer_id = filed.json["transfer_id"]
        for bureau in bureaus:
            registry.decide(transfer_id, "approve", bureau)
    ended = somebody.get(f"/me/transfers/{transfer_id}").json
    assert ended["status"] == "completed", ended
    return steps


def least(steps: Sequence[str], *, leaves: bool = False) -> int:
    """What no workflow with callbacks and a table does without."""
    return A_WAIT * len(steps) + A_MOVE + A_LETTER * leaves


def cases(registry: Registry) -> dict[str, Callable[[], Steps]]:
    """Moves of people whose unit has no account here, each by the route that its regions give. Whoever leaves comes back."""
    near, far, away = registry.accountant(), registry.accountant(), registry.accountant()
    return {
        "same_city": lambda: moved(registry, near, JIANGAN, [JIANGAN]),
        "between_cities": lambda: moved(registry, far, YILING, [WUCHANG, YILING]),
        "out_of_province": lambda: moved(registry, away, CHANGSHA, [WUCHANG]),
        "into_province": lambda: moved(registry, away, YILING, [YILING]),
    }
