"""The workflow's second step: which stage is due; the stages are resolved once and then stay with the case."""

from collections.abc import Mapping

from jingkuai.aws.clock import Clock
from jingkuai.aws.configuration import Configuration
from jingkuai.domain.regions import Divisions
from review.case import Outcome
from review.case_store import CaseStore
from review.routes import ReviewRoutes


def route_case(
    subject: Mapping[str, str],
    *,
    store: CaseStore,
    routes: Configuration[ReviewRoutes],
    divisions: Divisions,
    clock: Clock,
) -> tuple[Outcome, str]:
    """Where the workflow goes, and the name of the stage that is due ("" where none is). Raises CaseMoved.

    AWS calls: 1; 2 and the rules where the stages are resolved.
    """
    case = store.case(subject)
    if case.next_outcome is not Outcome.REVIEW:
        return case.next_outcome, ""
    if case.stages:
        return Outcome.REVIEW, case.stage.stage.value
    stages = routes.current(clock()).stages_for(case.route or case.filing.kind, case.region_code, divisions)
    store.save_stages(case, stages)
    return Outcome.REVIEW, stages[0].stage.value
