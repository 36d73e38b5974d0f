"""The step Check, with which a review begins: the automatic check, once a round, and the way on for a case taken up again."""

from collections.abc import Iterator, Mapping, Sequence

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.submission import EMPLOYED
from jingkuai.domain.workdays import today_in_shanghai
from review import likeness, notifications
from review.appeal_checks import check_appeal
from review.case import Case, Outcome
from review.case_store import CaseStore, Evidence
from review.checks import Filed, Finding, Result, check, failed, number_finding
from review.likeness import Alike
from review.likeness_store import LikenessStore
from review.review_task import resubmission_ends


def check_case(
    subject: Mapping[str, str], *, store: CaseStore, likenesses: LikenessStore, lookup: LookupKey, clock: Clock
) -> Outcome:
    """Check a case and say where its workflow goes; a submission that cannot pass is returned to the applicant at once.

    Idempotent: a case beyond its check keeps its findings and is picked up where it stands. Raises CaseMoved.
    AWS calls: 3, and those of the likenesses; 1 where the check is done.
    """
    case, now = store.case(subject), clock()
    if case.next_outcome is not Outcome.REVIEW or case.was_checked:
        return case.next_outcome
    if case.filing.kind == INTEGRITY_RECORD:  # nothing in it that a machine could judge
        store.save_findings(case, (), at=now)
        return Outcome.REVIEW
    evidence = store.evidence(case)
    if case.disputed:
        store.save_findings(case, check_appeal(case, case.disputed, evidence.person), at=now)
        return Outcome.REVIEW
    filed = Filed(case.filing.submission_kind, case.payload, case.filing.person_id, evidence.scans, case.new_number)
    findings = (
        *check(filed, record=evidence.person, today=today_in_shanghai(now)),
        *_number_findings(case, evidence),
        *_gone_unit(case, likenesses),
    )
    problems = failed(findings)
    if not problems:
        alike, doubts = _likenesses(case, evidence, likenesses, lookup)
        store.save_findings(case, (*findings, *doubts), alike=alike, at=now)
        return Outcome.REVIEW
    until = resubmission_ends(now)
    store.send_back(
        case,
        findings,
        reason="".join(one.message for one in problems),
        fields=[field for one in problems for field in one.fields],
        until=until,
        notifications=notifications.returned(case.filing, until=until),
        at=now,
    )
    return Outcome.RETURNED


def _number_findings(case: Case, evidence: Evidence) -> list[Finding]:
    if case.new_number is None:
        return []
    return [number_finding(is_anothers=evidence.new_number_of not in (None, case.filing.person_id))]


def _gone_unit(case: Case, store: LikenessStore) -> Iterator[Finding]:
    """A unit that was merged into another: who files under its old code is told the new one at once. AWS calls: 1."""
    employment = case.payload.get("employment", {})
    if employment.get("status") != EMPLOYED or not employment.get("uscc"):
        return
    if successor := store.successor(employment["uscc"]):
        uscc, name = successor
        told = f"该单位已由“{name}”（统一社会信用代码{uscc}）承继，请按承继单位的名称和代码填写。"
        yield Finding("employer_succeeded", Result.FAILED, told, ("employment.uscc", "employment.employer_name"))


def _likenesses(
    case: Case, evidence: Evidence, store: LikenessStore, lookup: LookupKey
) -> tuple[Sequence[Alike], list[Finding]]:
    """Who has what in common with this submission, and what to tell the reviewer of it and of the unit."""
    own = [one.sha256 for one in evidence.scans if one and one.counts_for(case.filing.person_id)]
    alike = store.shared(likeness.marks_of(case.payload, own, lookup), case.filing.person_id)
    employment = case.payload.get("employment", {})
    uscc, name = employment.get("uscc"), employment.get("employer_name")
    units = store.units(uscc, lookup.of(likeness.EMPLOYER_NAME, name)) if uscc and name else []
    return alike, [*likeness.findings(alike), *likeness.unit_findings(uscc, name, units)]
