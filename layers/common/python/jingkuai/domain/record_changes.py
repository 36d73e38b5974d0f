"""Changes of a record (信息变更): what is filed once a registration is approved, one section or one item at a time.

Source: handbook, section 5. As with a registration, everything wrong with a change is said at once, each problem with
its path inside the payload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Protocol, TypeAlias

from pydantic import ValidationError

from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.person_name import comparable
from jingkuai.domain.principal import scope_covers, scope_of
from jingkuai.domain.problem import FieldProblem, InvalidValue
from jingkuai.domain.profile import MOST_ITEMS, Education, Employment, Qualification, Section, problem_of
from jingkuai.domain.profile_fields import Day, Name, coded, free_text, is_blank
from jingkuai.domain.profile_labels import in_form_order, please_fill_in
from jingkuai.domain.profile_rules import (
    KnownFromDocument,
    age_problems,
    education_problems,
    education_rank,
    employment_problems,
    qualification_problems,
)
from jingkuai.domain.regions import Divisions, hubei
from jingkuai.domain.submission import EMPLOYED, SubmissionKind


class EmploymentChange(Section):
    """Another unit, another post, or none (工作单位变更), inside the county that keeps the record."""

    employment: Employment


class EducationAdded(Section):
    """One more degree of schooling (增加学历)."""

    education: Education


class QualificationAdded(Section):
    """One more professional title (增加专业技术资格)."""

    qualification: Qualification


class IdentityChange(Section):
    """Another name, document or number by a decision of the police (身份信息变更); only what changes is named."""

    name: Name | None = None
    id_type: Annotated[str, coded("id_type")] | None = None
    id_number: Annotated[str, free_text(1, 40)] | None = None
    birth_date: Day | None = None
    gender: Annotated[str, coded("gender")] | None = None
    reason: Annotated[str, free_text(2, 500)]


Change: TypeAlias = EmploymentChange | EducationAdded | QualificationAdded | IdentityChange
MODELS: Final[Mapping[SubmissionKind, type[Change]]] = {
    SubmissionKind.EMPLOYMENT_CHANGE: EmploymentChange,
    SubmissionKind.EDUCATION_ADDED: EducationAdded,
    SubmissionKind.QUALIFICATION_ADDED: QualificationAdded,
    SubmissionKind.IDENTITY_CHANGE: IdentityChange,
}


class Record(KnownFromDocument, Protocol):
    """The record that a change is made from: what the document says of its holder, the sections, who keeps it."""

    @property
    def name(self) -> str: ...

    @property
    def id_type(self) -> str: ...

    @property
    def sections(self) -> Mapping[str, Any]: ...

    @property
    def region_code(self) -> str | None: ...


def read_change(
    kind: SubmissionKind,
    raw: Mapping[str, Any],
    *,
    record: Record,
    today: date,
    waiting: KnownFromDocument | None = None,
    divisions: Divisions | None = None,
) -> tuple[dict[str, Any] | None, list[FieldProblem]]:
    """A change's payload in its normal form, or else all that is wrong with it; never both.

    Of an identity change, birth date and sex follow the new number. With `waiting`, what the new number says of its
    holder is known already: the payload shows it masked. Whether that number is free is the caller's to ask.
    """
    payload, problems = None, []
    try:
        payload = MODELS[kind].model_validate(raw).model_dump(mode="json", exclude_none=True)
    except ValidationError as invalid:
        problems = [problem_of(error) for error in invalid.errors(include_url=False, include_input=False)]
    if kind is SubmissionKind.IDENTITY_CHANGE:
        document, across = _document(raw, record, today, waiting)
        problems += [*across, *_identity(raw, record, document, today)]
        payload = payload and {**payload, **_told_by(document)}
    else:
        problems += ACROSS[kind](raw, record, today, divisions or hubei())
    return (None if problems else payload), in_form_order(problems)


def new_document(payload: Mapping[str, Any], record: Record, today: date) -> IdentityDocument | None:
    """The document an identity change names, None where the number stays. Raises InvalidIdentityNumber."""
    number = payload.get("id_number")
    if not isinstance(number, str) or is_blank(number):
        return None
    named = payload.get("id_type")
    id_type = named if isinstance(named, str) and not is_blank(named) else record.id_type
    return IdentityDocument.parse(id_type, number, today=today)


def sections_after(kind: SubmissionKind, payload: Mapping[str, Any], sections: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that a change leaves different, and how."""
    match kind:
        case SubmissionKind.EMPLOYMENT_CHANGE:
            return {"employment": payload["employment"]}
        case SubmissionKind.EDUCATION_ADDED:
            return {"education": _highest_first([*sections.get("education", ()), payload["education"]])}
        case SubmissionKind.QUALIFICATION_ADDED:
            return {"qualifications": [*sections.get("qualifications", ()), payload["qualification"]]}
        case SubmissionKind.IDENTITY_CHANGE:
            named = {name: payload[name] for name in ("name", "birth_date", "gender") if name in payload}
            return {"basic": {**sections.get("basic", {}), **named}}
        case SubmissionKind.REGISTRATION:
            raise ValueError("a registration is no change: it brings every section itself")


def _highest_first(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """In the order of the form; a new one stands behind those of its level."""
    return sorted(items, key=lambda one: education_rank(one.get("level"), otherwise=len(items)))


def _employment(raw: Mapping[str, Any], record: Record, today: date, divisions: Divisions) -> Iterator[FieldProblem]:
    employment = _object(raw, "employment")
    yield from employment_problems(employment, _born(record), today, divisions)
    region = employment.get("region_code")
    if employment.get("status") != EMPLOYED or not isinstance(region, str) or is_blank(region):
        return
    if record.region_code and not scope_covers(scope_of(record.region_code), region.strip()):
        yield FieldProblem(
            "employment.region_code",
            "needs_transfer",
            "新单位不在登记您信息的财政局辖区内，不能按单位变更办理，请办理调转：在“调转”中选择新单位所在的地区。",
        )


def _education(raw: Mapping[str, Any], record: Record, today: date, _: Divisions) -> Iterator[FieldProblem]:
    item, known = _object(raw, "education"), record.sections.get("education", ())
    yield from education_problems("education", item, _born(record), today)
    if _stands_among(known, item):
        yield _already_there("education.certificate_no", "这份学历")
    if len(known) >= MOST_ITEMS:
        yield _too_many("education", "学历学位")


def _qualification(raw: Mapping[str, Any], record: Record, today: date, _: Divisions) -> Iterator[FieldProblem]:
    item, known = _object(raw, "qualification"), record.sections.get("qualifications", ())
    yield from qualification_problems("qualification", item, _born(record), today)
    if _stands_among(known, item):
        yield _already_there("qualification.certificate_no", "这项资格")
    if len(known) >= MOST_ITEMS:
        yield _too_many("qualification", "专业技术资格")


def _document(
    raw: Mapping[str, Any], record: Record, today: date, waiting: KnownFromDocument | None
) -> tuple[KnownFromDocument | None, list[FieldProblem]]:
    """The new document, where one is named that can be read, and what is wrong with it."""
    if waiting:
        return waiting, []
    if not is_blank(raw.get("id_type")) and is_blank(raw.get("id_number")):
        return None, [FieldProblem("id_number", "required", please_fill_in("id_number"))]
    try:
        return new_document(raw, record, today), []
    except InvalidValue as refused:
        # of a kind of document that does not exist the field itself has complained
        return None, [] if refused.code == "unknown_id_type" else [refused.at("id_number")]


def _identity(
    raw: Mapping[str, Any], record: Record, document: KnownFromDocument | None, today: date
) -> Iterator[FieldProblem]:
    if is_blank(raw.get("id_number")) and not _differs(raw, record):
        nothing = "没有填写与登记信息不同的内容。请填写要变更的姓名、证件号码或其他项目。"
        yield FieldProblem("payload", "nothing_changed", nothing)
    if document or is_blank(raw.get("id_number")):  # a number that cannot be read says nothing of its holder
        yield from _as_on_document(raw, document or record)
    born = (document.birth_date if document else None) or _day(raw.get("birth_date"))
    yield from age_problems("birth_date", born, today)


def _differs(raw: Mapping[str, Any], record: Record) -> bool:
    """Whether name, birth date or sex are named, and other than on record."""
    basic = record.sections.get("basic", {})
    name = raw.get("name")
    renamed = isinstance(name, str) and not is_blank(name) and comparable(name) != comparable(record.name)
    return renamed or any(raw.get(one) not in (None, "", basic.get(one)) for one in ("birth_date", "gender"))


def _as_on_document(raw: Mapping[str, Any], document: KnownFromDocument) -> Iterator[FieldProblem]:
    """Birth date and sex follow the number, the new one or the one that stays."""
    told = _told_by(document)
    for name, label in (("birth_date", "出生日期"), ("gender", "性别")):
        if not is_blank(raw.get(name)) and name in told and raw[name] != told[name]:
            yield FieldProblem(name, "not_as_on_document", f"{label}与身份证件号码中的不一致，请按身份证件填写。")


def _told_by(document: KnownFromDocument | None) -> dict[str, str]:
    """What a document says of its holder."""
    if document is None:
        return {}
    born = {"birth_date": document.birth_date.isoformat()} if document.birth_date else {}
    return {**born, **({"gender": document.gender} if document.gender else {})}


ACROSS: Final = {
    SubmissionKind.EMPLOYMENT_CHANGE: _employment,
    SubmissionKind.EDUCATION_ADDED: _education,
    SubmissionKind.QUALIFICATION_ADDED: _qualification,
}


def _stands_among(known: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> bool:
    """Whether the record has this level with this certificate already."""
    named = tuple(item.get(name) for name in ("level", "certificate_no"))
    return None not in named and any((one.get("level"), one.get("certificate_no")) == named for one in known)


def _already_there(field: str, what: str) -> FieldProblem:
    return FieldProblem(field, "already_on_record", f"{what}（同一级别、同一证书编号）已在登记信息中，不需要再次增加。")


def _too_many(field: str, label: str) -> FieldProblem:
    return FieldProblem(field, "too_many", f"{label}最多登记{MOST_ITEMS}条，不能再增加。请联系登记您信息的财政局。")


def _born(record: Record) -> date | None:
    """When somebody was born: by the document, or as registered where the document does not say."""
    return record.birth_date or _day(record.sections.get("basic", {}).get("birth_date"))


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _object(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}
