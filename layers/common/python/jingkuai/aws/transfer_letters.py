"""Transfer letters (调转证明) in the Registry table and the records bucket: where the contexts that issue, show, verify and
use one meet.

A letter is an item of its own, found by its number alone; the transfer it belongs to holds only its `letter` member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.files import Files
from jingkuai.aws.tables import Item, Table, TransactWrite, update_item
from jingkuai.domain.paper_number import as_printed, verify_path
from jingkuai.domain.transfer_letter import LetterState, TransferLetter, is_letter_number
from jingkuai.domain.workdays import today_in_shanghai

KIND: Final = "transfer_letter"  # certificates lie under keys of the same form


@dataclass(frozen=True, slots=True)
class LetterLinks:
    """A letter as its holder sees it; `download_url` once its page has been written."""

    number: str
    issued_on: date
    verify_url: str
    download_url: str | None


def letter_item(letter: TransferLetter) -> Item:
    """The letter's item: what verification shows and whose it is, nothing else. To be put where there is none yet."""
    return {
        **keys.certificate_key(letter.number),
        "v": 1,
        "kind": KIND,
        "number": letter.number,
        "person_id": letter.person_id,
        "name_masked": letter.name_masked,
        "from_region": letter.from_region,
        "to_region": letter.to_region,
        "issued_at": iso(letter.issued_at),
        "state": letter.state.value,
    }


def letter_member(letter: TransferLetter) -> Item:
    """What the transfer it belongs to holds of a letter, as its member `letter`."""
    return {"number": letter.number, "issued_at": iso(letter.issued_at)}


def own_letter(registry: Table, number: str) -> TransferLetter | None:
    """The letter of this number as somebody types it; None where none of ours can have it, or none has.

    AWS calls: 1, for what is no number of ours 0.
    """
    sought = as_printed(number)
    item = registry.get(keys.certificate_key(sought)) if is_letter_number(sought) else None
    return _letter(item) if item and item.get("kind") == KIND else None


def mark_used(registry: Table, letter: TransferLetter, *, at: datetime) -> TransactWrite:
    """The letter's part of a transfer back into the province; the condition fails for one that is revoked. A letter that
    was used before stays as it is.
    """
    return _ended(registry, letter, LetterState.USED, at, unless=LetterState.REVOKED)


def mark_revoked(registry: Table, letter: TransferLetter, *, at: datetime) -> TransactWrite:
    """The letter's part of whatever finds that it should not have been issued; the condition fails for a used one."""
    return _ended(registry, letter, LetterState.REVOKED, at, unless=LetterState.USED)


def letter_file_key(number: str) -> str:
    """Where a letter's page lies in the records bucket."""
    return f"letters/{number}.pdf"


def links(member: Mapping[str, Any], *, files: Files, bucket: str, address_of: Callable[[str], str]) -> LetterLinks:
    """The letter of a transfer, from its member `letter`, for its holder. `address_of` makes a full address of a path.

    AWS calls: 0.
    """
    number, issued_on = member["number"], today_in_shanghai(parse_iso(member["issued_at"]))
    download = None
    if "written_at" in member:
        download = files.download_link(bucket, letter_file_key(number), f"调转证明-{issued_on.isoformat()}.pdf")
    return LetterLinks(number, issued_on, address_of(verify_path(number)), download)


def _letter(item: Item) -> TransferLetter:
    return TransferLetter(
        number=item["number"],
        person_id=item["person_id"],
        name_masked=item["name_masked"],
        from_region=item["from_region"],
        to_region=item["to_region"],
        issued_at=parse_iso(item["issued_at"]),
        state=LetterState(item["state"]),
    )


def _ended(
    registry: Table, letter: TransferLetter, state: LetterState, at: datetime, *, unless: LetterState
) -> TransactWrite:
    return update_item(
        registry,
        keys.certificate_key(letter.number),
        "SET #state = :state, ended_at = if_not_exists(ended_at, :at)",
        condition="kind = :kind AND person_id = :person AND #state <> :unless",
        values={
            ":state": state.value,
            ":at": iso(at),
            ":kind": KIND,
            ":person": letter.person_id,
            ":unless": unless.value,
        },
        names={"#state": "state"},
    )
