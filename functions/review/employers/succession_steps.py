"""Moving a unit's members (人员整体转入): steps of the bulk state machine, a page of members each, until a pass moves nobody.

Each member is one conditional transaction, which also counts them: a step tried again, or two at once, move nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.outbox import SendMessage
from review.employers.employment import Employed
from review.employers.succession import Succession, SuccessionStatus, Successor

if TYPE_CHECKING:
    from review.employers.succession_member_store import MovingStore

PAGE: Final = 50  # members a step: a step that is lost repeats no more reading than that
_LOOKS: Final = 3  # at a record that others change at the same moment; after that the next pass comes back to it


class Progress(StrEnum):
    """What a step answers. The definition branches on these words."""

    MORE = "more"
    ENDED = "ended"


class Moved(StrEnum):
    """What became of one member."""

    MOVED = "moved"
    NOT_A_MEMBER = "not_a_member"
    BUSY = "busy"
    HALTED = "halted"  # the succession was stopped, or is another attempt's


def move_members(
    subject: Mapping[str, str], execution: str, *, store: MovingStore, clock: Clock, time_left: Callable[[], bool]
) -> Progress:
    """Move the next page of members, and say whether there are more. Moved already, stopped, or taken up by another
    attempt, nothing is done. AWS calls: 5 and 1 a member; 1 where there is nothing to do.
    """
    succession = store.succession(subject)
    if succession is None or not _is_mine(succession, execution):
        return Progress.ENDED
    page, target = store.page(succession, limit=PAGE), store.target(succession)
    place, seen = succession.place, 0
    for person_id, member in page.members.items():
        if not time_left():
            break
        outcome = _move(person_id, member, succession, target, store=store, clock=clock)
        if outcome is Moved.HALTED:
            return Progress.ENDED
        place, seen = person_id, seen + 1
    if page.is_last and seen == len(page.members):
        return _end_of_pass(succession, store=store, clock=clock)
    store.go_on(succession, place=place)
    return Progress.MORE


def _is_mine(succession: Succession, execution: str) -> bool:
    """A redrive's attempts count on from the last one; those of another succession of the unit are none of its."""
    return succession.status is SuccessionStatus.RUNNING and execution.rpartition(".")[0] == succession.succession_id


def _end_of_pass(succession: Succession, *, store: MovingStore, clock: Clock) -> Progress:
    """Once more from the beginning, until there is nobody left: lists are a moment behind, and people come in."""
    if store.begin_again(succession):
        return Progress.MORE
    store.finish(succession, at=clock())
    return Progress.ENDED


def _move(
    person_id: str,
    member: Employed | None,
    succession: Succession,
    target: Successor,
    *,
    store: MovingStore,
    clock: Clock,
) -> Moved:
    for _ in range(_LOOKS):
        if member is None or not has_to_move(member, succession):
            return Moved.NOT_A_MEMBER
        told = letter(member, target, is_rename=succession.is_rename)
        outcome = store.move(member, succession, target, told, at=clock())
        if outcome is not Moved.BUSY:
            return outcome
        member = store.again(person_id)
    return Moved.BUSY


def has_to_move(member: Employed, succession: Succession) -> bool:
    """Whether somebody is at the old unit still, or under its old name."""
    if member.uscc != succession.uscc:
        return False
    return not succession.is_rename or member.employer_name != succession.successor.name


def letter(member: Employed, target: Successor, *, is_rename: bool) -> SendMessage:
    """What a member reads. In the inbox only: nothing is to be done, and a unit may have thousands."""
    if is_rename:
        title = "您的工作单位已更名"
        text = f"您的工作单位已更名为“{target.name}”，您的登记信息已相应更新，不需要办理任何手续。"
    else:
        title = "您的工作单位已并入新单位"
        text = (
            f"您的工作单位已由“{target.name}”承继，您的登记信息已相应更新，岗位和任职时间不变，不需要办理"
            "任何手续。您不在该单位工作的，请提交工作单位变更。"
        )
    return SendMessage(member.person_id, title, text, "/me/profile")
