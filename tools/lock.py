"""`make lock`: the dependency groups of pyproject.toml, resolved into requirements/*.txt.

One lock serves every platform and Python 3.11 to 3.13; each file has hashes and names no registry, no folder, no machine.
The tests run on the versions that are shipped, so the runtime lock constrains theirs.
"""

import os
import subprocess
import sys

from tools.bootstrap import LOCKS, ROOT, UV_HOME, digest, uv_environment

GROUPS = {"uv": [], "runtime": [], "stack": [], "dev": ["--constraints", "requirements/runtime.txt"]}
OPTIONS = ["--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]


def resolve(group: str, upgrade: bool) -> bool:
    """Write the lock of one group; says whether it changed."""
    lock = LOCKS / f"{group}.txt"
    before = digest(lock) if lock.exists() else ""
    command = [
        str(UV_HOME / "bin" / "uv"),
        "pip",
        "compile",
        *OPTIONS,
        *GROUPS[group],
        *(["--upgrade"] if upgrade else []),
    ]
    command += ["--group", f"pyproject.toml:{group}", "--output-file", str(lock.relative_to(ROOT))]
    env = {**os.environ, **uv_environment(), "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    return digest(lock) != before


if __name__ == "__main__":
    for name in GROUPS:
        print(f"requirements/{name}.txt: {'changed' if resolve(name, '--upgrade' in sys.argv) else 'as it was'}")
