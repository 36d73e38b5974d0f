"""Reasons for a return (退回原因) to pick from: those that every bureau knows, and those a bureau has added for itself.

Source of the shipped ones: handbook, section 5. A reason is a proposal: whoever returns something writes what they want.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.typed_line import line_problems, one_line
from review.checks import Result
from review.review_task import bureau_of

if TYPE_CHECKING:
    from review.reason_store import ReasonStore

SHORTEST: Final = 2
LONGEST: Final = 200
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """One reason as the applicant will read it; those a bureau has added have no code."""

    text: str
    code: str | None = None


SHIPPED: Final = (
    ReturnReason("扫描件看不清，请在光线充足处重新拍摄，四角完整、文字清楚，再上传。", "scan_unreadable"),
    ReturnReason("扫描件不是您本人的，请上传本人的材料。", "scan_of_another"),
    ReturnReason("证书编号与证书原件不一致，请对照证书逐位核对后修改。", "certificate_number_differs"),
    ReturnReason("单位名称与公章不一致，请按公章上的全称填写。", "employer_name_differs"),
    ReturnReason("统一社会信用代码不是该单位的，请对照营业执照或登记证书修改。", "credit_code_of_another"),
    ReturnReason("填写的日期相互矛盾，请核对毕业、任职和从业时间后修改。", "dates_contradict"),
    ReturnReason("缺少证明材料，请补充上传。", "proof_missing"),
    ReturnReason("您的信息不由本局管理，请改选工作单位所在地的财政局。", "wrong_bureau"),
)
# which reason lies near where the automatic check had a doubt
_AFTER: Final[Mapping[str, str]] = {
    "duplicate_scan": "scan_of_another",
    "duplicate_certificate": "certificate_number_differs",
    "employer_name_differs": "employer_name_differs",
    "employer_code_differs": "credit_code_of_another",
    "dates_in_order": "dates_contradict",
    "scans_accepted": "proof_missing",
}


@dataclass(frozen=True, slots=True)
class ReasonList:
    """A bureau's own reasons; version 0 is a list nobody has entered yet."""

    own: tuple[str, ...] = ()
    version: int = 0

    @property
    def reasons(self) -> tuple[ReturnReason, ...]:
        """All there is to pick from: the bureau's own first."""
        return (*map(ReturnReason, self.own), *SHIPPED)


def bureau_reasons(*, by: Principal, store: ReasonStore) -> ReasonList:
    """What the caller's bureau picks from. AWS calls: 1."""
    return store.reasons(bureau_of(by))


def keep_reasons(typed: Sequence[str], version: int, *, by: Principal, store: ReasonStore, clock: Clock) -> ReasonList:
    """Put the caller's bureau's own reasons in the place of those of this version; the same text twice counts once.

    Raises Invalid with every problem at once, Conflict where a colleague has changed the list meanwhile; the same
    request again gets the first answer. AWS calls: 1.
    """
    lines = [one_line(text) for text in typed]
    problems = [
        problem
        for place, line in enumerate(lines)
        for problem in line_problems(f"reasons.{place}", line, shortest=SHORTEST, longest=LONGEST)
    ]
    if len(lines) > MOST:
        problems.append(FieldProblem("reasons", "too_long", f"最多保留{MOST}条，请删减后重新提交。"))
    if problems:
        raise Invalid(errors=problems)
    known = {one.text for one in SHIPPED}
    own = tuple(dict.fromkeys(line for line in lines if line not in known))
    return store.keep(bureau_of(by), ReasonList(own, version + 1), by=by, at=clock())


def suggested(own: Sequence[str], findings: Iterable[Mapping[str, Any]]) -> tuple[ReturnReason, ...]:
    """What to pick from for one task: first what the automatic check doubts, then the rest."""
    doubted = {_AFTER.get(one["code"]) for one in findings if one["result"] != Result.PASSED}
    reasons = ReasonList(tuple(own)).reasons
    near = [one for one in reasons if one.code and one.code in doubted]
    return (*near, *(one for one in reasons if one not in near))
