"""What an institution's rows do to a ledger: written anew, corrected, or left as they stand. Decisions only, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from jingkuai.domain.credit_row import NAME_MISMATCH, NOT_REGISTERED, Course, RowProblem
from jingkuai.domain.credit_rules import CreditVersion


@dataclass(frozen=True, slots=True)
class Claim:
    """All that an import may know of a person: who holds the number, under which name, and whether the record is approved."""

    person_id: str
    name_hash: str
    approved: bool


@dataclass(frozen=True, slots=True)
class RecordedCourse:
    """A course of one institution in a person's ledger. `history` is every value it had, the present one last."""

    person_id: str
    institution_id: str
    institution_name: str
    course: Course
    recorded_at: datetime
    import_id: str
    row: int
    taken_back: bool = False
    history: tuple[CreditVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who reports, in which import, at what time."""

    import_id: str
    institution_id: str
    institution_name: str
    at: datetime


class Effect(Enum):
    """What a faultless row does. `TAKEN_BEFORE`: this import wrote it already, before it was interrupted."""

    NEW = "new"
    CORRECTION = "correction"
    UNCHANGED = "unchanged"
    TAKEN_BEFORE = "taken_before"


def holder(claims: Sequence[Claim], name_hash: str | None) -> tuple[Claim | None, RowProblem | None]:
    """Who a row is about, and what is wrong with that. Only an approved record counts: no row waits in the dark.

    A number without a type may be two people's (a permit's, a passport's): the name decides. `name_hash` is None where
    the row has no name, which is said elsewhere.
    """
    approved = [claim for claim in claims if claim.approved]
    if not approved:
        return None, NOT_REGISTERED
    if name_hash is None:
        return approved[0], None
    named = next((claim for claim in approved if claim.name_hash == name_hash), None)
    return named, None if named else NAME_MISMATCH


def recorded(
    course: Course, row: int, person_id: str, standing: RecordedCourse | None, by: Reporting
) -> tuple[Effect, RecordedCourse]:
    """The ledger entry after this row, and what the row did. The same row again, by whichever import, changes nothing."""
    if standing and not standing.taken_back and standing.course == course:
        return Effect.TAKEN_BEFORE if standing.import_id == by.import_id else Effect.UNCHANGED, standing
    version = CreditVersion(course.credits, course.name, course.completed_on, by.at, by.import_id)
    if standing is None:
        fresh = RecordedCourse(
            person_id, by.institution_id, by.institution_name, course, by.at, by.import_id, row, history=(version,)
        )
        return Effect.NEW, fresh
    changed = replace(
        standing,
        institution_name=by.institution_name,
        course=course,
        import_id=by.import_id,
        row=row,
        taken_back=False,
        # what was taken back and comes again is recorded on the day it comes again
        recorded_at=by.at if standing.taken_back else standing.recorded_at,
        history=(*standing.history, version),
    )
    return Effect.NEW if standing.taken_back else Effect.CORRECTION, changed
