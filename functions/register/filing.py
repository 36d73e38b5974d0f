"""What may be filed for review: the payload and its scans, everything that is wrong with them said at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.new_number import NewNumber
from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.profile import PHONE_NOT_PROVEN, read_payload
from jingkuai.domain.profile_labels import in_form_order
from jingkuai.domain.record_changes import new_document, read_change
from jingkuai.domain.scan import Scan, scan_problems
from jingkuai.domain.submission import SubmissionKind, missing_scans, required_scans
from register.records import Content, Person

# In the place of the phone that our own answers show masked, so that the form as shown can be sent back: only the
# form of the number is looked at, and it is masked again before anything is stored.
_WELL_FORMED: Final = "13000000000"


@dataclass(frozen=True, slots=True)
class Filed:
    """What somebody sends for review, as it came in. `scans` are those of `attachment_ids` that are the sender's own;
    `waiting` is the new number of the submission that is sent again, which our own answers show masked.
    """

    kind: SubmissionKind
    payload: Mapping[str, Any]
    attachment_ids: Sequence[str]
    scans: Mapping[str, Scan]
    waiting: NewNumber | None = None

    @property
    def keeps_waiting_number(self) -> bool:
        """Whether an identity change comes back with its number as we showed it: then it is the one we hold."""
        same_type = self.payload.get("id_type") in (None, "", self.waiting.id_type if self.waiting else None)
        return self.waiting is not None and same_type and self.payload.get("id_number") == self.waiting.id_masked


def checked(filed: Filed, person: Person, *, lookup: LookupKey, today: date) -> Content:
    """The content of a submission, ready to be stored. Raises Invalid with every problem of payload and scans."""
    reading = _registration if filed.kind is SubmissionKind.REGISTRATION else _change
    payload, problems = reading(filed, person, lookup, today)
    problems += scan_problems(filed.attachment_ids, filed.scans)
    needed = required_scans(filed.kind, filed.payload, person.sections)
    problems += missing_scans(needed, (scan.kind for scan in filed.scans.values()))
    if problems or payload is None:
        raise Invalid(errors=problems)
    document = None if filed.keeps_waiting_number else _new_document(filed, person, today)
    if document:
        payload = {**payload, "id_type": document.id_type.value, "id_number": document.masked}
    return Content(
        payload=payload,
        region_code=person.region_code or payload["region_code"],
        scans=tuple(filed.scans[one] for one in dict.fromkeys(filed.attachment_ids)),
        document=document,
    )


Read = tuple[dict[str, Any] | None, list[FieldProblem]]


def _registration(filed: Filed, person: Person, lookup: LookupKey, today: date) -> Read:
    as_shown = _phone(filed.payload) == person.phone_masked
    raw = _with_phone(filed.payload, _WELL_FORMED) if as_shown else filed.payload
    payload, problems = read_payload(raw, document=person, today=today)
    if not as_shown and _is_anothers(_phone(filed.payload), person, lookup):
        problems = in_form_order([*problems, PHONE_NOT_PROVEN])
    return (_with_phone(payload.to_json(), person.phone_masked) if payload else None), problems


def _change(filed: Filed, person: Person, lookup: LookupKey, today: date) -> Read:
    waiting = filed.waiting if filed.keeps_waiting_number else None
    payload, problems = read_change(filed.kind, filed.payload, record=person, today=today, waiting=waiting)
    if payload and waiting:
        payload |= {"id_type": waiting.id_type, "id_number": waiting.id_masked}
    return payload, problems


def _new_document(filed: Filed, person: Person, today: date) -> IdentityDocument | None:
    is_identity = filed.kind is SubmissionKind.IDENTITY_CHANGE
    return new_document(filed.payload, person, today) if is_identity else None


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
