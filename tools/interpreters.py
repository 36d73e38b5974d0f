"""Which Python the local stack and the tests run on. Standard library, 3.8 or later (see bootstrap.py).

3.13 is what is deployed, so it comes first: on the PATH if it answers, in a version manager's own folder, or whatever uv can
find or install; then 3.12 and 3.11 in the same way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator

VERSIONS = ("3.13", "3.12", "3.11")
DEPLOYED = VERSIONS[0]
QUESTION = "import sys, ssl, zlib, ctypes; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"


class NoInterpreter(Exception):
    """No Python of a supported version could be found or installed."""

    def __init__(self) -> None:
        super().__init__(
            f"No Python {', '.join(VERSIONS)} was found, and uv could not install one (is the network there?). "
            f"Install Python {DEPLOYED}, for example with your system's packages or `pyenv install {DEPLOYED}`, and run make again."
        )


def find(uv: Path, *, say: Callable[[str], None], into: Path) -> Path:
    """The best interpreter of this machine; `into` is where uv may put a new one. Raises NoInterpreter."""
    for version in VERSIONS:
        for candidate in candidates(version, uv, say, into):
            found = asked(candidate, version)
            if found:
                note = (
                    ""
                    if version == DEPLOYED
                    else f"; {DEPLOYED}, which is deployed, is not to be had here, {version} is accepted"
                )
                say(f"Python {version}: {found}{note}")
                return found
    raise NoInterpreter()


def candidates(version: str, uv: Path, say: Callable[[str], None], into: Path) -> Iterator[str]:
    """Commands and paths that may be this version, cheapest first; each is only tried, never trusted."""
    if "%d.%d" % sys.version_info[:2] == version:
        yield sys.executable
    on_path = shutil.which("python" + version)
    if on_path:
        yield on_path
    yield from of_pyenv(version)
    yield from uv_answer(uv, ["find", "--system", version], into)
    say(f"Python {version} is not on this machine: asking uv to install it into .local/python")
    if installed(uv, version, into):
        yield from uv_answer(uv, ["find", "--managed-python", version], into)


def of_pyenv(version: str) -> Iterator[str]:
    prefix = output(["pyenv", "prefix", version])
    if prefix:
        yield str(Path(prefix) / "bin" / "python")
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for home in sorted(root.glob(f"versions/{version}*"), reverse=True):
        yield str(home / "bin" / "python")


def uv_answer(uv: Path, arguments: list[str], into: Path) -> Iterator[str]:
    path = output([str(uv), "python", *arguments], env=without_shims(into))
    if path:
        yield path


def installed(uv: Path, version: str, into: Path) -> bool:
    command = [str(uv), "python", "install", "--no-bin", version]
    try:
        return subprocess.run(command, env=without_shims(into), stderr=subprocess.DEVNULL, timeout=600).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def without_shims(into: Path) -> dict[str, str]:
    """uv stops with an error at a version manager's stand-in that ends with 127, so it is not shown any."""
    env = dict(os.environ)
    env["PATH"] = os.pathsep.join(part for part in env.get("PATH", "").split(os.pathsep) if Path(part).name != "shims")
    env["UV_PYTHON_INSTALL_DIR"] = str(into)
    env["UV_HTTP_RETRIES"] = env.get("UV_HTTP_RETRIES", "1")  # a network without that host should say no soon
    return env


def asked(candidate: str, version: str) -> Path | None:
    """The interpreter's own path, if it runs, is of this version and was built with what the stack imports."""
    answer = output([candidate, "-c", QUESTION]).splitlines()
    return Path(answer[1]) if len(answer) == 2 and answer[0] == version else None


def output(command: list[str], env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
