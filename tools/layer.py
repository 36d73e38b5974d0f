"""The dependency layer: the runtime lock, unpacked for one platform. Standard library, 3.8 or later (see bootstrap.py).

The same lock is built for this machine when deploying to the local stack and for Lambda's arm64 when deploying to AWS; the
`PLATFORM` stamp inside says which, and `ensure` rebuilds what is not the one asked for, so that neither is ever deployed to
the other's place. `build/python` is what the tools import from, `build/layer.zip` what `template.yaml` deploys.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "runtime.txt"
BUILD = ROOT / "layers" / "dependencies" / "build"
WHEELS_ONLY = ["--require-hashes", "--only-binary", ":all:"]


@dataclass(frozen=True)
class Platform:
    """A place where the layer runs: its name for the stamp, and what uv has to be told about it."""

    name: str
    options: tuple[str, ...]


LAMBDA = Platform(
    "lambda-arm64-python3.13", ("--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13")
)


def host_platform(python: Path) -> Platform:
    """This machine with this interpreter."""
    script = "import sys, sysconfig; print(sysconfig.get_platform() + '-python%d.%d' % sys.version_info[:2])"
    name = subprocess.run([str(python), "-c", script], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    return Platform(name, ("--python", str(python)))


def ensure(uv: Path, platform: Platform, *, say: Callable[[str], None]) -> bool:
    """Build the layer unless it is this platform's and this lock's already; says whether it was built."""
    wanted = stamp(platform)
    if built_stamp() == wanted:
        return False
    say(f"dependency layer for {platform.name}: from {LOCK.relative_to(ROOT)}")
    fresh = BUILD.with_name("build.new")
    shutil.rmtree(fresh, ignore_errors=True)
    subprocess.run(install_command(uv, platform, fresh / "python"), check=True)
    prune(fresh / "python")
    pack(fresh, wanted)
    (fresh / "PLATFORM").write_text(wanted)
    shutil.rmtree(BUILD, ignore_errors=True)
    os.replace(str(fresh), str(BUILD))  # complete or absent, never half
    return True


def install_command(uv: Path, platform: Platform, target: Path) -> list[str]:
    return [str(uv), "pip", "install", "--quiet", "--system-certs", "--link-mode", "copy", *platform.options, *WHEELS_ONLY,
            "--target", str(target), "-r", str(LOCK)]  # fmt: skip


def resolves(uv: Path, platform: Platform, scratch: Path) -> str:
    """What uv would install for this platform; raises CalledProcessError where a wheel or a hash is missing."""
    command = [*install_command(uv, platform, scratch / "python"), "--dry-run"]
    command.remove("--quiet")
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode()


def prune(python: Path) -> None:
    """Leave out what no function imports: commands, byte code of this machine, the packages' own tests."""
    for folder in [*python.glob("bin"), *python.glob("share"), *python.rglob("__pycache__"), *python.glob("*/tests")]:
        shutil.rmtree(folder, ignore_errors=True)


def pack(folder: Path, platform_stamp: str) -> None:
    """`layer.zip`, which the template names: packed once, and the same bytes from the same wheels, so that nothing is published anew."""
    with zipfile.ZipFile(str(folder / "layer.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member("PLATFORM"), platform_stamp)
        for path in sorted(folder.glob("python/**/*")):
            if path.is_file():
                archive.writestr(_member(path.relative_to(folder).as_posix()), path.read_bytes())


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # dated 1980
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def stamp(platform: Platform) -> str:
    return f"{platform.name}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"


def built_stamp() -> str:
    try:
        return (BUILD / "PLATFORM").read_text() if (BUILD / "layer.zip").exists() else ""
    except OSError:
        return ""


def size_mb() -> int:
    return sum(path.stat().st_size for path in BUILD.glob("python/**/*") if path.is_file()) // 1_000_000
