"""The last step of a transfer: everybody has agreed, and the record moves, all of it in one transaction or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.regions import Divisions
from jingkuai.domain.transfer_letter import TransferLetter, new_letter_number
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Case, Outcome, Relocation
from review.case_store import CaseStore
from review.likeness_store import LikenessStore
from review.transfer import notifications as transfer_notifications
from review.transfer.move_store import MoveStore
from review.transfer.moved_record import ABOLISHED, CLOSED, MovedRecord, has_destination, moved_record


@dataclass(frozen=True, slots=True)
class Movers:
    """What it takes to move a record: where it is written, who took a unit's place, which bureaus there are, chance for a
    letter's number.
    """

    moves: MoveStore
    units: LikenessStore
    divisions: Divisions
    random: Callable[[int], bytes]


def apply_transfer(
    case: Case, relocation: Relocation, *, store: CaseStore, movers: Movers, lookup: LookupKey, clock: Clock
) -> Outcome:
    """Move the record; applied twice it changes nothing.

    Where the destination has been abolished, or an appeal has closed the account, the transfer ends and all stays as it
    was. Another review that was applied meanwhile is kept: only unit and region change here. Who leaves the province gets
    a transfer letter; when they come back it is used. Who moves to a unit whose place another has taken becomes that one's
    member. Raises CaseMoved. AWS calls: 2; where a unit is joined 1 more, of who comes back with a letter 1 more.
    """
    now = clock()
    today, person = today_in_shanghai(now), store.person(case)
    if person.is_closed:
        store.end_without(case, note=CLOSED, told=transfer_notifications.without_effect(case), at=now)
        return Outcome.ENDED
    if not has_destination(relocation, movers.divisions, today):
        store.end_without(case, note=ABOLISHED, told=transfer_notifications.abolished(case), at=now)
        return Outcome.ENDED
    unit = case.payload.get("to_employer")
    successor = movers.units.successor(unit["uscc"], unit["name"]) if unit else None
    record = moved_record(case, relocation, person, successor=successor, lookup=lookup, today=today)
    letter = None if record.is_kept else _letter(case, relocation, record, now, movers.random)
    told = transfer_notifications.moved(case, relocation, joined=record.uscc)
    movers.moves.move(case, record, letter=letter, told=told, at=now)
    return Outcome.APPLIED if letter is None else Outcome.LETTER


def _letter(
    case: Case, relocation: Relocation, record: MovedRecord, now: datetime, random: Callable[[int], bytes]
) -> TransferLetter:
    return TransferLetter(
        number=new_letter_number(now, random),
        person_id=case.filing.person_id,
        name_masked=record.person.name_masked,
        from_region=relocation.from_region,
        to_region=relocation.to_region,
        issued_at=now,
    )
