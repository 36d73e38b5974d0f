"""The smallest function that verifies a token and lets it in: what every authorizer has to do, and nothing that ours adds.

No table, no key service: a token lives until it expires, whatever happens to its account.
"""

import os
from typing import Any

import jwt

KEY = os.environ["PUBLIC_KEY"]


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    claims = jwt.decode(event["authorizationToken"].removeprefix("Bearer "), KEY, algorithms=["ES256"])
    api, stage = event["methodArn"].split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": claims["sub"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"account_id": claims["sub"], "role": claims["role"]},
    }
