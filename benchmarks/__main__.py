"""`python -m benchmarks [name …]`: every benchmark, or those named, each in a process of its own."""

import subprocess
import sys

from benchmarks import ROOT


def names() -> list[str]:
    """The folders that can be run."""
    return sorted(path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py"))


def main(asked: list[str]) -> int:
    if unknown := sorted(set(asked) - set(names())):
        print(f"No benchmark of this name: {', '.join(unknown)}. There are: {', '.join(names())}.", file=sys.stderr)
        return 2
    failed = [
        name
        for name in asked or names()
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT).returncode
    ]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
