"""What somebody fills in to transfer (调转申请): where to, to which unit, from when; coming from elsewhere, what they bring along.

As with every form, everything wrong with it is said at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import Field, PlainSerializer, PlainValidator, ValidationError

from jingkuai.domain.dictionaries import codes
from jingkuai.domain.problem import FieldProblem
from jingkuai.domain.profile import Section, problem_of
from jingkuai.domain.profile_fields import CreditCode, Day, InvalidField, RegionCode, coded, free_text, is_blank
from jingkuai.domain.profile_labels import in_form_order, label_of, please_fill_in
from jingkuai.domain.profile_rules import YOUNGEST, age_on
from jingkuai.domain.regions import is_elsewhere
from jingkuai.domain.submission import EMPLOYED
from jingkuai.domain.transfer import Route, Unit

AHEAD: Final = timedelta(days=90)  # how long before the new post begins its transfer may be filed
FIRST_YEAR: Final = 1990  # no credits of a year before are asked about
MOST_YEARS: Final = 10
MOST_CREDITS: Final = Decimal("999.99")


def _year(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidField("bad_year", "应为四位年份，例如 2025。")
    return value


def _credits(value: object) -> Decimal:
    """Credits with at most two decimals, as the JSON number says them."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InvalidField("credits_not_a_number", "应为数字，最多两位小数，例如 60 或 2.5。")
    try:
        credits = Decimal(str(value))
    except InvalidOperation as unreadable:
        raise InvalidField("credits_not_a_number", "应为数字，最多两位小数，例如 60 或 2.5。") from unreadable
    if not credits.is_finite() or not 0 <= credits <= MOST_CREDITS or credits != round(credits, 2):
        raise InvalidField("credits_out_of_range", f"应在 0 到 {MOST_CREDITS} 之间，最多两位小数。")
    return credits + 0  # a negative zero is none


_AS_TEXT = PlainSerializer(str, return_type=str)  # kept exactly: no binary fraction ever stands for credits
Credits = Annotated[Decimal, PlainValidator(_credits, json_schema_input_type=float), _AS_TEXT]


class NewUnit(Section):
    """The unit that is joined."""

    uscc: CreditCode
    name: Annotated[str, free_text(4, 100)]


class ForeignLetter(Section):
    """The transfer letter (调转证明) of another province, as its paper says."""

    number: Annotated[str, free_text(2, 40)]
    from_region: RegionCode
    issued_on: Day


class EarlierYear(Section):
    """Credits of a year earned elsewhere, which the bureau that is joined accepts by their proof."""

    year: Annotated[int, PlainValidator(_year, json_schema_input_type=int)]
    total: Credits
    professional: Credits


class TransferForm(Section):
    """A transfer as it is filed. Without `to_employer` somebody moves without a new unit."""

    to_region: RegionCode
    to_employer: NewUnit | None = None
    employment_status: Annotated[str, coded("employment_status")]
    position: Annotated[str, coded("position")] | None = None
    reason: Annotated[str, free_text(2, 500)]
    start_date: Day
    letter: ForeignLetter | None = None
    earlier_credits: Annotated[tuple[EarlierYear, ...], Field(max_length=MOST_YEARS)] = ()

    def to_json(self) -> dict[str, Any]:
        """The form as it is kept: values in their normal form, absent optionals left out."""
        kept = self.model_dump(mode="json", exclude_none=True)
        if not self.earlier_credits:
            del kept["earlier_credits"]
        return kept

    @property
    def unit(self) -> Unit | None:
        return Unit(self.to_employer.uscc.text, self.to_employer.name) if self.to_employer else None


def read_form(
    raw: Mapping[str, Any], *, route: Route, born: date | None, today: date
) -> tuple[TransferForm | None, list[FieldProblem]]:
    """The form, or else all that is wrong with it, in its own order; never both."""
    form, problems = None, []
    try:
        form = TransferForm.model_validate(raw)
    except ValidationError as invalid:
        problems = [problem_of(error) for error in invalid.errors(include_url=False, include_input=False)]
    problems += [*_unit(raw), *_start(raw, born, today), *_brought_along(raw, route, today)]
    return (None if problems else form), in_form_order(problems)


def _unit(raw: Mapping[str, Any]) -> Iterator[FieldProblem]:
    status = raw.get("employment_status")
    if status == EMPLOYED and not raw.get("to_employer"):
        yield FieldProblem("to_employer", "required", f"就业状态为在职，{please_fill_in('to_employer')}")
    known = isinstance(status, str) and status in codes("employment_status")
    if known and status != EMPLOYED and raw.get("to_employer"):
        text = "就业状态不是在职的，不需要填写新单位。请去掉新单位，或者改选在职。"
        yield FieldProblem("to_employer", "not_expected", text)


def _start(raw: Mapping[str, Any], born: date | None, today: date) -> Iterator[FieldProblem]:
    day = _day(raw.get("start_date"))
    if day is None:
        return
    if day > today + AHEAD:
        text = f"{label_of('start_date')}最多可以晚于今天{AHEAD.days}天，请临近时再申请调转。"
        yield FieldProblem("start_date", "too_late", text)
    if born and age_on(born, day) < YOUNGEST:
        text = f"{label_of('start_date')}不能早于年满{YOUNGEST}周岁，请核对后重新填写。"
        yield FieldProblem("start_date", "too_early", text)


def _brought_along(raw: Mapping[str, Any], route: Route, today: date) -> Iterator[FieldProblem]:
    """Letter and credits of another province: only of those who come from one."""
    if route is not Route.INTO_PROVINCE:
        for name in ("letter", "earlier_credits"):
            if raw.get(name):
                text = f"只有从省外转回的才填写{label_of(name)}，请去掉后重新提交。"
                yield FieldProblem(name, "not_expected", text)
        return
    letter = raw.get("letter")
    if isinstance(letter, Mapping):
        yield from _letter(letter, today)
    years = raw.get("earlier_credits")
    if isinstance(years, Sequence) and not isinstance(years, str):
        yield from _years([one for one in years if isinstance(one, Mapping)], today)


def _letter(letter: Mapping[str, Any], today: date) -> Iterator[FieldProblem]:
    region, issued = letter.get("from_region"), _day(letter.get("issued_on"))
    if isinstance(region, str) and not is_blank(region) and not is_elsewhere(region.strip()):
        text = "开具调转证明的应是湖北省以外的省或市，请从列表中选择。"
        yield FieldProblem("letter.from_region", "unknown_region", text)
    if issued and issued > today:
        yield FieldProblem("letter.issued_on", "in_future", f"{label_of('letter.issued_on')}不能晚于今天，请核对。")


def _years(years: Sequence[Mapping[str, Any]], today: date) -> Iterator[FieldProblem]:
    seen: set[int] = set()
    for place, one in enumerate(years):
        year, path = one.get("year"), f"earlier_credits.{place}"
        if isinstance(year, int) and not isinstance(year, bool):
            if not FIRST_YEAR <= year <= today.year:
                text = f"年度应在{FIRST_YEAR}到{today.year}之间，请核对。"
                yield FieldProblem(f"{path}.year", "bad_year", text)
            if year in seen:
                yield FieldProblem(f"{path}.year", "duplicate_year", f"{year}年度填写了两次，请合并成一条。")
            seen.add(year)
        total, professional = _number(one.get("total")), _number(one.get("professional"))
        if total is not None and professional is not None and professional > total:
            text = "专业科目学分不能多于学分合计，请核对。"
            yield FieldProblem(f"{path}.professional", "credits_out_of_range", text)


def _number(value: object) -> Decimal | None:
    """What can be read as credits; what cannot has been complained of already."""
    try:
        return _credits(value)
    except InvalidField:
        return None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if isinstance(text, str) else None
    except ValueError:
        return None
