"""Where one local stack lives: its port and its files. Two stacks never share a folder."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 4566
REGION = "us-east-1"  # the emulator knows no aws-cn partition; the template is linted for both
STACK_NAME = "jingkuai"
TOOLCHAIN = ROOT / ".local" / "stack-venv" / "bin"

LAYERS = ROOT / ".local" / "layers"  # as unpacked once for all functions of all stacks, one folder per content

# The emulator's root keys. With AUTH=true every other key pair is checked against its policies.
ROOT_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


@dataclass(frozen=True, slots=True)
class Place:
    """One stack's port and folder, and what lies where in it."""

    port: int = DEFAULT_PORT
    home: Path = ROOT / ".local"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stack_file(self) -> Path:
        """What clients of the stack read; there only while it is ready."""
        return self.home / "stack.json"

    @property
    def process_file(self) -> Path:
        return self.home / "emulator.json"

    @property
    def accounts_file(self) -> Path:
        """Passwords and second factors of the demo accounts; readable by the owner alone."""
        return self.home / "accounts.json"

    @property
    def log_file(self) -> Path:
        return self.home / "emulator.log"

    @property
    def lock_file(self) -> Path:
        return self.home / "stack.lock"

    @property
    def packaged_file(self) -> Path:
        return self.home / "packaged.yaml"

    @property
    def state(self) -> Path:
        """What survives a stop: tables, keys, secrets, objects."""
        return self.home / "state"

    @property
    def scratch(self) -> Path:
        """The emulator's temporary files, among them the unpacked functions; emptied at each start."""
        return self.home / "scratch"


def clean_environment(**more: str) -> dict[str, str]:
    """An environment for child processes in which nothing of the developer's own AWS, proxy or Python settings is left."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT") if name in os.environ
    }
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "PYTHONUTF8": "1", **ROOT_KEYS, **more}


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
