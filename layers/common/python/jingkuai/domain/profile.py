"""The record of a person (会计人员信息), section by section, as it is filed at registration and kept afterwards.

Source: handbook, section 2. Every problem of a payload is found in one reading: a person who has to correct a form
should have to do so once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from jingkuai.domain.problem import FieldProblem, InvalidValue
from jingkuai.domain.profile_fields import (
    CertificateNo,
    CreditCode,
    Day,
    Email,
    InvalidField,
    MonthOfYear,
    Name,
    Phone,
    RegionCode,
    coded,
    free_text,
    is_blank,
)
from jingkuai.domain.profile_labels import in_form_order, label_of, please_fill_in
from jingkuai.domain.profile_rules import KnownFromDocument, cross_problems
from jingkuai.domain.regions import Divisions, hubei

MOST_ITEMS: Final = 20
LONGEST_PATH: Final = 100  # of a field that somebody made up

# The phone was proven by a code when the account was made: whoever holds its hash compares, and says this.
PHONE_NOT_PROVEN: Final = FieldProblem(
    "contact.phone",
    "phone_not_proven",
    "手机号与账号绑定的手机号不一致。请填写绑定的手机号，或者先用验证码更换绑定手机号再提交。",
)


class Section(BaseModel):
    """A part of the record. A blank value counts as absent: forms send every input they have."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, raw: Any) -> Any:
        return {key: value for key, value in raw.items() if not is_blank(value)} if isinstance(raw, Mapping) else raw


class Basic(Section):
    """Who somebody is (基本信息). Type and number of the identity document are the account's, not part of this."""

    name: Name
    gender: Annotated[str, coded("gender")]
    birth_date: Day
    ethnicity: Annotated[str, coded("ethnicity")]
    political_status: Annotated[str, coded("political_status")]


class Contact(Section):
    """How somebody is reached (联系方式)."""

    phone: Phone
    email: Email | None = None
    address: Annotated[str, free_text(1, 120)] | None = None


class Education(Section):
    """One degree of schooling (学历学位)."""

    level: Annotated[str, coded("education_level")]
    degree: Annotated[str, coded("degree")] | None = None
    school: Annotated[str, free_text(2, 100)]
    major: Annotated[str, free_text(1, 100)]
    graduated_on: Day
    certificate_no: CertificateNo
    study_mode: Annotated[str, coded("study_mode")]


class Employment(Section):
    """Where somebody works (就业信息); all but `accounting_since` is required of the employed."""

    status: Annotated[str, coded("employment_status")]
    employer_name: Annotated[str, free_text(4, 100)] | None = None
    uscc: CreditCode | None = None
    region_code: RegionCode | None = None
    position: Annotated[str, coded("position")] | None = None
    since: Day | None = None
    accounting_since: MonthOfYear | None = None

    @property
    def current_uscc(self) -> str | None:
        """The credit code of the unit somebody works for now; None for those who name a former one."""
        return self.uscc.text if self.uscc and self.status == "employed" else None


class Qualification(Section):
    """One professional title or certificate (专业技术资格、注册会计师)."""

    level: Annotated[str, coded("qualification_level")]
    certificate_no: Annotated[str, free_text(4, 40)]
    obtained_on: Day


class RegistrationPayload(Section):
    """What is filed at registration (信息采集). `region_code` is the bureau that will keep the record."""

    basic: Basic
    contact: Contact
    education: Annotated[tuple[Education, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    employment: Employment
    qualifications: Annotated[tuple[Qualification, ...], Field(max_length=MOST_ITEMS)] = ()
    region_code: RegionCode

    def to_json(self) -> dict[str, Any]:
        """The payload as it travels: the keys it came with, values in their normal form, absent optionals left out."""
        return self.model_dump(mode="json", exclude_none=True)


def read_payload(
    raw: object, *, document: KnownFromDocument, today: date, divisions: Divisions | None = None
) -> tuple[RegistrationPayload | None, list[FieldProblem]]:
    """A registration payload, or else all that is wrong with it, in the order of the form; never both.
    `document` is what the identity document says of its holder. Whether the phone is proven is the caller's to ask.
    """
    payload, problems = None, []
    try:
        payload = RegistrationPayload.model_validate(raw)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        problems = [problem_of(error) for error in errors if not _counts_only_good_items(error, errors)]
    if isinstance(raw, Mapping):
        problems += cross_problems(raw, document=document, today=today, divisions=divisions or hubei())
    return (None if problems else payload), in_form_order(problems)


def _counts_only_good_items(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short although it has items: those that are wrong are complained of one by one."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        one["loc"][: len(place)] == place and len(one["loc"]) > len(place) for one in errors
    )


def problem_of(error: ErrorDetails) -> FieldProblem:
    """One of pydantic's findings in our own words."""
    field = ".".join(str(part) for part in error["loc"]) or "payload"
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidField):
        return FieldProblem(field, cause.code, label_of(field) + cause.message)
    if isinstance(cause, InvalidValue):
        return cause.at(field)
    match error["type"]:
        case "missing" | "too_short":
            return FieldProblem(field, "required", please_fill_in(field))
        case "extra_forbidden":
            return FieldProblem(field[:LONGEST_PATH], "unknown_field", "没有这一填写项，请删除后重新提交。")
        case "too_long":
            most = error.get("ctx", {}).get("max_length", MOST_ITEMS)
            return FieldProblem(field, "too_many", f"{label_of(field)}最多填写{most}条，请保留最主要的。")
        case _:
            return FieldProblem(field, "wrong_type", f"{label_of(field)}的格式不对，请刷新页面后重新填写。")


def required_fields(section: type[Section]) -> Iterable[str]:
    """The fields of a section that are always required."""
    return (name for name, field in section.model_fields.items() if field.is_required())
