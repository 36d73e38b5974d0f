"""Rules of a record that look at more than one field, or at the day.

They read the payload as it was sent, field by field, so that they speak even where other fields cannot be read:
everything that is wrong is said at once. A field that cannot be read has been complained of already and is silent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol, TypeVar

from jingkuai.domain.dictionaries import codes, dictionaries
from jingkuai.domain.problem import FieldProblem, InvalidValue
from jingkuai.domain.profile_fields import Month, is_blank, read_day, read_month
from jingkuai.domain.profile_labels import label_of, please_fill_in
from jingkuai.domain.regions import Divisions, is_elsewhere

YOUNGEST: Final = 16
OLDEST: Final = 100
YOUNGEST_GRADUATE: Final = 14
EMPLOYED_REQUIRES: Final = ("employer_name", "uscc", "region_code", "position", "since")

T = TypeVar("T")
Raw = Mapping[str, Any]


class KnownFromDocument(Protocol):
    """What the identity document says of its holder; None where its kind does not say."""

    @property
    def birth_date(self) -> date | None: ...

    @property
    def gender(self) -> str | None: ...


def cross_problems(
    raw: Raw, *, document: KnownFromDocument, today: date, divisions: Divisions
) -> Iterator[FieldProblem]:
    """Everything the rules across fields find in a registration payload."""
    basic, employment = _section(raw, "basic"), _section(raw, "employment")
    # The document's date goes before the form's: one mistyped birth date should not bring a string of complaints.
    born = document.birth_date or _read(read_day, basic, "birth_date")
    yield from _identity(basic, document)
    yield from age_problems("basic.birth_date", born, today)
    yield from _education(_items(raw, "education"), born, today)
    yield from employment_problems(employment, born, today, divisions)
    yield from _qualifications(_items(raw, "qualifications"), born, today)
    yield from _managing_bureau(raw, today, divisions)


def age_on(born: date, day: date) -> int:
    """Completed years of age (周岁)."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _identity(basic: Raw, document: KnownFromDocument) -> Iterator[FieldProblem]:
    birth_date, gender = _read(read_day, basic, "birth_date"), basic.get("gender")
    if document.birth_date and birth_date and birth_date != document.birth_date:
        yield FieldProblem(
            "basic.birth_date", "not_as_on_document", "出生日期与身份证件号码中的不一致，请按身份证件填写。"
        )
    if document.gender and isinstance(gender, str) and gender in codes("gender") and gender != document.gender:
        yield FieldProblem("basic.gender", "not_as_on_document", "性别与身份证件号码中的不一致，请按身份证件填写。")


def age_problems(field: str, born: date | None, today: date) -> Iterator[FieldProblem]:
    """Whether somebody born on this day is of an age to be registered."""
    if born and not YOUNGEST <= age_on(born, today) <= OLDEST:
        yield FieldProblem(
            field,
            "age_out_of_range",
            f"登记人员应年满{YOUNGEST}周岁、不超过{OLDEST}周岁，请核对出生日期；出生日期无误的，请联系登记的财政局。",
        )


def _education(items: Sequence[Raw], born: date | None, today: date) -> Iterator[FieldProblem]:
    before = 0
    for number, item in enumerate(items):
        yield from education_problems(f"education.{number}", item, born, today)
        rank = education_rank(item.get("level"), otherwise=before)
        if rank < before:
            field = f"education.{number}.level"
            yield FieldProblem(field, "not_highest_first", "学历请从高到低填写，请把这一条移到更低的学历之前。")
        before = rank


def education_problems(path: str, item: Raw, born: date | None, today: date) -> Iterator[FieldProblem]:
    """What is wrong with the dates of one education."""
    field, graduated = f"{path}.graduated_on", _read(read_day, item, "graduated_on")
    yield from _not_in_future(field, graduated, today)
    if born and graduated and age_on(born, graduated) < YOUNGEST_GRADUATE:
        too_early = f"{label_of(field)}早于年满{YOUNGEST_GRADUATE}周岁，请核对毕业证书后重新填写。"
        yield FieldProblem(field, "too_early", too_early)


def education_rank(level: object, *, otherwise: int) -> int:
    """How high a level of education stands: 0 is the highest, as the dictionary lists them."""
    ranks = list(dictionaries()["education_level"])
    return ranks.index(level) if level in ranks else otherwise


def employment_problems(
    employment: Raw, born: date | None, today: date, divisions: Divisions
) -> Iterator[FieldProblem]:
    """What is wrong between the fields of an employment."""
    yield from _employed(employment)
    yield from _employment_dates(employment, born, today)
    yield from _employment_region(employment, today, divisions)


def qualification_problems(path: str, item: Raw, born: date | None, today: date) -> Iterator[FieldProblem]:
    """What is wrong with the date of one professional title."""
    field, obtained = f"{path}.obtained_on", _read(read_day, item, "obtained_on")
    yield from _not_in_future(field, obtained, today)
    yield from _not_before_birth(field, obtained, born)


def _employed(employment: Raw) -> Iterator[FieldProblem]:
    if employment.get("status") != "employed":
        return
    for name in EMPLOYED_REQUIRES:
        if is_blank(employment.get(name)):
            field = f"employment.{name}"
            yield FieldProblem(field, "required", f"就业状态为在职，{please_fill_in(field)}")


def _employment_dates(employment: Raw, born: date | None, today: date) -> Iterator[FieldProblem]:
    since = _read(read_day, employment, "since")
    yield from _not_in_future("employment.since", since, today)
    yield from _not_before_birth("employment.since", since, born)
    field, started = "employment.accounting_since", _read(read_month, employment, "accounting_since")
    if started is None:
        return
    if employment.get("position") == "not_accounting":
        yield FieldProblem(field, "must_be_empty", "岗位为非会计岗位时，从事会计工作起始年月请留空，或者改选会计岗位。")
    if started > Month.of(today):
        yield FieldProblem(field, "in_future", f"{label_of(field)}不能晚于本月，请核对后重新填写。")
    if born and started.text < f"{born.year + YOUNGEST:04d}-{born.month:02d}":
        yield FieldProblem(field, "too_early", f"{label_of(field)}不能早于年满{YOUNGEST}周岁，请核对后重新填写。")


def _employment_region(employment: Raw, today: date, divisions: Divisions) -> Iterator[FieldProblem]:
    code = employment.get("region_code")
    if not isinstance(code, str) or is_blank(code):
        return
    if not (divisions.is_authority(code.strip(), on=today) or is_elsewhere(code.strip())):
        unknown = "没有这个地区，请从列表中选择单位所在的县（市、区）。"
        yield FieldProblem("employment.region_code", "unknown_region", unknown)


def _qualifications(items: Sequence[Raw], born: date | None, today: date) -> Iterator[FieldProblem]:
    for number, item in enumerate(items):
        yield from qualification_problems(f"qualifications.{number}", item, born, today)


def _managing_bureau(raw: Raw, today: date, divisions: Divisions) -> Iterator[FieldProblem]:
    code = raw.get("region_code")
    if isinstance(code, str) and not is_blank(code) and not divisions.is_authority(code.strip(), on=today):
        yield FieldProblem(
            "region_code",
            "unknown_region",
            "没有这个财政局，请从列表中选择工作单位所在地的财政局；没有工作单位的，选择就读学校或户籍所在地的。",
        )


def _not_in_future(field: str, day: date | None, today: date) -> Iterator[FieldProblem]:
    if day and day > today:
        yield FieldProblem(field, "in_future", f"{label_of(field)}不能晚于今天，请核对后重新填写。")


def _not_before_birth(field: str, day: date | None, born: date | None) -> Iterator[FieldProblem]:
    if day and born and day < born:
        yield FieldProblem(field, "too_early", f"{label_of(field)}早于出生日期，请核对后重新填写。")


def _section(raw: Raw, name: str) -> Raw:
    section = raw.get(name)
    return section if isinstance(section, Mapping) else {}


def _items(raw: Raw, name: str) -> Sequence[Raw]:
    items = raw.get(name)
    return [item if isinstance(item, Mapping) else {} for item in items] if isinstance(items, (list, tuple)) else []


def _read(read: Callable[[str], T], section: Raw, name: str) -> T | None:
    """The value of a field, or None where there is none that can be read."""
    value = section.get(name)
    try:
        return read(value) if isinstance(value, str) else None
    except InvalidValue:
        return None
