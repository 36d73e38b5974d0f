"""Rule sets as data: AppConfig hosted configurations, checked at load, cached a minute, the last good version kept.

The versions that `infra/policies/` ships are the first of each profile; administrators deploy later ones in the console.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aws_lambda_powertools import Logger

from jingkuai.aws import clients
from jingkuai.aws.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_appconfigdata import AppConfigDataClient

Rules = TypeVar("Rules")
CACHE = timedelta(seconds=60)
logger = Logger(child=True)


@dataclass
class Configuration(Generic[Rules]):
    """One live rule set. `load` builds the typed rules from the JSON document and raises ValueError for a bad one."""

    client: "AppConfigDataClient"
    application: str
    environment: str
    profile: str
    load: Callable[[dict[str, Any]], Rules]
    _token: str | None = field(default=None, init=False)
    _good: Rules | None = field(default=None, init=False)
    _fresh_until: datetime | None = field(default=None, init=False)

    def current(self, now: datetime) -> Rules:
        """The rules in force; a version that does not load is reported and the last good one stays.

        Raises RuntimeError where no good version was ever deployed. AWS calls: 0 while cached, else 1 (2 at cold start).
        """
        if self._good is None or self._fresh_until is None or now >= self._fresh_until:
            self._refresh(now)
        if self._good is None:
            raise RuntimeError(f"no good version of {self.profile} was ever deployed")
        return self._good

    def _refresh(self, now: datetime) -> None:
        if self._token is None:
            session = self.client.start_configuration_session(
                ApplicationIdentifier=self.application,
                EnvironmentIdentifier=self.environment,
                ConfigurationProfileIdentifier=self.profile,
            )
            self._token = session["InitialConfigurationToken"]
        answer = self.client.get_latest_configuration(ConfigurationToken=self._token)
        self._token, self._fresh_until = answer["NextPollConfigurationToken"], now + CACHE
        if document := answer["Configuration"].read():
            self._take(document)

    def _take(self, document: bytes) -> None:
        try:
            self._good = self.load(json.loads(document))
        except (ValueError, KeyError, TypeError) as bad:
            # the profile's validator should have stopped it; people keep working under the version before
            logger.error("rules_refused", extra={"profile": self.profile, "reason": type(bad).__name__})


def live(profile: str, load: Callable[[dict[str, Any]], Rules]) -> Configuration[Rules]:
    """The rule set of this deployment under a profile's name; callers keep it for the life of the process."""
    told = settings()
    return Configuration(clients.appconfigdata(), told.config_application, told.config_environment, profile, load)
