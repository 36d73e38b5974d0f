"""What may be filed for review: the payload and its scans, everything that is wrong with them said at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.profile import PHONE_NOT_PROVEN, read_payload
from jingkuai.domain.profile_labels import in_form_order
from jingkuai.domain.scan import Scan
from jingkuai.domain.submission import missing_scans, required_scans
from register.records import Content, Person

# In the place of the phone that our own answers show masked, so that the form as shown can be sent back: only the
# form of the number is looked at, and it is masked again before anything is stored.
_WELL_FORMED: Final = "13000000000"
_NOT_FOUND: Final = "没有找到这份扫描件：它可能超过7天没有提交而被清理，或者不是您上传的。请重新上传。"
_NOT_READY: Final = "这份扫描件还在上传或检查，请等几秒、确认显示“已通过”后再提交。"
_REJECTED: Final = "这份扫描件没有通过检查。请按提示重新拍照或扫描，上传后再提交。"


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
    problems += _scan_problems(filed)
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


def _scan_problems(filed: Filed) -> list[FieldProblem]:
    problems = []
    for attachment_id in dict.fromkeys(filed.attachment_ids):
        field, scan = f"attachments.{attachment_id}", filed.scans.get(attachment_id)
        if scan is None:
            problems.append(FieldProblem(field, "scan_not_found", _NOT_FOUND))
        elif scan.status is AttachmentStatus.REJECTED:
            problems.append(FieldProblem(field, "scan_rejected", _REJECTED))
        elif scan.status is not AttachmentStatus.ACCEPTED:
            problems.append(FieldProblem(field, "scan_not_ready", _NOT_READY))
    return problems + missing_scans(required_scans(filed.payload), (scan.kind for scan in filed.scans.values()))
