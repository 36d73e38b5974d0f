"""The states a transfer enters, and the least that any workflow with callbacks would."""

from collections.abc import Sequence

from benchmarks.executions import Answer, Machine

TRANSFER = Machine("transfer")
_WAITS = {"employer": "AskEmployer", "release": "AwaitRelease", "acceptance": "AwaitAcceptance"}


def completed(steps: Sequence[str], *, leaves: bool = False) -> list[str]:
    """The states of a transfer that everybody whose turn comes agrees to; with `leaves` a letter is written in the end."""
    return TRANSFER.entered([*_agreed(steps), *_applied(leaves)])


def papers_once(steps: Sequence[str]) -> list[str]:
    """The same, where the first of them asks for papers once."""
    first = _routed(steps[0])
    asked: list[Answer] = [first, (_WAITS[steps[0]], {"decision": "return"})]
    return TRANSFER.entered(
        [*asked, ("AwaitPapers", {"decision": "resubmitted"}), *_agreed(steps), *_applied(leaves=False)]
    )


def least(steps: Sequence[str], *, leaves: bool = False) -> int:
    """One waiting state for each of them, one that moves the record, and one that writes the letter."""
    return len(steps) + 1 + leaves


def _agreed(steps: Sequence[str]) -> list[Answer]:
    return [one for step in steps for one in (_routed(step), (_WAITS[step], {"decision": "approve"}))]


def _routed(step: str) -> Answer:
    return "Route", {"outcome": "review", "stage": step}


def _applied(leaves: bool) -> list[Answer]:
    moved: list[Answer] = [
        ("Route", {"outcome": "apply", "stage": ""}),
        ("Apply", {"outcome": "letter" if leaves else "applied"}),
    ]
    return [*moved, ("WriteLetter", {})] if leaves else moved
