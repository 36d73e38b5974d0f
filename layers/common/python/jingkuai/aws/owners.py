"""Whose a task is (办理人): a bureau's, named by its region, or a unit's, named by `E:` and its credit code."""

from jingkuai.aws.mailboxes import bureau_mailbox, unit_mailbox
from jingkuai.aws.tables import Item

_UNIT = unit_mailbox("")  # a unit's tasks and its mailbox go by one name


def owner_of_unit(uscc: str) -> str:
    """How a task names the unit it waits for."""
    return unit_mailbox(uscc)


def is_unit(owner: str) -> bool:
    """Whether an owner is a unit and no bureau."""
    return owner.startswith(_UNIT)


def answers(unit: Item | None) -> bool:
    """Whether a unit, by its item, has an account and is asked: one that took another's place has none until it is given one."""
    return unit is not None and not unit.get("unattended", False)


def mailbox_of(owner: str) -> str:
    """Where whoever has a task is told something."""
    return owner if is_unit(owner) else bureau_mailbox(owner)
