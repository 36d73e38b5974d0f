"""Nobody decides their own case (回避), as a condition of the transaction that would let them.

Who somebody is in the record the authorizer says at each request, and `ReviewTask.refuse_unless_in_reach` refuses by that.
Where it may have changed since, or is another's, whose request this is not, the claims are asked in the write itself.
"""

from jingkuai.aws.keys import claims_of
from jingkuai.aws.tables import Table, TransactWrite, check_item
from jingkuai.domain.principal import OwnNames


def not_their_own(registry: Table, names: OwnNames, *person_ids: str) -> list[TransactWrite]:
    """The transaction holds only if none of these names, of a member of staff, is one of these people's."""
    values = {f":p{number}": person_id for number, person_id in enumerate(person_ids)}
    condition = f"attribute_not_exists(pk) OR NOT person_id IN ({', '.join(values)})"
    return [check_item(registry, at, condition, values=values) for at in claims_of(names)]
