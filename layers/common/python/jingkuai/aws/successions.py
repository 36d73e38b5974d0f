"""What became of units (单位承继), by the items of their successions: whether one stands, and who took its place."""

from jingkuai.aws.keys import succession_key
from jingkuai.aws.tables import Table, TransactWrite, check_item


def unit_stands(registry: Table, uscc: str) -> TransactWrite:
    """The transaction holds only if the unit is given to no other; a new name of its own is none."""
    condition = "attribute_not_exists(pk) OR successor.uscc = :own"
    return check_item(registry, succession_key(uscc), condition, values={":own": uscc})


def successor_of(registry: Table, uscc: str, name: str = "") -> tuple[str, str] | None:
    """Code and name of the unit that has taken this one's place, the last of several, under the name it has now; of a unit
    called `name` its new name as well. None where all is as it was. AWS calls: 1, and 1 more a merger.
    """
    passed, now = {uscc}, (uscc, name)
    while item := registry.get(succession_key(now[0])):
        told = item["successor"]["uscc"], item["successor"]["name"]
        if told[0] == now[0]:
            now = told if len(passed) > 1 or item.get("former_name") == now[1] else now
            break
        if told[0] in passed:  # merged back: the members are where the last one says
            break
        passed.add(told[0])
        now = told
    return None if now == (uscc, name) else now
