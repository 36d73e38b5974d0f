"""Short messages (短信): a port and its SNS adapter. China's regions have no SNS SMS; a provider's gateway is a second adapter."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class SmsFailed(Exception):
    """The provider did not take the message; the user is told, or the outbox tries again."""


class SmsSender(Protocol):
    """Anything that sends a text to a mainland phone (11 digits)."""

    def send(self, phone: str, text: str) -> None:
        """Send now. Raises SmsFailed."""


class SnsSms:
    """Sends through Amazon SNS, with the signature (签名) every message in China carries."""

    def __init__(self, client: "SNSClient", signature: str) -> None:
        self._client = client
        self._signature = signature

    def send(self, phone: str, text: str) -> None:
        """Send now; botocore retries what is worth retrying. Raises SmsFailed. AWS calls: 1."""
        try:
            self._client.publish(PhoneNumber=f"+86{phone}", Message=f"【{self._signature}】{text}")
        except (BotoCoreError, ClientError) as failed:
            raise SmsFailed(type(failed).__name__) from failed
