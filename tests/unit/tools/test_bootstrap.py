"""Set-up: what is done is not done again, what was cut off is made anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap
from tools.bootstrap import ROOT


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock that names no package, in a project folder of its own."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    (tmp_path / "lock.txt").write_text("# nothing\n")
    return tmp_path / "lock.txt"


@pytest.fixture
def uv_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What uv was asked to do; it makes an environment that answers."""
    calls: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        calls.append(command[1])
        if command[1] == "venv":
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.unlink(missing_ok=True)
            python.symlink_to(sys.executable)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("tools.bootstrap.subprocess.run", run)
    monkeypatch.setattr(bootstrap, "narrated", run)
    monkeypatch.setattr(bootstrap, "answers", lambda command: Path(command[0]).exists())
    return calls


def make(home: Path, lock: Path) -> None:
    bootstrap.environment(Path("uv"), Path(sys.executable), home, lock, "a test")


def test_an_environment_is_made_once(lock: Path, uv_calls: list[str], tmp_path: Path) -> None:
    make(tmp_path / "venv", lock)
    make(tmp_path / "venv", lock)
    assert uv_calls == ["venv", "pip"]


def test_a_changed_lock_is_installed_into_the_same_environment(lock: Path, uv_calls: list[str], tmp_path: Path) -> None:
    make(tmp_path / "venv", lock)
    lock.write_text("# something else\n")
    make(tmp_path / "venv", lock)
    assert uv_calls == ["venv", "pip", "pip"]


def test_an_environment_that_was_cut_off_is_made_anew(lock: Path, uv_calls: list[str], tmp_path: Path) -> None:
    make(tmp_path / "venv", lock)
    (tmp_path / "venv" / "LOCK").unlink()
    make(tmp_path / "venv", lock)
    assert uv_calls == ["venv", "pip", "venv", "pip"]


def test_an_environment_whose_interpreter_is_gone_is_made_anew(lock: Path, uv_calls: list[str], tmp_path: Path) -> None:
    make(tmp_path / "venv", lock)
    (tmp_path / "venv" / "bin" / "python").unlink()
    make(tmp_path / "venv", lock)
    assert uv_calls == ["venv", "pip", "venv", "pip"]


def test_a_mirror_set_for_pip_serves_uv_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "mirror")
    assert bootstrap.uv_environment()["UV_DEFAULT_INDEX"] == "mirror"
    monkeypatch.setenv("UV_INDEX_URL", "own mirror")
    assert "UV_DEFAULT_INDEX" not in bootstrap.uv_environment()


def test_the_modules_of_set_up_import_the_standard_library_only() -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import tools.bootstrap"
    subprocess.run([sys.executable, "-I", "-S", "-c", script, str(ROOT)], check=True)
