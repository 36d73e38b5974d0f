"""Whether a unit expects somebody (入职邀请): asked where somebody's move to the unit would wait for its confirmation."""

from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table


def invited(registry: Table, uscc: str, phone_hash: str, at: datetime) -> bool:
    """Whether this unit has invited whoever has this phone, and the invitation stands at this moment. AWS calls: 1."""
    return stands(registry.get(keys.joining_key(uscc, phone_hash)), at)


def stands(invitation: Item | None, at: datetime) -> bool:
    """Whether an invitation, as read, is there and has not run out: its item may outlive it."""
    return invitation is not None and invitation["expires_at"] > iso(at)
