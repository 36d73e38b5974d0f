"""Run a module of `tools` with what is deployed: the dependency layer, the common layer and the functions on its path.

In a process of its own, because the settings of the deployed code are the environment of a function.
"""

import os
import subprocess

from tools.local.place import ROOT, TOOLCHAIN, clean_environment

LIBRARIES = ("layers/dependencies/build/python", "layers/common/python", "functions", ".")


class FailedInside(Exception):
    """The module ended with an error; the message is the last line it wrote."""


def run(module: str, told: str, **environment: str) -> str:
    """What `python -m module` prints for this standard input. Raises FailedInside."""
    path = os.pathsep.join(str(ROOT / one) for one in LIBRARIES)
    done = subprocess.run(
        [str(TOOLCHAIN / "python"), "-m", module],
        cwd=ROOT,
        env=clean_environment(**environment, PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=path),
        input=told,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise FailedInside((done.stderr.strip().splitlines() or [f"{module} ended with {done.returncode}"])[-1])
    return done.stdout
