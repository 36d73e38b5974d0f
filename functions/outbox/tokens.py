"""Returns task tokens: tells a waiting workflow what was decided."""

import json
from typing import TYPE_CHECKING

from jingkuai.aws.outbox import ResumeTask
from outbox.store import OutboxStore

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_LOOKS = 3  # a token changes only when the workflow opens its task again


class TokenKeepsChanging(Exception):
    """The task was opened again and again while its token was returned; a later try will find it at rest."""


class TaskTokens:
    """The tokens of waiting tasks, read from the task when they are needed and never kept elsewhere."""

    def __init__(self, client: "SFNClient", store: OutboxStore) -> None:
        self._client = client
        self._store = store

    def resume(self, entry: ResumeTask) -> None:
        """Return the task's present token with the outcome.

        A task without a token has not been opened yet: its workflow finds the decision when it opens it. A token that
        is gone, and still the task's, belongs to an execution that has ended or was told already: nothing is left to
        do. Where it has changed since it was read, the new one is returned. AWS calls: 2.
        """
        returned: str | None = None
        for _ in range(_LOOKS):
            token = self._store.token_of(entry.task_id)
            if token is None or token == returned or self._accepted(token, entry.outcome):
                return
            returned = token
        raise TokenKeepsChanging()

    def _accepted(self, token: str, outcome: dict[str, str]) -> bool:
        gone = self._client.exceptions
        try:
            self._client.send_task_success(taskToken=token, output=json.dumps(outcome))
        except (gone.TaskTimedOut, gone.InvalidToken, gone.TaskDoesNotExist):
            return False
        return True
