"""The workflow's first step: the automatic check, once a round, and the way on for a case taken up again."""

from collections.abc import Mapping

from jingkuai.aws.clock import Clock
from jingkuai.domain.workdays import today_in_shanghai
from review import letters
from review.appeal_checks import check_appeal
from review.case import Outcome
from review.case_store import CaseStore
from review.checks import check, failed
from review.store import resubmission_ends


def check_case(subject: Mapping[str, str], *, store: CaseStore, clock: Clock) -> Outcome:
    """Check a case and say where its workflow goes; a submission that cannot pass is returned to the applicant at once.

    Idempotent: a case beyond its check keeps its findings and is picked up where it stands. Raises CaseMoved.
    AWS calls: 3; 1 where the check is done.
    """
    case, now = store.case(subject), clock()
    if case.next_outcome is not Outcome.REVIEW or case.was_checked:
        return case.next_outcome
    person, scans = store.evidence(case)
    if case.disputed:
        store.save_findings(case, check_appeal(case, case.disputed, person), at=now)
        return Outcome.REVIEW
    findings = check(
        case.payload, person_id=case.filing.person_id, holder=person, scans=scans, today=today_in_shanghai(now)
    )
    problems = failed(findings)
    if not problems:
        store.save_findings(case, findings, at=now)
        return Outcome.REVIEW
    until = resubmission_ends(now)
    store.send_back(
        case,
        findings,
        reason="".join(one.message for one in problems),
        fields=[field for one in problems for field in one.fields],
        until=until,
        letters=letters.returned(case.filing, until=until),
        at=now,
    )
    return Outcome.RETURNED
