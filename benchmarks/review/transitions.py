"""The states a review enters, and the least that any workflow with callbacks would."""

from benchmarks.executions import Machine

REVIEW = Machine(
    "review",
    {
        "Check": "outcome",
        "Route": "outcome",
        "Apply": "outcome",
        "OpenTask": "decision",
        "AwaitResubmission": "decision",
    },
)
_APPLIED = [("Route", "apply"), ("Apply", "applied")]


def least(stages: int) -> int:
    """What any workflow with callbacks enters: one waiting state for each stage, and one that applies what was decided."""
    return stages + 1


def approved(stages: int) -> list[str]:
    """The states of a review that every stage approves."""
    return REVIEW.entered([("Check", "review"), *[("Route", "review"), ("OpenTask", "approve")] * stages, *_APPLIED])


def returned_once(stages: int) -> list[str]:
    """The same, returned and resubmitted once at the first stage."""
    detour = [("Check", "review"), ("Route", "review"), ("OpenTask", "return"), ("AwaitResubmission", "resubmitted")]
    return REVIEW.entered(
        [*detour, ("Check", "review"), *[("Route", "review"), ("OpenTask", "approve")] * stages, *_APPLIED]
    )
