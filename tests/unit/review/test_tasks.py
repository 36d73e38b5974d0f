"""The entry point of the workflow's states: its answers are the words the definition branches on, its failures are told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from jingkuai.aws import clients, keys
from jingkuai.domain.transfer import Answer, Step
from review import tasks
from review.case import Outcome
from review.case_store import NoSuchCase
from review.review_task import RECALLED, Choice, resumes_with
from tests.unit.review.conftest import SUBJECT, WANG, Office

WORKFLOWS = Path(__file__).parents[3] / "infra" / "workflows"
DEFINITION = json.loads((WORKFLOWS / "review.asl.json").read_text(encoding="utf-8"))
TRANSFERS = json.loads((WORKFLOWS / "transfer.asl.json").read_text(encoding="utf-8"))


class Context:
    """What Lambda tells a handler of its invocation."""

    function_name = "review-tasks"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:review-tasks"
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Tokens:
    """Step Functions as far as a failing step needs it."""

    class exceptions:  # noqa: N801 - as boto3 names it
        class TaskTimedOut(Exception): ...

        class InvalidToken(Exception): ...

        class TaskDoesNotExist(Exception): ...

    def __init__(self) -> None:
        self.failures: list[dict[str, str]] = []
        self.gone = False

    def send_task_failure(self, **told: str) -> None:
        if self.gone:
            raise self.exceptions.TaskTimedOut()
        self.failures.append(told)


@pytest.fixture
def tokens(office: Office) -> Iterator[Tokens]:
    fake = Tokens()
    for cached in (tasks._registry, tasks.cases, tasks.waits, tasks.mornings, tasks.routes, tasks.calendar):
        cached.cache_clear()
    with patch.object(clients, "stepfunctions", lambda: fake):
        yield fake


def run(**event: Any) -> dict[str, str]:
    answer = tasks.run({"subject": SUBJECT, **event}, Context())  # type: ignore[arg-type]
    return dict(answer)  # type: ignore[arg-type]


def test_a_registration_goes_through_every_step(office: Office, tokens: Tokens) -> None:
    assert run(do="check") == {"outcome": "review"}
    assert run(do="route") == {"outcome": "review", "stage": "county"}
    assert run(do="open_task", stage="county", token="t") == {}
    office.decide(WANG, "approve")
    assert run(do="route") == {"outcome": "apply", "stage": ""}
    assert run(do="apply") == {"outcome": "applied"}
    assert tokens.failures == []


def test_a_token_step_that_fails_tells_the_waiting_state(tokens: Tokens) -> None:
    with pytest.raises(IndexError), patch.object(tasks, "open_task", side_effect=IndexError("欧阳建国")):
        run(do="open_task", stage="county", token="secret-token")
    (failure,) = tokens.failures
    assert (failure["taskToken"], failure["error"]) == ("secret-token", "IndexError")
    assert "欧阳建国" not in failure["cause"]


def test_a_token_step_that_is_malformed_tells_the_waiting_state_without_its_token(tokens: Tokens) -> None:
    with pytest.raises(ValueError, match="stage") as refused:
        run(do="open_task", token="secret-token")
    assert len(tokens.failures) == 1
    assert "secret-token" not in str(refused.value)


def test_a_token_that_is_gone_changes_nothing_about_the_failure(tokens: Tokens) -> None:
    tokens.gone = True
    with pytest.raises(ValueError, match="stage"):
        run(do="open_task", token="secret-token")


def test_a_step_without_a_token_just_fails(tokens: Tokens) -> None:
    with pytest.raises(NoSuchCase):
        run(do="check", subject={"pk": "P#nobody", "sk": "SUB#none"})
    assert tokens.failures == []


def test_the_morning_takes_its_day_from_the_command(office: Office, tokens: Tokens) -> None:
    office.open()
    assert tasks.run({"do": "morning", "today": "2026-12-02"}, Context()) == {"overdue": 1}  # type: ignore[arg-type]
    assert tasks.run({"do": "morning", "today": "2026-12-02"}, Context()) == {}  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="today"):
        tasks.run({"do": "morning", "today": "tomorrow"}, Context())  # type: ignore[arg-type]


def test_parking_leaves_an_item_and_a_metric(
    office: Office, tokens: Tokens, capsys: pytest.CaptureFixture[str]
) -> None:
    run(do="park", execution="0193.1", failure="Apply: CaseMoved")
    parked = office.item(keys.parked_key("0193.1"))
    assert (parked["gsi1pk"], parked["failure"], parked["subject"]) == (keys.PARKED, "Apply: CaseMoved", SUBJECT)
    assert '"Parked":[1.0]' in capsys.readouterr().out


def words(state: str, definition: dict[str, Any] = DEFINITION) -> set[str]:
    """The words a Choice of the definition knows."""
    conditions = " ".join(choice["Condition"] for choice in definition["States"][state]["Choices"])
    return set(re.findall(r"'([a-z]+)'", conditions))


def test_the_definition_knows_every_answer_of_the_steps() -> None:
    assert words("FollowCheck") == {"review", "returned", "apply", "ended"}
    assert words("FollowRoute") == words("FollowCheck")
    assert words("FollowApply") == {"applied", "conflict", "ended"}
    of_transfers = words("FollowRoute", TRANSFERS) | words("FollowApply", TRANSFERS)
    assert words("FollowRoute", TRANSFERS) == words("FollowRoute") | {"letter"}
    assert words("FollowApply", TRANSFERS) == {"applied", "letter", "ended"}
    assert words("ChooseStep", TRANSFERS) == set(Step)
    assert words("FollowCheck") | words("FollowApply") | of_transfers == set(Outcome)


def test_the_definition_knows_every_way_a_wait_ends() -> None:
    also = {RECALLED, "withdrawn", "expired", "resubmitted"}
    assert words("FollowDecision") == set(map(resumes_with, Choice)) | also
    of_units = set(map(resumes_with, Answer))
    bureaus = set(map(resumes_with, Choice)) - {"forwarded"}  # a transfer goes where it was filed to
    assert words("FollowDecision", TRANSFERS) == bureaus | of_units | also
