"""What becomes of a unit (单位合并、更名): the province says so once, and all its members move.

A new code is a merger or a unit founded anew, the same code a new name. Who was a member of the old unit is one of the new
one, with post and dates as they were. Started here; `succession_steps` moves the members, page after page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock, iso
from jingkuai.aws.ids import NewId
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem, Forbidden, Invalid, InvalidValue, NotFound
from jingkuai.domain.social_credit_code import UnifiedSocialCreditCode
from jingkuai.domain.typed_line import line_problems, one_line

if TYPE_CHECKING:
    from review.employers.succession_store import SuccessionStore

UNIT_NAME: Final = (4, 100)  # characters of a full name as on the seal
PROVINCE_SCOPE: Final = "42"
_LOOKS: Final = 2


class SuccessionStatus(StrEnum):
    """How far a succession is; `preview` is one that nobody has begun. Stopped, it goes on when it is asked for again."""

    PREVIEW = "preview"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class SuccessorDiffers(Conflict):
    """The successor's code stands under another name; nothing was begun."""

    code = "successor_differs"
    title = "承继单位的名称与已有的不一致"
    detail = "该统一社会信用代码的单位已经建档，名称与您填写的不一致，没有开始办理。请核对营业执照；单位已更名的，请先为它办理更名。"


class SuccessorGone(Conflict):
    """The successor has a successor itself; nothing was begun."""

    code = "successor_gone"
    title = "承继单位已并入其他单位"
    detail = "您填写的承继单位已经并入其他单位，没有开始办理。请填写现在存续的单位。"


class SuccessionUnderWay(Conflict):
    """The unit's members are moving somewhere else at this moment; nothing was begun."""

    code = "succession_under_way"
    title = "该单位正在办理另一项承继"
    detail = "该单位的人员正在转入另一个单位或者更名，没有开始办理。请等它办完，再重新提交。"


class SuccessionDone(Conflict):
    """The unit has gone to another already, with all its members; nothing was begun."""

    code = "succession_done"
    title = "该单位已并入其他单位"
    detail = "该单位的人员已经全部转入另一个单位，没有开始办理。承继单位又有变化的，请为承继单位办理。"


class NothingChanges(Invalid):
    """The successor is the unit itself under the name it has."""

    code = "nothing_changes"
    title = "没有变化"
    detail = "承继单位与原单位的代码、名称都相同，没有需要办理的。请核对后重新提交。"


@dataclass(frozen=True, slots=True)
class Successor:
    """The unit that takes the place of another: its code and full name."""

    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with an account here."""

    uscc: str
    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class Succession:
    """One succession of a unit (`uscc`): to whom, by whom, and how far it is.

    `place` is the last member seen in this pass over the list, `moved_in_pass` how many moved in it; a pass in which
    nobody has to move is the last one. A stopped one goes on under an id of its own: no step of before moves anybody.
    """

    succession_id: str
    uscc: str
    successor: Successor
    status: SuccessionStatus
    members: int
    moved: int
    started_at: str
    by: Principal
    version: int
    place: str | None = None
    moved_in_pass: int = 0
    former_name: str | None = None

    @property
    def is_rename(self) -> bool:
        return self.successor.uscc == self.uscc

    @property
    def execution(self) -> str:
        return f"{self.succession_id}.1"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of both units before anything begins: None where a unit has no account here."""

    old: Unit | None
    new: Unit | None
    standing: Succession | None
    successor_gone: bool


def succeed(
    uscc: str,
    form: Successor,
    *,
    preview: bool,
    by: Principal,
    store: SuccessionStore,
    clock: Clock,
    new_id: NewId,
) -> tuple[Succession, bool]:
    """Begin to move everybody of a unit, or say how far it is; the second value is whether something began.

    The same request again begins nothing: it answers how far that is, and takes a stopped one up again. Once done, it
    begins anew where members have come in under the old code since. With `preview` it says how many would move, and
    nothing changes. Raises Forbidden below the province, Invalid with every problem at once, NotFound for a code that is
    nobody's unit, NothingChanges, SuccessorDiffers, SuccessorGone, SuccessionUnderWay.
    AWS calls: 3, a preview 2; 1 more each megabyte of members.
    """
    if by.scope != PROVINCE_SCOPE:
        raise Forbidden()
    old_uscc, successor = read(uscc, form)
    for _ in range(_LOOKS):
        situation, now = store.situation(old_uscc, successor.uscc), clock()
        if not preview and (asked := _asked_before(situation, successor, new_id(now), by, store=store, at=now)):
            return asked
        _refuse_unless_possible(situation, old_uscc, successor)
        wanted = _wanted(situation, old_uscc, successor, new_id(now), by, members=store.count(old_uscc), at=now)
        if preview:
            return replace(wanted, status=SuccessionStatus.PREVIEW), False
        if store.begin(wanted, situation, at=now):
            return wanted, True
    raise Conflict()


def _asked_before(
    situation: Situation, successor: Successor, new_id: str, by: Principal, *, store: SuccessionStore, at: datetime
) -> tuple[Succession, bool] | None:
    """The answer where this very succession was begun before; None where it has to begin.

    Raises SuccessionUnderWay while the members go somewhere else: to one place at a time; SuccessionDone where they have gone.
    What has been stopped makes room.
    """
    standing = situation.standing
    if standing is None:
        return None
    running = standing.status is SuccessionStatus.RUNNING
    if standing.successor != successor:
        told = {"uscc": standing.successor.uscc, "name": standing.successor.name}
        if running:
            raise SuccessionUnderWay(extra={"successor": told})
        if standing.status is SuccessionStatus.DONE and not standing.is_rename:
            raise SuccessionDone(extra={"successor": told})
        return None
    if standing.status is SuccessionStatus.STOPPED:
        again = _resumed(standing, new_id, by)
        return (again, True) if store.resume(standing, again, at=at) else None
    if running or standing.is_rename or not store.count(standing.uscc):
        return standing, False
    return None


def _wanted(
    situation: Situation,
    uscc: str,
    successor: Successor,
    succession_id: str,
    by: Principal,
    *,
    members: int,
    at: datetime,
) -> Succession:
    """Raises NotFound where the code is nobody's unit: no account, and no member."""
    if situation.old is None and not members:
        raise NotFound()
    return Succession(
        succession_id=succession_id,
        uscc=uscc,
        successor=successor,
        status=SuccessionStatus.RUNNING,
        members=members,
        moved=0,
        started_at=iso(at),
        by=by,
        version=situation.standing.version + 1 if situation.standing else 1,
        former_name=situation.old.name if situation.old and successor.uscc == uscc else None,
    )


def read(uscc: str, form: Successor) -> tuple[str, Successor]:
    """Both codes and the name in their normal form. Raises Invalid with every problem at once."""
    problems: list[FieldProblem] = []
    codes: dict[str, str] = {}
    for field, text in (("id", uscc), ("uscc", form.uscc)):
        try:
            codes[field] = UnifiedSocialCreditCode.parse(text).text
        except InvalidValue as refused:
            problems.append(refused.at(field))
    name = one_line(form.name)
    shortest, longest = UNIT_NAME
    problems += line_problems("name", name, shortest=shortest, longest=longest)
    if problems:
        raise Invalid(errors=problems)
    return codes["id"], Successor(codes["uscc"], name)


def _refuse_unless_possible(situation: Situation, old_uscc: str, successor: Successor) -> None:
    if situation.successor_gone:
        raise SuccessorGone()
    if successor.uscc == old_uscc:
        if situation.old and situation.old.name == successor.name:
            raise NothingChanges()
        return
    if situation.new and situation.new.name != successor.name:
        raise SuccessorDiffers(extra={"name": situation.new.name})


def _resumed(standing: Succession, succession_id: str, by: Principal) -> Succession:
    return replace(
        standing,
        succession_id=succession_id,
        status=SuccessionStatus.RUNNING,
        by=by,
        version=standing.version + 1,
        place=None,
        moved_in_pass=0,
    )
