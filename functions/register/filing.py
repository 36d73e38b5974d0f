"""What may be filed for review: the payload and its scans, everything that is wrong with them said at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.problem import Invalid
from jingkuai.domain.profile import PHONE_NOT_PROVEN, read_payload
from jingkuai.domain.profile_labels import in_form_order
from jingkuai.domain.scan import Scan, scan_problems
from jingkuai.domain.submission import missing_scans, required_scans
from register.records import Content, Person

# In the place of the phone that our own answers show masked, so that the form as shown can be sent back: only the
# form of the number is looked at, and it is masked again before anything is stored.
_WELL_FORMED: Final = "13000000000"


@dataclass(frozen=True, slots=True)
class Filed:
    """What somebody sends for review, as it came in. `scans` are those of `attachment_ids` that are the sender's own."""

    payload: Mapping[str, Any]
    attachment_ids: Sequence[str]
    scans: Mapping[str, Scan]


def checked(filed: Filed, person: Person, *, lookup: LookupKey, today: date) -> Content:
    """The content of a registration, ready to be stored. Raises Invalid with every problem of payload, phone and scans."""
    as_shown = _phone(filed.payload) == person.phone_masked
    raw = _with_phone(filed.payload, _WELL_FORMED) if as_shown else filed.payload
    payload, problems = read_payload(raw, document=person, today=today)
    if not as_shown and _is_anothers(_phone(filed.payload), person, lookup):
        problems = in_form_order([*problems, PHONE_NOT_PROVEN])
    problems += scan_problems(filed.attachment_ids, filed.scans)
    problems += missing_scans(required_scans(filed.payload), (scan.kind for scan in filed.scans.values()))
    if problems or payload is None:
        raise Invalid(errors=problems)
    return Content(
        payload=_with_phone(payload.to_json(), person.phone_masked),
        region_code=payload.region_code,
        scans=tuple(filed.scans[one] for one in dict.fromkeys(filed.attachment_ids)),
    )


def _is_anothers(phone: object, person: Person, lookup: LookupKey) -> bool:
    """Whether this is a phone, and not the one the account was proven with; a number of no form is complained of already."""
    try:
        return isinstance(phone, str) and lookup.of("phone", MainlandPhone.parse(phone).text) != person.phone_hash
    except InvalidPhone:
        return False


def _phone(payload: Mapping[str, Any]) -> object:
    contact = payload.get("contact")
    return contact.get("phone") if isinstance(contact, Mapping) else None


def _with_phone(payload: Mapping[str, Any], phone: str) -> dict[str, Any]:
    return {**payload, "contact": {**payload["contact"], "phone": phone}}
