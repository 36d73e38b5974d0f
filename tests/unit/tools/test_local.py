"""The parts of the local stack that need no emulator."""

import json
import stat
from pathlib import Path

import pytest

from tools.local import accounts, deployment, samples, sources, stack_file
from tools.local.__main__ import COMMANDS
from tools.local.client import totp
from tools.local.place import ROOT, Place, clean_environment
from tools.local.stack import Stack, StackInTheWay
from tools.local.waiting import WaitedInVain, eventually

NAMED = {
    "admin", "reviewer_420000", "reviewer_420100", "reviewer_420106", "reviewer_420500", "reviewer_420502",
    "institution", "employer",
}  # fmt: skip


def test_the_demo_accounts_are_those_a_client_may_rely_on() -> None:
    described = accounts.demo_accounts()
    assert described.keys() >= NAMED
    assert described["reviewer_420000"].scope == "42"
    assert described["reviewer_420100"].scope == "4201"
    assert described["reviewer_420502"].scope == "420502"
    assert samples.employer_of("420106")["uscc"] == described["employer"].scope


def test_every_region_of_the_sample_people_has_a_bureau() -> None:
    assert {f"reviewer_{region}" for region in samples.regions()} <= accounts.demo_accounts().keys()


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    stack_file.write_private(tmp_path / "secret.json", {"a": 1})
    assert stat.S_IMODE((tmp_path / "secret.json").stat().st_mode) == 0o600
    assert stack_file.read_private(tmp_path / "secret.json") == {"a": 1}


@pytest.mark.parametrize("changed", ["template.yaml", "functions/a.py", "infra/workflows/w.json", "layers/common/x.py"])
def test_any_deployed_file_changes_the_fingerprint(tmp_path: Path, changed: str) -> None:
    before = sources.fingerprint({}, tmp_path)
    (tmp_path / changed).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / changed).write_text("x")
    assert sources.fingerprint({}, tmp_path) != before


def test_byte_code_and_tests_do_not_change_it(tmp_path: Path) -> None:
    before = sources.fingerprint({}, tmp_path)
    for name in ("functions/__pycache__/a.pyc", "tests/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert sources.fingerprint({}, tmp_path) == before
    assert sources.fingerprint({"Stage": "local"}, tmp_path) != before


def test_a_sweep_leaves_the_sources(tmp_path: Path) -> None:
    for name in ("functions/a/__pycache__/a.pyc", "functions/a/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    sources.sweep(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.py"]


def test_gateway_responses_are_read_from_the_template_as_problems() -> None:
    responses = deployment.gateway_responses(ROOT / "template.yaml")
    assert responses.keys() >= {
        "UNAUTHORIZED",
        "ACCESS_DENIED",
        "MISSING_AUTHENTICATION_TOKEN",
        "THROTTLED",
        "DEFAULT_4XX",
    }
    for response in responses.values():
        problem = json.loads(response["responseTemplates"]["application/json"])
        assert problem["code"]
        assert problem["detail"]


def test_children_see_nothing_of_the_developers_own_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTPS_PROXY", "PYTHONPATH", "LAMBDA_EXECUTOR"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    assert "mine" not in clean_environment().values()


def test_a_port_in_use_by_something_else_is_said(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(StackInTheWay, match=f"Port {taken_port} is in use.*PORT={taken_port + 1}"):
        Stack(Place(taken_port, tmp_path), say=lambda _: None).up()


def test_a_process_number_that_now_is_somebody_elses_is_no_stack(tmp_path: Path) -> None:
    place = Place(1, tmp_path)
    place.process_file.write_text(json.dumps({"pid": 1, "port": 1}))
    assert Stack(place).status() == "No stack is running here. `make up` starts one."
    assert Stack(place, say=lambda _: None).down() is False


@pytest.mark.parametrize("command", ["up", "status"])
def test_whoever_starts_it_is_told_where_codes_and_accounts_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    stack = Stack(Place(1, tmp_path))
    described = {"aws_endpoint_url": "http://127.0.0.1:1"}
    stack_file.write_private(stack.place.stack_file, described)
    monkeypatch.setattr(stack, "up", lambda: described)
    monkeypatch.setattr(stack, "status", lambda: "Running at http://127.0.0.1:1.")
    assert not COMMANDS[command](stack)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:1/_ministack/sns/sms-messages" in told
    assert str(stack.place.stack_file) in told


def test_to_be_stopped_is_no_failure_and_to_be_stuck_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(Place(1, tmp_path))
    assert COMMANDS["status"](stack) == 0
    monkeypatch.setattr(stack, "status", lambda: "A stack is half started (process 1, port 1). `make down` clears it.")
    assert COMMANDS["status"](stack) == 1


def test_the_second_factor_is_that_of_rfc_6238(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.local.client.time.time", lambda: 59.0)
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == "287082"


def test_a_scan_is_still_a_picture_and_no_two_are_the_same() -> None:
    first, second = samples.scan("id_front"), samples.scan("id_front")
    assert first != second
    assert first[:4] == second[:4] == (samples.SAMPLES / "id_front.jpg").read_bytes()[:4]


def test_waiting_ends_and_says_for_what() -> None:
    assert eventually(lambda: 7, what="seven", within_s=1) == 7
    with pytest.raises(WaitedInVain, match="the moon"):
        eventually(lambda: None, what="the moon", within_s=0.05, every_s=0.01)
