"""What is typed to open an account: read value by value, with every problem at once."""

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from identity.accounts import institution_id_problems, username_problems
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.identity_document import lookup_candidates
from jingkuai.domain.person_name import PersonName
from jingkuai.domain.phone import InvalidPhone, MainlandPhone
from jingkuai.domain.principal import Role, region_of, scope_of
from jingkuai.domain.problem import FieldProblem, Invalid, InvalidValue
from jingkuai.domain.regions import PROVINCE, hubei
from jingkuai.domain.social_credit_code import UnifiedSocialCreditCode

Value = TypeVar("Value")
_LANDLINE = re.compile(r"(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}")
_LONGEST_NAME = 100
_FIRST_YEAR = 2000  # well before continuing education was counted in credits
_YEARS_AHEAD = 1


class FormReader:
    """Reads the fields of one form; `done` raises what was wrong with any of them."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._problems: list[FieldProblem] = []

    def done(self) -> None:
        """Raises Invalid with every problem found so far."""
        if self._problems:
            raise Invalid(errors=self._problems)

    def refuse(self, field: str, code: str, message: str) -> None:
        self._problems.append(FieldProblem(field, code, message))

    def read(self, field: str, typed: str, parse: Callable[[str], Value]) -> Value | None:
        """The value of a field, or None with its problem noted."""
        if not typed.strip():
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
            return None
        try:
            return parse(typed)
        except InvalidValue as refused:
            self._problems.append(refused.at(field))
            return None

    def username(self, field: str, typed: str) -> str:
        return self.named(field, typed.strip(), username_problems)

    def named(self, field: str, name: str, problems: Callable[[str, str], list[FieldProblem]]) -> str:
        """A name to sign in with."""
        if name:
            self._problems += problems(name, field)
        else:
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
        return name

    def institution_id(self, field: str, typed: str) -> str:
        """An institution's id, under which it signs in."""
        return self.named(field, typed, institution_id_problems)

    def person_name(self, field: str, typed: str) -> str:
        name = self.read(field, typed, PersonName.parse)
        return name.text if name else ""

    def unit_name(self, field: str, typed: str) -> str:
        """What an institution or unit is called, as it stands on its certificate."""
        name = " ".join(typed.split())
        if not name:
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
        elif len(name) > _LONGEST_NAME:
            self.refuse(field, "string_too_long", f"内容太长，不能超过{_LONGEST_NAME}个字，请删减。")
        return name

    def uscc(self, field: str, typed: str) -> str:
        code = self.read(field, typed, UnifiedSocialCreditCode.parse)
        return code.text if code else ""

    def phone_hash(self, field: str, typed: str, lookup: LookupKey) -> str | None:
        """A person's phone, of which nothing but a keyed hash is kept."""
        phone = self.read(field, typed, MainlandPhone.parse)
        return lookup.of("phone", phone.text) if phone else None

    def id_hashes(self, field: str, typed: str | None, lookup: LookupKey) -> tuple[str, ...]:
        """A person's ID number of any kind, of which nothing but keyed hashes are kept."""
        if not typed:
            return ()
        found = self.read(field, typed, lambda text: lookup_candidates(text, today=self._today))
        return tuple(lookup.of(*one) for one in found or ())

    def contact_phone(self, field: str, typed: str) -> str:
        """An institution's number for the public, a landline too."""
        text = typed.strip()
        if not text:
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
        if not text or _LANDLINE.fullmatch(text):
            return text
        try:
            return MainlandPhone.parse(text).text
        except InvalidPhone:
            self.refuse(
                field, "bad_contact_phone", "请填写对外公布的联系电话：手机号，或者带区号的固定电话，如 027-87654321。"
            )
            return text

    def years(self, field: str, years: list[int]) -> list[int]:
        """The years an institution may report, newest first."""
        latest = self._today.year + _YEARS_AHEAD
        if any(not _FIRST_YEAR <= year <= latest for year in years):
            self.refuse(field, "bad_year", f"年度应在 {_FIRST_YEAR} 年至明年之间，请核对后重新提交。")
        return sorted(set(years), reverse=True)

    def region(self, field: str, code: str) -> str:
        """The code of a division with a finance bureau."""
        if not code:
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
        elif not hubei().is_authority(code, on=self._today):
            self.refuse(field, "unknown_region", "没有这个区划的财政局，请从区划列表中选择。")
        return code

    def scope(self, field: str, role: Role | None, typed: str) -> str:
        """The scope of a bureau's account: leading digits of its region. An admin's is the province."""
        scope = scope_of(typed.strip())
        if not scope:
            self.refuse(field, "missing", "必填项没有填写，请补充后重新提交。")
        elif not scope.isdigit() or not hubei().is_authority(region_of(scope), on=self._today):
            self.refuse(
                field, "unknown_region", "没有这个区划的财政局。管辖范围为区划代码的前几位，如 42、4201、420106。"
            )
        elif role is Role.ADMIN and scope != scope_of(PROVINCE):
            self.refuse(field, "admin_of_the_province_only", "管理员的管辖范围只能是全省（42），请修改后重新提交。")
        return scope
