"""One boto3 client per service and process, made when first asked for: a function pays only for what it uses."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_appconfigdata import AppConfigDataClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=2, read_timeout=20)
_FILES = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"}))


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=_FILES)


@cache
def kms() -> "KMSClient":
    return boto3.client("kms", config=_CONFIG)


@cache
def sns() -> "SNSClient":
    return boto3.client("sns", config=_CONFIG)


@cache
def stepfunctions() -> "SFNClient":
    return boto3.client("stepfunctions", config=_CONFIG)


@cache
def secretsmanager() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=_CONFIG)


@cache
def appconfigdata() -> "AppConfigDataClient":
    return boto3.client("appconfigdata", config=_CONFIG)


def forget_clients() -> None:
    """Drop every cached client: tests switch accounts and endpoints between cases."""
    for client in (dynamodb, s3, kms, sns, stepfunctions, secretsmanager, appconfigdata):
        client.cache_clear()
