"""The record with ID number and phone in full (完整信息): for its owner, who proves the account's own phone once more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.one_time_codes import SentCodes, spend_own_code
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.principal import Principal
from register.profile import NoRecord
from register.records import Person
from register.sealed_numbers import Numbers

if TYPE_CHECKING:
    from register.rights_store import RightsStore

PURPOSE: Final = "本人查看完整信息"


@dataclass(frozen=True, slots=True)
class Revealed:
    """A record with its numbers in full."""

    person: Person
    numbers: Numbers


def reveal(
    otp: str, *, by: Principal, store: "RightsStore", codes: SentCodes, sealer: Sealer, lookup: LookupKey, clock: Clock
) -> Revealed:
    """The caller's record in full; the code is used up and the look recorded before anything is answered.

    Raises NoRecord before the first approval, with the code unused; OtpInvalid, OtpExhausted.
    AWS calls: 4, after a change of the phone 5.
    """
    found = store.with_numbers(by.account_id)
    if found is None or not found.person.has_record or not found.sealed.complete:
        raise NoRecord()
    spend_own_code(found.person.phone_hash, Purpose.CONFIRM, otp, store=codes, lookup=lookup, clock=clock)
    numbers = found.sealed.opened(sealer)
    store.record_look(found.person, purpose=PURPOSE, by=by, at=clock())
    return Revealed(found.person, numbers)
