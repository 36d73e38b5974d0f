"""The credit rules in force (学分规则), from configuration, kept for the life of the process."""

from functools import cache

from jingkuai.aws import clients
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.settings import settings
from jingkuai.domain.credit_rules import RuleBook


@cache
def rule_book() -> Configuration[RuleBook]:
    """The live rule set `credit_rules`."""
    told = settings()
    return Configuration(
        clients.appconfigdata(), told.config_application, told.config_environment, "credit_rules", RuleBook.from_policy
    )
