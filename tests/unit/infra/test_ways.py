"""The list of ways that the deployed test compares with is itself right."""

from typing import Any

from tests.workflows.ways import ANY_OTHER, FAILS, ways_of, ways_taken

DEFINITION: dict[str, Any] = {
    "States": {
        "Ask": {"Type": "Task", "Next": "Follow", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Park"}]},
        "Follow": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $decision in ['yes', 'no'] %}", "Next": "Ended"}],
            "Default": "Park",
        },
        "Ended": {"Type": "Succeed"},
        "Park": {"Type": "Task", "Next": "Ended"},
    }
}


def entered(name: str, told: str = "{}") -> dict[str, Any]:
    return {"type": "StateEntered", "stateEnteredEventDetails": {"name": name, "input": told}}


def test_every_word_and_every_failure_is_a_way_of_its_own() -> None:
    assert ways_of(DEFINITION) == {
        ("Ask", "", "Follow"),
        ("Ask", FAILS, "Park"),
        ("Follow", "yes", "Ended"),
        ("Follow", "no", "Ended"),
        ("Follow", ANY_OTHER, "Park"),
        ("Park", "", "Ended"),
    }


def test_a_history_shows_the_ways_it_took() -> None:
    history = [
        entered("Ask"),
        {"type": "TaskFailed"},
        {"type": "TaskSucceeded"},
        entered("Follow", '{"decision": "no"}'),
        entered("Ended", '{"decision": "no"}'),
    ]
    assert ways_taken(history, DEFINITION) == {("Ask", "", "Follow"), ("Follow", "no", "Ended")}


def test_a_failure_and_an_unknown_word_are_told_apart_from_the_rest() -> None:
    failed = [entered("Ask"), {"type": "TaskFailed"}, entered("Park")]
    unknown = [entered("Follow", '{"StatusCode": 200, "Payload": {"outcome": "new"}}'), entered("Park")]
    assert ways_taken(failed, DEFINITION) == {("Ask", FAILS, "Park")}
    assert ways_taken(unknown, DEFINITION) == {("Follow", ANY_OTHER, "Park")}
