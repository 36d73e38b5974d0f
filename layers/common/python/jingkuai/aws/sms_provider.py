"""Which way short messages go in this deployment: the template's parameter `SmsProvider` chooses."""

import json
import os
from functools import cache

import urllib3

from jingkuai.aws.clients import secretsmanager, sns
from jingkuai.aws.clock import utc_now
from jingkuai.aws.settings import settings
from jingkuai.aws.sms import SmsSender, SnsSms
from jingkuai.aws.sms_gateway import GatewayAccount, GatewaySms


def sms_sender() -> SmsSender:
    """The sender of this deployment. AWS calls: 0, for a gateway 1 in the life of the process."""
    told = settings()
    if told.sms_provider == "gateway":
        return _gateway(told.sms_endpoint, told.sms_secret_id, told.sms_signature)
    return SnsSms(sns(), told.sms_signature)


@cache
def _gateway(endpoint: str, secret_id: str, sms_signature: str) -> GatewaySms:
    known = json.loads(secretsmanager().get_secret_value(SecretId=secret_id)["SecretString"])
    account = GatewayAccount(endpoint, known["app_key"], known["app_secret"], sms_signature)
    return GatewaySms(account, http=urllib3.PoolManager(), clock=utc_now, random=os.urandom)
