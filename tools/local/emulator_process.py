"""The emulator's own process: MiniStack 1.5.33, with four things put right that this stack would suffer from.

- It unpacks every layer anew for every worker: the dependency layer is 119 MB in 3,800 files, 1.5 s and the disk space each
  time. Here a layer is unpacked once per content and shared.
- It keeps one worker of every function for ever, about 80 MB each. Here a worker that nobody has called for a minute ends;
  the next call starts another one, a cold start as on AWS.
- At a stop it forgets a table's stream but remembers how far its readers were, so that after a restart they sleep through as
  many records as were written before. Here they begin with the new stream.
- It logs every short message with its phone, one-time codes among them. Here its log says nothing of what is sent; whoever
  needs a code reads it where the message is kept, /_ministack/sns/sms-messages.

tests/unit/tools/test_emulator_process.py tells what of MiniStack's insides this leans on. It runs in the stack's environment:
`python -P tools/local/emulator_process.py`, settings in the environment.
"""

import hashlib
import io
import logging
import os
import shutil
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import ministack.app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

IDLE_SECONDS = float(os.environ.get("JINGKUAI_IDLE_SECONDS", "65"))
LAYERS = Path(os.environ.get("JINGKUAI_LAYERS", "layers"))
_unpacking = threading.Lock()


def shared_layer(content: bytes) -> Path:
    """The folder that holds this layer, unpacked the first time it is asked for."""
    folder = LAYERS / hashlib.sha256(content).hexdigest()[:32]
    with _unpacking:
        if not folder.is_dir():
            fresh = Path(tempfile.mkdtemp(dir=LAYERS, prefix="new-"))
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(fresh)  # refuses names that lead out of the folder
            try:
                fresh.rename(folder)
            except OSError:  # another stack was first
                shutil.rmtree(fresh, ignore_errors=True)
    os.utime(folder)  # in use: see emulator._forget_old_layers
    return folder


class SharingWorker(lambda_runtime.Worker):  # type: ignore[misc]  # MiniStack has no types
    """A worker that reads its layers where the others read theirs."""

    config: dict[str, Any]

    def _spawn(self) -> None:
        own = self.config
        contents = [lambda_svc._resolve_layer_zip(layer) for layer in own.get("Layers", [])]
        folders = os.pathsep.join(str(shared_layer(content)) for content in contents if content)
        variables = {**own.get("Environment", {}).get("Variables", {}), "_LAMBDA_LAYERS_DIRS": folders}
        self.config = {**own, "Layers": [], "Environment": {"Variables": variables}}
        try:
            super()._spawn()
        finally:
            self.config = own


def worker_class(config: dict[str, Any]) -> type:
    """What runs a function of this configuration. Every function of this project is Python."""
    return SharingWorker


def retire_idle_workers() -> int:
    """End every worker that nobody has called for a minute, the last one of its function included."""
    now = time.time()
    retired = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            staying = [worker for worker in workers if worker.in_use or now - worker.last_used < IDLE_SECONDS]
            retired += [worker for worker in workers if worker not in staying]
            lambda_runtime._workers[key] = staying
    lambda_runtime.kill_workers(retired)
    return len(retired)


def begin_streams_anew(positions: object, saved: object) -> None:
    """In place of restoring read positions: the records they count from are gone. What was not delivered, the sweep finds."""


def keep_messages_out_of_the_log() -> None:
    """Its SNS logs at INFO what it sends and to whom, and at WARNING and above what went wrong."""
    logging.getLogger("sns").setLevel(logging.WARNING)


def main() -> None:
    keep_messages_out_of_the_log()
    lambda_svc._restore_esm_positions = begin_streams_anew
    lambda_runtime._worker_class_for = worker_class
    lambda_svc.reap_idle_workers = retire_idle_workers  # called by MiniStack every 30 s
    ministack.app.main()


if __name__ == "__main__":
    main()
