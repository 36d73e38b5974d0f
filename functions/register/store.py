"""The person as an item: read for the account page and the profile; submissions and scans have stores of their own."""

from datetime import date
from decimal import Decimal

from jingkuai.aws import keys
from jingkuai.aws.counters import counts_of
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.statistics import NOW
from jingkuai.domain.submission import TRANSFER, SubmissionStatus
from register.account_page import Gathered, YearShort
from register.records import Person


class RegisterStore:
    """People in the Registry table."""

    def __init__(self, registry: Table) -> None:
        self._registry = registry

    def person(self, person_id: str) -> Person | None:
        """The record as it stands. AWS calls: 1."""
        item = self._registry.get(keys.person_key(person_id))
        return person_of(item) if item else None

    def gather(
        self, account_id: str, person_id: str | None, year: int, bureau: str | None = None, shared: str | None = None
    ) -> Gathered:
        """Unread messages, a shared mailbox's among them, the person and the year's summary, or what a bureau has open, at one
        moment; where a registration is on its way, its status besides. AWS calls: 1, or 2 with a submission on its way.
        """
        heads_at = [keys.message_head_key(one) for one in (account_id, shared) if one]
        person_at = keys.person_key(person_id) if person_id else None
        year_at = keys.year_summary_key(person_id, year) if person_id else None
        counts_at = keys.statistics_key(NOW, bureau) if bureau else None
        found = self._registry.batch_get([*heads_at, *(one for one in (person_at, year_at, counts_at) if one)])
        heads = [found.get((one["pk"], one["sk"]), {}) for one in heads_at]
        item = found.get((person_at["pk"], person_at["sk"])) if person_at else None
        summary = found.get((year_at["pk"], year_at["sk"])) if year_at else None
        person = person_of(item) if item else None
        return Gathered(
            unread=sum(max(0, one.get("unread", 0)) for one in heads),
            person=person,
            short=_short(summary) if summary else None,
            returned=self._returned(person) if person else {},
            bureau_counts=counts_of(found.get((counts_at["pk"], counts_at["sk"]))) if counts_at else {},
        )

    def _returned(self, person: Person) -> dict[str, str]:
        """Which of what is open waits for its owner, by kind."""
        places = {kind: _place_of(person.person_id, kind, one) for kind, one in person.open.items()}
        if not places:
            return {}
        found = self._registry.batch_get(list(places.values()))
        back = {at for at, item in found.items() if item["status"] == SubmissionStatus.RETURNED}
        return {kind: person.open[kind] for kind, at in places.items() if (at["pk"], at["sk"]) in back}


def _place_of(person_id: str, kind: str, one: str) -> keys.Key:
    return keys.transfer_key(person_id, one) if kind == TRANSFER else keys.submission_key(person_id, one)


def person_of(item: Item) -> Person:
    """The person of an item."""
    born, confirmed = item.get("birth_date"), item.get("confirmed_on")
    return Person(
        person_id=item["person_id"],
        status=item["status"],
        version=item["version"],
        id_type=item["id_type"],
        id_masked=item["id_masked"],
        name=item["name"],
        name_masked=item["name_masked"],
        phone_masked=item["phone_masked"],
        phone_hash=item["phone_hash"],
        birth_date=date.fromisoformat(born) if born else None,
        gender=item.get("gender"),
        open=item.get("open", {}),
        updated_at=item["updated_at"],
        region_code=item.get("region_code"),
        sections=item.get("sections", {}),
        confirmed_on=date.fromisoformat(confirmed) if confirmed else None,
    )


def _short(summary: Item) -> YearShort | None:
    if summary["fulfilled"]:
        return None
    missing = summary["shortfall"]
    return YearShort(summary["year"], Decimal(missing["total"]), Decimal(missing["professional"]))
