#!/usr/bin/env python3
"""Set-up from nothing: uv from the package index, an interpreter, the project's environments, the dependency layer.

Standard library only, and runs on the Python it happens to be started with (3.8 or later): it is what `make` calls before
anything else exists. Each part is skipped where its stamp still matches its lock; a part that was cut off has no stamp and
is made again.

    python3 tools/bootstrap.py stack    what `make run` and `make up` need
    python3 tools/bootstrap.py dev      the same and the environment of the tests
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import interpreters, layer

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
LOCAL = ROOT / ".local"
UV_HOME = LOCAL / "uv"
STACK_HOME = LOCAL / "stack-venv"
DEV_HOME = ROOT / ".venv"


class SetupFailed(Exception):
    """What stands in the way, and what to do about it."""


def say(line: str) -> None:
    print(f"[setup] {line}", flush=True)


def main(wanted: list[str]) -> int:
    if wanted not in (["stack"], ["dev"]):
        print(__doc__, file=sys.stderr)
        return 2
    LOCAL.mkdir(exist_ok=True)
    try:
        with alone():
            make_all(with_tests=wanted == ["dev"])
    except (SetupFailed, interpreters.NoInterpreter) as stop:
        print(f"[setup] {stop}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        what = " ".join(str(part) for part in failed.cmd[:4])
        print(
            f"[setup] `{what} …` ended with {failed.returncode}; see above. `make` again goes on here.", file=sys.stderr
        )
        return 1
    return 0


def make_all(with_tests: bool) -> None:
    uv = installed_uv()
    chosen = interpreter_of(STACK_HOME) or interpreters.find(uv, say=say, into=LOCAL / "python")
    environment(uv, chosen, STACK_HOME, LOCKS / "stack.txt", "the local stack")
    if with_tests:
        environment(uv, chosen, DEV_HOME, LOCKS / "dev.txt", "the tests and checks")
    if layer.ensure(uv, layer.host_platform(python_in(STACK_HOME)), say=say):
        say(f"layer: {layer.size_mb()} MB unzipped of the 250 MB that Lambda takes")


@contextmanager
def alone() -> Iterator[None]:
    """Two set-ups at once take turns; the second finds everything done."""
    try:
        import fcntl
    except ImportError:  # Windows: the project runs there under WSL only, where fcntl exists
        yield
        return
    with open(LOCAL / "setup.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another set-up is running: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def installed_uv() -> Path:
    """uv in an environment of its own, checked against its hash."""
    uv = UV_HOME / "bin" / "uv"
    lock = LOCKS / "uv.txt"
    if stamp_matches(UV_HOME, digest(lock)) and answers([str(uv), "--version"]):
        return uv
    say("uv, the package installer: from the package index into .local/uv")
    shutil.rmtree(UV_HOME, ignore_errors=True)
    options = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
    ]
    if subprocess.run([sys.executable, "-m", "venv", str(UV_HOME)], stdout=subprocess.DEVNULL).returncode == 0:
        subprocess.run([str(UV_HOME / "bin" / "python"), "-m", "pip", *options, "-r", str(lock)], check=True)
    elif answers([sys.executable, "-m", "pip", "--version"]):  # a Debian without python3-venv may have pip all the same
        shutil.rmtree(UV_HOME, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", *options, "--target", str(UV_HOME), "-r", str(lock)], check=True)
    else:
        raise SetupFailed(
            f"{sys.executable} has neither a working `venv` nor `pip`. Install them (Debian and Ubuntu: "
            "`apt-get install python3-venv`), or start make with another Python: `make PYTHON=/path/to/python3 …`."
        )
    write_stamp(UV_HOME, digest(lock))
    return uv


def environment(uv: Path, interpreter: Path, home: Path, lock: Path, purpose: str) -> None:
    """A virtual environment holding exactly what the lock names."""
    wanted = digest(lock)
    python = python_in(home)
    whole = answers([str(python), "-c", "import sys"])
    if whole and stamp_matches(home, wanted):
        return
    names = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    say(f"{home.relative_to(ROOT)}: {names} packages for {purpose} (locked in {lock.relative_to(ROOT)})")
    if not whole or not stamp_of(home):  # new, moved, or cut off half-way
        subprocess.run([str(uv), "venv", "--quiet", "--clear", "--python", str(interpreter), str(home)], check=True)
    forget_stamp(home)
    install = [str(uv), "pip", "sync", "--python", str(python), "--require-hashes", "--only-binary", ":all:", str(lock)]
    narrated(install)
    write_stamp(home, wanted)


def narrated(install: list[str]) -> None:
    """Run uv and pass on what it says about downloads, not the list of everything it installed."""
    process = subprocess.Popen(install, env=uv_environment(), stderr=subprocess.PIPE, universal_newlines=True)
    for line in process.stderr or ():
        if not line.startswith((" + ", " - ", " ~ ", "Using Python")):
            print("        " + line.rstrip(), flush=True)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, install)


def interpreter_of(home: Path) -> Path | None:
    """What an earlier set-up chose, as long as it answers: it is not looked for at every start."""
    python = python_in(home)
    return python.resolve() if stamp_of(home) and answers([str(python), "-c", "import sys"]) else None


def uv_environment() -> dict[str, str]:
    """Where pip has been told to use a mirror and uv has not, uv follows pip; it trusts what the machine trusts."""
    env = {"UV_SYSTEM_CERTS": "1", **os.environ}
    told = any(env.get(name) for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_CONFIG_FILE"))
    if not told and env.get("PIP_INDEX_URL"):
        env["UV_DEFAULT_INDEX"] = env["PIP_INDEX_URL"]
    return env


def python_in(home: Path) -> Path:
    return home / "bin" / "python"


def answers(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def stamp_of(home: Path) -> str:
    try:
        return (home / "LOCK").read_text().strip()
    except OSError:
        return ""


def stamp_matches(home: Path, wanted: str) -> bool:
    return stamp_of(home) == wanted


def write_stamp(home: Path, value: str) -> None:
    (home / "LOCK").write_text(value + "\n")


def forget_stamp(home: Path) -> None:
    if (home / "LOCK").exists():
        (home / "LOCK").unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
