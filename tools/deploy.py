"""`make deploy`: the same template to AWS, with the layer built for Lambda's arm64, by the same two ordinary commands.

Uses the AWS credentials and region of the shell. The artefact bucket has to exist there.
"""

import argparse
import os
import subprocess
import sys

from tools import layer
from tools.bootstrap import LOCAL, ROOT, UV_HOME
from tools.local import sources

CLI = [str(LOCAL / "stack-venv" / "bin" / "python"), str(LOCAL / "stack-venv" / "bin" / "aws")]


def main() -> int:
    commands = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    commands.add_argument("--bucket", required=True, help="where the packages are put, in the region deployed to")
    commands.add_argument("--stack", default="jingkuai")
    commands.add_argument("parameters", nargs="*", metavar="Name=value", help="the template's parameters")
    asked = commands.parse_args()
    if not asked.bucket:
        commands.error("name the bucket for the packages: make deploy BUCKET=…")
    if os.environ.get("AWS_ENDPOINT_URL"):
        commands.error("AWS_ENDPOINT_URL is set: this would not reach AWS. The local stack is `make up`.")
    layer.ensure(UV_HOME / "bin" / "uv", layer.LAMBDA, say=print)
    sources.sweep()
    packaged = str(LOCAL / "packaged-for-aws.yaml")
    deploy = ["deploy", "--stack-name", asked.stack, "--template-file", packaged, "--s3-bucket", asked.bucket]
    deploy += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"]
    deploy += ["--parameter-overrides", *asked.parameters] if asked.parameters else []
    _cloudformation(
        "package", "--template-file", "template.yaml", "--s3-bucket", asked.bucket, "--output-template-file", packaged
    )
    _cloudformation(*deploy)
    return 0


def _cloudformation(*arguments: str) -> None:
    subprocess.run([*CLI, "cloudformation", *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
