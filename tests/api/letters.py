"""Transfer letters as a transfer out of the province leaves them: the item alone, which is all that verification reads."""

import os

from jingkuai.aws.clock import utc_now
from jingkuai.aws.transfer_letters import letter_item
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.transfer_letter import TransferLetter, new_letter_number
from tests.api.registry import WUCHANG, Accountant, Registry

CHANGSHA = "430100"


def issued_letter(registry: Registry, of: Accountant) -> str:
    """The number of a new letter of somebody who moves from Wuchang to Changsha."""
    at = utc_now()
    letter = TransferLetter(
        number=new_letter_number(at, os.urandom),
        person_id=of.account_id,
        name_masked=mask_name(of.person["name"]),
        from_region=WUCHANG,
        to_region=CHANGSHA,
        issued_at=at,
    )
    registry.cloud.registry.put(letter_item(letter))
    return letter.number
