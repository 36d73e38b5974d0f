"""What a function is told by its environment: read once, at cold start, by name and type."""

import os
from dataclasses import dataclass
from functools import cache


class MissingSetting(Exception):
    """A function asked for a setting its template entry does not give it: a fault of the deployment, never of a caller."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of one Lambda function; each name stands in `template.yaml` beside the function that needs it."""

    values: tuple[tuple[str, str], ...]

    def _text(self, name: str) -> str:
        found = dict(self.values).get(name, "")
        if not found:
            raise MissingSetting(name)
        return found

    @property
    def identity_table(self) -> str:
        return self._text("IDENTITY_TABLE")

    @property
    def registry_table(self) -> str:
        return self._text("REGISTRY_TABLE")

    @property
    def uploads_bucket(self) -> str:
        return self._text("UPLOADS_BUCKET")

    @property
    def records_bucket(self) -> str:
        return self._text("RECORDS_BUCKET")

    @property
    def data_key_id(self) -> str:
        return self._text("DATA_KEY_ID")

    @property
    def lookup_secret_id(self) -> str:
        return self._text("LOOKUP_SECRET_ID")

    @property
    def token_key_id(self) -> str:
        return self._text("TOKEN_KEY_ID")

    @property
    def other_token_key_ids(self) -> tuple[str, ...]:
        """Keys whose tokens count beside those of `token_key_id` while keys are being changed."""
        ids = (one.strip() for one in dict(self.values).get("OTHER_TOKEN_KEY_IDS", "").split(","))
        return tuple(one for one in ids if one)

    @property
    def certificate_key_id(self) -> str:
        return self._text("CERTIFICATE_KEY_ID")

    @property
    def config_application(self) -> str:
        return self._text("CONFIG_APPLICATION")

    @property
    def config_environment(self) -> str:
        return self._text("CONFIG_ENVIRONMENT")

    @property
    def review_machine_arn(self) -> str:
        return self._text("REVIEW_MACHINE_ARN")

    @property
    def transfer_machine_arn(self) -> str:
        return self._text("TRANSFER_MACHINE_ARN")

    @property
    def credit_import_machine_arn(self) -> str:
        return self._text("CREDIT_IMPORT_MACHINE_ARN")

    @property
    def bulk_machine_arn(self) -> str:
        return self._text("BULK_MACHINE_ARN")

    @property
    def otp_per_address_a_minute(self) -> int:
        return int(self._text("OTP_PER_ADDRESS_A_MINUTE"))

    @property
    def sms_signature(self) -> str:
        return self._text("SMS_SIGNATURE")

    @property
    def sms_provider(self) -> str:
        """`sns`, or `gateway`: a provider's signed HTTP interface."""
        return dict(self.values).get("SMS_PROVIDER") or "sns"

    @property
    def sms_endpoint(self) -> str:
        return self._text("SMS_ENDPOINT")

    @property
    def sms_secret_id(self) -> str:
        return self._text("SMS_SECRET_ID")

    @property
    def public_base_url(self) -> str:
        """Where people reach the API, without a slash at the end; empty: as the request came in."""
        return dict(self.values).get("PUBLIC_BASE_URL", "").rstrip("/")


@cache
def settings() -> Settings:
    """The settings of this process. Tests that change the environment call `settings.cache_clear()`."""
    return Settings(tuple(os.environ.items()))
