"""The credit rules in force (学分规则), from configuration, kept for the life of the process."""

from functools import cache

from jingkuai.aws.configuration import Configuration, live
from jingkuai.domain.credit_rules import RuleBook


@cache
def rule_book() -> Configuration[RuleBook]:
    """The live rule set `credit_rules`."""
    return live("credit_rules", RuleBook.from_policy)
