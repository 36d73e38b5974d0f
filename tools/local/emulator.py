"""The emulator as a process of this machine: start, look, stop."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tools.local.place import LAYERS, ROOT, TOOLCHAIN, Place, clean_environment
from tools.local.waiting import WaitedInVain, eventually

PROGRAM = Path(__file__).with_name("emulator_process.py")
LAYERS_KEPT_SECONDS = 7 * 24 * 3600
STOP_SECONDS = 60  # a clean stop writes all state; with much data that takes its time
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class EmulatorFailed(Exception):
    """It did not start, or did not stop; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """An emulator process started from this folder."""

    pid: int
    port: int


def running(place: Place) -> Running | None:
    """The emulator started from this folder, if its process is alive; a number that now means another process is not it."""
    try:
        noted = json.loads(place.process_file.read_text())
    except (OSError, ValueError):
        return None
    found = Running(noted["pid"], noted["port"])
    return found if PROGRAM.name in _command_of(found.pid) else None


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True)
    return listed.stdout


def healthy(place: Place) -> bool:
    try:
        with HTTP.open(place.endpoint + "/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def port_taken(place: Place) -> bool:
    """Whether something listens there already."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", place.port)) == 0


def start(place: Place) -> Running:
    """Start it in the background and wait until it answers. Raises EmulatorFailed with the end of its log."""
    shutil.rmtree(place.scratch, ignore_errors=True)
    for folder in (place.scratch, place.state, LAYERS):
        folder.mkdir(parents=True, exist_ok=True)
    _forget_old_layers()
    with place.log_file.open("wb") as log:
        process = subprocess.Popen(
            [str(TOOLCHAIN / "python"), "-P", str(PROGRAM)],
            cwd=ROOT,
            env=_settings(place),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal reaches us, and we stop it cleanly
        )
    place.process_file.write_text(json.dumps({"pid": process.pid, "port": place.port}))
    try:
        eventually(lambda: process.poll() is not None or healthy(place), what="an answer of the emulator", within_s=60)
    except WaitedInVain as silent:
        process.kill()
        raise EmulatorFailed(f"{silent}. Its log: {place.log_file}") from silent
    if process.poll() is not None:
        place.process_file.unlink(missing_ok=True)
        raise EmulatorFailed(f"The emulator ended at once:\n{_tail(place.log_file)}")
    return Running(process.pid, place.port)


def _forget_old_layers() -> None:
    """Those no function has been started from for a week: of earlier locks and earlier code."""
    for folder in LAYERS.iterdir():
        if time.time() - folder.stat().st_mtime > LAYERS_KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _settings(place: Place) -> dict[str, str]:
    return clean_environment(
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(place.port),
        AUTH="true",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        PERSIST_STATE="1",
        STATE_DIR=str(place.state / "services"),
        S3_PERSIST="1",
        S3_DATA_DIR=str(place.state / "objects"),
        TMPDIR=str(place.scratch),
        JINGKUAI_LAYERS=str(LAYERS),
        MALLOC_ARENA_MAX="2",  # its 64 threads would keep a heap each
        MINISTACK_REGION="us-east-1",
    )


def stop(place: Place, process: Running) -> None:
    """SIGTERM, and wait until everything is written. Raises EmulatorFailed when it does not end."""
    try:
        os.kill(process.pid, signal.SIGTERM)
        eventually(lambda: not _alive(process.pid), what="the end of the emulator", within_s=STOP_SECONDS)
    except ProcessLookupError:
        pass
    except WaitedInVain as stuck:
        raise EmulatorFailed(
            f"The emulator (process {process.pid}) has not ended after {STOP_SECONDS} s. Its log: {place.log_file}. "
            f"`kill -9 {process.pid}` ends it and loses what was written since the last clean stop."
        ) from stuck
    place.process_file.unlink(missing_ok=True)
    shutil.rmtree(place.scratch, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        finished, _ = os.waitpid(pid, os.WNOHANG)  # our own child stays a zombie until it is waited for
    except ChildProcessError:
        finished = 0
    if finished:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def memory_mb(process: Running) -> int | None:
    """Resident memory of the emulator and its workers; None where the system does not tell."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True)
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    sizes = [rss for pid, parent, rss in rows if process.pid in (pid, parent)]
    return sum(sizes) // 1024 if sizes else None


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
