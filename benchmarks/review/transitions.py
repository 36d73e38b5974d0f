"""The states a review enters, and the least that any workflow with callbacks would."""

from benchmarks.executions import Answer, Machine

REVIEW = Machine("review")


def least(stages: int) -> int:
    """What any workflow with callbacks enters: one waiting state for each stage, and one that applies what was decided."""
    return stages + 1


def approved(stages: int) -> list[str]:
    """The states of a review that every stage approves."""
    return REVIEW.entered(_approved(stages))


def returned_once(stages: int) -> list[str]:
    """The same, returned and resubmitted once at the first stage."""
    returned = [_checked("review"), _routed("review"), _decided("return")]
    return REVIEW.entered([*returned, ("AwaitResubmission", {"decision": "resubmitted"}), *_approved(stages)])


def _approved(stages: int) -> list[Answer]:
    each = [_routed("review"), _decided("approve")]
    return [_checked("review"), *each * stages, _routed("apply"), ("Apply", {"outcome": "applied"})]


def _checked(outcome: str) -> Answer:
    return "Check", {"outcome": outcome}


def _routed(outcome: str) -> Answer:
    return "Route", {"outcome": outcome}


def _decided(decision: str) -> Answer:
    return "OpenTask", {"decision": decision}
