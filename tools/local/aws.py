"""AWS clients and the `aws` command, pointed at one local stack with the emulator's root keys."""

import subprocess
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from tools.local.place import REGION, ROOT, ROOT_KEYS, STACK_NAME, TOOLCHAIN, Place, clean_environment


class CommandFailed(Exception):
    """An `aws` command ended with an error; the message holds what it printed."""


@cache
def client(service: Any, endpoint: str) -> Any:
    """A boto3 client of this service for the stack at this address."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT_KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=300, proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def physical_id(place: Place, logical_id: str) -> str:
    """What the deployment named this resource of the template."""
    stack = client("cloudformation", place.endpoint)
    found = stack.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def command(place: Place, *arguments: str) -> str:
    """What `aws …` prints. Raises CommandFailed."""
    done = subprocess.run(
        [str(TOOLCHAIN / "python"), str(TOOLCHAIN / "aws"), *arguments],
        cwd=ROOT,
        env=clean_environment(AWS_ENDPOINT_URL=place.endpoint, AWS_PAGER="", AWS_CONFIG_FILE="/dev/null"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("Uploading to")]
        raise CommandFailed(f"aws {' '.join(arguments[:2])}: " + "\n".join(told[-12:]))
    return done.stdout
