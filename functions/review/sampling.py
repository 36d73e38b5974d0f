"""Drawing second looks (抽查): a share of the approvals that one bureau, or nobody, gave is looked at once more.

It holds nothing up: no workflow waits for it, and the submission stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from jingkuai.aws.clock import iso
from jingkuai.aws.configuration import Configuration
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Item
from jingkuai.domain.regions import Divisions
from jingkuai.domain.statistics import SECOND_LOOK
from jingkuai.domain.submission import task_id_of
from jingkuai.domain.workdays import WorkdayCalendar, today_in_shanghai
from review.case import Case
from review.case_store import CaseStore
from review.items import second_look_item
from review.record import PersonFacts
from review.review_task import ReviewTask
from review.route_policy import Sampled
from review.routes import ReviewRoutes
from review.second_look import Judged

_DIGITS: Final = 13  # hexadecimal: as many as a float holds exactly


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a draw asks: the share in force, who is above whom, the business days, and a key that makes it unforeseeable."""

    routes: Configuration[ReviewRoutes]
    calendar: Configuration[WorkdayCalendar]
    divisions: Divisions
    lookup: LookupKey

    def drawn(self, case: Case, person: PersonFacts, *, store: CaseStore, at: datetime) -> Item | None:
        """The second look's task, if this approval is drawn for one; the same answer however often it is asked.

        AWS calls: 0; 1 where a reviewer's approval is drawn.
        """
        rules = self.routes.current(at).second_looks
        above = self.divisions.bureau_above(case.bureaus[-1])
        if (
            above is None
            or _sampled(case) not in rules.of
            or lot_of(case.subject, case.round, self.lookup) >= rules.share
        ):
            return None
        judged = _judged(case, person, store.last_approval(case), at)
        due_on = self.calendar.current(at).add(today_in_shanghai(at), rules.workdays)
        return second_look_item(
            case,
            task_id_of(case.subject, SECOND_LOOK, case.round),
            judged,
            owner=above,
            name_masked=person.name_masked,
            at=at,
            due_on=due_on.isoformat(),
        )


def _sampled(case: Case) -> Sampled | None:
    if case.is_automatic:
        return Sampled.AUTOMATIC
    return Sampled.SINGLE_REVIEWER if len(case.bureaus) == 1 else None


def lot_of(subject: Mapping[str, str], round_no: int, lookup: LookupKey) -> float:
    """Between 0 and 1, the same for the same approval. Keyed: nobody who decides a case knows whether it will be drawn."""
    digest = lookup.of(SECOND_LOOK, f"{subject['pk']}|{subject['sk']}|{round_no}").rpartition(".")[2]
    return int(digest[:_DIGITS], 16) / 16**_DIGITS


def _judged(case: Case, person: PersonFacts, approval: ReviewTask | None, at: datetime) -> Judged:
    by_nobody = Judged(case.bureaus[-1], person.version, iso(at))
    if approval is None or approval.decision is None or approval.decided_at is None:
        return by_nobody
    return replace(
        by_nobody,
        decided_at=iso(approval.decided_at),
        reviewer=approval.decision.by,
        task_id=approval.task_id,
        reason=approval.decision.reason,
    )
