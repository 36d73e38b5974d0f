"""An AWS account in memory (moto), furnished from `template.yaml`: what the template does not create, no test finds.

AppConfig's data plane is not part of moto; `infra/policies/` answers in its place, over the same HTTP calls. No approval is
drawn for a second look unless a test deploys rules that say so: what is left to chance would be so in every test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml
from botocore.awsrequest import AWSResponse, HeadersDict
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from jingkuai.aws import clients, lookup, settings, signing
from jingkuai.aws.tables import Table
from tests.quick_account import opened_quickly
from tests.quick_clients import quick_clients
from tests.quick_tables import quick_tables

if TYPE_CHECKING:
    from mypy_boto3_kms.literals import KeySpecType, KeyUsageTypeType

ROOT = Path(__file__).parent.parent
REGION = "us-east-1"


class _Cfn(yaml.SafeLoader):
    """Reads a template; intrinsic functions become {name: argument}."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Cfn.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    """`template.yaml` as it stands, before any transform."""
    read: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Cfn)
    return read


@dataclass(frozen=True)
class Cloud:
    """The furnished account: its two tables, its buckets' names, and the rule sets in force other than those shipped."""

    identity: Table
    registry: Table
    uploads: str = "uploads"
    records: str = "records"
    deployed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def deploy(self, profile: str, document: dict[str, Any]) -> None:
        """Put another version of a rule set in force, valid or not; a process reads it when its minute is over."""
        self.deployed[profile] = document


def shipped(profile: str) -> dict[str, Any]:
    """A rule set as it is shipped."""
    document: dict[str, Any] = json.loads((ROOT / "infra" / "policies" / f"{profile}.json").read_text())
    return document


def without_chance() -> dict[str, dict[str, Any]]:
    """The rule sets of which tests take another than the shipped version unless they ask for it."""
    routes = shipped("review_routes")
    return {"review_routes": {**routes, "second_look": {**routes["second_look"], "share": 0}}}


@contextmanager
def furnished() -> Iterator[Cloud]:
    """An account with the template's tables, buckets, keys and secret, and the environment functions expect."""
    with opened_quickly(), mock_aws(), patch.dict("os.environ", _credentials()), quick_clients():
        _forget()
        resources = template()["Resources"]
        for name in ("Identity", "Registry"):
            _make_table(name, resources[name]["Properties"])
        for bucket in ("uploads", "records"):
            clients.s3().create_bucket(Bucket=bucket)
        clients.secretsmanager().create_secret(Name="lookup", SecretString="0123456789abcdef" * 4)
        deployed = without_chance()
        _serve_policies(deployed)
        with patch.dict("os.environ", _environment()):
            settings.settings.cache_clear()
            dynamodb = clients.dynamodb()
            with quick_tables():
                yield Cloud(Table(dynamodb, "Identity"), Table(dynamodb, "Registry"), deployed=deployed)
        _forget()


def _credentials() -> dict[str, str]:
    known = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    return {
        **known,
        "AWS_SESSION_TOKEN": "testing",
        "POWERTOOLS_METRICS_NAMESPACE": "Jingkuai",
        "POWERTOOLS_SERVICE_NAME": "test",
    }


def _environment() -> dict[str, str]:
    return {
        "IDENTITY_TABLE": "Identity",
        "REGISTRY_TABLE": "Registry",
        "UPLOADS_BUCKET": "uploads",
        "RECORDS_BUCKET": "records",
        "LOOKUP_SECRET_ID": "lookup",
        "DATA_KEY_ID": _make_key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        "TOKEN_KEY_ID": _make_key("ECC_NIST_P256", "SIGN_VERIFY"),
        "CERTIFICATE_KEY_ID": _make_key("ECC_NIST_P256", "SIGN_VERIFY"),
        "CONFIG_APPLICATION": "rules",
        "CONFIG_ENVIRONMENT": "in-force",
        "REVIEW_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:jingkuai-review",
        "TRANSFER_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:jingkuai-transfer",
        "CREDIT_IMPORT_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:jingkuai-credit-import",
        "BULK_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:jingkuai-bulk",
        "OTP_PER_ADDRESS_A_MINUTE": "20",
        "SMS_SIGNATURE": "湖北会计",
        "PUBLIC_BASE_URL": "https://registry.example/v1",
        "STAGE": "local",
    }


def _make_table(name: str, properties: dict[str, Any]) -> None:
    wanted = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")
    request: Any = {key: properties[key] for key in wanted if key in properties}
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {**request["StreamSpecification"], "StreamEnabled": True}
    clients.dynamodb().create_table(TableName=name, **request)


def _make_key(spec: KeySpecType, usage: KeyUsageTypeType) -> str:
    return clients.kms().create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]


def _serve_policies(deployed: dict[str, dict[str, Any]]) -> None:
    """AppConfig's two data calls: a session names its profile in its token, a read answers what is in force."""

    def answer(request: Any, **_: Any) -> Any:
        if request.url.endswith("/configurationsessions"):
            profile = json.loads(request.body)["ConfigurationProfileIdentifier"]
            return _response(request, 201, {}, json.dumps({"InitialConfigurationToken": profile}).encode())
        profile = request.url.split("configuration_token=")[1]
        headers = {"Next-Poll-Configuration-Token": profile, "Content-Type": "application/json"}
        document = deployed.get(profile) or shipped(profile)
        return _response(request, 200, headers, json.dumps(document).encode())

    clients.appconfigdata().meta.events.register_first("before-send.appconfigdata", answer)


def _response(request: Any, status: int, headers: dict[str, str], body: bytes) -> AWSResponse:
    kept: Any = HeadersDict(headers)
    return AWSResponse(request.url, status, kept, MockRawResponse(body))


def _forget() -> None:
    """Everything cached by process, so that no test sees another's account."""
    settings.settings.cache_clear()
    lookup.lookup_key.cache_clear()
    signing.signer.cache_clear()
    clients.forget_clients()
