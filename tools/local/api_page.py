"""The browsable page of the API, which only the local stack serves: one file in a bucket of its own, at the API's own origin."""

import json

from botocore.exceptions import ClientError

from tools import openapi
from tools.local import aws
from tools.local.place import ROOT, Place

BUCKET = "jingkuai-api-page"
KEY = "index.html"
VIEWER = ROOT / "layers/dependencies/build/python/aws_lambda_powertools/event_handler/openapi/swagger_ui"


def address(place: Place) -> str:
    """Where the page is."""
    return f"{place.endpoint}/{BUCKET}/{KEY}"


def publish(place: Place, api_url: str) -> None:
    """Put the page, with this stack as the server its calls go to."""
    s3 = aws.client("s3", place.endpoint)
    try:
        s3.create_bucket(Bucket=BUCKET)
    except ClientError as failed:
        if failed.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    s3.delete_public_access_block(Bucket=BUCKET)  # nothing but this page is ever in it
    read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [read]}))
    description = {**json.loads(openapi.TARGET.read_text(encoding="utf-8")), "servers": [{"url": api_url}]}
    page = openapi.page(description, VIEWER).encode()
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=page, ContentType="text/html; charset=utf-8")
