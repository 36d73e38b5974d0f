"""Work on bytes from outside in a process of its own, which may take so much memory and time and no more.

A decoder that runs away there takes nothing with it: the function that asked is told, and can still say what became of the
file. The walls are those of `RegisterInspect` in the template: 512 MB, of which the function itself takes about 130, and
60 seconds, in which it has a third of a processor.
"""

import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Final

MEMORY: Final = (
    320 * 2**20
)  # beyond what the process has when it begins: four bytes for each of 60 million pixels, and room
CPU_SECONDS: Final = 12
SECONDS: Final = 45.0
_CHUNK: Final = 1 << 16


class Overran(Exception):
    """The work took more memory or time than it may, or its process died; nothing came of it."""


def run(
    work: Callable[[], bytes], *, memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS, seconds: float = SECONDS
) -> bytes:
    """What the work answers. Raises Overran; whatever the work raises is that as well."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as answer:
        try:
            child = _forked()
            if child == 0:
                _work_and_end(work, writing, memory, cpu_seconds, seconds)
        finally:
            os.close(writing)
        told = answer.read()
    _, ended = os.waitpid(child, 0)
    if ended != 0:
        raise Overran
    return told


def _forked() -> int:
    with warnings.catch_warnings():
        # CPython warns of threads that may hold a lock: the child calls decoders alone and ends without tidying up
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _work_and_end(work: Callable[[], bytes], writing: int, memory: int, cpu_seconds: int, seconds: float) -> None:
    """In the child: never returns, so that nothing of the parent's is done twice."""
    done = False
    try:
        _enclose(memory, cpu_seconds, seconds)
        told = memoryview(work())
        while told:
            told = told[os.write(writing, told[:_CHUNK]) :]
        done = True
    finally:
        os._exit(0 if done else 1)


def _enclose(memory: int, cpu_seconds: int, seconds: float) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also in the midst of a decoder
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    if sys.platform == "linux":  # macOS knows the limit and does not hold to it
        most = _taken() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _taken() -> int:
    """Bytes of address space this process has."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
