"""`make admin`: the first admin of a new deployment, or another link for them while nobody has taken up the account.

Asks the deployed identity function, which refuses to open a second one, whatever the race. Uses the AWS credentials and
region of the shell; they need `cloudformation:DescribeStacks` and `lambda:InvokeFunction`. The link is shown once.
"""

import argparse
import json
import sys
from typing import Any

import boto3


class Refused(Exception):
    """The deployment did not open the account; the message says why."""


def main(typed: list[str] | None = None) -> int:
    commands = argparse.ArgumentParser(prog="make admin", description=__doc__)
    commands.add_argument("--stack", default="jingkuai")
    commands.add_argument("--username", help="2 to 32 of a-z 0-9 . _ -")
    commands.add_argument("--name", help="姓名")
    commands.add_argument("--phone", help="a mainland mobile number; only a keyed hash of it is kept")
    commands.add_argument("--renew", action="store_true", help="the first link was lost or is older than a day")
    asked = commands.parse_args(typed)
    if asked.renew:
        command = {"command": "renew_first_invitation"}
    elif asked.username and asked.name and asked.phone:
        command = {"command": "open_first_admin", "username": asked.username, "name": asked.name, "phone": asked.phone}
    else:
        commands.error("name the admin: --username, --name and --phone, or ask for another link with --renew")
    outputs = _outputs(asked.stack)
    try:
        opened = _invoke(outputs["IdentityFunction"], command)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"{opened['username']}: account {opened['account_id']}")
    print('Set the password within 24 hours, by one POST with {"password": …}:')
    print(f"  {outputs['ApiUrl']}/auth/invitations/{opened['invitation_token']}")
    print("Then sign in: the answer asks for the second factor and says how to enrol it.")
    return 0


def _outputs(stack: str) -> dict[str, str]:
    """What the deployment says of itself."""
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}


def _invoke(function: str, command: dict[str, str]) -> dict[str, Any]:
    answered = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(command).encode())
    answer: dict[str, Any] = json.loads(answered["Payload"].read())
    if answered.get("FunctionError"):
        raise Refused(f"{function} failed: its log says why")
    if "refused" in answer:
        told = [f"{one['field']}: {one['message']}" for one in answer.get("errors", [])]
        raise Refused("\n".join([f"{answer['refused']}: {answer['detail']}", *told]))
    return answer


if __name__ == "__main__":
    sys.exit(main())
