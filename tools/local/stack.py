"""A local stack from nothing to ready and back: the emulator, what is deployed to it, its accounts, its description.

with Stack.start(port=4700, home=tmp) as described:   # what stack.json says
    ...
"""

import contextlib
import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.local import accounts, api_page, aws, deployment, emulator, stack_file
from tools.local.client import send
from tools.local.place import Place
from tools.local.waiting import eventually

Say = Callable[[str], None]


class StackInTheWay(Exception):
    """Something else is where the stack should be; the message says what, and what to do."""


class Stack:
    """The stack of one place. `say` is told, line by line, what is being done."""

    def __init__(self, place: Place, say: Say = print) -> None:
        self.place = place
        self._say = say

    @classmethod
    @contextlib.contextmanager
    def start(cls, port: int, home: Path, say: Say = print) -> Iterator[dict[str, Any]]:
        """A stack of its own for as long as the block lasts; what it described itself as. Its data goes with it."""
        stack = cls(Place(port, home), say)
        stack.reset()  # what an earlier run that was cut off may have left
        try:
            yield stack.up()
        finally:
            stack.reset()

    def up(self) -> dict[str, Any]:
        """Start and deploy what is not there yet; ready when this returns. A second time it only looks.

        Raises StackInTheWay, EmulatorFailed, DeploymentFailed, CommandFailed, AccountsLost.
        """
        with self._alone():
            began = time.monotonic()
            running = self._running_or_in_the_way()
            described = stack_file.read(self.place)
            if running and described and deployment.is_current(self.place):
                self._say(f"The stack is already running at {described['api_url']} (process {running.pid}).")
                return described
            described = self._deployed() if running else self._started()
            self._say(f"Ready after {time.monotonic() - began:.1f} s: {described['api_url']}")
            return described

    def down(self) -> bool:
        """Stop it cleanly, with all data kept; False when it was not running."""
        with self._alone():
            return self._stop()

    def reset(self) -> None:
        """Stop it and forget its data, accounts included. What was downloaded or built stays."""
        with self._alone():
            self._stop()
            for folder in (self.place.state, self.place.scratch):
                shutil.rmtree(folder, ignore_errors=True)
            for file in (self.place.accounts_file, self.place.packaged_file):
                file.unlink(missing_ok=True)

    def status(self) -> str:
        """One line about how it stands."""
        running = emulator.running(self.place)
        if running is None:
            return "No stack is running here. `make up` starts one."
        here = Place(running.port, self.place.home)
        described = stack_file.read(here)
        if described is None or not emulator.healthy(here):
            return f"A stack is half started (process {running.pid}, port {running.port}). `make down` clears it."
        return f"Running at {described['api_url']} (process {running.pid}, {emulator.memory_mb(running)} MB in all)."

    def _started(self) -> dict[str, Any]:
        """From a standstill; what was started for a deployment that then failed is stopped again."""
        self.place.stack_file.unlink(missing_ok=True)
        self._say(f"Starting the emulator on 127.0.0.1:{self.place.port}")
        emulator.start(self.place)
        try:
            found = deployment.current(self.place)
            described = self._deployed()
            if found:
                self._say(f"Taking up what the last stop interrupted: {self._redriven()}")
            return described
        except BaseException:
            self._stop()
            raise

    def _deployed(self) -> dict[str, Any]:
        found = deployment.current(self.place)
        if found and deployment.is_current(self.place):
            self._say("template.yaml and the code are deployed as they are")
        else:
            self._say("Deploying template.yaml (aws cloudformation package, deploy)")
            found = deployment.deploy(self.place)
        self._say("Demo accounts, reference data, the page of the API")
        api_page.publish(self.place, found.api_url(self.place))
        opened = accounts.ensure(self.place)
        regions = found.api_url(self.place) + "/regions"
        eventually(lambda: send("GET", regions).status == 200, what=f"an answer of {regions}", within_s=30)
        return stack_file.write(self.place, found, opened)

    def _redriven(self) -> str:
        """Executions that ran at the stop have come back as failed: the outbox takes their cases up again."""
        function = aws.physical_id(self.place, "Outbox")
        answer = aws.client("lambda", self.place.endpoint).invoke(
            FunctionName=function, Payload=b'{"command": "redrive"}'
        )
        told = answer["Payload"].read().decode()
        return f"failed, {told}" if "FunctionError" in answer else told

    def _running_or_in_the_way(self) -> emulator.Running | None:
        running = emulator.running(self.place)
        if running is None:
            if emulator.port_taken(self.place):
                raise StackInTheWay(
                    f"Port {self.place.port} is in use by something that was not started from here. "
                    f"Stop it, or choose another: `make up PORT={self.place.port + 1}`."
                )
            return None
        if running.port != self.place.port:
            raise StackInTheWay(
                f"A stack of this folder is running on port {running.port} (process {running.pid}). "
                f"Use it as it is, or `make down` first; its data moves with it."
            )
        if not emulator.healthy(self.place) or stack_file.read(self.place) is None:
            raise StackInTheWay(
                f"A stack is half started here: process {running.pid} on port {running.port} never became ready. "
                f"`make down` clears it, then `make up`. Its log: {self.place.log_file}"
            )
        return running

    def _stop(self) -> bool:
        running = emulator.running(self.place)
        self.place.stack_file.unlink(missing_ok=True)
        if running is None:
            self.place.process_file.unlink(missing_ok=True)
            return False
        emulator.stop(self.place, running)
        return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One command at a time works on a place; a second `make up` waits for the first and finds it done."""
        self.place.home.mkdir(parents=True, exist_ok=True)
        with self.place.lock_file.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._say("Another command is at work on this stack: waiting for it")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
