"""Whether a unit expects somebody (入职邀请): asked where somebody's move to the unit would wait for its confirmation."""

from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Table


def invited(registry: Table, uscc: str, phone_hash: str, at: datetime) -> bool:
    """Whether this unit has invited whoever has this phone, and the invitation stands at this moment. AWS calls: 1."""
    item = registry.get(keys.joining_key(uscc, phone_hash))
    return item is not None and item["expires_at"] > iso(at)
