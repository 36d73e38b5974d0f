"""The verdict on a possible duplicate (同一人认定): whether two records are one person under two documents.

It settles what the automatic check found alike, for every reviewer after this one. It merges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock, iso
from jingkuai.domain.principal import Principal, region_of
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, NotFound
from jingkuai.domain.typed_line import line_problems, one_line

if TYPE_CHECKING:
    from review.same_person_store import SamePersonStore

LONGEST_REASON: Final = 500
MOST_VERDICTS: Final = 20  # of two records: every one is kept with its reason


class OwnRecord(Conflict):
    """Nobody judges about their own record (回避)."""

    code = "own_record"
    title = "不能认定本人的档案"
    detail = "两份档案中有一份是您本人的，按回避规定不能由您认定，没有保存。请由本局其他审核人员办理。"


class VerdictsExhausted(Conflict):
    """The verdict on two records has been changed as often as it may be; what was said last stands."""

    code = "verdicts_exhausted"
    title = "这两份档案的认定次数已用完"
    detail = (
        f"同一对档案最多认定 {MOST_VERDICTS} 次，这次没有保存，最后一次的认定继续有效，系统内不能再改。"
        "各局意见不一致的，请报共同的上一级财政局核实，按核实的结论办理后续事项。"
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict: by which account of which bureau, when and why."""

    same: bool
    reason: str
    by: str
    bureau: str
    at: str


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two records and what was said of them, the last of it last; it reads the same from either side."""

    person_id: str
    other_person_id: str
    verdicts: tuple[Verdict, ...]

    @property
    def standing(self) -> Verdict:
        return self.verdicts[-1]

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing more may be said of them."""
        return len(self.verdicts) >= MOST_VERDICTS


class OutOfReach(Exception):
    """The record is not one that the caller's bureau, or one below it, keeps."""


class StandsAlready(Exception):
    """The same was said of these two before, or as much as may be."""


def judge(
    person_id: str,
    other_person_id: str,
    *,
    same: bool,
    reason: str,
    by: Principal,
    store: SamePersonStore,
    clock: Clock,
) -> JudgedPair:
    """Say of two records whether they are one person; said again, what stands is answered and nothing changes.

    The first is one of the caller's region, by its record or, before the first approval, by the registration that is open;
    the other may be anybody's. A different verdict takes the place of the earlier one, which stays readable.
    Raises Invalid, OwnRecord, NotFound, VerdictsExhausted. AWS calls: 1, where it stands already or no more may be said 2,
    before the first approval 4.
    """
    told = one_line(reason)
    _refuse_unless_judgeable(person_id, other_person_id, told, by)
    verdict = Verdict(same, told, by.account_id, region_of(by.scope), iso(clock()))
    try:
        _save(person_id, other_person_id, verdict, by, store, clock)
    except StandsAlready:
        pair = store.pair(person_id, other_person_id)
        if pair is not None and pair.standing.same == same:
            return pair
        if pair is not None and pair.is_exhausted:
            raise VerdictsExhausted() from None
        raise Conflict() from None  # another verdict came between
    return JudgedPair(person_id, other_person_id, (verdict,))


def _save(person_id: str, other_id: str, verdict: Verdict, by: Principal, store: SamePersonStore, clock: Clock) -> None:
    try:
        store.save(person_id, other_id, verdict, by=by, at=clock())
    except OutOfReach:
        registration = store.open_registration(person_id)
        if registration is None or not by.covers(registration.region_code):
            raise NotFound() from None
        try:
            store.save(person_id, other_id, verdict, by=by, at=clock(), registration=registration)
        except OutOfReach as moved:
            raise NotFound() from moved


def _refuse_unless_judgeable(person_id: str, other_id: str, reason: str, by: Principal) -> None:
    problems = line_problems("reason", reason, shortest=2, longest=LONGEST_REASON)
    if other_id == person_id:
        told = "两份档案是同一份，请填写另一份档案的人员编号。"
        problems = [FieldProblem("other_person_id", "same_record", told), *problems]
    if problems:
        raise Invalid(errors=problems)
    if by.is_person(person_id) or by.is_person(other_id):
        raise OwnRecord()
