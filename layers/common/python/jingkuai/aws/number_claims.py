"""What becomes of the claims of somebody's numbers (号码归属) when their record closes."""

from jingkuai.aws.keys import id_claim_key
from jingkuai.aws.tables import Table, TransactWrite, update_item


def claim_of_nobody_active(registry: Table, id_hash: str, person_id: str) -> TransactWrite:
    """The number stays this person's, so that nobody else takes it; no import and no unit knows it any more."""
    return update_item(
        registry,
        id_claim_key(id_hash),
        "SET approved = :no REMOVE uscc",
        condition="person_id = :person",
        values={":person": person_id, ":no": False},
    )
