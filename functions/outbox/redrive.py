"""Takes up cases whose execution ended badly or was lost in a restart: each as a new attempt of its workflow.

A workflow's first step finds out where its case stands, so a new attempt goes on where the last one stopped.
"""

from collections.abc import Callable

from jingkuai.aws.outbox import StartExecution
from outbox.executions import MACHINES, Executions
from outbox.store import OutboxStore


def redrive(*, executions: Executions, store: OutboxStore, time_left: Callable[[], bool]) -> list[str]:
    """Start the next attempt of every case whose last one failed, was aborted or timed out; names what was started.

    Called again it starts nothing twice, and goes on where its time ended.
    """
    started: list[str] = []
    for machine in MACHINES:
        for case, attempt in executions.last_failed_attempts(machine):
            following = f"{case}.{attempt + 1}"
            if not time_left():
                return started
            if executions.exists(machine, following):
                continue
            failed = f"{case}.{attempt}"
            subject = executions.subject_of(machine, failed)
            executions.start(StartExecution(machine, following, subject), tried_before=False)
            store.forget_parked(failed)
            started.append(following)
    return started
