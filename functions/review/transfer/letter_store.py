"""What a transfer letter's page is drawn from, and that it has been: the transfer, its letter and the record it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Cancelled, Table, transact, update_item
from jingkuai.aws.transfer_letters import own_letter
from jingkuai.domain.transfer_letter import TransferLetter


class NoSuchLetter(Exception):
    """The workflow came to write a letter that the transfer does not have, or for nobody."""


@dataclass(frozen=True, slots=True)
class UnwrittenLetter:
    """A letter that has no page yet, with what the page says of its holder beside it."""

    letter: TransferLetter
    name: str
    id_masked: str


class TransferLetterStore:
    """The letters of transfers, in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def unwritten(self, transfer: Mapping[str, str]) -> UnwrittenLetter | None:
        """The letter of a transfer, by the transfer's key; None where its page has been written. Raises NoSuchLetter.

        AWS calls: 2, where it has been written 1.
        """
        person_at = {"pk": transfer["pk"], "sk": keys.person_key("")["sk"]}
        found = self._registry.batch_get([transfer, person_at])
        member = found.get((transfer["pk"], transfer["sk"]), {}).get("letter")
        person = found.get((person_at["pk"], person_at["sk"]))
        if member is None or person is None:
            raise NoSuchLetter()
        if "written_at" in member:
            return None
        letter = own_letter(self._registry, member["number"])
        if letter is None:
            raise NoSuchLetter()
        return UnwrittenLetter(letter, person["name"], person["id_masked"])

    def save_written(
        self, transfer: Mapping[str, str], letter: TransferLetter, *, signature: bytes, key_id: str, at: datetime
    ) -> None:
        """Let the transfer show the page, and keep its signature with the letter; the first of two to come does it.

        AWS calls: 1.
        """
        written = update_item(
            self._registry,
            transfer,
            "SET letter.written_at = :at",
            condition="letter.#number = :number AND attribute_not_exists(letter.written_at)",
            values={":at": iso(at), ":number": letter.number},
            names={"#number": "number"},
        )
        signed = update_item(
            self._registry,
            keys.certificate_key(letter.number),
            "SET signature = :signature, key_id = :key",
            condition="attribute_exists(pk)",
            values={":signature": signature, ":key": key_id},
        )
        try:
            transact(self._registry.client, [written, signed])
        except Cancelled as cancelled:
            if not cancelled.failed(0):
                raise
