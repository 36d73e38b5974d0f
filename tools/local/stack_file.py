"""`.local/stack.json`: what a client of the local stack needs to know, written when it is ready, gone when it is not."""

import json
import os
from typing import Any

from tools.local.deployment import Deployed
from tools.local.place import REGION, Place

Accounts = dict[str, dict[str, str]]


def write(place: Place, deployed: Deployed, accounts: Accounts) -> dict[str, Any]:
    """Write it for this deployment; it holds passwords, so only its owner may read it."""
    outputs = deployed.outputs
    described = {
        "api_url": deployed.api_url(place),
        "aws_endpoint_url": place.endpoint,
        "region": REGION,
        "tables": {"identity": outputs["IdentityTable"], "registry": outputs["RegistryTable"]},
        "buckets": {"uploads": outputs["UploadsBucketName"], "records": outputs["RecordsBucketName"]},
        "state_machines": {
            "review": outputs["ReviewMachine"],
            "transfer": outputs["TransferMachine"],
            "credit_import": outputs["CreditImportMachine"],
            "bulk": outputs["BulkMachine"],
        },
        "log": str(place.log_file),
        "accounts": accounts,
    }
    write_private(place.stack_file, described)
    return described


def read(place: Place) -> dict[str, Any] | None:
    """What the stack of this folder is, if it was ready; None otherwise."""
    return read_private(place.stack_file)


def sms_outbox(described: dict[str, Any]) -> str:
    """Where every short message of the stack is read, one-time codes among them."""
    return f"{described['aws_endpoint_url']}/_ministack/sns/sms-messages"


def write_private(path: os.PathLike[str], content: Any) -> None:
    """Write JSON that only the owner can read, whole or not at all."""
    fresh = os.fspath(path) + ".new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    os.replace(fresh, path)


def read_private(path: os.PathLike[str]) -> dict[str, Any] | None:
    try:
        with open(path, encoding="utf-8") as file:
            content: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return None
    return content
