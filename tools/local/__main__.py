"""`python -m tools.local COMMAND`: the local stack, as the Makefile's targets call it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.local import accounts, aws, demo, deployment, emulator, inside, stack_file
from tools.local.client import Refused
from tools.local.place import DEFAULT_PORT, Place
from tools.local.stack import Stack, StackInTheWay
from tools.local.waiting import WaitedInVain

FORESEEN = (
    StackInTheWay,
    emulator.EmulatorFailed,
    deployment.DeploymentFailed,
    aws.CommandFailed,
    accounts.AccountsLost,
    inside.FailedInside,
    ClientError,
    demo.DemoFailed,
    Refused,
    WaitedInVain,
)


class Stopped(Exception):
    """Ctrl-C, or the terminal went away."""


def main() -> int:
    commands = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands.add_argument("command", choices=COMMANDS)
    commands.add_argument("--port", type=int, default=DEFAULT_PORT)
    commands.add_argument("--home", type=Path, default=Place().home, help="the folder of this stack's files")
    asked = commands.parse_args()
    stack = Stack(Place(asked.port, asked.home.resolve()), say=say)
    try:
        return COMMANDS[asked.command](stack) or 0
    except FORESEEN as stop:
        print(f"[stack] {stop}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our lines has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def say(line: str) -> None:
    print(f"[stack] {line}", flush=True)


def up(stack: Stack) -> None:
    _say_where(stack, stack.up())


def down(stack: Stack) -> None:
    say("Stopped; the data is kept." if stack.down() else "No stack is running here.")


def reset(stack: Stack) -> None:
    stack.reset()
    say("All data of the local stack is gone. `make up` begins anew.")


def status(stack: Stack) -> int:
    line = stack.status()
    say(line)
    if line.startswith("Running") and (described := stack_file.read(stack.place)):
        _say_where(stack, described)
    return int("half started" in line)  # to be stopped is no failure, to be stuck is one


def _say_where(stack: Stack, described: dict[str, Any]) -> None:
    say(f"SMS codes are read at {stack_file.sms_outbox(described)}")
    say(f"Demo accounts with their passwords stand in {stack.place.stack_file}")


def main_job(stack: Stack) -> None:
    demo.run(stack.place)


def run(stack: Stack) -> int:
    """Start, run the main job once, and stay until Ctrl-C. A stack that was running before stays so afterwards."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    was_running = emulator.running(stack.place) is not None
    failed = False
    try:
        stack.up()
        try:
            demo.run(stack.place)
        except (demo.DemoFailed, Refused, WaitedInVain) as broken:
            failed = True
            say(f"The main job failed: {broken}")
            say("The stack keeps running, so that you can look.")
        say(
            "Ctrl-C stops the stack and keeps the data."
            if not was_running
            else "Ctrl-C leaves the stack running as it was."
        )
        _until_it_ends(stack)
    except (KeyboardInterrupt, Stopped):
        print()
    finally:
        if not was_running and emulator.running(stack.place):
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would cut off the saving
            say("Stopping, saving the data")
            stack.down()
            say("Stopped. `make run` or `make up` goes on from here.")
    return int(failed)


def _until_it_ends(stack: Stack) -> None:
    while emulator.running(stack.place):
        time.sleep(1)
    say(f"The emulator has ended by itself. Its log: {stack.place.log_file}")


def _stop(*_: object) -> None:
    raise Stopped


COMMANDS: dict[str, Callable[[Stack], int | None]] = {
    "up": up, "down": down, "run": run, "demo": main_job, "reset": reset, "status": status,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
