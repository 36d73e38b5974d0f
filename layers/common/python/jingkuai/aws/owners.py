"""Whose a task is (办理人): a bureau's, named by its region, or a unit's, named by `E:` and its credit code."""

from jingkuai.aws.mailboxes import bureau_mailbox, unit_mailbox

_UNIT = unit_mailbox("")  # a unit's tasks and its mailbox go by one name


def owner_of_unit(uscc: str) -> str:
    """How a task names the unit it waits for."""
    return unit_mailbox(uscc)


def is_unit(owner: str) -> bool:
    """Whether an owner is a unit and no bureau."""
    return owner.startswith(_UNIT)


def mailbox_of(owner: str) -> str:
    """Where whoever has a task is told something."""
    return owner if is_unit(owner) else bureau_mailbox(owner)
