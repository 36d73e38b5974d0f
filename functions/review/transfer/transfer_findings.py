"""What a machine can say of a transfer (调转核验): of the unit that is joined, of the letter that comes along; doubtful at most,
for the bureaus to judge.
"""

from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.transfer import Route
from review import likeness
from review.case import Case
from review.checks import Finding, Result
from review.likeness_store import LikenessStore


def transfer_findings(case: Case, store: LikenessStore, lookup: LookupKey) -> list[Finding]:
    """What the bureaus read beside a transfer. AWS calls: 3, without a unit 0."""
    return [*_letter_findings(case), *unit_findings(case, store, lookup)]


def _letter_findings(case: Case) -> list[Finding]:
    """Whoever comes into Hubei proves by a letter that the record elsewhere is closed (handbook, section 6)."""
    comes_in = case.relocation is not None and case.relocation.route is Route.INTO_PROVINCE
    if not comes_in or case.payload.get("letter"):
        return []
    told = (
        "本人没有填写原登记地的调转证明。请核对所附材料，确认原登记地的登记已经转出；不能确认的，请要求补充调转证明。"
    )
    return [Finding("letter_missing", Result.DOUBTFUL, told, ("letter",))]


def unit_findings(case: Case, store: LikenessStore, lookup: LookupKey) -> list[Finding]:
    """Whether another unit has taken its place, and whether its code and name are on record otherwise; nothing where nobody is
    joined. AWS calls: 3, without a unit 0.
    """
    unit = case.payload.get("to_employer")
    if not unit:
        return []
    found = [*likeness.unit_findings(unit["uscc"], unit["name"], _known(unit, store, lookup))]
    if successor := store.successor(unit["uscc"]):
        uscc, name = successor
        told = f"该单位已由“{name}”（统一社会信用代码{uscc}）承继，接收后按承继单位登记。"
        found.append(Finding("employer_succeeded", Result.DOUBTFUL, told, ("to_employer.uscc",)))
    return found or [Finding("employer_known", Result.PASSED, "新单位的名称和统一社会信用代码与已有登记没有矛盾。")]


def _known(unit: dict[str, str], store: LikenessStore, lookup: LookupKey) -> list[dict[str, str]]:
    return [dict(one) for one in store.units(unit["uscc"], lookup.of(likeness.EMPLOYER_NAME, unit["name"]))]
