"""Finding a Python: 3.13 first, and a stand-in that does not answer is passed over."""

import sys
from pathlib import Path

import pytest

from tools import interpreters


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose PATH is one empty folder, without a version manager; uv finds and installs nothing."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr("tools.interpreters.sys.version_info", (3, 8, 0))
    (tmp_path / "bin").mkdir()
    executable(tmp_path / "uv", "exit 2")
    return tmp_path


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python(path: Path, version: str) -> Path:
    return executable(path, f"echo {version}; echo {path}")


def found(machine: Path) -> tuple[Path, list[str]]:
    said: list[str] = []
    return interpreters.find(machine / "uv", say=said.append, into=machine / "python"), said


def test_the_deployed_version_on_the_path_comes_first(bare_machine: Path) -> None:
    newest = python(bare_machine / "bin" / "python3.13", "3.13")
    python(bare_machine / "bin" / "python3.12", "3.12")
    assert found(bare_machine)[0] == newest


def test_a_stand_in_that_ends_with_127_is_passed_over_for_the_version_managers_own_folder(bare_machine: Path) -> None:
    executable(bare_machine / "bin" / "python3.13", "exit 127")
    real = python(bare_machine / "pyenv" / "versions" / "3.13.0" / "bin" / "python", "3.13")
    assert found(bare_machine)[0] == real


def test_an_older_version_is_accepted_and_said_so_in_one_line(bare_machine: Path) -> None:
    older = python(bare_machine / "bin" / "python3.11", "3.11")
    interpreter, said = found(bare_machine)
    assert interpreter == older
    assert [line for line in said if "3.11 is accepted" in line] == said[-1:]


def test_what_calls_itself_3_13_and_is_not_is_passed_over(bare_machine: Path) -> None:
    python(bare_machine / "bin" / "python3.13", "3.10")
    with pytest.raises(interpreters.NoInterpreter):
        found(bare_machine)


def test_where_there_is_none_the_message_says_what_to_do(bare_machine: Path) -> None:
    with pytest.raises(interpreters.NoInterpreter, match=r"Install Python 3\.13.*run make again"):
        found(bare_machine)


def test_uv_is_shown_no_stand_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/opt/pyenv/shims:/usr/bin")
    assert interpreters.without_shims(tmp_path)["PATH"] == "/usr/bin"


def test_this_very_interpreter_answers() -> None:
    major, minor = sys.version_info[:2]
    assert interpreters.asked(sys.executable, f"{major}.{minor}")
