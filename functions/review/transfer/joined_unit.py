"""What a machine can say of the unit that somebody moves to (调入单位核验): doubtful at most, for the bureaus to judge."""

from jingkuai.aws.lookup import LookupKey
from review import likeness
from review.case import Case
from review.checks import Finding, Result
from review.likeness_store import LikenessStore


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
