"""Parked executions (待处理): what an operator finds on the list of what needs attention, and an alarm counts."""

from collections.abc import Mapping
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.outbox import Machine
from jingkuai.aws.tables import Item


def parked_item(execution: str, *, machine: Machine, subject: Mapping[str, str], failure: str, at: datetime) -> Item:
    """The item of an execution that cannot go on: which, for what, and where it failed."""
    told = {"execution": execution, "machine": machine, "failure": failure, "at": iso(at)}
    return {
        **keys.parked_key(execution),
        "v": 1,
        **told,
        "subject": dict(subject),
        **keys.index(1, keys.PARKED, iso(at)),
        **keys.card(**told),
    }
