"""Entries of the ledger and certificates, from items and into items."""

from datetime import date
from decimal import Decimal

from credits.recorded import RecordedCourse
from jingkuai.aws import keys
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.ledger import version_of
from jingkuai.aws.tables import Item
from jingkuai.domain.certificate import Certificate
from jingkuai.domain.credit_row import Course
from jingkuai.domain.credit_rules import Category, CreditVersion, Source


def recorded_key(person_id: str, institution_id: str, course: Course) -> keys.Key:
    """Where a course of an institution stands: the same course again is the same item."""
    return keys.entry_key(person_id, course.year, source_part(institution_id), course.digest)


def source_part(institution_id: str) -> str:
    """The part of an entry's key that names its sender; employers and declarations have others."""
    return f"{Source.INSTITUTION.value}.{institution_id}"


def item_of_recorded(one: RecordedCourse) -> Item:
    course = one.course
    return {
        **recorded_key(one.person_id, one.institution_id, course),
        "v": 1,
        "entry_id": f"{course.year}-{source_part(one.institution_id)}-{course.digest}",
        "person_id": one.person_id,
        "year": course.year,
        "source": Source.INSTITUTION.value,
        "source_id": one.institution_id,
        "source_name": one.institution_name,
        "category": course.category.value,
        "course": course.name,
        "course_no": course.number,
        "credits": course.credits,
        "completed_on": course.completed_on.isoformat(),
        "recorded_at": iso(one.recorded_at),
        "import_id": one.import_id,
        "row": one.row,
        "taken_back": one.taken_back or None,
        "history": [_item_of_version(version) for version in one.history],
    }


def recorded_of(item: Item) -> RecordedCourse:
    course = Course(
        item["year"],
        Category(item["category"]),
        item["course"],
        item.get("course_no"),
        Decimal(item["credits"]),
        date.fromisoformat(item["completed_on"]),
    )
    return RecordedCourse(
        person_id=item["person_id"],
        institution_id=item["source_id"],
        institution_name=item["source_name"],
        course=course,
        recorded_at=parse_iso(item["recorded_at"]),
        import_id=item["import_id"],
        row=item["row"],
        taken_back=bool(item.get("taken_back")),
        history=tuple(map(version_of, item.get("history") or ())),
    )


def _item_of_version(version: CreditVersion) -> Item:
    members = {
        "credits": version.credits,
        "course": version.course,
        "completed_on": version.completed_on.isoformat(),
        "at": iso(version.at),
        "import_id": version.import_id,
        "taken_back": version.taken_back or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def certificate_of(item: Item) -> Certificate:
    return Certificate(
        certificate_no=item["certificate_no"],
        person_id=item["person_id"],
        year=item["year"],
        name_masked=item["name_masked"],
        total=Decimal(item["total"]),
        professional=Decimal(item["professional"]),
        issued_at=parse_iso(item["issued_at"]),
    )


def certificate_members(certificate: Certificate) -> Item:
    return {
        "certificate_no": certificate.certificate_no,
        "person_id": certificate.person_id,
        "year": certificate.year,
        "name_masked": certificate.name_masked,
        "total": certificate.total,
        "professional": certificate.professional,
        "issued_at": iso(certificate.issued_at),
    }
