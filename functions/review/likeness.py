"""Likeness (疑似重复): what two records have in common that they should not, for a reviewer to judge and never a bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jingkuai.aws import keys
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Item
from jingkuai.domain.person_name import comparable
from review.checks import Finding, Result

SCAN: Final = "scan"
CERTIFICATE: Final = "certificate"
NAME_AND_BIRTH: Final = "name_and_birth"
EMPLOYER_NAME: Final = "employer_name"
EMPLOYER_CODE: Final = "employer_code"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that should be a person's alone, hashed: a scan's bytes, a certificate's number, name and birth date."""

    kind: str
    like_hash: str

    def item(self, person_id: str) -> Item:
        """This mark as one person's."""
        return {**keys.likeness_key(self.kind, self.like_hash, person_id), "v": 1, "person_id": person_id}


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody else who has some of a submission's marks, and which kinds of them."""

    person_id: str
    why: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"person_id": self.person_id, "why": list(self.why)}


def alike_of(told: Sequence[Mapping[str, Any]]) -> tuple[Alike, ...]:
    """Those that `Alike.to_json` wrote down."""
    return tuple(Alike(one["person_id"], tuple(one["why"])) for one in told)


@dataclass(frozen=True, slots=True)
class EmployerLikeness:
    """A unit as it stands on record: its code and its full name."""

    uscc: str
    name: str
    name_hash: str

    def items(self) -> list[Item]:
        """One item to find it by either."""
        told = {"v": 1, "uscc": self.uscc, "name": self.name}
        return [
            {**keys.likeness_key(EMPLOYER_NAME, self.name_hash, self.uscc), **told},
            {**keys.likeness_key(EMPLOYER_CODE, self.uscc, self.name_hash), **told},
        ]


def marks_of(payload: Mapping[str, Any], sha256s: Sequence[str], lookup: LookupKey) -> list[Mark]:
    """What a submission brings that should be its sender's alone."""
    marks = [Mark(SCAN, lookup.of(SCAN, one)) for one in sha256s]
    marks += [Mark(CERTIFICATE, lookup.of(CERTIFICATE, one)) for one in _certificates(payload)]
    if basic := payload.get("basic"):
        born = f"{comparable(basic['name'])}\x1f{basic['birth_date']}"
        marks.append(Mark(NAME_AND_BIRTH, lookup.of(NAME_AND_BIRTH, born)))
    return list(dict.fromkeys(marks))


def findings(alike: Sequence[Alike]) -> list[Finding]:
    """What to tell the reviewer of marks that other people have too."""
    return [told for kind, told in TOLD.items() if any(kind in one.why for one in alike)]


TOLD: Final[Mapping[str, Finding]] = {
    SCAN: Finding(
        "duplicate_scan", Result.DOUBTFUL, "有扫描件与其他人员提交过的完全相同，请核对材料是否确为本人所有。"
    ),
    CERTIFICATE: Finding(
        "duplicate_certificate", Result.DOUBTFUL, "有证书编号与其他人员登记或申报的相同，请核对证书原件与编号。"
    ),
    NAME_AND_BIRTH: Finding(
        "possible_same_person",
        Result.DOUBTFUL,
        "另有姓名、出生日期均相同的人员，可能是同一人使用了不同证件，请核对。",
    ),
}


def unit_findings(uscc: str, name: str, known: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Whether the unit is on record otherwise: the code with another name, or the name with another code."""
    names = sorted({one["name"] for one in known if one["uscc"] == uscc and one["name"] != name})
    codes = sorted({one["uscc"] for one in known if one["name"] == name and one["uscc"] != uscc})
    if names:
        told = f"该统一社会信用代码在其他档案中登记的单位名称为“{names[0]}”，请核对公章上的全称。"
        yield Finding("employer_name_differs", Result.DOUBTFUL, told, ("employment.employer_name",))
    if codes:
        told = f"该单位名称在其他档案中登记的统一社会信用代码为{codes[0]}，请核对营业执照。"
        yield Finding("employer_code_differs", Result.DOUBTFUL, told, ("employment.uscc",))


def _certificates(payload: Mapping[str, Any]) -> Iterator[str]:
    """Each certificate by its kind and number: numbers of different kinds may be alike."""
    education = payload.get("education", ())
    for item in [education] if isinstance(education, Mapping) else education:
        yield f"education\x1f{item['level']}\x1f{item['certificate_no']}"
    titles = [*payload.get("qualifications", ()), *([payload["qualification"]] if "qualification" in payload else [])]
    for item in titles:
        yield f"qualification\x1f{item['level']}\x1f{item['certificate_no']}"
