"""The lease of an institution as writes of a transaction: whose turn it is, who waits, who is next.

Lease and queue are attributes of one item, so every change of turn is one conditional update, written together with
what it is about. Only the holder of the lease writes entries of the institution.
"""

from datetime import datetime

from credits.batches import Institution
from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table, TransactWrite, update_item

_LEASE = {"#lease": "lease"}
_BOTH = {"#lease": "lease", "#queue": "queue"}


def taken(registry: Table, institution: Institution, import_id: str) -> TransactWrite:
    """The lease for this import; fails where another was faster."""
    return update_item(
        registry,
        keys.institution_key(institution.institution_id),
        "SET #lease = :me",
        condition="attribute_exists(pk) AND attribute_not_exists(#lease)",
        values={":me": import_id},
        names=_LEASE,
    )


def queued(registry: Table, institution: Institution, import_id: str) -> TransactWrite:
    """A place behind those that wait; fails where the lease has become free meanwhile."""
    return update_item(
        registry,
        keys.institution_key(institution.institution_id),
        "SET #queue = list_append(if_not_exists(#queue, :none), :mine)",
        condition="attribute_exists(#lease)",
        values={":none": [], ":mine": [import_id]},
        names=_BOTH,
    )


def handed_over(registry: Table, institution: Institution, *, corrected_at: datetime | None) -> TransactWrite:
    """The lease from its holder to the oldest that waits, both as they were read; fails where either has changed."""
    sets = ["#queue = :rest"]
    values: Item = {":me": institution.lease, ":rest": list(institution.queue[1:]), ":queue": list(institution.queue)}
    if corrected_at:
        sets, values[":at"] = [*sets, "corrected_at = :at"], iso(corrected_at)
    if institution.queue:
        sets, values[":next"] = [*sets, "#lease = :next"], institution.queue[0]
    expression = f"SET {', '.join(sets)}" + ("" if institution.queue else " REMOVE #lease")
    as_read = "#queue = :queue" if institution.queue else "(attribute_not_exists(#queue) OR #queue = :queue)"
    return update_item(
        registry,
        keys.institution_key(institution.institution_id),
        expression,
        condition=f"#lease = :me AND {as_read}",
        values=values,
        names=_BOTH,
    )
