"""`template.yaml` on the local stack, by the ordinary tools: `aws cloudformation package` and `deploy`, nothing rewritten.

What the emulator leaves out is done afterwards through the AWS API: gateway responses and the deployment that shows them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from tools.local import aws, sources
from tools.local.place import ROOT, STACK_NAME, Place

ARTEFACTS = "jingkuai-artefacts"
PARAMETERS = {"Stage": "local", "OtpPerAddressAMinute": "600"}  # one address here stands for a whole province
FINGERPRINT = "jingkuai:sources"
STAGE = "v1"


class DeploymentFailed(Exception):
    """CloudFormation refused the template; the message holds its reasons."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment came to: the template's outputs, and the sources it was made of."""

    outputs: dict[str, str]
    fingerprint: str

    def api_url(self, place: Place) -> str:
        return f"{place.endpoint}/restapis/{self.outputs['ApiId']}/{STAGE}/_user_request_"


def current(place: Place) -> Deployed | None:
    """What is deployed there now; None where nothing is, or where a deployment did not end well."""
    stack = _stack(place)
    if stack is None or not stack["StackStatus"].endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")):
        return None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Deployed(outputs, _bucket_tags(place).get(FINGERPRINT, ""))


def is_current(place: Place) -> bool:
    """Whether what is deployed was made of the files as they are."""
    found = current(place)
    return found is not None and found.fingerprint == _fingerprint(place)


def deploy(place: Place) -> Deployed:
    """Package and deploy the template. Raises DeploymentFailed, CommandFailed.

    A certificate carries the API's address, which a first deployment only learns by being made: it is followed by a
    second one that says so, as one would on AWS without a domain of one's own.
    """
    fingerprint = _fingerprint(place)
    sources.sweep()
    _open_artefact_bucket(place)
    _forget_a_failed_creation(place)
    place.packaged_file.unlink(missing_ok=True)
    aws.command(place, "cloudformation", "package", "--template-file", str(ROOT / "template.yaml"),
                "--s3-bucket", ARTEFACTS, "--output-template-file", str(place.packaged_file))  # fmt: skip
    before = current(place)
    address = before.api_url(place) if before else ""
    found = _deploy_packaged(place, address)
    if found.api_url(place) != address:
        found = _deploy_packaged(place, found.api_url(place))
    show_gateway_responses(place, found.outputs["ApiId"])
    _tag_bucket(place, {FINGERPRINT: fingerprint})
    return Deployed(found.outputs, fingerprint)


def _deploy_packaged(place: Place, public_base_url: str) -> Deployed:
    parameters = {**PARAMETERS, "PublicBaseUrl": public_base_url}
    try:
        aws.command(place, "cloudformation", "deploy", "--stack-name", STACK_NAME,
                    "--template-file", str(place.packaged_file), "--s3-bucket", ARTEFACTS, "--no-fail-on-empty-changeset",
                    "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
                    "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()))  # fmt: skip
    except aws.CommandFailed as failed:
        raise DeploymentFailed("\n".join([str(failed), *_reasons(place)])) from failed
    found = current(place)
    if found is None:
        raise DeploymentFailed("\n".join(["The stack did not end in a complete state.", *_reasons(place)]))
    return found


def _fingerprint(place: Place) -> str:
    return sources.fingerprint({**PARAMETERS, "endpoint": place.endpoint})


def show_gateway_responses(place: Place, api_id: str) -> None:
    """Put the template's gateway responses, which the emulator ignores, and deploy the stage anew so that they show."""
    api = aws.client("apigateway", place.endpoint)
    for kind, response in gateway_responses(ROOT / "template.yaml").items():
        status = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
        api.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters=response.get("responseParameters", {}),
            responseTemplates=response.get("responseTemplates", {}),
            **status,
        )
    api.create_deployment(restApiId=api_id, stageName=STAGE)


def gateway_responses(template: Path) -> dict[str, Any]:
    """The gateway responses of the template's API, as written there."""
    body = yaml.load(template.read_text(), _TemplateLoader)["Resources"]["Api"]["Properties"]["DefinitionBody"]
    responses: dict[str, Any] = body["x-amazon-apigateway-gateway-responses"]
    return responses


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template; `!Ref` and its kin become their plain values, which nobody here looks at."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


_TemplateLoader.add_multi_constructor("!", _plain)


def _stack(place: Place) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = aws.client("cloudformation", place.endpoint).describe_stacks(StackName=STACK_NAME)[
            "Stacks"
        ][0]
    except ClientError:
        return None
    return found


def _forget_a_failed_creation(place: Place) -> None:
    """A stack that never came up can only be deleted; an update that was rolled back can be tried again."""
    stack = _stack(place)
    if stack is not None and stack["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        aws.command(place, "cloudformation", "delete-stack", "--stack-name", STACK_NAME)
        aws.command(place, "cloudformation", "wait", "stack-delete-complete", "--stack-name", STACK_NAME)


def _reasons(place: Place) -> list[str]:
    try:
        events = aws.client("cloudformation", place.endpoint).describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    except ClientError:
        return []
    failed = [event for event in events if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")]
    return [f"  {event['LogicalResourceId']}: {event['ResourceStatusReason']}" for event in failed[:8]]


def _open_artefact_bucket(place: Place) -> None:
    s3 = aws.client("s3", place.endpoint)
    try:
        s3.head_bucket(Bucket=ARTEFACTS)
    except ClientError:
        s3.create_bucket(Bucket=ARTEFACTS)


def _bucket_tags(place: Place) -> dict[str, str]:
    """The fingerprint is kept with the emulator's own state, so that what is forgotten there is deployed again."""
    try:
        tags = aws.client("s3", place.endpoint).get_bucket_tagging(Bucket=ARTEFACTS)["TagSet"]
    except ClientError:
        return {}
    return {tag["Key"]: tag["Value"] for tag in tags}


def _tag_bucket(place: Place, tags: dict[str, str]) -> None:
    tag_set = [{"Key": name, "Value": value} for name, value in tags.items()]
    aws.client("s3", place.endpoint).put_bucket_tagging(Bucket=ARTEFACTS, Tagging={"TagSet": tag_set})
