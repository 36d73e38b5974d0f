"""The lock of a person (在办事项): one open submission of a kind, kept as `open.<kind>` on the person's item.

Taken with the submission it stands for and released with what ends that one, always under the submission's own id: what
ends late never opens the door of a later one.
"""

from collections.abc import Sequence

from jingkuai.aws import keys
from jingkuai.aws.tables import Table, TransactWrite, update_item

RELEASE = "#open.#kind"  # for the expression of a write that changes the person anyway, with `HELD` and `names`
HELD = "#open.#kind = :submission"


def names(kind: str) -> dict[str, str]:
    """What the lock's attribute is called in an expression."""
    return {"#open": "open", "#kind": kind}


def taken(
    registry: Table,
    person_id: str,
    *,
    kind: str,
    submission_id: str,
    while_status: str,
    while_closed: Sequence[str] = (),
) -> TransactWrite:
    """Take the lock; fails where another matter of the kind is open, the person is no longer of this status, or one of
    the matters that have to be closed meanwhile is open.
    """
    barring = {f"#barred{place}": matter for place, matter in enumerate(while_closed)}
    barred = "".join(f" AND attribute_not_exists(#open.{name})" for name in barring)
    return update_item(
        registry,
        keys.person_key(person_id),
        f"SET {RELEASE} = :submission",
        condition=f"#status = :status AND attribute_not_exists({RELEASE}){barred}",
        values={":submission": submission_id, ":status": while_status},
        names={**names(kind), "#status": "status", **barring},
    )


def released(registry: Table, person_id: str, *, kind: str, submission_id: str) -> TransactWrite:
    """Give the lock back; fails where it is not this submission's."""
    return update_item(
        registry,
        keys.person_key(person_id),
        f"REMOVE {RELEASE}",
        condition=HELD,
        values={":submission": submission_id},
        names=names(kind),
    )
