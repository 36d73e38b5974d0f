"""What an import or an employer's declaration reads behind a person's number: whose member they are."""

from typing import Final

from jingkuai.aws import keys
from jingkuai.aws.tables import Table, TransactWrite, update_item

# a condition on the person: an appeal takes a former number away without a new version of the record
FORMER_AS_READ: Final = "(attribute_not_exists(former_numbers) OR former_numbers = :had)"


def unit_of_claim(registry: Table, id_hash: str, person_id: str, uscc: str | None) -> TransactWrite:
    """The unit behind a number, a former one too, or none any more; fails where the number is another's by now."""
    held = {":person": person_id}
    return update_item(
        registry,
        keys.id_claim_key(id_hash),
        "SET uscc = :uscc" if uscc else "REMOVE uscc",
        condition="person_id = :person",
        values={**held, ":uscc": uscc} if uscc else held,
    )
