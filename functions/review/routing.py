"""The workflow's second step: which stage is due; the stages are resolved once and then stay with the case."""

from collections.abc import Mapping

from jingkuai.aws.clock import Clock
from jingkuai.aws.configuration import Configuration
from jingkuai.domain.regions import Divisions
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Outcome
from review.case_store import CaseStore
from review.routes import ReviewRoutes
from review.transfer import parties
from review.transfer.moving import ABOLISHED, has_destination


def route_case(
    subject: Mapping[str, str],
    *,
    store: CaseStore,
    routes: Configuration[ReviewRoutes],
    divisions: Divisions,
    clock: Clock,
) -> tuple[Outcome, str]:
    """Where the workflow goes, and the name of the stage that is due ("" where none is). Raises CaseMoved.

    A transfer whose destination has been abolished meanwhile ends here, and all is as before. AWS calls: 1; 2 and the rules
    where the stages are resolved.
    """
    case, now = store.case(subject), clock()
    if case.next_outcome is not Outcome.REVIEW:
        return case.next_outcome, ""
    if case.relocation and not has_destination(case.relocation, divisions, today_in_shanghai(now)):
        store.end_without(case, note=ABOLISHED, told=parties.abolished(case), at=now)
        return Outcome.ENDED, ""
    if case.stages:
        return Outcome.REVIEW, case.stage.stage.value
    stages = routes.current(now).stages_for(case.ruled_by or case.filing.kind, case.region_code, divisions)
    store.save_stages(case, stages)
    return Outcome.REVIEW, stages[0].stage.value
