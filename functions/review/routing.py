"""The step Route, after the check and after each decision: which stage is due, or that all have approved.

A review's stages are resolved by the rules once and then stay with the case; a transfer's are written down when it is filed.
"""

from collections.abc import Mapping
from datetime import datetime

from jingkuai.aws.clock import Clock
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.regions import Divisions
from jingkuai.domain.submission import EMPLOYED
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Case, Outcome
from review.case_store import CaseStore
from review.likeness_store import LikenessStore
from review.routes import ReviewRoutes
from review.transfer import notifications as transfer_notifications
from review.transfer.moved_record import ABOLISHED, has_destination
from review.transfer.transfer_findings import transfer_findings


def route_case(
    subject: Mapping[str, str],
    *,
    store: CaseStore,
    routes: Configuration[ReviewRoutes],
    divisions: Divisions,
    likenesses: LikenessStore,
    lookup: LookupKey,
    clock: Clock,
) -> tuple[Outcome, str]:
    """Where the workflow goes, and the name of the stage that is due ("" where none is). Raises CaseMoved.

    Where the rules let a case pass without a person, and the automatic check found nothing, the system approves it here. A
    transfer whose destination has been abolished meanwhile ends here, and all is as before; at its first step the unit that is
    joined is looked up, for the bureaus to read (4 calls more). AWS calls: 1; 2 and the rules
    where the stages are resolved, 4 where a new employer may have to be asked.
    """
    case, now = store.case(subject), clock()
    if case.next_outcome is not Outcome.REVIEW:
        return case.next_outcome, ""
    if case.relocation and not has_destination(case.relocation, divisions, today_in_shanghai(now)):
        store.end_without(case, note=ABOLISHED, told=transfer_notifications.abolished(case), at=now)
        return Outcome.ENDED, ""
    if case.relocation and not case.was_checked:
        store.save_findings(case, transfer_findings(case, likenesses, lookup), at=now)
    if case.stages:
        return Outcome.REVIEW, case.stage.stage.value
    rules = routes.current(now)
    kind, region_code = case.ruled_by or case.filing.kind, case.region_code
    employer = _employer_to_ask(case, rules, divisions, store, now)
    stages = rules.stages_for(kind, region_code, divisions, employer=employer)
    if case.is_in_order and employer is None and rules.is_automatic(kind, region_code, divisions):
        store.approve_automatically(case, stages, rules_version=rules.version, at=now)
        return Outcome.APPLY, ""
    store.save_stages(case, stages, rules_version=rules.version)
    return Outcome.REVIEW, stages[0].stage.value


def _employer_to_ask(
    case: Case, rules: ReviewRoutes, divisions: Divisions, store: CaseStore, now: datetime
) -> str | None:
    """The unit somebody says to work for from now on, where the route asks it and it has an account to answer with. A unit
    they work for already, or that has invited them, is not asked again.
    """
    if not rules.asks_employer(case.filing.kind, case.region_code, divisions):
        return None
    employment = case.payload.get("employment") or {}
    uscc = employment.get("uscc") if employment.get("status") == EMPLOYED else None
    return uscc if uscc and store.awaits_answer_of(uscc, case, at=now) else None
