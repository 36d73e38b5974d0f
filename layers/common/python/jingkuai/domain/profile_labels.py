"""What the fields of a record are called on the form, and in which order they stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from jingkuai.domain.problem import FieldProblem

LABELS: Final[Mapping[str, str]] = {
    "payload": "登记表",
    "basic": "基本信息",
    "basic.name": "姓名",
    "basic.gender": "性别",
    "basic.birth_date": "出生日期",
    "basic.ethnicity": "民族",
    "basic.political_status": "政治面貌",
    "contact": "联系方式",
    "contact.phone": "手机号",
    "contact.email": "电子邮箱",
    "contact.address": "通讯地址",
    "education": "学历学位",
    "education.level": "学历",
    "education.degree": "学位",
    "education.school": "毕业院校",
    "education.major": "所学专业",
    "education.graduated_on": "毕业时间",
    "education.certificate_no": "学历证书编号",
    "education.study_mode": "学习形式",
    "employment": "就业信息",
    "employment.status": "就业状态",
    "employment.employer_name": "单位全称",
    "employment.uscc": "统一社会信用代码",
    "employment.region_code": "单位所在地",
    "employment.position": "岗位",
    "employment.since": "任职时间",
    "employment.accounting_since": "从事会计工作起始年月",
    "qualifications": "专业技术资格",
    "qualifications.level": "资格级别",
    "qualifications.certificate_no": "资格证书编号",
    "qualifications.obtained_on": "取得时间",
    "region_code": "登记的财政局",
    "qualification": "专业技术资格",
    "qualification.level": "资格级别",
    "qualification.certificate_no": "资格证书编号",
    "qualification.obtained_on": "取得时间",
    "name": "变更后的姓名",
    "id_type": "变更后的证件类型",
    "id_number": "变更后的证件号码",
    "birth_date": "变更后的出生日期",
    "gender": "变更后的性别",
    "to_region": "调往地区",
    "to_employer": "新单位",
    "to_employer.uscc": "新单位的统一社会信用代码",
    "to_employer.name": "新单位全称",
    "employment_status": "调转后的就业状态",
    "position": "新岗位",
    "start_date": "到新单位任职的日期",
    "letter": "转出地的调转证明",
    "letter.number": "调转证明编号",
    "letter.from_region": "开具调转证明的地区",
    "letter.issued_on": "调转证明的开具日期",
    "earlier_credits": "转入前的继续教育学分",
    "earlier_credits.year": "年度",
    "earlier_credits.total": "学分合计",
    "earlier_credits.professional": "专业科目学分",
    "reason": "原因",
}
CHOSEN: Final = frozenset(
    {
        "basic.gender",
        "basic.ethnicity",
        "basic.political_status",
        "education.level",
        "education.degree",
        "education.study_mode",
        "employment.status",
        "employment.region_code",
        "employment.position",
        "qualifications.level",
        "region_code",
        "qualification.level",
        "id_type",
        "gender",
        "to_region",
        "employment_status",
        "position",
        "letter.from_region",
    }
)  # picked from a list rather than typed
PLACES: Final = {path: place for place, path in enumerate(LABELS)}


def label_of(field: str) -> str:
    """What the form calls this field; items of a list are counted from one, as people do: 学历学位第2条的毕业院校."""
    section, number, path = _parts(field)
    label = LABELS.get(path, "该项")
    return label if number is None else f"{LABELS.get(section, '')}第{number + 1}条的{label}"


def please_fill_in(field: str) -> str:
    """What to tell somebody who left this field empty."""
    verb = "选择" if _parts(field)[2] in CHOSEN else "填写"
    return f"请{verb}{label_of(field)}。"


def in_form_order(problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    """The problems as somebody meets them going down the form; what the form does not know comes last."""
    return sorted(problems, key=_place)


def _place(problem: FieldProblem) -> tuple[int, int, int]:
    section, number, path = _parts(problem.field)
    unknown = len(PLACES)
    return PLACES.get(section, unknown), -1 if number is None else number, PLACES.get(path, unknown)


def _parts(field: str) -> tuple[str, int | None, str]:
    """A dotted path as its section, the number of the item where it goes through a list, and the path without that."""
    section, *rest = field.split(".")
    number = int(rest.pop(0)) if rest and rest[0].isdecimal() else None
    return section, number, ".".join([section, *rest])
