"""What a deployment is made of, as one hash: where it has not changed, nothing is deployed again."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.local.place import ROOT

DEPLOYED = ("template.yaml", "functions", "infra", "layers/common", "layers/dependencies/build/PLATFORM")


def fingerprint(parameters: Mapping[str, str], root: Path = ROOT) -> str:
    """A hash over every file that is deployed, and the parameters it is deployed with."""
    total = hashlib.sha256(repr(sorted(parameters.items())).encode())
    for path in _files(root):
        total.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def sweep(root: Path = ROOT) -> None:
    """Byte code of this machine would be packed with the functions, and make every package a new one."""
    for folder in ("functions", "layers/common"):
        for cache in list((root / folder).rglob("__pycache__")):
            shutil.rmtree(cache, ignore_errors=True)


def _files(root: Path) -> Iterator[Path]:
    for name in DEPLOYED:
        path = root / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (one for one in found if one.is_file() and "__pycache__" not in one.parts)
