"""The way of a transfer (调转路线), worked out before it is filed: which steps, whose, how long, with which papers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jingkuai.aws.owners import owner_of_unit
from jingkuai.domain.attachment import AttachmentKind
from jingkuai.domain.regions import Divisions
from jingkuai.domain.submission import EMPLOYED
from jingkuai.domain.transfer import TRANSFERRED_OUT, CaseStep, Route, Step, Unit, party, route_to
from jingkuai.domain.transfer_rules import RuledRoute, TransferRules
from register.records import ACTIVE, Person
from register.submissions import NothingToChange, RecordClosed


@dataclass(frozen=True, slots=True)
class Plan:
    """The way of one case. `usual_workdays` is the sum of all terms."""

    route: Route
    from_region: str
    to_region: str
    from_employer: Unit | None
    steps: tuple[CaseStep, ...]
    papers: tuple[AttachmentKind, ...]
    rules_version: str
    release_refusals: tuple[str, ...]

    @property
    def usual_workdays(self) -> int:
        return sum(one.workdays for one in self.steps)

    def who(self, step: CaseStep) -> str:
        """What people call the party whose step it is."""
        return party(step, self.from_employer)


def old_unit(person: Person) -> Unit | None:
    """The unit somebody leaves: the one they work for now."""
    employment = person.sections.get("employment", {})
    if employment.get("status") != EMPLOYED or not employment.get("uscc"):
        return None
    return Unit(employment["uscc"], employment.get("employer_name", ""))


def plan(
    person: Person, to_region: str, *, unit_is_here: bool, rules: TransferRules, divisions: Divisions, today: date
) -> Plan:
    """How a transfer of this record there would go. `unit_is_here`: whether the old unit has an account to answer with;
    without one nobody waits for it.

    Raises NothingToChange before the first approval, RecordClosed after the account was closed, UnknownRegion,
    AlreadyElsewhere.
    """
    if not person.has_record:
        raise NothingToChange()
    if person.status not in (ACTIVE, TRANSFERRED_OUT) or person.region_code is None:
        raise RecordClosed()
    route = route_to(to_region, kept_by=person.region_code, status=person.status, on=today, divisions=divisions)
    unit = old_unit(person)
    ruled = RuledRoute((), ())
    if route is not Route.SAME_COUNTY:
        ruled = rules.of(route, kept_by=person.region_code, to_region=to_region)
    return Plan(
        route=route,
        from_region=person.region_code,
        to_region=to_region,
        from_employer=unit,
        steps=tuple(_steps(ruled, person.region_code, to_region, unit if unit_is_here else None)),
        papers=ruled.papers,
        rules_version=rules.version,
        release_refusals=rules.release_refusals,
    )


def _steps(ruled: RuledRoute, from_region: str, to_region: str, asked: Unit | None) -> Iterable[CaseStep]:
    owners = {
        Step.EMPLOYER: owner_of_unit(asked.uscc) if asked else None,
        Step.RELEASE: from_region,
        Step.ACCEPTANCE: to_region,
    }
    for one in ruled.steps:
        if owner := owners[one.step]:
            yield CaseStep(one.step, owner, one.workdays)
