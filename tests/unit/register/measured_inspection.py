"""A program of `test_scan_memory`: opens files as the function does, all that it imports loaded, and says what that took."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

UNIT = 1024 if sys.platform == "linux" else 1  # what ru_maxrss counts in


def main(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    sys.path[:0] = told["rooms"]
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "inspect")
    from jingkuai.aws import clients
    from jingkuai.domain.attachment import AttachmentRules
    from register import scan_file, tasks

    assert callable(tasks.inspect)
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    clients.s3(), clients.dynamodb()
    rules = AttachmentRules.from_policy(json.loads((Path(told["policies"]) / "attachment_rules.json").read_text()))
    found = {}
    for name, content_type in told["content_types"].items():
        data = (Path(told["files"]) / name).read_bytes()
        seen = scan_file.opened(data, content_type=content_type, sha256=hashlib.sha256(data).hexdigest(), rules=rules)
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * UNIT
        taken = _largest_self() + child  # the largest so far; pages that both share count twice: it is less in truth
        found[name] = {"codes": [one.value for one in seen.problems], "megabytes": round(taken / 2**20)}
    return found


def _largest_self() -> int:
    """Bytes this process has had at most; what the kernel counts as usage includes the process that started it."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
